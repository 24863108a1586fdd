"""The commands of Terminal Authentication (ICAO 9303-11 §7.1.5)."""

from __future__ import annotations

from mock_cards.chip.checking import require_zero_p1p2
from mock_cards.chip.context import Context, Outcome, Pending, SessionState
from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["TerminalCommands"]

_CHALLENGE_BYTES = 8
_VERIFY = (0x00, 0xBE)
_CLAUSE = "ICAO 9303-11 §7.1.5"


class TerminalCommands:
    """Let a terminal show its certificates and prove its key."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def set_verifier(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take MSE:Set DST (§7.1.5.1)."""
        self._require_session(f"{_CLAUSE}.1").terminal.set_verifier(command.data)
        return Outcome(ResponseAPDU(b"", SW.OK))

    def verify_certificate(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take PSO:Verify Certificate (§7.1.5.2)."""
        clause = f"{_CLAUSE}.2"
        if not self._context.image.profile.terminal_authentication:
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.5", "no such instruction")
        if (command.p1, command.p2) != _VERIFY:
            raise Refused(SW.WRONG_P1P2, clause, "P1-P2 are 00BE")
        self._require_session(clause).terminal.verify_certificate(command.data)
        return Outcome(ResponseAPDU(b"", SW.OK))

    def set_terminal(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take MSE:Set AT for Terminal Authentication (§7.1.5.3)."""
        state = self._require_session(f"{_CLAUSE}.3")
        if not state.terminal_key:
            raise Refused(
                SW.SECURITY_STATUS, "ICAO 9303-11 §7.1.2", "no ephemeral key of Chip Authentication to bind to"
            )
        state.terminal.set_terminal(command.data)
        return Outcome(ResponseAPDU(b"", SW.OK))

    def get_challenge(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Give r_IC (§7.1.5.4)."""
        clause = f"{_CLAUSE}.4"
        context = self._context
        require_zero_p1p2(command, clause)
        if context.state is None or not context.state.terminal.may_challenge:
            raise Refused(
                SW.CONDITIONS_NOT_SATISFIED, clause, "in a session a challenge is for Terminal Authentication"
            )
        if command.data or command.ne not in (_CHALLENGE_BYTES, 256, 65536):
            raise Refused(SW.WRONG_LENGTH, clause, "the challenge is eight bytes and the command has no data")
        challenge = context.coprocessor.rng(_CHALLENGE_BYTES)
        context.pending = Pending(challenge=challenge)
        return Outcome(ResponseAPDU(challenge, SW.OK))

    def external_authenticate(self, command: CommandAPDU, pending: Pending) -> Outcome:
        """Take the terminal's signature (§7.1.5.5)."""
        clause = f"{_CLAUSE}.5"
        require_zero_p1p2(command, clause)
        state = self._context.state
        if state is None or pending.challenge is None:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, clause, "no challenge was given just before")
        state.terminal.authenticate(command.data, state.chip_id, pending.challenge, state.terminal_key)
        return Outcome(ResponseAPDU(b"", SW.OK))

    def _require_session(self, clause: str) -> SessionState:
        context = self._context
        if not context.image.profile.terminal_authentication:
            raise Refused(SW.FUNCTION_NOT_SUPPORTED, clause, "this chip has no Terminal Authentication")
        if context.state is None:
            raise Refused(SW.SECURITY_STATUS, clause, "Terminal Authentication runs under secure messaging")
        if not context.files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, clause, "it is offered in the application only")
        return context.state
