"""A look-up that is asked once more: the same envelope where its answer was lost, and never another look-up's proof."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from auth.errors import RegisterRefused, RegisterTimeout, RequestRejected
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.registers.proofs import Worded
from auth.wire.errand import Recall
from auth.wire.exchange import HttpsExchange
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RegisterSandbox]:
    with open_register_sandbox() as opened:
        yield opened


@pytest.fixture
def client(sandbox: RegisterSandbox) -> Iterator[PopulationClient]:
    opened = PopulationClient(sandbox.endpoint("population"), sandbox.device)
    yield opened
    opened.close()


@pytest.fixture
def asked(lookup: Lookup) -> Lookup:
    return replace(lookup, lookup_id=str(uuid.uuid4()))


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[bytes]]:
    """Return what begins to lose answers, and hands out the bodies that were sent."""

    def begin() -> list[bytes]:
        sent: list[bytes] = []
        send = HttpsExchange.send

        def lose(exchange: HttpsExchange, request: HttpRequest, seconds: float, recall: Recall) -> HttpAnswer:
            sent.append(request.body)
            send(exchange, request, seconds, recall)
            raise RegisterTimeout(exchange.register, "deadline")

        monkeypatch.setattr(HttpsExchange, "send", lose)
        return sent

    return begin


def test_after_a_lost_answer_the_same_envelope_brings_it(
    client: PopulationClient, asked: Lookup, losing: Callable[[], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = losing()
    for _ in range(2):
        with pytest.raises(RegisterTimeout):
            client.find_citizen(asked)
    assert len(set(sent)) == 1
    assert client.enclose(asked).sealed == sent[0]
    monkeypatch.undo()
    assert client.find_citizen(asked).record is not None


def test_another_question_under_the_same_id_is_never_given_the_first_ones_answer(
    client: PopulationClient, asked: Lookup, losing: Callable[[], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = losing()
    with pytest.raises(RegisterTimeout):
        client.find_citizen(asked)
    monkeypatch.undo()
    with pytest.raises(RequestRejected, match="idempotency-key-reused"):
        client.find_citizen(replace(asked, fields=("full_name",)))
    assert len(sent) == 1


def test_what_was_worded_for_one_look_up_is_not_sent_for_another(client: PopulationClient, asked: Lookup) -> None:
    carrier = client.carrying(Worded(client.word(asked), b"{}"))
    with pytest.raises(RegisterRefused, match="malformed-lookup"):
        carrier.find_citizen(replace(asked, lookup_id=str(uuid.uuid4())))
