"""An answer that is not believed is not shown, and leaves evidence: a digest, the reason, nothing of anybody (A4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.ledger import Act, ActKind, Ledger
from auth.ledger.keeper import LedgerKeeper
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.registers.recorded import recorded
from auth.wire import signatures
from auth.wire.signatures import HttpAnswer, digest_of
from mock_registers import Fault, open_register_sandbox

REJECTED = {
    Fault.UNSIGNED_ANSWER: "unsigned",
    Fault.FOREIGN_KEY: "signature-wrong",
    Fault.EXPIRED_KEY: "unknown-key",
    Fault.OUT_OF_TIME: "signature-out-of-time",
    Fault.UNBOUND: "unbound",
    Fault.UNCOVERED_FIELD: "uncovered-header",
    Fault.REPLAYED_ANSWER: "signature-wrong",
    Fault.UNSEALED_ANSWER: "answer-not-sealed",
    Fault.REDIRECT: "redirect",
}


@pytest.fixture
def leave(tmp_path: Path, lookup: Lookup) -> Callable[[Fault, type[Exception]], tuple[Ledger, Act]]:
    """Return what asks a register with a fault and returns the ledger with the act that is left of the answer."""

    def left(fault: Fault, kind: type[Exception]) -> tuple[Ledger, Act]:
        file, signer = tmp_path / "ledger.db", SoftwareSigner.generate()
        keeper = LedgerKeeper(lambda: Ledger(file, signer, machine=""), ())
        with open_register_sandbox(fault=fault) as sandbox:
            client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
            with pytest.raises(kind):
                recorded(keeper, "population", client.find_citizen)(lookup)
            client.close()
        keeper.close()
        raw = file.read_bytes()
        for secret in (lookup.personal_number, lookup.full_name, lookup.clerk):
            assert secret.encode() not in raw
        ledger = Ledger(file, signer, machine="")
        asked, rejected = (Act.from_leaf(leaf) for _, leaf in ledger.leaves())
        assert (asked.kind, rejected.kind, asked.lookup) == (ActKind.ASKED, ActKind.NOT_ANSWERED, rejected.lookup)
        return ledger, rejected

    return left


@pytest.mark.parametrize("fault", REJECTED, ids=str)
def test_a4_of_an_answer_that_is_not_believed_digest_and_reason_stay(
    leave: Callable[[Fault, type[Exception]], tuple[Ledger, Act]], monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    came: list[bytes] = []

    def seen(answer: HttpAnswer) -> bytes:
        came.append(digest_of(answer))
        return came[-1]

    monkeypatch.setattr("auth.wire.client.digest_of", seen)
    ledger, act = leave(fault, AnswerNotTrusted)
    assert act.detail == f"register-answer-untrusted/{REJECTED[fault]}"
    opening = ledger.opening(1)
    assert opening is not None
    assert opening.opens(act.about, came[-1]), "whoever kept the answer can show that it was this one"
    assert not opening.opens(act.about, b"another" + came[-1])
    ledger.close()


def test_a5_an_answer_about_somebody_else_stays_as_that(
    leave: Callable[[Fault, type[Exception]], tuple[Ledger, Act]],
) -> None:
    ledger, act = leave(Fault.ANOTHER_CITIZEN, AnswerForAnother)
    assert act.detail == "register-answer-for-another"
    ledger.close()


def test_two_answers_have_one_digest_only_if_they_are_the_same() -> None:
    request = signatures.HttpRequest("POST", "https://127.0.0.1/x", {}, b"")
    fields = {"signature": "a", "signature-input": "b"}
    answers = [
        HttpAnswer(200, fields, b"body", request),
        HttpAnswer(200, fields, b"bodies", request),
        HttpAnswer(401, fields, b"body", request),
        HttpAnswer(200, {**fields, "signature": "ab", "signature-input": ""}, b"body", request),
        HttpAnswer(200, {}, b"body", request),
    ]
    assert len({digest_of(answer) for answer in answers}) == len(answers)
    assert digest_of(answers[0]) == digest_of(HttpAnswer(200, {**fields, "via": "x"}, b"body", request))
