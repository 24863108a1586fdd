"""Clerks who come and go at a desk: one visit is one clerk's, and what only wanted for one is then asked."""

from __future__ import annotations

from collections.abc import Callable

from desk.clerk_post import ClerkPost, came
from desk.event_box import EventBox
from desk.held import Held
from desk.lookups import wants_sign_in
from desk.ports import Registers
from desk.visit import Event

__all__ = ["SigningIn"]


class SigningIn:
    """Let clerks sign in and out at ``post``; ``ask_again`` has the registers of the visit asked once more."""

    def __init__(
        self, post: ClerkPost, registers: Registers, held: Held, box: EventBox, ask_again: Callable[[], None]
    ) -> None:
        self._post = post
        self._registers = registers
        self._held = held
        self._box = box
        self._ask_again = ask_again
        self._clerk_seen = ""
        self._view_seen = post.view
        post.subscribe(lambda: box.run(self._see))

    def begin(self, *, again: bool) -> None:
        """Have a clerk sign in, in the place of who is here; ``again``: have the same one sign in once more."""
        if again:
            self._post.sign_in_again()
            return
        if self._post.among(self._held.around).clerk_id:
            # A hand-over: nothing of the first clerk's visit is for the eyes of the second.
            self._box.post(Event.NEXT)
        self._post.sign_in()

    def stop(self) -> None:
        """Stop a sign-in that waits for somebody."""
        self._post.cancel()

    def leave(self) -> None:
        """Sign out the clerk who is here, and wipe."""
        self._box.post(Event.NEXT)
        self._post.sign_out()

    def _see(self) -> None:
        """Wipe what was of another clerk's visit; ask again what only wanted for one to sign in."""
        before, self._view_seen = self._view_seen, self._post.view
        now, waiting = self._post.among(self._held.around).clerk_id, self._registers.waiting
        if waiting is not None and came(before, self._view_seen):
            waiting.wake()  # what waits may be waiting for this clerk
        if now and self._clerk_seen and now != self._clerk_seen:
            self._box.first(Event.NEXT)
        elif came(before, self._view_seen) and wants_sign_in(self._held.data.outcomes):
            self._ask_again()
        self._clerk_seen = now or self._clerk_seen
