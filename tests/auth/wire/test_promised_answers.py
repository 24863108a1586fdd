"""A register that answers later: fetched in time or said to be working, and never another look-up's answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from auth.device_opener import SoftwareOpener
from auth.errors import AnswerNotTrusted, RegisterError, RegisterRefused, RegisterUnreachable, RegisterWorking
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.client import WireClient
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, open_sealed, read_inner, seal
from auth.wire.errand import CALLED_BACK, Errand, Recall, Stage
from auth.wire.guard import RegisterGuard
from auth.wire.profile import ANSWERS_PATH, POPULATION_PATH
from auth.wire.promise import request_digest
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, sign_answer
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal

EndsBy = Callable[[float], AbstractContextManager[None]]

TICKETS = ["A" * 43, "B" * 42 + "A", "C" * 42 + "A"]


@dataclass
class Later:
    """A register that answers at the poll of a number; each test makes it do one thing otherwise."""

    opener: SoftwareOpener
    device: DeviceCredential
    wire_bytes: Callable[[HttpAnswer], bytes]
    ready_at: int = 1
    polls: list[HttpRequest] = field(default_factory=list)
    taken: list[HttpRequest] = field(default_factory=list)
    location: Callable[[int], str] = lambda number: f"{ANSWERS_PATH}{TICKETS[0]}"
    wait: str = "0"
    about: Callable[[HttpRequest], str] = request_digest
    at_poll: Callable[[HttpRequest, SandboxKey], bytes] | None = None

    def __call__(self, request: HttpRequest, key: SandboxKey) -> bytes:
        if ANSWERS_PATH not in request.url:
            self.taken.append(request)
            return self.promise(request, key)
        self.polls.append(request)
        if self.at_poll is not None:
            return self.at_poll(request, key)
        return self.give(request, key) if len(self.polls) >= self.ready_at else self.promise(request, key)

    def promise(self, request: HttpRequest, key: SandboxKey, **otherwise: Any) -> bytes:
        fields = {"location": self.location(len(self.polls)), "retry-after": self.wait}
        fields |= {"request-digest": self.about(self.taken[-1])}
        said = tuple((name, value) for name, value in fields.items() if value)
        return self.wire_bytes(
            sign_answer(request, PlainAnswer(202, "application/json", b"{}", said), key, **otherwise)
        )

    def give(self, request: HttpRequest, key: SandboxKey, of: int = -1) -> bytes:
        taken, opener = self.taken[of], self.device.opener
        assert opener is not None
        asked = json.loads(
            read_inner(open_sealed(taken.body, SEALED_REQUEST, {self.opener.key_id: self.opener})).request
        )
        reply = {name: asked[name] for name in ("lookup_id", "purpose", "legal_basis")} | {"record": None}
        sealed = seal(json.dumps(reply).encode(), SEALED_ANSWER, opener.key_id, opener.spki)
        about = (("request-digest", self.about(taken)),) if self.about(taken) else ()
        return self.wire_bytes(sign_answer(request, PlainAnswer(200, "application/jose", sealed, about), key))


@pytest.fixture
def later(
    register_opener: SoftwareOpener, device: DeviceCredential, wire_bytes: Callable[[HttpAnswer], bytes]
) -> Later:
    return Later(register_opener, device, wire_bytes)


@pytest.fixture
def client(raw_register, later: Later, device: DeviceCredential) -> Iterator[PopulationClient]:
    opened = PopulationClient(raw_register(later).endpoint, device, deadline_s=60.0)
    yield opened
    opened.close()


def _trouble(client: PopulationClient, lookup: Lookup) -> RegisterError:
    with pytest.raises(RegisterError) as caught:
        client.find_citizen(lookup)
    return caught.value


# --- as it should go --------------------------------------------------------------------------------------------------


def test_what_is_promised_is_fetched_and_is_the_answer(client: PopulationClient, later: Later, lookup: Lookup) -> None:
    later.ready_at = 3
    assert client.find_citizen(lookup).record is None, "nobody of that name, which is an answer"
    (taken,) = later.taken
    assert [poll.method for poll in later.polls] == ["POST"] * 3
    for poll in later.polls:
        assert poll.url == taken.url.replace(POPULATION_PATH, f"{ANSWERS_PATH}{TICKETS[0]}")
        assert json.loads(poll.body) == {"request_digest": request_digest(taken)}
        for name in ("purpose", "idempotency-key", "traceparent"):
            assert poll.headers[name] == taken.headers[name]
        assert lookup.personal_number.encode() not in poll.body
        assert lookup.personal_number not in poll.url
    assert len({poll.headers["signature"] for poll in (taken, *later.polls)}) == 4, "each signed by itself"


def test_the_whole_address_may_be_said_too(client: PopulationClient, later: Later, lookup: Lookup) -> None:
    later.location = lambda _number: later.taken[0].url.replace(POPULATION_PATH, f"{ANSWERS_PATH}{TICKETS[0]}")
    assert client.find_citizen(lookup).record is None


def test_the_digest_is_of_what_the_look_up_is_and_not_of_its_signature(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    client.find_citizen(lookup)
    one = later.taken[0]
    signed_anew = replace(one, headers={**one.headers, "signature": "device=:AAAA:", "traceparent": "another"})
    assert request_digest(signed_anew) == request_digest(one)
    others = [
        replace(one, url=one.url + "x"),
        replace(one, body=one.body + b"x"),
        replace(one, headers={**one.headers, "purpose": "another"}),
        replace(one, headers={**one.headers, "idempotency-key": '"another"'}),
    ]
    assert len({request_digest(other) for other in (one, *others)}) == 5


def test_whoever_asked_is_told_that_the_register_is_at_work(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    told: list[Stage] = []
    client.sent_on(replace(Errand.of(5.0), tell=told.append)).find_citizen(lookup)
    assert told == [Stage.WORKING]
    later.polls.clear()
    later.ready_at = 2
    client.sent_on(replace(Errand.of(5.0), tell=told.append)).find_citizen(lookup)
    assert told == [Stage.WORKING] * 3


# --- never ready ------------------------------------------------------------------------------------------------------


def test_what_is_never_ready_ends_with_the_deadline_as_still_working(
    client: PopulationClient, later: Later, lookup: Lookup, ends_by: EndsBy
) -> None:
    later.ready_at = 1_000
    with ends_by(3.0), pytest.raises(RegisterWorking) as caught:
        client.sent_on(Errand.of(3.0)).find_citizen(lookup)
    assert (caught.value.code, caught.value.why) == ("register-working", "still-working")
    assert 2 <= len(later.polls) <= 15, "and it was not asked as fast as the line goes, though it said 0"


def test_a_deadline_that_falls_into_a_poll_ends_it_as_still_working_too(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    guard, ended = RegisterGuard(), threading.Event()

    def dawdle(request: HttpRequest, key: SandboxKey) -> bytes:
        ended.wait(60.0)
        return later.give(request, key)

    later.at_poll = dawdle
    try:
        with pytest.raises(RegisterWorking) as caught:
            guard.ask("population", lambda: client.sent_on(Errand.of(3.0)).find_citizen(lookup))
    finally:
        ended.set()
    assert caught.value.why == "still-working"
    assert len(later.polls) == 1
    assert guard.breaker("population").failures == (), "it has signed that it is there"
    guard.close()


def test_where_it_says_to_wait_longer_than_there_is_time_nobody_waits(
    client: PopulationClient, later: Later, lookup: Lookup, ends_by: EndsBy
) -> None:
    later.wait = "600"
    with ends_by(0.0):
        caught = _trouble(client, lookup)
    assert (type(caught), caught.retry_after_s) == (RegisterWorking, 600.0)
    assert later.polls == []


def test_asked_again_later_the_same_bytes_go_under_the_same_key(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    later.wait = "600"
    lookup = replace(lookup, lookup_id="0198c1f0-7d4e-7a51-8f0e-5d3a8b1c2d4e")
    _trouble(client, lookup)
    enclosed = client.enclose(lookup)
    later.wait = "0"
    client.ask_sealed(enclosed.path, enclosed.sealed, lookup.purpose, enclosed.idempotency_key)
    one, again = later.taken
    assert (one.body, one.headers["idempotency-key"]) == (again.body, again.headers["idempotency-key"])
    assert request_digest(one) == request_digest(again)


@pytest.mark.parametrize("by", ["recall", "close"])
def test_waiting_for_an_answer_is_broken_off_at_once(
    client: PopulationClient, later: Later, lookup: Lookup, by: str, ends_by: EndsBy
) -> None:
    later.wait, recall = "40", Recall()
    waiting, ended = threading.Event(), []

    def ask() -> None:
        errand = replace(Errand.of(60.0), recall=recall, tell=lambda _stage: waiting.set())
        ended.append(_trouble(client.sent_on(errand), lookup))

    asking = threading.Thread(target=ask)
    asking.start()
    assert waiting.wait(30.0)
    with ends_by(0.0):
        recall.call() if by == "recall" else client.close()
        asking.join()
    (error,) = ended
    assert (type(error), error.why) == (RegisterUnreachable, CALLED_BACK if by == "recall" else "closed")
    assert later.polls == []


# --- where it sends us ------------------------------------------------------------------------------------------------

T = TICKETS[0]


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("", "location-missing"),
        (f"https://elsewhere.example{ANSWERS_PATH}{T}", "location-foreign"),
        (f"//elsewhere.example{ANSWERS_PATH}{T}", "location-foreign"),
        (f"https://127.0.0.1:9{ANSWERS_PATH}{T}", "location-foreign"),
        (f"/land{ANSWERS_PATH}{T}", "location-foreign"),
        (f"/v1/persons:lookup/{T}", "location-foreign"),
        (f"http://127.0.0.1{ANSWERS_PATH}{T}", "location-malformed"),
        (f"https://desk:secret@127.0.0.1{ANSWERS_PATH}{T}", "location-malformed"),
        (f"{ANSWERS_PATH}../answers/{T}", ""),
        (f"{ANSWERS_PATH}%2e%2e/{T}", "location-malformed"),
        (f"{ANSWERS_PATH}099090000001", "location-malformed"),
        (f"{ANSWERS_PATH}{T}?number=099090000001", "location-malformed"),
        (f"{ANSWERS_PATH}{T}#099090000001", "location-malformed"),
        (f"{ANSWERS_PATH}{'A' * 42}B", "location-malformed"),
        (f"{ANSWERS_PATH}{T}A", "location-malformed"),
        (f"/{'a' * 500}{ANSWERS_PATH}{T}", "location-malformed"),
        ("https://[", "location-malformed"),
    ],
)
def test_it_is_followed_to_a_ticket_of_the_same_register_and_nowhere_else(
    client: PopulationClient, later: Later, lookup: Lookup, location: str, why: str
) -> None:
    later.location = lambda _number: location
    if not why:
        assert client.find_citizen(lookup).record is None
        return
    caught = _trouble(client, lookup)
    assert (type(caught), caught.why) == (AnswerNotTrusted, why)
    assert isinstance(caught, AnswerNotTrusted)
    assert len(caught.digest) == 32, "a commitment to what came stays in the ledger"
    assert later.polls == []


def test_sent_from_one_place_to_the_next_it_does_not_go_on(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    later.ready_at = 1_000
    later.location = lambda number: f"{ANSWERS_PATH}{TICKETS[number % 3]}"
    caught = _trouble(client, lookup)
    assert (type(caught), caught.why) == (AnswerNotTrusted, "location-changed")
    assert len(later.polls) == 1


def test_a_location_that_nobody_signed_is_not_followed(
    client: PopulationClient, later: Later, lookup: Lookup, raw_register, device: DeviceCredential
) -> None:
    later.location = lambda _number: ""
    added = ("location", f"{ANSWERS_PATH}{T}")
    register = raw_register(
        lambda request, key: later.taken.append(request) or later.promise(request, key, extra=[added])
    )
    other = PopulationClient(register.endpoint, device)
    caught = _trouble(other, lookup)
    other.close()
    assert (type(caught), caught.why) == (AnswerNotTrusted, "uncovered-header")


def test_what_goes_open_is_not_promised_for_later(raw_register, later: Later, device: DeviceCredential) -> None:
    wire = WireClient(raw_register(later).endpoint, device)
    with pytest.raises(AnswerNotTrusted, match="unexpected-status"):
        wire.ask_unsealed(POPULATION_PATH, b"{}", "ledger")
    wire.close()


# --- what is not the answer -------------------------------------------------------------------------------------------


def test_an_answer_that_says_it_is_another_look_ups_is_refused(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    later.about = lambda _taken: "sha-256=:" + "A" * 43 + "=:"
    caught = _trouble(client, lookup)
    assert (type(caught), caught.why) == (AnswerNotTrusted, "answers-another-request")


def test_an_answer_that_does_not_say_whose_it_is_is_refused(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    later.about = lambda _taken: ""
    assert _trouble(client, lookup).why == "answers-another-request"


def test_of_two_look_ups_whose_tickets_were_mixed_up_neither_gets_the_others_answer(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    """A register that gives under a ticket what belongs to another one says so by its own signed word."""
    client.find_citizen(lookup)
    later.at_poll = lambda request, key: later.give(request, key, of=0)
    caught = _trouble(client, replace(lookup, lookup_id="another", personal_number="099090000002"))
    assert (type(caught), caught.why) == (AnswerNotTrusted, "answers-another-request")


def test_a_register_that_lies_about_that_is_found_out_by_what_was_sealed(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    client.find_citizen(lookup)

    def lie(request: HttpRequest, key: SandboxKey) -> bytes:
        mine = later.taken[-1]
        later.about = lambda _taken: request_digest(mine)
        return later.give(request, key, of=0)

    later.at_poll = lie
    caught = _trouble(client, replace(lookup, lookup_id="another"))
    assert (type(caught), caught.why) == (AnswerNotTrusted, "answers-another-lookup")


def test_the_answer_to_an_earlier_poll_is_not_the_answer_to_this_one(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    kept: list[bytes] = []

    def replay(request: HttpRequest, key: SandboxKey) -> bytes:
        kept.append(later.give(request, key))
        return kept[0]

    later.at_poll = replay
    assert client.find_citizen(lookup).record is None
    caught = _trouble(client, lookup)
    assert (type(caught), caught.why) == (AnswerNotTrusted, "signature-wrong")


def test_a_promise_of_another_look_up_is_not_taken_for_this_one(
    later: Later, lookup: Lookup, raw_register, device: DeviceCredential
) -> None:
    kept: list[bytes] = []

    def replay(request: HttpRequest, key: SandboxKey) -> bytes:
        kept.append(later(request, key))
        return kept[0] if ANSWERS_PATH not in request.url else kept[-1]

    other = PopulationClient(raw_register(replay).endpoint, device)
    assert other.find_citizen(lookup).record is None
    caught = _trouble(other, lookup)
    other.close()
    assert (type(caught), caught.why) == (AnswerNotTrusted, "signature-wrong")


def test_a_poll_that_a_stranger_signs_is_nobodys_word(client: PopulationClient, later: Later, lookup: Lookup) -> None:
    later.at_poll = lambda request, key: later.give(request, SandboxKey(key_id=key.key_id))
    assert _trouble(client, lookup).why == "signature-wrong"


def test_a_register_that_has_forgotten_its_promise_may_be_asked_anew(
    client: PopulationClient, later: Later, lookup: Lookup
) -> None:
    later.at_poll = lambda request, key: later.wire_bytes(
        sign_answer(request, plain_refusal(request, Refusal(404, "unknown-answer")), key)
    )
    caught = _trouble(client, lookup)
    assert (type(caught), caught.why, caught.retryable) == (RegisterUnreachable, "promise-forgotten", True)


def test_a_signed_no_at_the_poll_is_the_registers_no(client: PopulationClient, later: Later, lookup: Lookup) -> None:
    later.at_poll = lambda request, key: later.wire_bytes(
        sign_answer(request, plain_refusal(request, Refusal(403, "device-suspended")), key)
    )
    caught = _trouble(client, lookup)
    assert (type(caught), caught.why) == (RegisterRefused, "device-suspended")
