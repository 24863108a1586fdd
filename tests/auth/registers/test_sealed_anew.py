"""A register changes its seal keys while answers are lost: what was sent last under a key is what is sent again."""

from __future__ import annotations

import json
import socket
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import pytest

from auth.device_opener import SoftwareOpener
from auth.errors import RegisterTimeout, RequestRejected
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint, SealKey
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, EnvelopeInvalid, open_sealed, read_inner, seal
from auth.wire.errand import Recall
from auth.wire.exchange import HttpsExchange
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, sign_answer
from mock_registers.gate import EnrolledDevice
from mock_registers.idempotency import Answered
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage

A, B = "first", "second"
HERE, ON_THE_WAY, ON_THE_WAY_BACK = "", "request", "answer"


@dataclass
class Keeper:
    """A register that holds to the contract: one effect a key, answered to the same bytes whatever its keys are now."""

    device: DeviceCredential
    keys: dict[str, SoftwareOpener] = field(
        default_factory=lambda: {A: SoftwareOpener.generate(), B: SoftwareOpener.generate()}
    )
    known: str = ""
    effects: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)

    def answer(self, request: HttpRequest) -> PlainAnswer:
        key = request.headers["idempotency-key"]
        try:
            if key not in self.effects:
                self.effects[key] = request.body, self._sealed(request.body)
            body, sealed = self.effects[key]
            if body != request.body:
                raise Refusal(422, "idempotency-key-reused")
            return PlainAnswer(200, "application/jose", sealed)
        except Refusal as refusal:
            return plain_refusal(request, refusal)

    def _sealed(self, body: bytes) -> bytes:
        openers = {self.keys[name].key_id: self.keys[name] for name in self.known.split()}
        try:
            asked = json.loads(read_inner(open_sealed(body, SEALED_REQUEST, openers)).request)
        except EnvelopeInvalid as invalid:
            raise Refusal(400, invalid.why) from None
        reply = {name: asked[name] for name in ("lookup_id", "purpose", "legal_basis")} | {"record": None}
        opener = self.device.opener
        assert opener is not None
        return seal(json.dumps(reply).encode(), SEALED_ANSWER, opener.key_id, opener.spki)


@dataclass
class Scene:
    """A desk before that register; each entry of ``script`` is which keys it has at a request, and what is lost."""

    client: PopulationClient
    again: Callable[[], PopulationClient]
    register: Keeper
    heard: list[HttpRequest]
    script: list[tuple[str, str]] = field(default_factory=list)

    def play(self, *script: tuple[str, str]) -> None:
        self.script[:] = script

    @property
    def sealed_to(self) -> list[str]:
        """Return to which key each request was sealed that reached the register."""
        names = {opener.key_id: name for name, opener in self.register.keys.items()}
        return [names[_key_of(request.body)] for request in self.heard]


def _key_of(sealed: bytes) -> str:
    head = sealed.partition(b".")[0]
    key_id: str = json.loads(urlsafe_b64decode(head + b"=" * (-len(head) % 4)))["kid"]
    return key_id


@pytest.fixture
def asked(lookup: Lookup) -> Lookup:
    return replace(lookup, lookup_id=str(uuid.uuid4()))


@pytest.fixture
def scene(
    raw_register: Callable[..., object],
    device: DeviceCredential,
    wire_bytes: Callable[[HttpAnswer], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    keeper, opened = Keeper(device), list[PopulationClient]()

    def answer(request: HttpRequest, key: SandboxKey) -> bytes:
        return wire_bytes(sign_answer(request, keeper.answer(request), key))

    server = raw_register(answer)
    seal_keys = tuple(SealKey(opener.key_id, opener.spki) for opener in keeper.keys.values())
    endpoint: RegisterEndpoint = replace(server.endpoint, seal_keys=seal_keys)  # type: ignore[attr-defined]  # RawRegister, of a conftest

    def connect() -> PopulationClient:
        opened.append(PopulationClient(endpoint, device))
        return opened[-1]

    scene = Scene(connect(), connect, keeper, server.heard)  # type: ignore[attr-defined]  # RawRegister, of a conftest
    send = HttpsExchange.send

    def lose(exchange: HttpsExchange, request: HttpRequest, seconds: float, recall: Recall) -> HttpAnswer:
        keeper.known, lost = scene.script.pop(0)
        if lost != ON_THE_WAY:
            came = send(exchange, request, seconds, recall)
            if not lost:
                return came
        raise RegisterTimeout(exchange.register, "deadline")

    monkeypatch.setattr(HttpsExchange, "send", lose)
    yield scene
    for client in opened:
        client.close()


def _lost(scene: Scene, asked: Lookup, *script: tuple[str, str]) -> None:
    scene.play(*script)
    with pytest.raises(RegisterTimeout):
        scene.client.find_citizen(asked)
    assert not scene.script


def _comes(scene: Scene, asked: Lookup, *script: tuple[str, str]) -> None:
    scene.play(*script)
    assert scene.client.find_citizen(asked).key_id
    assert not scene.script
    assert len(scene.register.effects) == 1
    assert len({request.headers["idempotency-key"] for request in scene.heard}) == 1


def test_what_the_first_key_does_not_open_is_sealed_to_the_second(scene: Scene, asked: Lookup) -> None:
    _comes(scene, asked, (B, HERE), (B, HERE))
    assert scene.sealed_to == [A, B]


def test_where_no_key_is_known_it_is_told_and_has_its_one_effect_later(scene: Scene, asked: Lookup) -> None:
    scene.play(("", HERE), ("", HERE))
    with pytest.raises(RequestRejected, match="unknown-seal-key"):
        scene.client.find_citizen(asked)
    assert (scene.sealed_to, scene.register.effects) == ([A, B], {})
    _comes(scene, asked, (B, HERE))
    assert scene.heard[-1].body == scene.heard[-2].body


def test_where_the_answer_to_what_was_sealed_anew_is_lost_the_same_bytes_bring_it(scene: Scene, asked: Lookup) -> None:
    _lost(scene, asked, (B, HERE), (B, ON_THE_WAY_BACK))
    _comes(scene, asked, (B, HERE))
    assert scene.sealed_to == [A, B, B]
    assert scene.heard[-1].body == scene.heard[-2].body


def test_where_what_was_sealed_anew_is_lost_on_its_way_the_same_bytes_go_again(scene: Scene, asked: Lookup) -> None:
    _lost(scene, asked, (B, HERE), (B, ON_THE_WAY))
    _comes(scene, asked, (B, HERE))
    assert scene.sealed_to == [A, B]


def test_where_the_word_that_the_key_is_unknown_is_lost_it_is_told_again(scene: Scene, asked: Lookup) -> None:
    _lost(scene, asked, (B, ON_THE_WAY_BACK))
    _comes(scene, asked, (B, HERE), (B, HERE))
    assert scene.heard[0].body == scene.heard[1].body
    assert scene.sealed_to == [A, A, B]


@pytest.mark.parametrize("now", ["", A, B, f"{A} {B}"])
def test_what_has_had_its_effect_is_answered_whatever_keys_the_register_has_now(
    scene: Scene, asked: Lookup, now: str
) -> None:
    _lost(scene, asked, (A, ON_THE_WAY_BACK))
    _lost(scene, asked, (now, ON_THE_WAY_BACK))
    _comes(scene, asked, (now, HERE))
    assert len({request.body for request in scene.heard}) == 1


def test_what_was_sealed_anew_and_read_by_nobody_is_sealed_anew_once_more(scene: Scene, asked: Lookup) -> None:
    _lost(scene, asked, (B, HERE), (B, ON_THE_WAY))
    _comes(scene, asked, (A, HERE), (A, HERE))
    assert scene.sealed_to == [A, B, A]


def test_what_is_queued_after_that_is_what_was_sent_last_also_for_the_next_program(scene: Scene, asked: Lookup) -> None:
    _lost(scene, asked, (B, HERE), (B, ON_THE_WAY_BACK))
    waiting = scene.client.enclose(asked)
    assert waiting.sealed == scene.heard[-1].body
    scene.play(("", HERE))
    scene.again().ask_sealed(waiting.path, waiting.sealed, asked.purpose, waiting.idempotency_key)
    assert len(scene.register.effects) == 1


def test_after_another_word_of_the_register_it_is_still_what_was_sent_that_is_sent_again(
    scene: Scene, asked: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lost(scene, asked, (A, ON_THE_WAY_BACK))
    with monkeypatch.context() as busy:
        busy.setattr(Keeper, "answer", lambda _self, request: plain_refusal(request, Refusal(409, "replayed-request")))
        scene.play((A, HERE))
        with pytest.raises(RequestRejected, match="replayed-request"):
            scene.client.find_citizen(asked)
    _comes(scene, asked, (A, HERE))


def test_answered_it_is_forgotten(scene: Scene, asked: Lookup) -> None:
    _comes(scene, asked, (B, HERE), (B, HERE))
    assert scene.client.enclose(asked).sealed not in {request.body for request in scene.heard}


# --- the sandbox, started anew with other keys ------------------------------------------------------------------------


@pytest.fixture
def enrolled(device: DeviceCredential) -> EnrolledDevice:
    assert device.opener is not None
    key = device.signer.public_key
    return EnrolledDevice(device.device_id, device.signer.key_id, key, device.opener.public_key)


def _accesses(url: str, lookup: Lookup) -> int:
    with closing(Storage(url)) as storage:
        return Answered("population", storage.engine).accesses(lookup.personal_number)


def test_started_anew_with_other_keys_the_register_answers_what_it_answered_before(
    device: DeviceCredential, enrolled: EnrolledDevice, asked: Lookup, database_url: str
) -> None:
    # Where a request goes is part of what makes it the same.
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with (
        serve_registers([enrolled], database_url=database_url, port=port) as endpoints,
        closing(PopulationClient(_population(endpoints), device)) as client,
    ):
        sent = client.enclose(asked)
        first = client.ask_sealed(sent.path, sent.sealed, asked.purpose, sent.idempotency_key)
    with (
        serve_registers([enrolled], database_url=database_url, port=port) as endpoints,
        closing(PopulationClient(_population(endpoints), device)) as client,
    ):
        again = client.ask_sealed(sent.path, sent.sealed, asked.purpose, sent.idempotency_key)
        with pytest.raises(RequestRejected, match="unknown-seal-key"):
            client.ask_sealed(sent.path, sent.sealed, asked.purpose, str(uuid.uuid4()))
        with pytest.raises(RequestRejected, match="idempotency-key-reused"):
            client.ask_sealed(sent.path, client.enclose(asked).sealed, asked.purpose, sent.idempotency_key)
    assert again.body == first.body
    assert _accesses(database_url, asked) == 1


def _population(endpoints: tuple[RegisterEndpoint, ...]) -> RegisterEndpoint:
    return next(endpoint for endpoint in endpoints if endpoint.register == "population")
