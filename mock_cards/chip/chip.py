"""The chip: power, buffers, the class byte and the session around its commands.

A plain command in a session, or one whose protection is wrong, ends the session; an error inside a session is answered
under protection (ICAO 9303-11 §9.8). What the commands do is in ``commands``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mock_cards.access.secure_messaging import SecureSession
from mock_cards.chip.commands import CommandSet, Outcome
from mock_cards.coprocessor import Coprocessor
from mock_cards.image import CardImage
from mock_cards.refusal import Refusal, Refused
from mock_cards.speed import ChipSpeed
from reader.crypto import Rng, system_rng
from reader.errors import MuteCard
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["Chip", "Intervention"]

Intervention = Callable[[CommandAPDU, ResponseAPDU, bool], ResponseAPDU]
"""Be told a plain command, the chip's plain answer and whether it was protected; return what to answer instead."""

_PSEUDO_CLASS = 0xFF  # what PC/SC readers answer themselves; ISO/IEC 7816-4 §5.4.1 has no such class
_PROTECTED = 0x0C
_REFUSALS_KEPT = 200


class Chip:
    """Be the chip of one card image; an ``EmulatedCard``.

    ``refusals`` lists the last commands that were refused, with the clause that has it so. ``rng`` is where nonces and
    ephemeral keys come from: handed in where a worked example is replayed. ``intervention``, where there is one, sees
    every command inside secure messaging and outside, as a recording does, and may put another answer in the place of
    the chip's, as a replay does.
    """

    def __init__(self, image: CardImage, rng: Rng = system_rng) -> None:
        self._image = image
        self.coprocessor = Coprocessor(rng)
        self._powered = False
        self.refusals: deque[Refusal] = deque(maxlen=_REFUSALS_KEPT)
        self.intervention: Intervention | None = None
        self._begin()

    def _begin(self) -> None:
        self._commands = CommandSet(self._image, self.coprocessor)
        self._session: SecureSession | None = None

    @property
    def atr(self) -> bytes:
        """Return the profile's answer to reset."""
        return self._image.profile.atr

    @property
    def speed(self) -> ChipSpeed | None:
        """Return how fast the profile says this chip is; None where it says nothing."""
        return self._image.profile.speed

    @property
    def current_fid(self) -> int | None:
        """Return the file identifier of the current EF: for whoever disturbs one file only."""
        return self._commands.current_fid

    @property
    def in_session(self) -> bool:
        """Tell whether a session of secure messaging stands."""
        return self._session is not None

    def power_on(self) -> None:
        """Enter the power-on state."""
        self._begin()
        self._powered = True

    def power_off(self) -> None:
        """Forget everything and answer no more."""
        self._begin()
        self._powered = False

    def reset(self) -> None:
        """Enter the power-on state again."""
        self.power_on()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Answer ``command``; raise MuteCard without power."""
        if not self._powered:
            raise MuteCard("the emulated chip has no power")
        try:
            return self._receive(command)
        except Refused as refused:
            return self._note(command, refused)

    def _note(self, command: CommandAPDU, refused: Refused) -> ResponseAPDU:
        self.refusals.append(Refusal(command.header, int(refused.sw), refused.clause, refused.why))
        return ResponseAPDU(b"", int(refused.sw))

    def _receive(self, command: CommandAPDU) -> ResponseAPDU:
        if command.cla == _PSEUDO_CLASS:
            raise Refused(SW.CLA_NOT_SUPPORTED, "ISO/IEC 7816-4 §5.4.1", "class FF is for the reader, not for a card")
        if self._session is not None and command.cla != _PROTECTED:
            self._abort_session()
        self._check_buffer(command)
        if command.cla == _PROTECTED:
            return self._receive_protected(command)
        _check_plain_class(command)
        outcome = self._decide(command, self._answer_limit(command.ne, command), session=False)
        self._session = outcome.session
        return outcome.response

    def _receive_protected(self, command: CommandAPDU) -> ResponseAPDU:
        session = self._session
        if session is None:
            raise Refused(SW.SM_OBJECTS_INCORRECT, "ICAO 9303-11 §9.8.1", "no session stands")
        try:
            inner = session.unwrap(command)
        except Refused:
            self._abort_session()
            raise
        # A protected command without Le would leave no room for the checksum; figure 5 always has one.
        room = session.capacity(command.ins, self._answer_limit(command.ne or 256, command))
        outcome = self._decide(inner, room, session=True)
        # The answer to the command that agreed on new keys still goes under the old ones (§9.8.2).
        protected = session.wrap(command.ins, outcome.response)
        self._session = outcome.session or session
        return protected

    def _decide(self, command: CommandAPDU, room: int, *, session: bool) -> Outcome:
        """Carry out a plain command; a refusal is an answer, and an intervention may change it."""
        try:
            outcome = self._carry_out(command, room, session=session)
        except Refused as refused:
            outcome = Outcome(self._note(command, refused))
        if self.intervention is None:
            return outcome
        response = self.intervention(command, outcome.response, session)
        return Outcome(response, outcome.session if response.sw == SW.OK else None)

    def _carry_out(self, command: CommandAPDU, room: int, *, session: bool) -> Outcome:
        outcome = self._commands.perform(command, room, session=session)
        if len(outcome.response.data) > room:
            raise Refused(SW.WRONG_LENGTH, "ISO/IEC 7816-4 §5.2", "the answer is longer than Le allows")
        return outcome

    def _abort_session(self) -> None:
        """Delete the session keys and the rights that came with them (§9.8.3)."""
        self._session = None
        self._commands.forget()

    def _check_buffer(self, command: CommandAPDU) -> None:
        profile = self._image.profile
        clause = "ICAO 9303-10 §3.6.4"
        if command.is_extended and not profile.extended:
            raise Refused(SW.WRONG_LENGTH, clause, "extended length fields were not announced")
        if len(command.to_bytes()) > profile.max_command:
            raise Refused(SW.WRONG_LENGTH, clause, "the command is longer than the buffer announced")

    def _answer_limit(self, ne: int, command: CommandAPDU) -> int:
        """Return how many bytes the data field of the answer may have."""
        longest = self._image.profile.max_response - 2 if command.is_extended else 256
        return min(ne, longest)


def _check_plain_class(command: CommandAPDU) -> None:
    clause = "ISO/IEC 7816-4 §5.4.1"
    if command.cla & 0xE0:
        raise Refused(SW.CLA_NOT_SUPPORTED, clause, "not an interindustry class of this chip")
    if command.cla & 0x0C:
        raise Refused(SW.SM_NOT_SUPPORTED, "ICAO 9303-11 §9.8.4", "the protected class is 0C")
    if command.cla & 0x03:
        raise Refused(SW.LOGICAL_CHANNEL, clause, "no logical channels")
