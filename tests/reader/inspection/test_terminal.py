"""Terminal Authentication within an inspection: DG3 opened, read, and judged by its hash (CH-19, CH-20, LC-05).

The emulated card guards DG3 and does not know the protocol yet; the commands of Terminal Authentication are answered by
a chip of their own, which sees what passes through the protected channel. Its name for itself, the ephemeral key of
PACE, is taken from the air.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.security_infos import make_dg14
from reader.access import SecureMessaging
from reader.errors import DataError, SecureMessagingError, UnprotectedStatus
from reader.genuine import TerminalCredentials
from reader.inspection import CheckId, CheckStatus, Decision, Inspection, judge_again
from reader.iso7816 import CommandAPDU, ResponseAPDU, find
from reader.lds import parse_dg14
from reader.trust import TrustMaterial

TERMINAL, HASHES = CheckId.TERMINAL_AUTHENTICATION, CheckId.HASHES
TA_INFO = bytes.fromhex("300D060804007F0007020202020101")
PASSED, FAILED, INCONCLUSIVE = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.INCONCLUSIVE
NOT_APPLICABLE, UNAVAILABLE = CheckStatus.NOT_APPLICABLE, CheckStatus.UNAVAILABLE


@pytest.fixture(scope="module")
def state(terminal_pki: ModuleType) -> Any:
    """Return the keys of a State: authority, verifier, inspection system."""

    class State:
        authority, verifier, system = (
            terminal_pki.Holder(name, "ecdsa-sha256", terminal_pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
            for name in ("XXCVCA00001", "XXDV00XX001", "XXIS00XX001")
        )

    return State


@pytest.fixture
def credentials(terminal_pki: ModuleType, state: Any, tmp_path: Path) -> TerminalCredentials:
    files = {
        "cvca": terminal_pki.certificate(state.authority, state.authority, terminal_pki.CVCA | 3),
        "dv": terminal_pki.certificate(state.verifier, state.authority, terminal_pki.DOMESTIC | 3),
        "is": terminal_pki.certificate(state.system, state.verifier, terminal_pki.IS | 3),
    }
    return TerminalCredentials.load(terminal_pki.write_store(tmp_path / "store", files, state.system.private))


@pytest.fixture(scope="module")
def guarded(issued: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Return a card whose DG14 says that it knows the protocol."""
    return issuer.sign(issued.with_files(DG14=make_dg14(*parse_dg14(issued.files["DG14"]).infos, TA_INFO)))


class Desk:
    """Inspect a card whose chip knows Terminal Authentication: the commands of it are answered here."""

    def __init__(self, inspect: Callable[..., Inspection], pki: ModuleType, state: Any, patch: Any) -> None:
        self.inspect, self.pki, self.patch = inspect, pki, patch
        self.chip = pki.TerminalChip({state.authority.reference: (state.authority, 3)}, b"", b"")
        self.always_open = False
        self.asked: list[int] = []

    def around(self, card: Any) -> Any:
        desk = self

        class Air:
            def transmit(self, command: CommandAPDU) -> ResponseAPDU:
                response: ResponseAPDU = card.transmit(command)
                if command.ins == 0x86 and not command.cla & 0x0C and response.data[2:3] == b"\x84":
                    desk.chip.chip_id = desk.pki.compressed(find(response.data, 0x7C, 0x84))
                return response

        return Air()

    def run(self, card: IssuedCard, **changes: Any) -> Inspection:
        original, chip = SecureMessaging.transmit, self.chip

        def transmit(link: SecureMessaging, command: CommandAPDU) -> ResponseAPDU:
            if command.ins == 0x86:
                chip.terminal_key = self.pki.compressed(find(command.data, 0x7C, 0x80))
            theirs = (command.ins, command.p1) in {(0x22, 0x81), (0x2A, 0), (0x84, 0), (0x82, 0), (0xB0, 0x9C)}
            if theirs:
                return chip.transmit(command)
            answer = original(link, command)
            if command.ins == 0xB0 and command.p1 == 0x83:
                self.asked.append(command.p1 & 0x1F)
                self.offset = 0
                if chip.opened & 1 or self.always_open:
                    return ResponseAPDU(card.files["DG3"][: command.ne], 0x9000)
            elif answer.sw == 0x6986 and (chip.opened & 1 or self.always_open):
                offset = command.p1 << 8 | command.p2
                return ResponseAPDU(card.files["DG3"][offset : offset + command.ne], 0x9000)
            return answer

        self.patch.setattr(SecureMessaging, "transmit", transmit)
        return self.inspect(card, around=self.around, **changes)


@pytest.fixture
def desk(
    inspect_issued: Callable[..., Inspection], terminal_pki: ModuleType, state: Any, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    return Desk(inspect_issued, terminal_pki, state, monkeypatch)


def of(inspection: Inspection, id: CheckId = TERMINAL) -> tuple[CheckStatus, str]:
    return inspection.check(id).status, inspection.check(id).reason


def test_the_terminal_is_let_in_and_dg3_is_read_and_judged(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials, issuer: Issuer
) -> None:
    inspection = desk.run(guarded, terminal=credentials)
    assert of(inspection) == (PASSED, "accepted-by-chip")
    assert dict(inspection.check(TERMINAL).evidence)["rights"] == "DG3 DG4"
    assert dict(inspection.files)["EF.DG3"] == guarded.files["DG3"]
    assert of(inspection, HASHES) == (PASSED, "hashes-match")
    assert "DG3" in dict(inspection.check(HASHES).evidence)["matching"].split()
    assert "not-checked" not in dict(inspection.check(HASHES).evidence)
    assert inspection.decision is Decision.PROCEED
    again = judge_again(inspection.record, TrustMaterial.of([issuer.country.certificate]))
    assert again == inspection.checks


def test_a_changed_dg3_fails_by_its_hash(desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials) -> None:
    dg3 = guarded.files["DG3"]
    changed = guarded.with_files(DG3=dg3[:-1] + bytes((dg3[-1] ^ 1,)))
    inspection = desk.run(changed, terminal=credentials)
    assert of(inspection, HASHES) == (FAILED, "hash-mismatch")
    assert dict(inspection.check(HASHES).evidence)["differing"] == "DG3"


def test_without_credentials_every_report_says_so_and_nothing_is_asked(desk: Desk, guarded: IssuedCard) -> None:
    """CH-20, LC-05: DG3 is not checked, and that is no fault of the card's."""
    inspection = desk.run(guarded)
    assert of(inspection) == (UNAVAILABLE, "no-credentials")
    assert dict(inspection.check(HASHES).evidence)["not-checked"] == "DG3"
    assert (desk.asked, desk.chip.commands) == ([], [])
    assert inspection.decision is Decision.PROCEED


def test_a_chip_that_refuses_and_gives_all_the_same_fails(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials
) -> None:
    """CH-19: nothing of what it gave is kept."""
    desk.chip.refuse = {(0x82, 0x00): 0x6300}
    desk.always_open = True
    inspection = desk.run(guarded, terminal=credentials)
    assert of(inspection) == (FAILED, "access-rule-missing")
    assert dict(inspection.check(TERMINAL).evidence)["open"] == "DG3"
    assert "EF.DG3" not in dict(inspection.files)
    assert inspection.decision is Decision.STOP


def test_a_chip_that_refuses_and_keeps_it_is_told_apart(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials
) -> None:
    desk.chip.refuse = {(0x82, 0x00): 0x6300}
    inspection = desk.run(guarded, terminal=credentials)
    assert of(inspection) == (INCONCLUSIVE, "refused-by-chip")
    assert desk.asked == [3]
    assert of(inspection, HASHES) == (PASSED, "hashes-match")
    assert inspection.check(CheckId.SECURE_MESSAGING).status is PASSED


def test_a_card_that_does_not_know_the_protocol(
    desk: Desk, issued: IssuedCard, credentials: TerminalCredentials
) -> None:
    assert of(desk.run(issued, terminal=credentials)) == (NOT_APPLICABLE, "not-offered")
    assert desk.chip.commands == []


def test_a_card_without_fingerprints_has_nothing_to_open(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials, without: Any
) -> None:
    assert of(desk.run(without(guarded, 3), terminal=credentials)) == (NOT_APPLICABLE, "nothing-to-open")


def test_without_chip_authentication_there_is_no_key_to_sign(
    desk: Desk, guarded: IssuedCard, issuer: Issuer, credentials: TerminalCredentials
) -> None:
    pace = parse_dg14(guarded.files["DG14"]).pace[0]
    card = issuer.sign(guarded.with_files(DG14=make_dg14(pace.raw, TA_INFO)))
    assert of(desk.run(card, terminal=credentials)) == (INCONCLUSIVE, "chip-keys-missing")


def test_a_channel_that_dies_in_the_middle_leaves_it_unfinished(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials
) -> None:
    original = desk.chip.transmit

    def die(command: CommandAPDU) -> ResponseAPDU:
        if command.ins == 0x84:
            raise SecureMessagingError("message authentication code wrong")
        answer: ResponseAPDU = original(command)
        return answer

    desk.chip.transmit = die
    inspection = desk.run(guarded, terminal=credentials)
    assert of(inspection) == (INCONCLUSIVE, "not-finished")
    assert of(inspection, CheckId.SECURE_MESSAGING) == (FAILED, "secure-messaging-integrity")


def test_a_card_without_security_infos_offers_no_protocol(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials, without: Any
) -> None:
    assert of(desk.run(without(guarded, 14), terminal=credentials)) == (NOT_APPLICABLE, "not-offered")


def test_security_infos_that_were_not_read_leave_the_protocol_open(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials
) -> None:
    cut = guarded.with_files(DG14=guarded.files["DG14"][:20])
    assert of(desk.run(cut, terminal=credentials)) == (INCONCLUSIVE, "key-not-read")


@pytest.mark.parametrize(
    ("trouble", "step"),
    [
        (UnprotectedStatus(0x6982, channel_alive=True), "answer without protection"),
        (DataError("no certificate reference"), "malformed answer"),
    ],
    ids=["unprotected", "malformed"],
)
def test_an_answer_that_makes_no_sense_leaves_the_terminal_outside(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials, trouble: Exception, step: str
) -> None:
    original = desk.chip.transmit

    def answer(command: CommandAPDU) -> ResponseAPDU:
        if command.ins == 0x84:
            raise trouble
        response: ResponseAPDU = original(command)
        return response

    desk.chip.transmit = answer
    inspection = desk.run(guarded, terminal=credentials)
    assert inspection.check(TERMINAL).status is INCONCLUSIVE
    assert dict(inspection.check(TERMINAL).evidence)["step"] == step


def test_a_dead_channel_ends_the_reading_whatever_it_says(
    desk: Desk, guarded: IssuedCard, credentials: TerminalCredentials
) -> None:
    def die(command: CommandAPDU) -> ResponseAPDU:
        raise UnprotectedStatus(0x6988, channel_alive=False)

    desk.chip.transmit = die
    inspection = desk.run(guarded, terminal=credentials)
    assert of(inspection) == (INCONCLUSIVE, "not-finished")
    assert of(inspection, CheckId.SECURE_MESSAGING) == (FAILED, "unprotected-answer")
