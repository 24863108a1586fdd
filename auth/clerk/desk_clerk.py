"""Who is at this desk now: nobody, somebody signing in, or a clerk in whose name the registers are asked.

One clerk at a time. Who takes over replaces who was there: the first is signed out before the second begins, so that
nothing goes out in the first one's name meanwhile and nothing of the first stays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic
from weakref import WeakSet

from auth.clerk.nonces import ServerNonces
from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient
from auth.clerk.session import ClerkSession
from auth.clerk.session_access import SessionAccess
from auth.clerk.signed_in import SignedIn
from auth.clerk.ways import SignInWay
from auth.errors import ClerkNotSignedIn, SignInCancelled, SignInFailed

__all__ = ["ClerkPresence", "ClerkState", "DeskClerk"]


class ClerkState(Enum):
    """Say how the desk stands."""

    NOBODY = auto()
    SIGNING_IN = auto()
    SIGNED_IN = auto()


@dataclass(frozen=True, slots=True)
class ClerkPresence:
    """Hold who is there, for people to see; ``name`` and ``clerk_id`` are empty unless somebody is signed in.

    ``waiting`` says that a sign-in is under way, which may be a second one of the clerk who is there.
    """

    state: ClerkState
    clerk_id: str = ""
    name: str = ""
    waiting: bool = False


class DeskClerk:
    """Sign clerks in and out, and give access in the name of who is there (``auth.wire.access.ClerkAuthorization``).

    Its methods may be called from any thread; those that sign in take as long as the clerk does.
    """

    def __init__(self, client: AuthorizationClient, *, wish: Wish | None = None) -> None:
        """Take what every sign-in asks for, by default every purpose."""
        self._client = client
        self._wish = wish or Wish.for_all()
        self._on_change: Callable[[ClerkPresence], None] = lambda _presence: None
        self._lock = threading.Lock()
        self._session: ClerkSession | None = None
        self._attempt: threading.Event | None = None
        self._nonces = ServerNonces()
        # Those that somebody still asks with, though they have ended.
        self._sessions: WeakSet[ClerkSession] = WeakSet()

    @property
    def presence(self) -> ClerkPresence:
        """Return who is there; somebody who signs in once more is there meanwhile."""
        with self._lock:
            session, attempt = self._session, self._attempt
        if session is not None and session.alive:
            identity = session.identity
            return ClerkPresence(ClerkState.SIGNED_IN, identity.clerk_id, identity.name, attempt is not None)
        if attempt is not None:
            return ClerkPresence(ClerkState.SIGNING_IN, waiting=True)
        return ClerkPresence(ClerkState.NOBODY)

    @property
    def purposes(self) -> tuple[str, ...]:
        """Return for which purposes the clerk who is there may ask, none where nobody is."""
        with self._lock:
            session = self._session
        return tuple(session.granted) if session is not None and session.alive else ()

    @property
    def clock_offset(self) -> float:
        """Return by how many seconds this computer's clock is known to be behind, for a warning."""
        return self._client.clock_offset

    def follow(self, on_change: Callable[[ClerkPresence], None]) -> None:
        """Call ``on_change`` at each change from now on, from whichever thread made it."""
        self._on_change = on_change

    def sign_in(self, way: SignInWay) -> ClerkPresence:
        """Have a clerk sign in; who was there is signed out first, also where the next one then does not come.

        Raises SignInFailed or its kinds, also for a second sign-in at the same time, or RegisterError.
        """
        with self._attempting() as cancel:
            self._leave()
            signed_in = way(self._client, self._wish, cancel)
            self._take_over(self._begun(signed_in, self._wish), None, cancel)
        return self.presence

    def step_up(self, way: SignInWay) -> ClerkPresence:
        """Have the clerk who is there sign in again as sensitive purposes want it (RFC 9470).

        Raises ClerkNotSignedIn where nobody is there; SignInFailed or RegisterError, after which the clerk is signed in
        as before. Another clerk does not take over this way: SignInFailed "another-clerk".
        """
        with self._attempting() as cancel:
            session = self._current()
            wish = self._wish.stepped_up(session.identity.clerk_id)
            fresh = self._begun(way(self._client, wish, cancel), wish)
            if fresh.identity.clerk_id != session.identity.clerk_id:
                fresh.end()
                raise SignInFailed("another-clerk")
            self._take_over(fresh, session, cancel)
            session.end()
        return self.presence

    def sign_out(self) -> bool:
        """Sign out who is there and stop who is about to sign in; False where the server could not be told.

        Every token here is gone then either way.
        """
        self.cancel()
        told = self._leave()
        self._on_change(self.presence)
        return told

    def cancel(self) -> None:
        """Stop a sign-in that is under way; its caller gets SignInCancelled."""
        with self._lock:
            if self._attempt is not None:
                self._attempt.set()

    def close(self) -> None:
        """Sign out and close the connection, once what is being renewed was given back, or its deadline is over."""
        self.sign_out()
        ends = monotonic() + self._client.deadline_s
        with self._lock:
            sessions = tuple(self._sessions)
        for session in sessions:
            session.settle(ends - monotonic())
        self._client.close()

    def access(self) -> SessionAccess:
        """Return the access of the clerk who is there now; whoever comes after is not asked for with it.

        Raises ClerkNotSignedIn where nobody is there.
        """
        session = self._current()
        return SessionAccess(session, self._client.device, self._nonces, lambda: self._is_over(session))

    @contextmanager
    def _attempting(self) -> Iterator[threading.Event]:
        cancel = threading.Event()
        with self._lock:
            if self._attempt is not None:
                raise SignInFailed("under-way")
            self._attempt = cancel
        try:
            self._on_change(self.presence)
            yield cancel
        finally:
            with self._lock:
                self._attempt = None
            self._on_change(self.presence)

    def _take_over(self, fresh: ClerkSession, instead_of: ClerkSession | None, cancel: threading.Event) -> None:
        """Put ``fresh`` in the place of who is there, unless that changed or was cancelled in the last moment."""
        with self._lock:
            taken = self._session is instead_of and not cancel.is_set()
            if taken:
                self._session = fresh
        if not taken:
            fresh.end()
            raise SignInCancelled("cancelled")

    def _begun(self, signed_in: SignedIn, wish: Wish) -> ClerkSession:
        session = ClerkSession(self._client, signed_in, wish)
        with self._lock:
            self._sessions.add(session)
        return session

    def _leave(self) -> bool:
        with self._lock:
            session, self._session = self._session, None
        self._nonces.forget()
        return session.end() if session is not None else True

    def _is_over(self, session: ClerkSession) -> None:
        with self._lock:
            was_here = self._session is session
        # Of one that was replaced or signed out, its end was told by whoever did that.
        if was_here:
            self._on_change(self.presence)

    def _current(self) -> ClerkSession:
        with self._lock:
            session = self._session
        if session is None:
            raise ClerkNotSignedIn("nobody")
        return session
