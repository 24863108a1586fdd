"""The commands by which a chip proves itself: Chip Authentication and Active Authentication."""

from __future__ import annotations

from dataclasses import replace

from mock_cards.access.templates import is_cut_short
from mock_cards.chip.checking import require_zero_p1p2
from mock_cards.chip.context import Context, Outcome, Pending, SessionState
from mock_cards.genuine import Agreement, agree, agree_by_template, choose_key, sign_challenge
from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode

__all__ = ["ProofCommands"]

_CHAINED = 0x10
_EXTENDED_LE = 65536
_LONGEST_STEP = 1024
_CHIP_AUTHENTICATION = "ICAO 9303-11 §6.2.4"
_ACTIVE_AUTHENTICATION = "ICAO 9303-11 §6.1.3"


class ProofCommands:
    """Prove that this chip is the one that was issued."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def set_chip_key(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take MSE:Set AT for Chip Authentication (§6.2.4.2)."""
        self._require_first(self._require_session())
        context = self._context
        key = choose_key(command.data, context.image.chip_keys, context.image.profile.manners)
        context.pending = Pending(chip_key=key)
        return Outcome(ResponseAPDU(b"", SW.OK))

    def agree_by_template(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take MSE:Set KAT (§6.2.4.1)."""
        state, context = self._require_session(), self._context
        self._require_first(state)
        manners = context.image.profile.manners
        agreed = agree_by_template(command.data, context.image.chip_keys, manners, context.coprocessor)
        return _restarted(state, agreed, b"")

    def general_authenticate(self, command: CommandAPDU, pending: Pending) -> Outcome:
        """Take GENERAL AUTHENTICATE of Chip Authentication, or a part of a long one (§6.2.4.2)."""
        clause = "ICAO 9303-11 §4.4.4.2"
        require_zero_p1p2(command, clause)
        state, context = self._context.state, self._context
        if pending.chip_key is None or state is None:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, clause, "MSE:Set AT did not come just before")
        data = pending.part + command.data
        if command.cla & _CHAINED:
            if not is_cut_short(data, 0x7C) or len(data) > _LONGEST_STEP:
                raise Refused(SW.CHAINING_NOT_SUPPORTED, "ICAO 9303-11 §9.3.2", "the step is whole and not chained")
            context.pending = replace(pending, part=data)
            return Outcome(ResponseAPDU(b"", SW.OK))
        return _restarted(state, agree(data, pending.chip_key, context.coprocessor), encode(0x7C, b""))

    def internal_authenticate(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Sign the terminal's challenge (§6.1.3)."""
        context = self._context
        require_zero_p1p2(command, _ACTIVE_AUTHENTICATION)
        if context.state is None or not context.files.in_application:
            raise Refused(SW.SECURITY_STATUS, _ACTIVE_AUTHENTICATION, "Active Authentication needs access")
        profile = context.image.profile
        manners = profile.manners
        if manners.active_authentication_refused:
            raise Refused(
                manners.active_authentication_refused, _ACTIVE_AUTHENTICATION, "this chip refuses what its DG15 offers"
            )
        if manners.active_answer_empty and command.ne == _EXTENDED_LE:
            return Outcome(ResponseAPDU(b"", SW.OK))
        signature = sign_challenge(command.data, context.image.active_key, profile.active_key, context.coprocessor)
        if command.ne < len(signature) and command.ne not in (256, _EXTENDED_LE):
            raise Refused(SW.WRONG_LENGTH, _ACTIVE_AUTHENTICATION, "Le is shorter than the signature")
        return Outcome(ResponseAPDU(signature, SW.OK))

    def _require_first(self, state: SessionState) -> None:
        """Refuse a second agreement in one session, on a chip that takes but one: the standard leaves that open."""
        refusal = self._context.image.profile.manners.chip_authentication_again
        if refusal and state.agreed:
            raise Refused(refusal, _CHIP_AUTHENTICATION, "this chip agrees on keys once in a session")

    def _require_session(self) -> SessionState:
        state = self._context.state
        if state is None:
            raise Refused(SW.SECURITY_STATUS, _CHIP_AUTHENTICATION, "Chip Authentication runs inside a session")
        if not self._context.files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _CHIP_AUTHENTICATION, "it is offered in the application only")
        return state


def _restarted(state: SessionState, agreed: Agreement, data: bytes) -> Outcome:
    """Restart secure messaging: what a terminal was granted under the old ephemeral key is withdrawn (§7.1.3)."""
    anew = replace(state, terminal=state.terminal.unbound(), terminal_key=agreed.terminal_key, agreed=True)
    return Outcome(ResponseAPDU(data, SW.OK), agreed.session, anew)
