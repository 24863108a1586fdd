"""The commands of an eMRTD by their instruction, and command chaining (ICAO 9303-10 §3.5, ISO/IEC 7816-4 §5.3.3).

A protocol half done (PACE between its steps, a challenge given, a key chosen for Chip Authentication) lasts for the
command that carries it on and no longer: whatever comes in between breaks it. What a method leaves in
``Context.pending`` is what the next command finds in its argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mock_cards.chip.access_commands import AccessCommands
from mock_cards.chip.context import Context, Memory, Outcome, Pending, SessionState
from mock_cards.chip.files import FileSystem
from mock_cards.chip.proof_commands import ProofCommands
from mock_cards.chip.terminal_commands import TerminalCommands
from mock_cards.coprocessor import Coprocessor
from mock_cards.image import CardImage
from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["CommandSet"]

_CHAINED = 0x10
_MANAGE, _PERFORM, _RESET_COUNTER = 0x22, 0x2A, 0x2C
_EXTERNAL, _CHALLENGE, _GENERAL, _INTERNAL = 0x82, 0x84, 0x86, 0x88
_SELECT, _READ, _READ_ODD = 0xA4, 0xB0, 0xB1
_LONGEST_CHAIN = 4096
_CHAINING = "ICAO 9303-11 §9.3.2"

_Method = Callable[[CommandAPDU, Pending], Outcome]


class CommandSet:
    """Carry out commands on one card image; secure messaging is off by the time they come here."""

    def __init__(self, image: CardImage, memory: Memory, coprocessor: Coprocessor) -> None:
        files = FileSystem(image, memory.trust)
        self._context = Context(image, coprocessor, memory, files)
        access, proof = AccessCommands(self._context), ProofCommands(self._context)
        terminal = TerminalCommands(self._context)
        self._templates: dict[int, _Method] = {
            0xC1A4: access.set_pace,
            0x41A4: proof.set_chip_key,
            0x41A6: proof.agree_by_template,
            0x81B6: terminal.set_verifier,
            0x81A4: terminal.set_terminal,
        }
        self._access, self._proof, self._terminal = access, proof, terminal
        self._methods: dict[int, _Method] = {
            _MANAGE: self._manage_security_environment,
            _PERFORM: terminal.verify_certificate,
            _RESET_COUNTER: access.reset_retry_counter,
            _EXTERNAL: self._external_authenticate,
            _CHALLENGE: self._get_challenge,
            _GENERAL: self._general_authenticate,
            _INTERNAL: proof.internal_authenticate,
            _SELECT: self._select,
        }

    @property
    def current_fid(self) -> int | None:
        """Return the file identifier of the current EF."""
        return self._context.files.current_fid

    @property
    def chains_protected(self) -> bool:
        """Tell whether the chip takes the chaining bit under secure messaging, which PACE in a session needs."""
        return self._context.image.profile.manners.command_chaining or self._context.memory.passwords.has_pin

    def enter(self, state: SessionState | None) -> None:
        """Note what the session that begins has established; None where no session stands."""
        self._context.state = state

    def break_off(self) -> None:
        """Drop every protocol half done: its last answer could not be given."""
        self._context.pending = Pending()

    def forget(self) -> None:
        """Drop the current EF and every protocol half done, as happens when a session ends."""
        self._context.forget()

    def perform(self, command: CommandAPDU, room: int) -> Outcome:
        """Carry out ``command``, a read to give at most ``room`` bytes; raise Refused with a status word."""
        context = self._context
        pending, context.pending = context.pending, Pending()
        if command.ins in (_READ, _READ_ODD):
            _require_unchained(command)
            return Outcome(context.files.read(command, room, context.access))
        method = self._methods.get(command.ins)
        if method is None:
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.5", "no such instruction")
        if command.ins != _GENERAL:
            whole = self._collect(command, pending)
            if whole is None:
                return Outcome(ResponseAPDU(b"", SW.OK))
            command = whole
        return method(command, pending)

    def _collect(self, command: CommandAPDU, pending: Pending) -> CommandAPDU | None:
        """Put the parts of a chained command together; None while more are to come.

        Parts go together by INS, P1 and P2 (ISO/IEC 7816-4 §5.3.3); another command in between breaks the chain.
        """
        chained, chain = bool(command.cla & _CHAINED), command.header[1:]
        before = pending.part if pending.chain == chain else b""
        if not chained and not before:
            return command
        if chained and not self._context.image.profile.manners.command_chaining:
            raise Refused(SW.CHAINING_NOT_SUPPORTED, _CHAINING, "only GENERAL AUTHENTICATE is chained")
        data = before + command.data
        if len(data) > _LONGEST_CHAIN:
            raise Refused(SW.WRONG_LENGTH, _CHAINING, "the chain is longer than this chip's memory")
        if chained:
            self._context.pending = Pending(challenge=pending.challenge, part=data, chain=chain)
            return None
        return replace(command, data=data)

    def _select(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        return Outcome(self._context.files.select(command, self._context.access))

    def _manage_security_environment(self, command: CommandAPDU, pending: Pending) -> Outcome:
        method = self._templates.get(command.p1 << 8 | command.p2)
        if method is None:
            raise Refused(SW.WRONG_P1P2, "ICAO 9303-11 §6.2.4", "P1-P2 set nothing that this chip has")
        return method(command, pending)

    def _get_challenge(self, command: CommandAPDU, pending: Pending) -> Outcome:
        inside = self._context.state is not None
        return (self._terminal.get_challenge if inside else self._access.get_challenge)(command, pending)

    def _external_authenticate(self, command: CommandAPDU, pending: Pending) -> Outcome:
        inside = self._context.state is not None
        return (self._terminal.external_authenticate if inside else self._access.external_authenticate)(
            command, pending
        )

    def _general_authenticate(self, command: CommandAPDU, pending: Pending) -> Outcome:
        if pending.pace is not None:
            return self._access.go_on_with_pace(command, pending)
        return self._proof.general_authenticate(command, pending)


def _require_unchained(command: CommandAPDU) -> None:
    if command.cla & _CHAINED:
        raise Refused(SW.CHAINING_NOT_SUPPORTED, _CHAINING, "READ BINARY is not chained")
