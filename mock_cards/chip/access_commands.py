"""The commands that open a card and manage its passwords: BAC, PACE, RESET RETRY COUNTER."""

from __future__ import annotations

from dataclasses import replace

from mock_cards.access import PaceSetUp, authenticate, start_pace
from mock_cards.access.templates import is_cut_short
from mock_cards.chip.checking import require_zero_p1p2
from mock_cards.chip.context import Context, Outcome, Pending
from mock_cards.image import PasswordKind
from mock_cards.refusal import Refused
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["AccessCommands"]

_CHAINED = 0x10
_CHALLENGE_BYTES = 8
_LONGEST_STEP = 1024
_BAC = "ICAO 9303-11 §4.3.4"
_PACE = "ICAO 9303-11 §4.4"
_RESET = "BSI TR-03110-3 §B.11.6"
# Birth and expiry with their check digits, which follow the document number in the MRZ information.
_DATES = 14
_CHANGE_PIN, _UNBLOCK_PIN, _CHANGE_CAN = (0x02, 0x03), (0x03, 0x03), (0x02, 0x02)


class AccessCommands:
    """Open sessions."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get_challenge(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Give RND.IC for BAC (§4.3.4.1)."""
        context = self._context
        require_zero_p1p2(command, _BAC)
        if not context.image.profile.bac:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _BAC, "this chip has no BAC")
        if not context.files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _BAC, "BAC begins in the application and outside a session")
        if command.data or command.ne not in (_CHALLENGE_BYTES, 256, 65536):
            raise Refused(SW.WRONG_LENGTH, _BAC, "the challenge is eight bytes and the command has no data")
        challenge = context.coprocessor.rng(_CHALLENGE_BYTES)
        context.pending = Pending(challenge=challenge)
        return Outcome(ResponseAPDU(challenge, SW.OK))

    def external_authenticate(self, command: CommandAPDU, pending: Pending) -> Outcome:
        """Take E_IFD and M_IFD of BAC (§4.3.4.2)."""
        context = self._context
        require_zero_p1p2(command, _BAC)
        if pending.challenge is None:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _BAC, "no challenge was given just before")
        mrz_information = context.memory.passwords.mrz_information
        done = authenticate(command.data, pending.challenge, mrz_information, context.coprocessor.rng)
        state = context.opened(None, mrz_information[:-_DATES])
        return Outcome(ResponseAPDU(done.data, SW.OK), done.session, state)

    def set_pace(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take MSE:Set AT for PACE (§4.4.4.1)."""
        context = self._context
        if not context.image.pace:
            raise Refused(SW.FUNCTION_NOT_SUPPORTED, _PACE, "this chip has no PACE")
        state = context.state
        # In a session PACE is for those who resume, change or unblock a PIN (TR-03110-2 §3.3).
        if (state is not None and not context.memory.passwords.has_pin) or context.files.in_application:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _PACE, "PACE is performed in the master file, outside a session")
        references = context.memory.trust.references if context.image.profile.terminal_authentication else ()
        set_up = PaceSetUp(
            context.image.pace,
            context.memory.passwords,
            context.image.chip_keys,
            context.image.profile.manners,
            references,
        )
        resumed = state is not None and state.password is PasswordKind.CAN
        run = start_pace(command.data, set_up, context.coprocessor, resumed=resumed)
        context.pending = Pending(pace=run)
        return Outcome(ResponseAPDU(b"", run.status))

    def go_on_with_pace(self, command: CommandAPDU, pending: Pending) -> Outcome:
        """Take a GENERAL AUTHENTICATE of PACE, or a part of one that is too long for one command (§4.4.4.2)."""
        context = self._context
        require_zero_p1p2(command, _PACE)
        run = pending.pace
        if run is None:
            raise AssertionError("called while PACE runs")
        chained = bool(command.cla & _CHAINED)
        data = pending.part + command.data
        if chained and is_cut_short(data, 0x7C):
            if len(data) > _LONGEST_STEP:
                raise Refused(SW.WRONG_LENGTH, _PACE, "the step is longer than any of PACE")
            context.pending = replace(pending, part=data)
            return Outcome(ResponseAPDU(b"", SW.OK))
        answer = run.step(data, chained=chained)
        if answer.success is None:
            context.pending = replace(pending, part=b"")
            return Outcome(ResponseAPDU(answer.data, SW.OK))
        success = answer.success
        state = context.opened(success.password, success.chip_id, success.terminal_key)
        return Outcome(ResponseAPDU(answer.data, SW.OK), success.session, state)

    def reset_retry_counter(self, command: CommandAPDU, _pending: Pending) -> Outcome:
        """Take RESET RETRY COUNTER: another PIN by who knows the PIN, its tries back by who knows the PUK."""
        passwords, state = self._context.memory.passwords, self._context.state
        if not passwords.has_pin:
            raise Refused(SW.INS_NOT_SUPPORTED, "ICAO 9303-10 §3.5", "no such instruction")
        what = (command.p1, command.p2)
        if what not in (_CHANGE_PIN, _UNBLOCK_PIN, _CHANGE_CAN):
            raise Refused(SW.WRONG_P1P2, _RESET, "P1-P2 name nothing that can be reset")
        needed = {_CHANGE_PIN: PasswordKind.PIN, _UNBLOCK_PIN: PasswordKind.PUK}.get(what)
        if state is None or needed is None or state.password is not needed:
            raise Refused(SW.SECURITY_STATUS, _RESET, "the session was opened by another password")
        if what == _CHANGE_PIN:
            passwords.change_pin(command.data)
        elif command.data:
            raise Refused(SW.WRONG_LENGTH, _RESET, "unblocking takes no data")
        else:
            passwords.unblock_pin()
        return Outcome(ResponseAPDU(b"", SW.OK))
