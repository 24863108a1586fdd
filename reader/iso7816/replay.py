"""A trace in the place of a card: what was asked then is answered as it was then.

Names in the trace become as many zero bytes, so lengths, status words and everything that is no secret come back as
they were: enough to see again why a reading went as it went.
"""

from __future__ import annotations

import re

from reader.errors import CardError, CardRemoved, DataError, UnprotectedStatus
from reader.iso7816.apdu import CommandAPDU, ResponseAPDU
from reader.iso7816.trace import Trace, TraceRecord, redacted_length

__all__ = ["ReplayLink"]

_PART = re.compile(r"<[^:>]*:(\d+)>|([0-9A-F]+)")


class ReplayLink:
    """Answer from a trace; a ``CardLink``.

    What went through secure messaging is replayed above it: hand in ``trace.inside``. Commands of the trace that nobody
    asks for now are passed over; a command that does not come in what is left of it raises DataError.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._next = 0

    @property
    def atr(self) -> bytes:
        """Return the answer to reset of the card then."""
        return self._trace.atr

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Answer as the card did then; raise CardRemoved or CardError where it gave no answer.

        Raise UnprotectedStatus where nothing vouched for the answer to a protected command.
        """
        records = self._trace.records
        for place in range(self._next, len(records)):
            if _is_same(records[place], command):
                # The channel held where a later command of the trace was verified again.
                held = any(record.protected and record.verified for record in records[place + 1 :])
                self._next = place + 1
                return _answer(records[place], held=held)
        raise DataError("the trace holds no such command any more", self._next)


def _is_same(record: TraceRecord, command: CommandAPDU) -> bool:
    """Compare all that a trace tells of a command: of a redacted data field no more than its length."""
    if (record.header, record.ne) != (command.header, command.ne):
        return False
    if redacted_length(record.data) != len(command.data):
        return False
    return "<" in record.data or record.data == command.data.hex().upper()


def _answer(record: TraceRecord, *, held: bool) -> ResponseAPDU:
    if record.error == CardRemoved.code:
        raise CardRemoved("as in the trace")
    if record.error or record.sw is None:
        raise CardError(f"as in the trace: {record.error or 'no answer'}")
    if not record.verified:
        raise UnprotectedStatus(record.sw, channel_alive=held)
    data = b"".join(bytes(int(size)) if size else bytes.fromhex(text) for size, text in _PART.findall(record.answer))
    return ResponseAPDU(data, record.sw)
