"""Going over to new keys: a desk that is open works with them once they took the place of its own.

All that speaks for the device is made anew with the new keys, as at a start: connections, queue, ledger, slips, pages,
and the clerk's way to sign in. It takes the place of what works with the old keys in one moment between two visits, and
only then is that closed; no look-up meets half of each. What was sealed to the old keys is opened as after any start.

What a clerk who is signed in holds at the authorization server is bound to the old key (RFC 9449), and cannot be taken
along. So the desk waits until nobody is signed in: nobody is thrown out in the middle of a dossier. Clerks sign out by
the end of the day, and the registers take the old keys for some; on the last of these the desk goes over between two
visits whoever is there, and the clerk signs in again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from desk.device_view import KeptDevice
from desk.mailbox import Mailbox
from desk.parts import DeskParts, RegisterSide
from desk.sign_in_view import SignInState
from reader.errors import MotCuaError

__all__ = ["LAST_DAY", "GoingOver"]

_log = logging.getLogger("motcua.device")
LAST_DAY = timedelta(days=1)
CLOSE_SECONDS = 15.0


class Reopened(Protocol):
    """The desk, as whoever goes over sees it; all of it in the desk's mailbox."""

    @property
    def parts(self) -> DeskParts:
        """Return what the desk works with now."""
        ...

    @property
    def at_rest(self) -> bool:
        """Tell whether nothing at all is under way."""
        ...

    def work_with(self, parts: DeskParts) -> None:
        """Work with ``parts`` from now on."""
        ...

    def start_registers(self) -> None:
        """Have sent what waits, and followed how the device stands."""
        ...


class GoingOver:
    """Know whether the keys that a desk works with were replaced, and go over to the new ones on a thread.

    ``renew`` returns what speaks for the device, made with its present keys; None where that never changes. Every
    method is called in the ``mailbox`` but ``close``.
    """

    def __init__(
        self,
        renew: Callable[[], RegisterSide] | None,
        desk: Reopened,
        mailbox: Mailbox,
    ) -> None:
        self._renew, self._desk, self._mailbox = renew, desk, mailbox
        self._until: datetime | None = None
        self._thread: threading.Thread | None = None

    def see(self, device: KeptDevice | None) -> None:
        """Look whether ``device`` has other keys by now than the desk works with."""
        self._until = None
        if device is not None and self._renew is not None:
            with suppress(MotCuaError):
                self._until = device.restart_by()

    def begin_if_due(self) -> None:
        """Go over where there are new keys and nothing is in the way; where it fails, not before ``see`` is called."""
        until, renew = self._until, self._renew
        under_way = self._thread is not None and self._thread.is_alive()
        if until is None or renew is None or under_way or not self._may(until):
            return
        self._until = None
        self._thread = threading.Thread(target=self._run, args=(renew, until), name="going-over", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until a going-over that is under way has ended, some seconds."""
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _may(self, until: datetime) -> bool:
        """Tell whether no visit is on, and nobody signed in who could stay so for a while yet."""
        sign_in = self._desk.parts.clerk.view
        clerk_here = sign_in is not None and sign_in.state is not SignInState.NOBODY
        # The registers said until when, and count by their own time.
        now = datetime.fromtimestamp(self._desk.parts.server_time.now(), UTC)
        return self._desk.at_rest and (not clerk_here or until - now < LAST_DAY)

    def _run(self, renew: Callable[[], RegisterSide], until: datetime) -> None:
        try:
            side = renew()
        except Exception as error:  # the desk goes on as it is, whatever hinders it
            code = error.code if isinstance(error, MotCuaError) else MotCuaError.code
            _log.error("not gone over to new keys", extra={"why": code, "kind": type(error).__name__})
            return
        leaving = self._mailbox.ask(lambda: self._exchange(side, until))
        try:
            leaving.close()
        except Exception as error:  # what could not be closed is asked no more, and the new keys wait for nothing else
            _log.error("old keys not let go of", extra={"kind": type(error).__name__})
        if leaving is not side:
            # Queue, token and device folder are let go of by then: what waits is taken up, and the status asked for.
            self._mailbox.post(self._desk.start_registers)

    def _exchange(self, side: RegisterSide, until: datetime) -> RegisterSide:
        """Put ``side`` in the place of what there is and return that; ``side`` itself where a visit has begun."""
        present = self._desk.parts
        if not self._may(until):
            self._until = until
            return side
        self._desk.work_with(present.with_side(side))
        # What was seen meanwhile was of the keys that are left now.
        self._until = None
        return present.side
