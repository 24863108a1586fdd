"""The chip: power, buffers, the class byte and the session around its commands.

A plain command in a session, or one whose protection is wrong, ends the session; an error inside a session is answered
under protection (ICAO 9303-11 §9.8). What the commands do is in ``commands``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from mock_cards.access.secure_messaging import SecureSession
from mock_cards.chip.commands import CommandSet
from mock_cards.chip.context import Memory, Outcome
from mock_cards.coprocessor import Coprocessor
from mock_cards.image import CardImage
from mock_cards.profile import PastEnd
from mock_cards.refusal import NakedRefusal, Refusal, Refused
from mock_cards.speed import ChipSpeed
from reader.crypto import Rng, system_rng
from reader.errors import MuteCard
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["Chip", "Intervention"]

Intervention = Callable[[CommandAPDU, ResponseAPDU, bool], ResponseAPDU]
"""Be told a plain command, the chip's plain answer and whether it was protected; return what to answer instead."""

_PSEUDO_CLASS = 0xFF  # what PC/SC readers answer themselves; ISO/IEC 7816-4 §5.4.1 has no such class
_PROTECTED, _PROTECTED_CHAIN = 0x0C, 0x1C
_GET_RESPONSE, _INTERNAL, _READS = 0xC0, 0x88, (0xB0, 0xB1)
_GENERAL, _SET_KAT = 0x86, (0x22, 0x41, 0xA6)
_ATR_INFO = 0x2F01
_SHORT_ANSWER = 256
_REFUSALS_KEPT = 200


class Chip:
    """Be the chip of one card image; an ``EmulatedCard``.

    ``refusals`` lists the last commands that were refused, with the clause that has it so. ``rng`` is where nonces and
    ephemeral keys come from: handed in where a worked example is replayed. ``intervention``, where there is one, sees
    every command inside secure messaging and outside, as a recording does, and may put another answer in the place of
    the chip's, as a replay does. ``on_refusal``, where there is one, is told each refusal as it happens.
    """

    def __init__(self, image: CardImage, rng: Rng = system_rng) -> None:
        self._image = image
        self.coprocessor = Coprocessor(rng)
        self.memory = Memory(image)
        self._states_sizes = any(file.fid == _ATR_INFO for file in image.master)
        self._powered = False
        self.refusals: deque[Refusal] = deque(maxlen=_REFUSALS_KEPT)
        self.on_refusal: Callable[[Refusal], None] | None = None
        self.intervention: Intervention | None = None
        self._begin()

    def _begin(self) -> None:
        self._commands = CommandSet(self._image, self.memory, self.coprocessor)
        self._session: SecureSession | None = None
        self._rest: ResponseAPDU | None = None

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
            if self._rest is not None and command.ins == _GET_RESPONSE and command.cla != _PSEUDO_CLASS:
                return self._in_parts(command, self._rest)
            self._rest = None
            return self._in_parts(command, self._receive(command))
        except Refused as refused:
            return self._note(command, refused)

    def _in_parts(self, command: CommandAPDU, response: ResponseAPDU) -> ResponseAPDU:
        """Give what a short answer holds, and announce the rest by 61xx where the chip does that (7816-4 §5.3.4)."""
        self._rest = None
        room = min(command.ne or _SHORT_ANSWER, _SHORT_ANSWER)
        if command.is_extended or not self._image.profile.manners.get_response or len(response.data) <= room:
            return response
        self._rest = ResponseAPDU(response.data[room:], response.sw)
        left = min(len(self._rest.data), _SHORT_ANSWER)
        return ResponseAPDU(response.data[:room], 0x6100 | left & 0xFF)

    def _note(self, command: CommandAPDU, refused: Refused) -> ResponseAPDU:
        refusal = Refusal(command.header, refused.sw, refused.clause, refused.why)
        self.refusals.append(refusal)
        if self.on_refusal is not None:
            self.on_refusal(refusal)
        return ResponseAPDU(b"", refused.sw)

    def _receive(self, command: CommandAPDU) -> ResponseAPDU:
        if command.cla == _PSEUDO_CLASS:
            raise Refused(SW.CLA_NOT_SUPPORTED, "ISO/IEC 7816-4 §5.4.1", "class FF is for the reader, not for a card")
        protected = command.cla == _PROTECTED or (command.cla == _PROTECTED_CHAIN and self._commands.chains_protected)
        if self._session is not None and not protected:
            self._abort_session()
        self._check_buffer(command)
        if protected:
            return self._receive_protected(command)
        _check_plain_class(command)
        outcome = self._decide(command, self._answer_limit(command.ne, command), session=False)
        self._session = outcome.session
        self._commands.enter(outcome.state)
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
        try:
            # Object 97 is the Le of the command inside: what it does not ask for is not given (ICAO 9303-11 §9.8.4).
            outcome = self._decide(inner, min(room, inner.ne), session=True)
        except NakedRefusal:
            session.rewind()
            raise
        # The answer to the command that agreed on new keys still goes under the old ones (§9.8.2).
        response = outcome.response
        unpadded = response.sw == SW.END_OF_FILE and self._image.profile.manners.past_end is PastEnd.UNPADDED
        protected = session.wrap(command.ins, response, padded=not unpadded)
        if outcome.session is not None:
            self._session = outcome.session
            self._commands.enter(outcome.state)
        return protected

    def _decide(self, command: CommandAPDU, room: int, *, session: bool) -> Outcome:
        """Carry out a plain command; a refusal is an answer, and an intervention may change it."""
        try:
            outcome = self._carry_out(command, room)
        except NakedRefusal:
            raise
        except Refused as refused:
            outcome = Outcome(self._note(command, refused))
        if self.intervention is None:
            return outcome
        response = self.intervention(command, outcome.response, session)
        return replace(outcome, response=response) if response.sw == SW.OK else Outcome(response)

    def _carry_out(self, command: CommandAPDU, room: int) -> Outcome:
        outcome = self._commands.perform(command, room)
        response, manners = outcome.response, self._image.profile.manners
        if len(response.data) <= room or (manners.get_response and command.ins not in _READS):
            return outcome
        if command.ins == _INTERNAL and manners.active_answer_cut:
            return Outcome(ResponseAPDU(response.data[:room], response.sw))
        self._commands.break_off()
        raise Refused(SW.WRONG_LENGTH, "ISO/IEC 7816-4 §5.2", "the answer is longer than Le allows")

    def _abort_session(self) -> None:
        """Delete the session keys and the rights that came with them (§9.8.3)."""
        self._session = None
        self._commands.forget()

    def _check_buffer(self, command: CommandAPDU) -> None:
        profile = self._image.profile
        clause = "ICAO 9303-10 §3.6.4"
        if command.is_extended and not profile.extended:
            raise Refused(SW.WRONG_LENGTH, clause, "extended length fields were not announced")
        if command.is_extended and not self._states_sizes and not _may_be_extended(command):
            raise Refused(SW.WRONG_LENGTH, "ICAO 9303-11 §9.3.1.2", "this chip states no buffer sizes in EF.ATR/INFO")
        if len(command.to_bytes()) > profile.max_command:
            raise Refused(SW.WRONG_LENGTH, clause, "the command is longer than the buffer announced")

    def _answer_limit(self, ne: int, command: CommandAPDU) -> int:
        """Return how many bytes the data field of the answer may have."""
        longest = self._image.profile.max_response - 2 if command.is_extended else 256
        return min(ne, longest)


def _may_be_extended(command: CommandAPDU) -> bool:
    """Tell the commands that may have extended length whatever a chip states: MSE:Set KAT, GENERAL AUTHENTICATE."""
    return command.ins == _GENERAL or (command.ins, command.p1, command.p2) == _SET_KAT


def _check_plain_class(command: CommandAPDU) -> None:
    clause = "ISO/IEC 7816-4 §5.4.1"
    if command.cla & 0xE0:
        raise Refused(SW.CLA_NOT_SUPPORTED, clause, "not an interindustry class of this chip")
    if command.cla & 0x0C:
        raise Refused(SW.SM_NOT_SUPPORTED, "ICAO 9303-11 §9.8.4", "the protected class is 0C")
    if command.cla & 0x03:
        raise Refused(SW.LOGICAL_CHANNEL, clause, "no logical channels")
