"""The commands of an eMRTD, one method each, and what a card remembers between them (ICAO 9303-10 §3.5).

A protocol half done (PACE between its steps, a challenge given, a key chosen for Chip Authentication) lasts for the
command that carries it on and no longer: whatever comes in between breaks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_cards.access import PaceRun, authenticate, start_pace
from mock_cards.access.secure_messaging import SecureSession
from mock_cards.chip.files import FileSystem
from mock_cards.coprocessor import Coprocessor
from mock_cards.genuine import agree, agree_by_template, choose_key, sign_challenge
from mock_cards.image import CardImage, ChipKey
from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode

__all__ = ["CommandSet", "Outcome"]

_CHAINED = 0x10
_MANAGE, _EXTERNAL, _CHALLENGE, _GENERAL, _INTERNAL = 0x22, 0x82, 0x84, 0x86, 0x88
_SELECT, _READ, _READ_ODD = 0xA4, 0xB0, 0xB1
_SET_AT_PACE, _SET_AT_CHIP, _SET_KAT_CHIP = 0xC1A4, 0x41A4, 0x41A6
_CHALLENGE_BYTES = 8
_PACE = "ICAO 9303-11 §4.4"
_BAC = "ICAO 9303-11 §4.3.4"
_CHIP_AUTHENTICATION = "ICAO 9303-11 §6.2.4"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold an answer, and the session that begins after it."""

    response: ResponseAPDU
    session: SecureSession | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    """Hold what the next command may carry on."""

    pace: PaceRun | None = None
    challenge: bytes | None = None
    chip_key: ChipKey | None = None


_NOTHING = _Pending()
_Method = Callable[[CommandAPDU, _Pending, bool], Outcome]


class CommandSet:
    """Carry out commands on one card image; secure messaging is off by the time they come here."""

    def __init__(self, image: CardImage, coprocessor: Coprocessor) -> None:
        self._image = image
        self._coprocessor = coprocessor
        self._files = FileSystem(image)
        self._pending = _NOTHING
        self._methods: dict[int, _Method] = {
            _MANAGE: self._manage_security_environment,
            _EXTERNAL: self._external_authenticate,
            _CHALLENGE: self._get_challenge,
            _GENERAL: self._general_authenticate,
            _INTERNAL: self._internal_authenticate,
            _SELECT: self._select,
        }

    @property
    def current_fid(self) -> int | None:
        """Return the file identifier of the current EF."""
        return self._files.current_fid

    def forget(self) -> None:
        """Drop the current EF and every protocol half done, as happens when a session ends."""
        self._files.deselect()
        self._pending = _NOTHING

    def perform(self, command: CommandAPDU, room: int, *, session: bool) -> Outcome:
        """Carry out ``command``, its answer data to be at most ``room`` bytes; raise Refused with a status word."""
        pending, self._pending = self._pending, _NOTHING
        if command.cla & _CHAINED and command.ins != _GENERAL:
            raise Refused(SW.CHAINING_NOT_SUPPORTED, "ICAO 9303-11 §9.3.2", "only GENERAL AUTHENTICATE is chained")
        if command.ins in (_READ, _READ_ODD):
            return Outcome(self._files.read(command, room, session=session))
        method = self._methods.get(command.ins)
        if method is None:
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.5", "no such instruction")
        return method(command, pending, session)

    def _select(self, command: CommandAPDU, _pending: _Pending, session: bool) -> Outcome:
        return Outcome(self._files.select(command, session=session))

    def _get_challenge(self, command: CommandAPDU, _pending: _Pending, session: bool) -> Outcome:
        _require_zero_p1p2(command, _BAC)
        if not self._image.profile.bac:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _BAC, "this chip has no BAC")
        if session or not self._files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _BAC, "BAC begins in the application and outside a session")
        if command.data or command.ne not in (_CHALLENGE_BYTES, 256, 65536):
            raise Refused(SW.WRONG_LENGTH, _BAC, "the challenge is eight bytes and the command has no data")
        challenge = self._coprocessor.rng(_CHALLENGE_BYTES)
        self._pending = _Pending(challenge=challenge)
        return Outcome(ResponseAPDU(challenge, SW.OK))

    def _external_authenticate(self, command: CommandAPDU, pending: _Pending, session: bool) -> Outcome:
        _require_zero_p1p2(command, _BAC)
        if session or pending.challenge is None:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _BAC, "no challenge was given just before")
        done = authenticate(command.data, pending.challenge, self._image.passwords, self._coprocessor.rng)
        return Outcome(ResponseAPDU(done.data, SW.OK), done.session)

    def _manage_security_environment(self, command: CommandAPDU, _pending: _Pending, session: bool) -> Outcome:
        kind = command.p1 << 8 | command.p2
        if kind == _SET_AT_PACE:
            return self._start_pace(command, session)
        if kind not in (_SET_AT_CHIP, _SET_KAT_CHIP):
            raise Refused(SW.WRONG_P1P2, _CHIP_AUTHENTICATION, "P1-P2 set nothing that this chip has")
        if not session:
            raise Refused(SW.SECURITY_STATUS, _CHIP_AUTHENTICATION, "Chip Authentication runs inside a session")
        if not self._files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _CHIP_AUTHENTICATION, "it is offered in the application only")
        if kind == _SET_AT_CHIP:
            self._pending = _Pending(chip_key=choose_key(command.data, self._image.chip_keys))
            return Outcome(ResponseAPDU(b"", SW.OK))
        return Outcome(
            ResponseAPDU(b"", SW.OK), agree_by_template(command.data, self._image.chip_keys, self._coprocessor)
        )

    def _start_pace(self, command: CommandAPDU, session: bool) -> Outcome:
        if not self._image.pace:
            raise Refused(SW.FUNCTION_NOT_SUPPORTED, _PACE, "this chip has no PACE")
        if session or self._files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _PACE, "PACE is performed in the master file, outside a session")
        run = start_pace(command.data, self._image.pace, self._image.passwords, self._coprocessor)
        self._pending = _Pending(pace=run)
        return Outcome(ResponseAPDU(b"", SW.OK))

    def _general_authenticate(self, command: CommandAPDU, pending: _Pending, session: bool) -> Outcome:
        _require_zero_p1p2(command, _PACE)
        chained = bool(command.cla & _CHAINED)
        if pending.pace is not None and not session:
            answer = pending.pace.step(command.data, chained=chained)
            if answer.session is None:
                self._pending = pending
            return Outcome(ResponseAPDU(answer.data, SW.OK), answer.session)
        if pending.chip_key is None or not session:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, "ICAO 9303-11 §4.4.4.2", "MSE:Set AT did not come just before")
        return Outcome(ResponseAPDU(encode(0x7C, b""), SW.OK), agree(command.data, pending.chip_key, self._coprocessor))

    def _internal_authenticate(self, command: CommandAPDU, _pending: _Pending, session: bool) -> Outcome:
        clause = "ICAO 9303-11 §6.1.3"
        _require_zero_p1p2(command, clause)
        if not (session and self._files.in_application):
            raise Refused(SW.SECURITY_STATUS, clause, "Active Authentication needs access")
        signature = sign_challenge(command.data, self._image.active_key, self._coprocessor)
        if command.ne < len(signature) and command.ne not in (256, 65536):
            raise Refused(SW.WRONG_LENGTH, clause, "Le is shorter than the signature")
        return Outcome(ResponseAPDU(signature, SW.OK))


def _require_zero_p1p2(command: CommandAPDU, clause: str) -> None:
    if command.p1 or command.p2:
        raise Refused(SW.WRONG_P1P2, clause, "P1-P2 are 0000")
