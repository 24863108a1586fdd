"""The clerk's post at a desk: who stands there, and signing in and out while the desk goes on working.

A sign-in waits for a person, so each runs on a thread of its own. A desk without an authorization server has a post
too, at which the clerk of the settings stands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from auth.errors import SignInCancelled
from desk.sign_in_view import SignInState, SignInView
from desk.view import FailureView
from desk.visit_data import Surroundings
from reader.errors import MotCuaError

# For the annotations only: a window must not wait until the wire is loaded.
if TYPE_CHECKING:
    from auth.clerk.desk_clerk import DeskClerk
    from auth.clerk.purposes import Wish
    from auth.clerk.server import AuthorizationClient
    from auth.clerk.signed_in import SignedIn
    from auth.clerk.ways import SignInWay

__all__ = ["ClerkPost", "SettingsClerk", "SignedInClerk", "came"]


def came(before: SignInView | None, now: SignInView | None) -> bool:
    """Tell whether somebody was waited for and has signed in."""
    if before is None or now is None:
        return False
    return (before.state, now.state, now.failure) == (SignInState.WAITING, SignInState.SIGNED_IN, None)


class ClerkPost(Protocol):
    """Tell who works at this desk, and let them come and go."""

    @property
    def view(self) -> SignInView | None:
        """Return how the sign-in stands, None where nobody need sign in."""
        ...

    def among(self, around: Surroundings) -> Surroundings:
        """Return ``around`` with who is here now; without an id where nobody is."""
        ...

    def subscribe(self, on_change: Callable[[], None]) -> None:
        """Call ``on_change`` after each change, from any thread."""
        ...

    def sign_in(self) -> None:
        """Have a clerk sign in, in the place of who is here."""
        ...

    def sign_in_again(self) -> None:
        """Have the clerk who is here sign in once more, as a sensitive purpose wants it."""
        ...

    def cancel(self) -> None:
        """Stop a sign-in that waits."""
        ...

    def sign_out(self) -> None:
        """Sign out who is here."""
        ...

    def close(self) -> None:
        """Sign out and end all threads."""
        ...


class SettingsClerk:
    """Stand at a desk at which nobody need sign in (``ClerkPost``)."""

    view: SignInView | None = None

    def among(self, around: Surroundings) -> Surroundings:
        """Return ``around`` as it is: the settings name the clerk."""
        return around

    def subscribe(self, on_change: Callable[[], None]) -> None:
        """Never call: nothing changes."""

    def sign_in(self) -> None:
        """Do nothing."""

    def sign_in_again(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing."""

    def sign_out(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class SignedInClerk:
    """Have clerks sign in with ``way``, which is made anew for each sign-in (``ClerkPost``)."""

    def __init__(self, clerk: DeskClerk, way: Callable[[], SignInWay]) -> None:
        self._clerk = clerk
        self._way = way
        self._lock = threading.Lock()
        self._on_change: Callable[[], None] = lambda: None
        self._failure: FailureView | None = None
        self._signing_in = False
        self._stop = threading.Event()
        self._threads: set[threading.Thread] = set()
        clerk.follow(lambda _presence: self._on_change())

    @property
    def view(self) -> SignInView | None:
        """Return how the sign-in stands, with why the last one failed."""
        presence = self._clerk.presence
        with self._lock:
            if self._signing_in:
                return SignInView(SignInState.WAITING)
            state = SignInState.SIGNED_IN if presence.clerk_id else SignInState.NOBODY
            return SignInView(state, self._failure)

    def among(self, around: Surroundings) -> Surroundings:
        """Return ``around`` with the clerk who is signed in, or nobody."""
        presence = self._clerk.presence
        return replace(around, clerk=presence.name, clerk_id=presence.clerk_id)

    def subscribe(self, on_change: Callable[[], None]) -> None:
        """Call ``on_change`` after each change, from any thread."""
        self._on_change = on_change

    def sign_in(self) -> None:
        """Have a clerk sign in; while one does already, do nothing."""
        self._begin(self._clerk.sign_in)

    def sign_in_again(self) -> None:
        """Have the clerk who is here sign in once more; while a sign-in waits, do nothing."""
        self._begin(self._clerk.step_up)

    def cancel(self) -> None:
        """Stop a sign-in that waits, also one that has only just begun."""
        # First what a sign-in looks at when it begins: the clerk forgets a cancel that comes before it has begun.
        with self._lock:
            self._stop.set()
        self._clerk.cancel()

    def sign_out(self) -> None:
        """Sign out who is here; the tokens are gone at once, and the server is told on a thread of its own."""
        self.cancel()
        self._run(self._clerk.sign_out)

    def wait(self) -> None:
        """Wait until what is under way has ended."""
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Sign out and wait for what is under way, each within the deadline of one exchange."""
        self.cancel()
        self._clerk.sign_out()
        self.wait()
        self._clerk.close()

    def _begin(self, act: Callable[[SignInWay], object]) -> None:
        with self._lock:
            if self._signing_in:
                return
            self._signing_in = True
            stop = self._stop = threading.Event()
        self._run(lambda: act(_unless(stop, self._way)), signs_in=True)
        self._on_change()

    def _run(self, act: Callable[[], object], *, signs_in: bool = False) -> None:
        def run() -> None:
            failure = None
            try:
                act()
            except MotCuaError as error:
                failure = FailureView(error.code)
            with self._lock:
                self._failure = failure
                self._signing_in = self._signing_in and not signs_in
            self._on_change()
            # Last, so that whoever has waited for it was told all of it.
            with self._lock:
                self._threads.discard(thread)

        thread = threading.Thread(target=run, name="desk-clerk", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()


def _unless(stop: threading.Event, make: Callable[[], SignInWay]) -> SignInWay:
    """Return a way that is not gone where ``stop`` was set before: a cancel may come sooner than its sign-in."""

    def way(client: AuthorizationClient, wish: Wish, cancel: threading.Event) -> SignedIn:
        if stop.is_set():
            raise SignInCancelled("cancelled")
        return make()(client, wish, cancel)

    return way
