"""A yes before data, where both wait: the data are asked for after a yes, and after nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from auth.errors import RegisterRefused, RegisterTimeout
from auth.outbox import Event, Item, Letter, Outbox, State
from auth.registers.confirmed import read_confirmation
from auth.registers.messages import AnyRecord, LookupAnswer
from auth.registers.sought import Sought
from auth.registers.told import Judged, Told
from auth.wire.client import SignedAnswer
from reader.errors import DataError

Letters = Callable[..., Letter]
QUESTIONS = ("full-name", "card-valid")
YES = {"full-name": True, "card-valid": True}


@dataclass
class AsksFirst:
    """Answer questions and data (``Sender``); ``told`` is what the questions are answered with."""

    outbox: Outbox
    told: dict[str, Any]
    trouble: list[Exception] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        self.heard.append(path)
        if self.trouble:
            raise self.trouble.pop(0)
        item = self.outbox.find("population", idempotency_key)
        assert item is not None
        said: dict[str, Any] = {
            "lookup_id": item.lookup_id,
            "purpose": item.purpose,
            "legal_basis": item.legal_basis,
        }
        said |= {"answers": self.told} if item.questions else {"record": {"personal_number": "099090000001"}}
        return SignedAnswer(json.dumps(said).encode(), "key-1", datetime.now(UTC))

    def judge(self, asked: Sought, body: bytes) -> Judged:
        if asked.questions:
            return read_confirmation("population", asked, body)
        return Told(None, LookupAnswer[AnyRecord].model_validate_json(body))


@pytest.fixture
def pair(bench: Any, letter_of: Letters) -> Callable[..., tuple[Item, Item]]:
    """Return a function that queues questions and the data after them, at a register that tells what it is given."""

    def queue(told: dict[str, Any], **changes: Any) -> tuple[Item, Item]:
        bench.register = AsksFirst(bench.outbox, told)
        first = bench.outbox.put(letter_of(path="/v1/persons:confirm", questions=QUESTIONS))
        return first, bench.outbox.put(letter_of(after=first.number, **changes))

    return queue


def how(bench: Any) -> list[tuple[State, str]]:
    return [(item.state, item.reason) for item in bench.outbox.items()]


def test_after_a_yes_the_data_are_asked_for(bench: Any, pair: Callable[..., Any]) -> None:
    pair(YES)
    assert bench.drain().answered == 2
    assert bench.register.heard == ["/v1/persons:confirm", "/v1/persons:lookup"]


@pytest.mark.parametrize("told", [{"full-name": False, "card-valid": True}, {"full-name": True, "card-valid": False}])
def test_after_a_no_they_are_given_back_unasked(bench: Any, pair: Callable[..., Any], told: dict[str, bool]) -> None:
    pair(told)
    done = bench.drain()
    assert (done.answered, done.given_back, done.held) == (1, 1, 0), "there is nothing to decide about it"
    assert how(bench) == [(State.ANSWERED, ""), (State.RETURNED, "citizen-not-confirmed")]
    assert bench.register.heard == ["/v1/persons:confirm"]


@pytest.mark.parametrize("told", [{}, {"full-name": True}, {"full-name": "yes", "card-valid": True}])
def test_a_question_left_open_is_no_answer(bench: Any, pair: Callable[..., Any], told: dict[str, Any]) -> None:
    pair(told)
    assert bench.drain().answered == 0
    assert [state for state, _ in how(bench)] == [State.QUEUED, State.QUEUED], "it is tried again, in its order"
    assert bench.register.heard == ["/v1/persons:confirm"]


def test_while_the_questions_wait_the_data_do(bench: Any, pair: Callable[..., Any], clock: Any) -> None:
    pair(YES)
    bench.register.trouble = [RegisterTimeout("population", "deadline")]
    bench.drain()
    assert bench.register.heard == ["/v1/persons:confirm"]
    clock.let_pass(600)
    assert bench.drain().answered == 2


def test_questions_that_are_refused_take_the_data_with_them(bench: Any, pair: Callable[..., Any]) -> None:
    pair(YES)
    bench.register.trouble = [RegisterRefused("population", "question-not-allowed")]
    bench.drain()
    assert [state for state, _ in how(bench)] == [State.REFUSED, State.RETURNED]
    assert how(bench)[1][1] == "confirmation-missing"


def test_questions_that_somebody_gave_back_take_the_data_with_them(bench: Any, pair: Callable[..., Any]) -> None:
    first, _ = pair(YES)
    bench.outbox.happen(bench.outbox.happen(first, Event.DOUBT, "role-gone"), Event.GIVE_BACK, "by-clerk")
    bench.drain()
    assert how(bench)[1] == (State.RETURNED, "confirmation-missing")
    assert bench.register.heard == []


def test_the_yes_stays_until_it_was_read_and_can_be_taken_then(bench: Any, pair: Callable[..., Any]) -> None:
    first, second = pair(YES)
    bench.register.trouble = []
    bench.outbox.happen(
        bench.outbox.happen(first, Event.SEND), Event.ANSWER, answer=json.dumps({"answers": YES}).encode()
    )
    assert bench.outbox.take("H-1") == []
    bench.drain()
    assert [one.item.number for one in bench.outbox.take("H-1")] == [first.number, second.number]


def test_it_is_read_after_a_restart_too(
    bench: Any, pair: Callable[..., Any], open_outbox: Callable[..., Outbox], clock: Any
) -> None:
    pair(YES)
    bench.cancel.set()
    bench.drain()
    bench.outbox.close()
    bench.cancel.clear()
    bench.outbox = bench.register.outbox = open_outbox()
    assert [item.questions for item in bench.outbox.items()] == [QUESTIONS, ()]
    assert bench.drain().answered == 2


def test_nothing_waits_for_a_yes_that_nobody_was_asked_for(outbox: Outbox, letter_of: Letters) -> None:
    plain = outbox.put(letter_of("H-1"))
    asked = outbox.put(letter_of("H-2", questions=QUESTIONS))
    for after in (plain.number, asked.number, 99):
        with pytest.raises(DataError):
            outbox.put(letter_of("H-1", after=after))


def test_a_letter_asks_no_more_than_there_are_questions(outbox: Outbox, letter_of: Letters) -> None:
    for questions in (("q",) * 17, ("",), ("q" * 101,)):
        with pytest.raises(DataError):
            outbox.put(letter_of(questions=questions))


def test_an_answer_that_was_damaged_counts_as_none(
    bench: Any, pair: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from auth.errors import OutboxUnusable

    first, _ = pair(YES)
    bench.outbox.happen(
        bench.outbox.happen(first, Event.SEND), Event.ANSWER, answer=json.dumps({"answers": YES}).encode()
    )

    def damaged(_: Item) -> bytes:
        raise OutboxUnusable("damaged")

    monkeypatch.setattr(bench.outbox, "answer", damaged)
    bench.drain()
    assert how(bench)[1] == (State.RETURNED, "confirmation-missing")
