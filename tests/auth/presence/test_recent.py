"""What was judged and computed a moment ago is not done again, and nothing comes out otherwise for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from auth.presence import ChallengeClaims, DocumentFiles, PresenceRefused, Reason, RelaySecrets
from auth.presence import recent as module
from auth.presence import verifier as verifying
from auth.presence.document import Document, judge_document
from auth.presence.judging import session_of
from auth.presence.recent import MOST_RECENT, RecentDocuments
from auth.presence.relay import Relayed
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


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the challenges whose sessions were really computed, as they come."""
    seen: list[str] = []

    def compute(document: Document, claims: ChallengeClaims, scalar: int) -> Relayed:
        seen.append(claims.jti)
        return session_of(document, claims, scalar)

    monkeypatch.setattr(verifying, "session_of", compute)
    return seen


def test_a_session_is_computed_once_for_a_tap_and_anew_for_the_next(desk_with, register, computed) -> None:
    verifier = register.verifier
    for desk in (desk_with("vietnam-2021"), desk_with("vietnam-2021")):
        proof = desk.prover(register).prove(verifier.challenge(desk.wish(), desk.caller))
        receipts = [verifier.judge(proof, body, name, desk.caller).token for name, body in desk.requests.items()]
        assert all(register.receipt(receipt).accepted for receipt in receipts)
    assert len(computed) == len(set(computed)) == 2


def test_another_node_computes_the_same_session(desk, register, computed) -> None:
    proof = desk.prover(register).prove(register.verifier.challenge(desk.wish(), desk.caller))
    assert desk.judged(register, proof).accepted
    assert len(computed) == 2


def test_a_wrong_answer_is_refused_with_a_session_that_is_remembered(desk, register, computed) -> None:
    verifier = register.verifier
    proof = desk.prover(register).prove(verifier.challenge(desk.wish(), desk.caller))
    answers = (*proof.answers[:-1], proof.answers[-1][:-3] + b"\x00" + proof.answers[-1][-2:])
    wrong = register.receipt(
        verifier.judge(replace(proof, answers=answers), desk.requests["population"], "population", desk.caller).token
    )
    assert (wrong.accepted, wrong.reasons) == (False, (Reason.ANSWER_WRONG,))
    assert len(computed) == 1


def test_a_session_whose_secret_is_gone_is_not_remembered_for_anybody(desk, register) -> None:
    known = dict(register.secrets.by_id)
    register.secrets = RelaySecrets(known, register.secrets.current)
    verifier = register.verifier
    proof = desk.prover(register).prove(verifier.challenge(desk.wish(), desk.caller))
    known.clear()
    refused = register.receipt(verifier.judge(proof, desk.requests["population"], "population", desk.caller).token)
    assert (refused.accepted, refused.reasons) == (False, (Reason.SECRET_UNKNOWN,))


def test_a_receipt_says_at_once_what_is_read_out_of_it(desk, register) -> None:
    verifier = register.verifier
    proof = desk.prover(register).prove(verifier.challenge(desk.wish(), desk.caller))
    written = verifier.judge(proof, desk.requests["population"], "population", desk.caller)
    assert register.receipt(written.token) == written.claims
