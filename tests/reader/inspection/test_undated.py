"""A computer whose clock is known to be wrong by more than a day says nothing of dates, and everything else as ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reader.genuine import SignerJudgement
from reader.inspection import Check, CheckId, CheckStatus, Decision, Inspection, InspectionRequest, Reason
from reader.inspection.gathered import Gathered
from reader.inspection.rejudging import judge_again
from reader.inspection.undated import undated_check, undated_signer
from reader.trust import ChainReason, RevocationReason
from reader.verdict import Verdict

Genuine = tuple[Gathered, InspectionRequest]


def _of(checks: tuple[Check, ...], id: CheckId) -> tuple[CheckStatus, str]:
    return next((check.status, check.reason) for check in checks if check.id is id)


def test_chain_and_expiry_are_left_open_and_with_them_whose_key_the_chip_proved(
    inspect_card: Callable[..., Inspection],
) -> None:
    right, wrong = inspect_card(), inspect_card(clock_trusted=False)
    changed = {
        check.id for check, other in zip(right.checks, wrong.checks, strict=True) if check.reason != other.reason
    }
    open_now = (CheckStatus.INCONCLUSIVE, Reason.CLOCK_UNTRUSTED)
    assert _of(right.checks, CheckId.CHAIN)[0] is CheckStatus.PASSED
    assert _of(wrong.checks, CheckId.CHAIN) == _of(wrong.checks, CheckId.EXPIRY) == open_now
    assert CheckId.SOD_SIGNATURE not in changed
    assert CheckId.HASHES not in changed
    assert _of(wrong.checks, CheckId.CHIP_AUTHENTICATION)[0] is CheckStatus.INCONCLUSIVE
    assert (right.decision, wrong.decision) != (Decision.PROCEED, Decision.PROCEED)


@pytest.mark.parametrize("year", [2000, 2100])
def test_whatever_the_clock_shows_the_card_is_neither_expired_nor_of_the_future(
    inspect_card: Callable[..., Inspection], year: int
) -> None:
    wrong = inspect_card(moment=datetime(year, 1, 1, tzinfo=UTC), clock_trusted=False)
    assert _of(wrong.checks, CheckId.EXPIRY) == (CheckStatus.INCONCLUSIVE, Reason.CLOCK_UNTRUSTED)
    assert _of(wrong.checks, CheckId.CHAIN)[0] is CheckStatus.INCONCLUSIVE


def test_a_forgery_is_one_at_any_time(inspect_card: Callable[..., Inspection]) -> None:
    wrong = inspect_card("nguyen-van-mau", "csca-self-made", clock_trusted=False)
    assert _of(wrong.checks, CheckId.CHAIN)[0] is CheckStatus.FAILED
    assert wrong.decision is Decision.STOP


@pytest.mark.parametrize("reason", [RevocationReason.REVOKED, RevocationReason.ANCHOR_REVOKED])
def test_what_was_revoked_stays_revoked(reason: str) -> None:
    judged = undated_signer(SignerJudgement(Verdict.failed(ChainReason.UNTRUSTED), Verdict.failed(reason)))
    assert (judged.chain.reason, judged.revocation.reason) == (ChainReason.UNTRUSTED, reason)


@pytest.mark.parametrize("reason", [RevocationReason.EXPIRED, RevocationReason.NOT_YET_VALID])
def test_a_list_is_neither_current_nor_out_of_date(reason: str) -> None:
    passed = Verdict.passed(RevocationReason.GOOD, {"list": "1"})
    for before in (passed, Verdict.inconclusive(reason)):
        judged = undated_signer(SignerJudgement(passed, before))
        assert (judged.revocation.status, judged.revocation.reason) == (
            CheckStatus.INCONCLUSIVE,
            Reason.CLOCK_UNTRUSTED,
        )
        assert judged.together.reason == Reason.CLOCK_UNTRUSTED, "which is what EF.CardSecurity is judged by"


def test_a_card_without_an_expiry_needs_no_clock() -> None:
    never = Check.passed(CheckId.EXPIRY, Reason.NO_EXPIRY, {"source": "DG13"})
    assert undated_check(never) is never


def test_the_record_keeps_that_the_clock_was_wrong_and_a_right_clock_judges_anew(
    inspect_card: Callable[..., Inspection], genuine: Genuine
) -> None:
    _gathered, request = genuine
    wrong = inspect_card(clock_trusted=False)
    assert wrong.record is not None
    assert not wrong.record.clock_trusted
    again = judge_again(wrong.record, request.trust)
    assert _of(again, CheckId.CHAIN) == (CheckStatus.INCONCLUSIVE, Reason.CLOCK_UNTRUSTED)
    later = judge_again(wrong.record, request.trust, wrong.record.moment.replace(microsecond=1))
    assert _of(later, CheckId.CHAIN)[0] is _of(later, CheckId.EXPIRY)[0] is CheckStatus.PASSED
    told = replace(wrong.record, clock_trusted=True)
    assert _of(judge_again(told, request.trust), CheckId.CHAIN)[0] is CheckStatus.PASSED
