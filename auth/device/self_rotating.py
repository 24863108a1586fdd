"""Rotate by itself: a desk that is open puts new keys in the place of its own when they are due, between two visits.

The desk goes on with the keys that it opened with, which the register takes for a while yet, until it goes over to the
new ones. As long as that has not come the keys are not rotated again, and the old ones are not destroyed.

That they are replaced stands in the record before it is written down, and is struck out of it after that. So a process
that is killed in between, or cannot write, leaves it for the next one, which tells it late; and since that one looks
first whether it was written down, it is told once.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime

from auth.device.keys import KeyStore
from auth.device.record import DeviceFolder, DeviceRecord
from auth.device.rotating import days_left, require_free, rotate
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
    off. ``is_written`` tells whether it was told such a text, by this process or one before. ``needed`` tells whether
    something may be sealed to an opening key, as ``rotate`` wants to know: as long as it is, the rotation is put off.
    """

    def __init__(
        self,
        folder: DeviceFolder,
        store: KeyStore,
        endpoint: Callable[[], RegisterEndpoint],
        *,
        idle: Callable[[], bool],
        write_down: Callable[[str], None],
        is_written: Callable[[str], bool],
        now: Callable[[], datetime],
        needed: Callable[[str], bool] = lambda _: True,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._folder, self._store, self._where = folder, store, endpoint
        self._idle, self._write_down, self._is_written = idle, write_down, is_written
        self._now, self._needed, self._draw = now, needed, draw
        self._waited = 0.0
        self._not_before = 0.0

    def step(self, in_use: str) -> float | None:
        """Rotate where that is due; return in how many seconds to look again, None where there is nothing to do.

        ``in_use`` is the id of the signing key that the desk opened with.
        """
        now = self._now().timestamp()
        try:
            record = self._folder.read()
            untold = record is not None and _untold(record)
            if record is None or not (untold or _wanted(record, in_use, now)):
                self._waited = self._not_before = 0.0
                return None
            if now < self._not_before:
                return self._not_before - now
            if untold:
                self._say_done()
            if not _wanted(record, in_use, now):
                return None
            if not self._idle():
                return BUSY_S
            # Before it is written down as begun: it may be put off for as long as somebody does nothing.
            require_free(record, self._needed)
            if record.next is None:
                self._write_down(f"begun {in_use}")
            rotate(self._folder, self._store, self._where(), due_at=now, needed=self._needed)
            self._say_done()
        except MotCuaError as error:
            _log.info("not rotated, or not written down", extra={"why": error.code})
            self._waited = next_wait(self._waited, self._draw, base_s=BASE_S, cap_s=CAP_S)
            self._not_before = now + self._waited
            return self._waited
        return None

    def _say_done(self) -> None:
        """Write down that the keys are replaced, once among all programs; what cannot be said now the record keeps."""
        with self._folder.locked():
            record = self._folder.read()
            if record is None or not _untold(record):
                return
            for said in (f"done {key}" for key in record.untold):
                if not self._is_written(said):
                    self._write_down(said)
            self._folder.write(record.model_copy(update={"untold": ()}))


def _untold(record: DeviceRecord) -> bool:
    """Tell whether keys were replaced and nothing says so; an order to wipe leaves nobody to say it."""
    return bool(record.untold) and record.wiping is None


def _wanted(record: DeviceRecord, in_use: str, now: float) -> bool:
    """Tell whether the keys are due, or a rotation was interrupted, and the desk works with the present ones."""
    if record.state is not DeviceState.ACTIVE or record.wiping is not None or record.keys.signing != in_use:
        return False
    return record.next is not None or days_left(record, now) <= 0
