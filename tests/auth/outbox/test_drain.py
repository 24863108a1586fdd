"""Sending what waits: its order, its pace, and what becomes of each failure. Rows A5, A10, L4, L6, N2 and N3."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from auth.errors import (
    AnswerForAnother,
    AnswerNotTrusted,
    LedgerUnusable,
    RegisterError,
    RegisterRefused,
    RegisterTimeout,
    RegisterUnreachable,
    RequestRejected,
)
from auth.ledger import Ledger
from auth.outbox import Event, Letter, Outbox, State
from auth.outbox.drain import BURST, PER_SECOND, RESERVE, Progress
from auth.outbox.verdicts import event_of
from auth.wire.client import SignedAnswer
from auth.wire.guard import CLERK_CAPACITY

Letters = Callable[..., Letter]
PURPOSE = {"purpose": "citizen-information", "legal_basis": "Luật Căn cước 26/2023/QH15, Điều 22"}


# --- the way it should go ---------------------------------------------------------------------------------------------


def test_what_waits_is_sent_in_each_dossiers_order_with_its_own_bytes_and_key(bench, letter_of: Letters) -> None:
    letters = [letter_of(f"H-{number % 2}", sealed=b"a.b.c.d.%d" % number) for number in range(6)]
    for letter in letters:
        bench.outbox.put(letter)
    done = bench.drain()
    assert (done.sent, done.answered, done.why) == (6, 6, "")
    assert bench.register.heard == [(letter.idempotency_key, letter.sealed) for letter in letters]
    taken = bench.outbox.take("H-0")
    assert [json.loads(one.answer or b"")["lookup_id"] for one in taken] == [one.lookup_id for one in letters[::2]]
    assert taken[0].item.key_id == "key-1"


def test_a_second_drain_finds_nothing_to_do(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of())
    bench.drain()
    assert bench.drain() == Progress()
    assert len(bench.register.heard) == 1


def test_it_keeps_its_rate_and_leaves_the_clerk_a_reserve(bench, letter_of: Letters) -> None:
    """N3: however many wait, no storm; and whoever stands at the desk goes first."""
    count = 120
    for number in range(count):
        bench.outbox.put(letter_of(f"H-{number}"))
    begun = bench.clock()
    lowest = CLERK_CAPACITY

    def look(_: Progress) -> None:
        nonlocal lowest
        lowest = min(lowest, bench.guard.budget("cb-001").left)

    done = bench.drain(look)
    assert done.answered == count
    assert lowest >= RESERVE
    spare = CLERK_CAPACITY - RESERVE
    assert bench.clock() - begun >= max((count - BURST) / PER_SECOND, count - spare) - 2


@pytest.mark.logs  # a fault of a client is worth an error in the log
def test_an_answer_that_a_client_cannot_judge_for_a_fault_of_its_own_holds_up_no_other(
    bench, letter_of: Letters, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        bench.outbox.put(letter_of(f"H-{number}"))
    judge, faults = bench.register.judge, [KeyError("Nguyễn Văn Mẫu")]

    def judged(asked: object, body: bytes) -> object:
        if faults:
            raise faults.pop()
        return judge(asked, body)

    monkeypatch.setattr(bench.register, "judge", judged)
    bench.drain()
    assert bench.states() == [State.QUEUED, State.ANSWERED, State.ANSWERED]
    bench.clock.let_pass(600)
    bench.drain()
    assert bench.states() == [State.ANSWERED] * 3
    assert "Mẫu" not in caplog.text


def test_a_clock_that_is_set_back_while_it_sends_holds_up_nothing(bench, letter_of: Letters) -> None:
    count = int(BURST) + 2
    for number in range(count):
        bench.outbox.put(letter_of(f"H-{number}"))

    def set_back(progress: Progress) -> None:
        if progress.sent == BURST:
            bench.clock.let_pass(-1_000)

    assert bench.drain(set_back).answered == count
    assert sum(bench.paused) <= count, "and not for the time that came twice"


def test_it_can_be_broken_off_and_goes_on_where_it_was(bench, letter_of: Letters) -> None:
    for number in range(5):
        bench.outbox.put(letter_of(f"H-{number}"))

    def stop(progress: Progress) -> None:
        if progress.answered == 2:
            bench.cancel.set()

    assert bench.drain(stop).why == "cancelled"
    assert bench.states().count(State.QUEUED) == 3
    bench.cancel.clear()
    assert bench.drain().answered == 3
    assert len(bench.register.effects) == len(bench.register.heard) == 5


# --- what goes wrong on the way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [
        RegisterTimeout("population", "deadline"),
        RegisterUnreachable("population", "connection-broken"),
        RegisterUnreachable("population", "http-503"),
        AnswerNotTrusted("population", "unsigned"),
    ],
)
@pytest.mark.parametrize("acts_first", [True, False])
def test_what_was_lost_on_the_way_is_sent_again_and_takes_effect_once(
    bench, letter_of: Letters, clock, trouble: RegisterError, acts_first: bool
) -> None:
    """A10: also where the register had done it and only the answer was lost."""
    bench.register.trouble, bench.register.acts_first = [trouble], acts_first
    letter = letter_of()
    bench.outbox.put(letter)
    done = bench.drain()
    assert (done.failed, done.why) == (1, "later")
    (item,) = bench.outbox.items()
    assert (item.state, item.reason, item.attempts) == (State.QUEUED, trouble.code, 1)
    assert item.due > clock()
    clock.let_pass(item.due - clock())
    assert bench.drain().answered == 1
    assert bench.register.heard == [(letter.idempotency_key, letter.sealed)] * 2
    assert len(bench.register.effects) == 1


def test_each_failure_waits_longer_and_a_pause_that_was_asked_for_is_kept(
    bench, letter_of: Letters, clock, open_outbox: Callable[..., Outbox]
) -> None:
    """N2: and how long is remembered over a restart."""
    bench.outbox.put(letter_of())
    waits = []
    for _ in range(3):
        bench.register.trouble = [RegisterTimeout("population", "deadline")]
        bench.drain()
        item = bench.outbox.items()[0]
        waits.append(item.due - clock())
        clock.let_pass(waits[-1])
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    bench.register.trouble = [RegisterUnreachable("population", "http-503", retry_after_s=600.0)]
    bench.drain()
    bench.outbox.close()
    again = open_outbox()
    assert again.items()[0].due == clock() + 600.0
    assert again.next_due(["population"], ["cb-001"]) is None


def test_a_register_that_stays_away_is_left_alone(bench, letter_of: Letters, clock) -> None:
    """N3: five thousand queued look-ups make five attempts, not five thousand."""
    for number in range(60):
        bench.outbox.put(letter_of(f"H-{number}"))
    bench.register.trouble = [RegisterTimeout("population", "deadline")] * 60
    bench.register.acts_first = False
    done = bench.drain()
    assert len(bench.register.heard) == 5
    assert done.why == "register-resting"
    clock.let_pass(bench.guard.seconds_left("population"))
    bench.drain()
    assert len(bench.register.heard) == 6, "one probe"
    bench.register.trouble = []
    clock.let_pass(900.0)
    assert bench.drain().answered == 60


VERDICTS: list[tuple[RegisterError, Event]] = [
    (RegisterTimeout("r", "deadline"), Event.RETRY),
    (RegisterUnreachable("r", "http-500"), Event.RETRY),
    (AnswerNotTrusted("r", "unsigned"), Event.RETRY),
    (AnswerForAnother("r", "another-personal-number"), Event.DOUBT),
    (RegisterRefused("r", "refused"), Event.REFUSE),
    (RegisterRefused("r", "malformed-lookup"), Event.REFUSE),
    (RegisterRefused("r", "refused", retryable=True), Event.RETRY),
    (RegisterRefused("r", "maintenance"), Event.RETRY),
    (RegisterRefused("r", "too-many-requests"), Event.RETRY),
    (RegisterRefused("r", "purpose-not-allowed"), Event.DOUBT),
    (RegisterRefused("r", "presence-expired"), Event.DOUBT),
    (RegisterRefused("r", "unknown-device"), Event.FREEZE),
    (RequestRejected("r", "unknown-device"), Event.FREEZE),
    (RequestRejected("r", "clerk-mismatch"), Event.DOUBT),
    (RequestRejected("r", "signature-out-of-time"), Event.RETRY),
    (RequestRejected("r", "token-invalid"), Event.RETRY),
    (RequestRejected("r", "step-up-needed"), Event.DOUBT),
    (RequestRejected("r", "request-in-progress"), Event.RETRY),
    (RequestRejected("r", "idempotency-key-reused"), Event.DOUBT),
    (RequestRejected("r", "unknown-seal-key"), Event.DOUBT),
    # As a register says it: to be asked again, but not with these bytes.
    (RequestRejected("r", "unknown-seal-key", retryable=True), Event.DOUBT),
    (RequestRejected("r", "something-new", retryable=True), Event.RETRY),
]


@pytest.mark.parametrize(("error", "event"), VERDICTS)
def test_only_the_registers_own_signed_word_refuses(error: RegisterError, event: Event) -> None:
    assert event_of(error) is event


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (RegisterRefused("population", "refused"), State.REFUSED),
        (RequestRejected("population", "clerk-mismatch"), State.NEEDS_DECISION),
        (RequestRejected("population", "unknown-device"), State.FROZEN),
    ],
)
def test_a_verdict_is_kept_with_its_reason(bench, letter_of: Letters, error: RegisterError, state: State) -> None:
    bench.outbox.put(letter_of())
    bench.register.trouble = [error]
    done = bench.drain()
    (item,) = bench.outbox.items()
    assert (item.state, item.reason) == (state, error.why)
    assert done.refused + done.held == 1


def test_an_answer_about_somebody_else_is_not_kept(bench, letter_of: Letters) -> None:
    """A5: well signed, bound to the request, and about another citizen."""
    bench.outbox.put(letter_of())
    bench.register.number = "099090000002"
    assert bench.drain().held == 1
    (item,) = bench.outbox.items()
    assert (item.state, item.reason, item.answer) == (State.NEEDS_DECISION, "another-personal-number", "")


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"{}", b"\xff", b'{"lookup_id": "x", "purpose": "y", "legal_basis": "z"}']
)
def test_what_does_not_answer_the_look_up_is_not_kept(bench, letter_of: Letters, answer: bytes) -> None:
    letter = letter_of()
    bench.outbox.put(letter)
    bench.register.effects[letter.idempotency_key] = answer
    assert bench.drain().failed == 1
    assert bench.states() == [State.QUEUED]


def test_a_damaged_payload_is_given_back_and_the_rest_goes_on(bench, letter_of: Letters) -> None:
    """L4: never silent, never sent."""
    first, second = bench.outbox.put(letter_of("H-1")), bench.outbox.put(letter_of("H-2"))
    bench.outbox._store._db.execute("UPDATE payload SET sealed = zeroblob(60) WHERE number = 1")
    done = bench.drain()
    assert (done.answered, done.given_back, done.failed, len(bench.register.heard)) == (1, 1, 0, 1)
    (one,) = bench.outbox.take("H-1")
    assert (one.item.number, one.item.state, one.item.reason) == (first.number, State.RETURNED, "damaged")
    assert bench.outbox.item(second.number).state is State.ANSWERED  # type: ignore[union-attr]  # it is there


def test_without_evidence_nothing_is_sent(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of())
    bench.refuse_evidence = True
    with pytest.raises(LedgerUnusable):
        bench.drain()
    assert bench.register.heard == []
    assert bench.states() == [State.QUEUED]


def test_what_was_sent_stands_in_the_ledger_before_it_goes_out(bench, letter_of: Letters, ledger: Ledger) -> None:
    bench.outbox.put(letter_of())
    seen: list[str] = []
    ask = bench.register.ask_sealed

    def look(path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        seen.extend(json.loads(leaf)["kind"] for _, leaf in ledger.leaves())
        return ask(path, sealed, purpose, idempotency_key)

    bench.register.ask_sealed = look  # type: ignore[method-assign]  # to look in between
    bench.drain()
    assert seen == ["queued", "sent"]
