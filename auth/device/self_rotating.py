"""Rotate by itself: a desk that is open puts new keys in the place of its own when they are due, between two visits.

The desk goes on with the keys that it opened with, which the register takes for a while yet; the new ones are used from
the next start. As long as that has not come the keys are not rotated again, and the old ones are not destroyed.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime

from auth.device.keys import KeyStore
from auth.device.record import DeviceFolder, DeviceRecord
from auth.device.rotating import days_left, rotate
from auth.device.states import DeviceState
from auth.wire.backoff import next_wait
from auth.wire.endpoint import RegisterEndpoint
from reader.errors import MotCuaError

__all__ = ["SelfRotation"]

_log = logging.getLogger("motcua.device")
# Ninety days are long: whoever is away is asked again in minutes, then in hours.
BASE_S, CAP_S = 300.0, 6 * 3_600.0
BUSY_S = 60.0


class SelfRotation:
    """Rotate the keys of one device, called again and again by whoever keeps it; not for several threads at once.

    ``endpoint`` is where the service is by then, ``idle`` tells whether no visit is on. ``write_down`` is told before
    new keys are announced and after they are taken, as a short stable text; what it raises before puts the rotation
    off.
    """

    def __init__(
        self,
        folder: DeviceFolder,
        store: KeyStore,
        endpoint: Callable[[], RegisterEndpoint],
        *,
        idle: Callable[[], bool],
        write_down: Callable[[str], None],
        now: Callable[[], datetime],
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._folder, self._store, self._where = folder, store, endpoint
        self._idle, self._write_down = idle, write_down
        self._now, self._draw = now, draw
        self._waited = 0.0
        self._not_before = 0.0
        self._unsaid = ""

    def step(self, in_use: str) -> float | None:
        """Rotate where that is due; return in how many seconds to look again, None where there is nothing to do.

        ``in_use`` is the id of the signing key that the desk opened with.
        """
        now = self._now().timestamp()
        try:
            record = self._folder.read()
            if self._unsaid:
                if now < self._not_before:
                    return self._not_before - now
                self._say_done()
            if record is None or not _wanted(record, in_use, now):
                self._waited = self._not_before = 0.0
                return None
            if now < self._not_before:
                return self._not_before - now
            if not self._idle():
                return BUSY_S
            if record.next is None:
                self._write_down(f"begun {in_use}")
            rotated = rotate(self._folder, self._store, self._where(), due_at=now)
            if rotated.keys.signing != in_use:
                self._unsaid = rotated.keys.signing
                self._say_done()
        except MotCuaError as error:
            _log.info("rotated, not written down" if self._unsaid else "not rotated", extra={"why": error.code})
            self._waited = next_wait(self._waited, self._draw, base_s=BASE_S, cap_s=CAP_S)
            self._not_before = now + self._waited
            return self._waited
        return None

    def _say_done(self) -> None:
        """Write down that the keys are replaced; what cannot be said now is kept for the next step."""
        self._write_down(f"done {self._unsaid}")
        self._unsaid = ""


def _wanted(record: DeviceRecord, in_use: str, now: float) -> bool:
    """Tell whether the keys are due, or a rotation was interrupted, and the desk works with the present ones."""
    if record.state is not DeviceState.ACTIVE or record.wiping is not None or record.keys.signing != in_use:
        return False
    return record.next is not None or days_left(record, now) <= 0
