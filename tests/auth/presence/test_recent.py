"""A document that was judged a moment ago is not judged again, and nothing comes out otherwise for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from auth.presence import DocumentFiles, PresenceRefused, Reason
from auth.presence import recent as module
from auth.presence.document import Document, judge_document
from auth.presence.recent import MOST_RECENT, RecentDocuments
from reader.trust import TrustMaterial


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[DocumentFiles]:
    """Return the documents that were really judged, as they come."""
    seen: list[DocumentFiles] = []

    def judge(files: DocumentFiles, *others: Any) -> Document:
        seen.append(files)
        return judge_document(files, *others)

    monkeypatch.setattr(module, "judge_document", judge)
    return seen


@pytest.fixture
def desk(desk_with: Callable[..., Any]) -> Any:
    return desk_with("vietnam-2021")


@pytest.fixture
def recent(trust: TrustMaterial) -> RecentDocuments:
    return RecentDocuments(trust, ("VN",))


def test_the_same_bytes_for_the_same_second_are_judged_once(recent, desk, register, judged) -> None:
    first = recent.judge(desk.files, register.now)
    again = recent.judge(replace(desk.files), register.now)
    assert again is first
    assert first == judge_document(desk.files, register.trust, register.now, ("VN",))
    assert len(judged) == 1


def test_another_second_is_judged_anew(recent, desk, register, judged) -> None:
    recent.judge(desk.files, register.now)
    recent.judge(desk.files, register.now + timedelta(seconds=1))
    assert len(judged) == 2


@pytest.mark.parametrize("file", ["sod", "dg14", "dg15"])
def test_one_changed_byte_is_judged_anew_and_refused(recent, desk, register, file: str) -> None:
    recent.judge(desk.files, register.now)
    raw = getattr(desk.files, file)
    changed = replace(desk.files, **{file: raw[:-1] + bytes([raw[-1] ^ 1])})
    with pytest.raises(PresenceRefused):
        recent.judge(changed, register.now)


def test_a_refusal_is_never_kept(desk, register, judged) -> None:
    elsewhere = RecentDocuments(register.trust, ("DE",))
    for _ in range(2):
        with pytest.raises(PresenceRefused) as refused:
            elsewhere.judge(desk.files, register.now)
        assert refused.value.reason is Reason.FOREIGN_DOCUMENT
    assert len(judged) == 2


def test_no_more_are_kept_than_may_be_and_the_oldest_goes_first(
    recent, desk, register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    real = judge_document(desk.files, register.trust, register.now, ("VN",))

    def judge(_files: DocumentFiles, _trust: TrustMaterial, moment: datetime, _countries: object) -> Document:
        asked.append(moment)
        return real

    monkeypatch.setattr(module, "judge_document", judge)

    def moment(number: int) -> datetime:
        return register.now + timedelta(seconds=number)

    for number in range(MOST_RECENT + 1):
        recent.judge(desk.files, moment(number))
    recent.judge(desk.files, moment(1))
    assert len(asked) == MOST_RECENT + 1
    recent.judge(desk.files, moment(0))
    assert len(asked) == MOST_RECENT + 2


def test_a_tap_is_judged_once_for_its_challenge_and_all_its_registers(desk, register, judged) -> None:
    verifier = register.verifier
    offer = verifier.challenge(desk.wish(), desk.caller)
    proof = desk.prover(register).prove(offer)
    receipts = [verifier.judge(proof, body, name, desk.caller).token for name, body in desk.requests.items()]
    assert all(register.receipt(receipt).accepted for receipt in receipts)
    assert len(judged) == 1
