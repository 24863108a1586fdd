"""A recording in the place of a chip: what was asked then is answered as it was then, to any reader.

The card is made again by its order and seed, with the same passwords and keys, and it opens sessions anew: what hangs
on random numbers of this time (access, the proofs of the chip) it computes. Every other answer comes from the
recording, under the protection of the present session. So an answer changed in the file is a changed answer of the
card, and a command that was not asked then is answered 6F00, with a line among the chip's refusals.
"""

from __future__ import annotations

from itertools import chain

from mock_cards.card import EmulatedCard
from mock_cards.disturbances import Disturbance
from mock_cards.intervention import intervene
from mock_cards.recording import Recording, chip_of
from mock_cards.refusal import Refusal
from reader.errors import CardRemoved, DataError, MuteCard
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, Trace, TraceRecord

__all__ = ["ReplayedCard", "replay"]

_NO_ANSWER = 0x6F00  # ISO/IEC 7816-4 §5.6: no precise diagnosis
# VERIFY, MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION, EXTERNAL AUTHENTICATE, GET CHALLENGE, GENERAL
# AUTHENTICATE, INTERNAL AUTHENTICATE, RESET RETRY COUNTER, CHANGE REFERENCE DATA: they hang on random numbers.
_LIVE = frozenset({0x20, 0x22, 0x24, 0x2A, 0x2C, 0x82, 0x84, 0x86, 0x88})


def replay(card: EmulatedCard, recording: Recording) -> EmulatedCard:
    """Return ``card``, made by the recording's order and seed, answering as recorded.

    Raise DataError where there is nothing to replay or no chip to replay it on.
    """
    if not recording.sessions:
        raise DataError("the recording holds no session")
    return ReplayedCard(card, recording.sessions)


class ReplayedCard(Disturbance):
    """Answer the commands of a session as they were answered in the next session of the recording.

    A session without a command does not count. After the last session the first follows.
    """

    def __init__(self, card: EmulatedCard, sessions: tuple[Trace, ...]) -> None:
        super().__init__(card)
        chip = chip_of(card)
        if chip is None:
            raise DataError("there is no chip to replay the recording on")
        # Behind what a forgery changes: where the answer of this time is given, it is the forged one.
        intervene(chip, self._answer)
        self._refusals = chip.refusals
        self._sessions = sessions
        self._session = 0
        self._place = 0
        self._used = False

    def power_on(self) -> None:
        """Power the card on: the next session."""
        self._begin()
        super().power_on()

    def reset(self) -> None:
        """Reset the card: the next session."""
        self._begin()
        super().reset()

    def _begin(self) -> None:
        if self._used:
            self._session = (self._session + 1) % len(self._sessions)
        self._place, self._used = 0, False

    def _answer(self, command: CommandAPDU, live: ResponseAPDU, protected: bool) -> ResponseAPDU:
        self._used = True
        record = self._find(command, protected)
        if record is None:
            clause, why = "mock-cards recording", "the recording holds no such command"
            self._refusals.append(Refusal(command.header, _NO_ANSWER, clause, why))
            return ResponseAPDU(b"", _NO_ANSWER)
        if record.error == CardRemoved.code:
            raise CardRemoved("as in the recording")
        if record.sw is None:
            raise MuteCard("as in the recording")
        if command.ins in _LIVE and record.sw == SW.OK:
            return live
        return ResponseAPDU(bytes.fromhex(record.answer), record.sw)

    def _find(self, command: CommandAPDU, protected: bool) -> TraceRecord | None:
        """Return the next record of this command in the session, or where it comes no more, the first one."""
        records = self._sessions[self._session].records
        for place in chain(range(self._place, len(records)), range(self._place)):
            if _is_same(records[place], command, protected):
                self._place = place + 1
                return records[place]
        return None


def _is_same(record: TraceRecord, command: CommandAPDU, protected: bool) -> bool:
    if record.header != command.header or record.protected != protected:
        return False
    if command.ins in _LIVE:
        return True
    return record.ne == command.ne and record.data == command.data.hex().upper()
