"""Whatever a card does while it is there ends in a report; only a lost card, a cancel or a closed chip raises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_cards.build import CardFactory
from reader.access import SecureMessaging
from reader.errors import CardError, DataError
from reader.inspection import (
    NOTES,
    REASONS,
    CheckId,
    CheckJudged,
    CheckStatus,
    Decision,
    FileProgress,
    Inspection,
    Policy,
)
from reader.inspection.beside import Beside
from reader.iso7816 import CommandAPDU, ResponseAPDU

Inspect = Callable[..., Inspection]
BEFORE_READING = 7  # CardAccess, five commands of PACE, SELECT of the application


class Between:
    """Stand between card and reader: let ``change`` alter one answer, the ``at``-th."""

    def __init__(self, card: Any, at: int, change: Callable[[ResponseAPDU], ResponseAPDU]) -> None:
        self.card, self.at, self.change, self.count = card, at, change, 0
        self.atr: bytes = card.atr

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.count += 1
        response = self.card.transmit(command)
        return self.change(response) if self.count == self.at else response


def altered(at: int, change: Callable[[ResponseAPDU], ResponseAPDU]) -> Callable[[Any], Between]:
    return lambda card: Between(card, at, change)


def status(inspection: Inspection, id: CheckId) -> CheckStatus:
    return inspection.check(id).status


def documented(inspection: Inspection) -> None:
    """Hold every reason and note to the table that docs/checks.md explains."""
    for check in inspection.checks:
        assert check.reason in REASONS[check.id][check.status], (check.id, check.status, check.reason)
        for note in check.notes:
            assert note.severity in NOTES[note.code], note


def flip(response: ResponseAPDU) -> ResponseAPDU:
    return ResponseAPDU(response.data[:-1] + bytes((response.data[-1] ^ 1,)), response.sw)


@pytest.mark.parametrize(
    "persona", ["nguyen-van-mau", "pham-thi-mau", "h-mut-nie-kcor", "tran-minh-thu", "le-thi-hoa-thu"]
)
def test_a_genuine_card_gives_only_documented_reasons(inspect_card: Inspect, persona: str) -> None:
    inspection = inspect_card(persona)
    documented(inspection)
    assert [check.id for check in inspection.checks] == list(CheckId)
    assert [name for name, _ in inspection.timings] == ["access", "identity", "read", "end"]
    assert dict(inspection.files).keys() >= {"EF.CardAccess", "EF.SOD", "EF.DG1", "EF.DG2", "EF.DG13"}


@pytest.mark.parametrize("at", [8, 12, 15, 18, 21, 24, 27, 30, 40])
def test_a_flipped_bit_anywhere_ends_the_channel_and_still_gives_a_report(inspect_card: Inspect, at: int) -> None:
    """SM-01: nothing of that answer is used, no further command is sent on that channel."""
    seen: list[Between] = []

    def around(card: Any) -> Between:
        seen.append(Between(card, at, flip))
        return seen[0]

    inspection = inspect_card(around=around)
    documented(inspection)
    failed = {check.id for check in inspection.checks if check.status is CheckStatus.FAILED}
    assert failed in ({CheckId.SECURE_MESSAGING}, {CheckId.CHIP_AUTHENTICATION})
    assert seen[0].count == at
    assert inspection.decision is Decision.STOP
    assert status(inspection, CheckId.HASHES) is not CheckStatus.PASSED


@pytest.mark.parametrize("sw", [0x9000, 0x6700, 0x6A82, 0x6B00, 0x6282, 0x6988, 0x6F00])
def test_an_answer_without_protection_is_never_a_file(inspect_card: Inspect, sw: int) -> None:
    """SM-02, SM-03, SM-09: whatever a bare status says, it is never data and never a pass."""
    for at in (BEFORE_READING + 1, BEFORE_READING + 12):
        inspection = inspect_card(around=altered(at, lambda _: ResponseAPDU(b"", sw)))
        documented(inspection)
        assert inspection.decision is not Decision.PROCEED


def test_an_empty_9000_fails_secure_messaging(inspect_card: Inspect) -> None:
    inspection = inspect_card(around=altered(BEFORE_READING + 3, lambda _: ResponseAPDU(b"", 0x9000)))
    assert status(inspection, CheckId.SECURE_MESSAGING) is CheckStatus.FAILED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    at=st.integers(1, 60), noise=st.binary(max_size=40), sw=st.sampled_from([0x9000, 0x6282, 0x6300, 0x6988, 0x61FF])
)
def test_random_answers_give_a_report_or_an_error_of_the_tree(
    inspect_card: Inspect, at: int, noise: bytes, sw: int
) -> None:
    try:
        inspection = inspect_card(around=altered(at, lambda _: ResponseAPDU(noise, sw)))
    except CardError:
        assert at <= BEFORE_READING
        return
    documented(inspection)
    # EF.CardAccess may come to the same by chance; everything behind it is protected.
    assert inspection.decision is not Decision.PROCEED or at > inspection.link.apdus


@pytest.mark.parametrize("ins", [0x22, 0x86, 0x88])
@pytest.mark.parametrize("protected", [True, False])
def test_a_chip_that_does_not_want_to_prove_itself_fails_by_name(
    inspect_card: Inspect, monkeypatch: pytest.MonkeyPatch, ins: int, protected: bool
) -> None:
    """CH-09: MSE, GENERAL AUTHENTICATE or INTERNAL AUTHENTICATE refused, or answered with a malformed plaintext."""
    original = SecureMessaging.transmit

    def transmit(self: SecureMessaging, command: CommandAPDU) -> ResponseAPDU:
        if command.ins == ins:
            if not protected:
                raise DataError("padding wrong")
            return ResponseAPDU(b"", 0x6A80)
        return original(self, command)

    monkeypatch.setattr(SecureMessaging, "transmit", transmit)
    inspection = inspect_card()
    documented(inspection)
    failed = CheckId.ACTIVE_AUTHENTICATION if ins == 0x88 else CheckId.CHIP_AUTHENTICATION
    assert {check.id for check in inspection.checks if check.status is CheckStatus.FAILED} == {failed}
    assert inspection.check(failed).reason == "refused-by-chip"
    # The channel is as good as before: everything else was read and judged.
    assert status(inspection, CheckId.HASHES) is CheckStatus.PASSED


def test_a_clone_leaves_the_channel_question_open(inspect_card: Inspect) -> None:
    inspection = inspect_card("nguyen-van-mau", "clone-without-ca-key")
    documented(inspection)
    assert inspection.check(CheckId.CHIP_AUTHENTICATION).reason == "new-keys-not-confirmed"
    assert inspection.check(CheckId.SECURE_MESSAGING).reason == "lost-with-chip-keys"
    assert inspection.identity is not None


def test_a_chip_key_is_confirmed_by_a_read_that_is_needed_anyway(inspect_card: Inspect) -> None:
    evidence = dict(inspect_card().check(CheckId.CHIP_AUTHENTICATION).evidence)
    assert evidence["confirmed-by"] == "READ BINARY of EF.DG15"


def test_bac_and_then_chip_authentication_with_aes_never_asks_for_more_than_fits(inspect_card: Inspect) -> None:
    """BAC reads 231 bytes at a time; after AES keys only 223 fit, and no command may be wasted on finding out."""

    class Watching:
        def __init__(self, card: Any) -> None:
            self.card, self.refused = card, 0

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            response = self.card.transmit(command)
            self.refused += response.sw == 0x6700 or response.sw1 == 0x6C
            return response

    seen: list[Watching] = []

    def around(card: Any) -> Watching:
        seen.append(Watching(card))
        return seen[0]

    inspection = inspect_card("nguyen-van-mau", "pace-stripped", around=around)
    assert inspection.access == "bac"
    assert status(inspection, CheckId.HASHES) is CheckStatus.PASSED
    assert seen[0].refused == 0


def test_signature_and_chain_are_told_while_the_portrait_is_still_being_read(
    inspect_card: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Beside.do

    def done_at_once(self: Beside, work: Callable[[], Any]) -> Future[Any]:
        # An emulated chip answers faster than a signature is verified; a real one is waited for here.
        future = original(self, work)
        future.result()
        return future

    monkeypatch.setattr(Beside, "do", done_at_once)
    events: list[Any] = []
    inspect_card(on_event=events.append)
    told = [event.check.id for event in events if isinstance(event, CheckJudged)]
    assert sorted(told) == sorted(CheckId)
    last_read = max(place for place, event in enumerate(events) if isinstance(event, FileProgress))
    before = {event.check.id for event in events[:last_read] if isinstance(event, CheckJudged)}
    assert before == {CheckId.SOD_SIGNATURE, CheckId.CHAIN, CheckId.REVOCATION}


def test_verification_runs_on_a_thread_of_its_own_and_events_do_not(
    inspect_card: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reader.inspection import card_reading

    verified: list[threading.Thread] = []
    told: list[threading.Thread] = []
    original = card_reading.judge_security_object

    def judge(raw: bytes, signers: Any) -> Any:
        verified.append(threading.current_thread())
        return original(raw, signers)

    monkeypatch.setattr(card_reading, "judge_security_object", judge)
    inspect_card(on_event=lambda _: told.append(threading.current_thread()))
    assert len(verified) == 1
    assert verified[0] is not threading.current_thread()
    assert set(told) == {threading.current_thread()}
    assert not verified[0].is_alive()


def test_a_record_that_tells_no_birth_names_nobody_and_is_still_judged(
    inspect_card: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reader.inspection import card_reading

    def nobody(*_: Any, **__: Any) -> Any:
        raise DataError("neither DG1 nor DG13 has a date of birth")

    monkeypatch.setattr(card_reading, "identity_of", nobody)
    inspection = inspect_card()
    assert inspection.identity is None
    documented(inspection)
    assert inspection.decision is Decision.ATTENTION


def test_evidence_and_repr_hold_nothing_of_the_person(inspect_card: Inspect, factory: CardFactory) -> None:
    """WH-02: numbers, names, dates and the MRZ stay out of what is logged and exported."""
    card = factory.build("nguyen-van-mau")
    secrets = {card.personal_number, card.personal_number[-6:], "Mẫu", "MAU", "900115", "1990", *card.mrz.split()}
    for forgery in ("", "dg1-sex-changed", "dg13-religion-changed", "sm-mac-flipped"):
        inspection = inspect_card("nguyen-van-mau", *([forgery] if forgery else []), personal_number="099090000099")
        shown = repr(inspection) + repr(inspection.checks) + repr(inspection.findings) + repr(inspection.identity)
        assert [secret for secret in secrets if secret in shown] == []


def test_the_policy_says_whether_bac_may_step_in(inspect_card: Inspect, policy: Policy) -> None:
    """AC-01: PACE offered and refused; BAC only where the policy allows it, and never better than attention."""

    class Stubborn:
        def __init__(self, card: Any) -> None:
            self.card = card

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            return ResponseAPDU(b"", 0x6FFF) if command.header == b"\x00\x22\xc1\xa4" else self.card.transmit(command)

    inspection = inspect_card(around=Stubborn)
    documented(inspection)
    assert status(inspection, CheckId.PACE) is CheckStatus.FAILED
    assert (inspection.access, inspection.decision) == ("bac", Decision.ATTENTION)
    strict = replace(policy, bac_after_pace_failure=False)
    with pytest.raises(CardError):
        inspect_card(around=Stubborn, policy=strict)
