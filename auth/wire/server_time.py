"""What time it is for the registers, where this computer's own clock is wrong.

The difference is learned only from what a register signed, lately and for the very request that it answers: such a word
cannot be an old one. A ``Date`` field, which anybody on the way may write, teaches nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["NOTICED_S", "TRUSTED_S", "ServerTime"]

# A signature names whole seconds and an answer takes its time: what is less is no difference.
_SMALL_S = 5.0
# From here on a person is told; the window of a signature.
NOTICED_S = 60.0
# A clock that is a day off says nothing of the dates on a card.
TRUSTED_S = 86_400.0
# This program is younger: a clock before it has lost its battery, and a register that says so says nothing.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class ServerTime:
    """Hold by how much the registers' time is ahead of this computer's; shared by all that speak to them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Take this computer's ``clock``, as seconds since 1970."""
        self._clock = clock
        self._lock = threading.Lock()
        self._offset = 0.0
        self._known = False

    def __repr__(self) -> str:
        """Show the difference."""
        return f"ServerTime({self.offset:+.0f} s)"

    @property
    def offset(self) -> float:
        """Return by how many seconds the registers' time is ahead, 0 as long as nothing else was said."""
        with self._lock:
            return self._offset

    @property
    def known(self) -> bool:
        """Tell whether a register has said what time it is, so that an offset of 0 means that our clock is right."""
        with self._lock:
            return self._known

    def local(self) -> float:
        """Return what this computer's clock shows."""
        return self._clock()

    def now(self) -> float:
        """Return the registers' time, as far as it is known; none is before this program was made."""
        return max(self._clock() + self.offset, _EARLIEST)

    def learn(self, said: float) -> bool:
        """Take the time that a register ``said`` just now, in a verified word about our request; tell if it was news.

        Times that cannot be are not taken: no register makes this desk work in another century.
        """
        if not _EARLIEST <= said < _LATEST:
            return False
        offset = said - self._clock()
        with self._lock:
            self._known = True
            if abs(offset - self._offset) <= _SMALL_S:
                return False
            self._offset = offset if abs(offset) > _SMALL_S else 0.0
            return True

    @property
    def wrong_by(self) -> float:
        """Return by how many seconds this computer's clock is ahead of the right time, as far as that is known.

        Without a register's word a clock before this program was made is behind by at least that much.
        """
        local, offset = self._clock(), self.offset
        return local - _EARLIEST if not offset and local < _EARLIEST else -offset

    @property
    def noticed(self) -> bool:
        """Tell whether a person is to be told of the clock."""
        return abs(self.wrong_by) > NOTICED_S

    @property
    def trusted(self) -> bool:
        """Tell whether dates may be judged by this computer's clock."""
        return abs(self.wrong_by) <= TRUSTED_S
