"""One look-up over the wire: what goes out is sealed, named and signed; what is believed came back so."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import http_sf
import pytest

from auth.device_opener import SoftwareOpener
from auth.errors import AnswerNotTrusted, RegisterRefused, RegisterUnreachable, RequestRejected
from auth.purposes import shipped_registry
from auth.registers import Lookup
from auth.registers.lookups import Wish, allowed_lookup, word_lookup
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from auth.wire.client import WireClient
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, open_sealed, read_inner, seal
from auth.wire.identifiers import new_idempotency_key
from auth.wire.profile import POPULATION_PATH, REQUEST_COMPONENTS
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers import RegisterSandbox
from mock_registers.answers import PlainAnswer, plain_refusal, sign_answer
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal

PURPOSE = "land-change-registration"


@pytest.fixture
def connect() -> Iterator[Callable[..., WireClient]]:
    opened: list[WireClient] = []

    def make(endpoint: RegisterEndpoint, device: DeviceCredential, **options: Any) -> WireClient:
        opened.append(WireClient(endpoint, device, **options))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


def _worded(sandbox: RegisterSandbox, lookup: Lookup) -> bytes:
    asked = allowed_lookup("population", Wish.DATA, lookup, shipped_registry())
    return word_lookup("population", sandbox.device.device_id, asked)


def _covered(request: HttpRequest) -> list[str]:
    # Any: the library's type is the union of all structured fields.
    parsed: Any = http_sf.parse(request.headers["signature-input"].encode(), tltype="dictionary")
    return [name for name, _ in parsed["device"][0]]


def test_what_goes_out_is_sealed_and_all_that_names_it_is_signed(
    raw_register, device: DeviceCredential, register_opener: SoftwareOpener, say: Callable[..., bytes], connect
) -> None:
    register = raw_register(say)
    body = json.dumps({"lookup_id": "a", "purpose": "p", "legal_basis": "Mẫu"}, ensure_ascii=False).encode()
    client = connect(register.endpoint, device)
    client.ask(POPULATION_PATH, body, PURPOSE, presence=b'{"token":"t"}')
    client.ask(POPULATION_PATH, body, PURPOSE)
    one, other = register.heard
    assert one.headers["content-type"] == "application/jose"
    assert b"lookup_id" not in one.body
    inner = read_inner(open_sealed(one.body, SEALED_REQUEST, {register_opener.key_id: register_opener}))
    assert (inner.request, inner.presence) == (body, b'{"token":"t"}')
    assert _covered(one) == list(REQUEST_COMPONENTS)
    for name in ("idempotency-key", "traceparent", "signature"):
        assert one.headers[name] != other.headers[name]


def test_the_answer_is_what_was_in_the_envelope(sandbox: RegisterSandbox, lookup: Lookup, connect) -> None:
    client = connect(sandbox.endpoint("population"), sandbox.device)
    body = _worded(sandbox, lookup)
    answer = client.ask(POPULATION_PATH, body, PURPOSE)
    assert json.loads(answer.body)["record"]["personal_number"] == lookup.personal_number
    assert answer.key_id == sandbox.endpoint("population").answer_keys[0].key_id
    assert lookup.personal_number not in repr(answer)


def test_the_same_bytes_may_be_sent_again_and_are_answered_word_for_word(
    sandbox: RegisterSandbox, lookup: Lookup, connect
) -> None:
    client = connect(sandbox.endpoint("population"), sandbox.device)
    sealed = client.seal(_worded(sandbox, lookup))
    key = new_idempotency_key()
    one, again = (client.ask_sealed(POPULATION_PATH, sealed, PURPOSE, key) for _ in range(2))
    assert one.body == again.body
    with pytest.raises(RequestRejected, match="idempotency-key-reused"):
        client.ask_sealed(POPULATION_PATH, client.seal(_worded(sandbox, lookup)), PURPOSE, key)


def test_an_answer_of_before_a_rotation_is_given_again_and_still_opens(
    sandbox: RegisterSandbox, lookup: Lookup, connect
) -> None:
    device, endpoint = sandbox.device, sandbox.endpoint("population")
    assert device.opener is not None
    client = connect(endpoint, device)
    sealed, key = client.seal(_worded(sandbox, lookup)), new_idempotency_key()
    before = client.ask_sealed(POPULATION_PATH, sealed, PURPOSE, key)
    rotated = replace(device, opener=SoftwareOpener.generate(), former=(device.opener,))
    assert connect(endpoint, rotated).ask_sealed(POPULATION_PATH, sealed, PURPOSE, key).body == before.body
    with pytest.raises(AnswerNotTrusted, match="answer-unknown-seal-key"):
        connect(endpoint, replace(rotated, former=())).ask_sealed(POPULATION_PATH, sealed, PURPOSE, key)


# --- who cannot be asked ----------------------------------------------------------------------------------------------


def test_a_register_without_a_key_to_seal_to_cannot_be_asked(
    raw_register, device: DeviceCredential, lookup: Lookup, connect
) -> None:
    register = raw_register(lambda _request, _key: b"")
    bare = replace(register.endpoint, seal_keys=())
    with pytest.raises(RegisterUnreachable, match="no-seal-key"):
        connect(bare, device).ask(POPULATION_PATH, b"{}", PURPOSE)
    with pytest.raises(RegisterUnreachable, match="no-seal-key"):
        connect(bare, device).seal(b"{}")
    population = PopulationClient(bare, device)
    with pytest.raises(RegisterUnreachable, match="no-seal-key"):
        population.find_citizen(lookup)
    population.close()
    assert register.heard == []


def test_a_device_that_cannot_open_answers_asks_nothing(raw_register, device: DeviceCredential, connect) -> None:
    register = raw_register(lambda _request, _key: b"")
    with pytest.raises(RegisterUnreachable, match="no-opening-key"):
        connect(register.endpoint, replace(device, opener=None)).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert register.heard == []


def test_a_seal_key_that_is_none_and_a_message_that_is_none_are_told(
    raw_register, device: DeviceCredential, connect
) -> None:
    register = raw_register(lambda _request, _key: b"")
    broken = replace(register.endpoint, seal_keys=(SealKey("k", b"no key"),))
    with pytest.raises(RegisterUnreachable, match="bad-seal-key"):
        connect(broken, device).ask(POPULATION_PATH, b"{}", PURPOSE)
    with pytest.raises(RegisterRefused, match="malformed-lookup"):
        connect(register.endpoint, device).ask(POPULATION_PATH, b"\xff", PURPOSE)
    assert register.heard == []


# --- keys that change -------------------------------------------------------------------------------------------------


def test_any_of_a_registers_answer_keys_may_have_signed(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    keys = [SandboxKey(), SandboxKey()]
    for signing in keys:
        register = raw_register(lambda request, _key, signing=signing: say(request, signing))
        overlapping = replace(register.endpoint, answer_keys=tuple(AnswerKey(key.key_id, key.spki) for key in keys))
        client = PopulationClient(overlapping, device)
        assert client.find_citizen(lookup).key_id == signing.key_id
        client.close()


def test_a_look_up_is_sealed_anew_to_the_next_key_where_the_register_knows_the_first_no_longer(
    sandbox: RegisterSandbox, lookup: Lookup
) -> None:
    endpoint, gone = sandbox.endpoint("population"), SoftwareOpener.generate()
    rotated = replace(endpoint, seal_keys=(SealKey(gone.key_id, gone.spki), *endpoint.seal_keys))
    client = PopulationClient(rotated, sandbox.device)
    assert client.find_citizen(lookup).record is not None
    client.close()


def test_sealed_anew_it_goes_under_the_same_idempotency_key(
    raw_register, device: DeviceCredential, wire_bytes: Callable[[HttpAnswer], bytes], connect
) -> None:
    def refuse(request: HttpRequest, key: SandboxKey) -> bytes:
        return wire_bytes(sign_answer(request, plain_refusal(request, Refusal(400, "unknown-seal-key")), key))

    register = raw_register(refuse)
    keys = [SoftwareOpener.generate() for _ in range(3)]
    rotated = replace(register.endpoint, seal_keys=tuple(SealKey(key.key_id, key.spki) for key in keys))
    with pytest.raises(RequestRejected, match="unknown-seal-key"):
        connect(rotated, device).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert len(register.heard) == 3
    assert len({request.headers["idempotency-key"] for request in register.heard}) == 1
    assert len({request.body for request in register.heard}) == 3


# --- answers that are not for us --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "why"),
    [("another", "answer-unknown-seal-key"), ("forged", "answer-seal-broken"), ("request", "answer-sealed-otherwise")],
)
def test_an_answer_that_is_sealed_otherwise_is_none(
    raw_register,
    device: DeviceCredential,
    lookup: Lookup,
    wire_bytes: Callable[[HttpAnswer], bytes],
    connect,
    kind: str,
    why: str,
) -> None:
    opener, stranger = device.opener, SoftwareOpener.generate()
    assert opener is not None
    sealed = {
        "another": seal(b"{}", SEALED_ANSWER, stranger.key_id, stranger.spki),
        "forged": seal(b"{}", SEALED_ANSWER, opener.key_id, stranger.spki),
        "request": seal(b"{}", SEALED_REQUEST, opener.key_id, opener.spki),
    }[kind]
    register = raw_register(
        lambda request, key: wire_bytes(sign_answer(request, PlainAnswer(200, "application/jose", sealed), key))
    )
    with pytest.raises(AnswerNotTrusted) as caught:
        connect(register.endpoint, device).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert caught.value.why == why
    assert caught.value.digest, "the ledger names the answer that was not believed"


def test_the_clear_word_of_a_register_is_no_answer_to_a_sealed_question(
    raw_register, device: DeviceCredential, wire_bytes: Callable[[HttpAnswer], bytes], connect
) -> None:
    plain = PlainAnswer(200, "application/json", b"{}")
    register = raw_register(lambda request, key: wire_bytes(sign_answer(request, plain, key)))
    client = connect(register.endpoint, device)
    with pytest.raises(AnswerNotTrusted, match="answer-not-sealed"):
        client.ask(POPULATION_PATH, b"{}", PURPOSE)
    assert client.ask_unsealed(POPULATION_PATH, b"{}", PURPOSE).body == b"{}"


def test_two_answers_that_were_exchanged_are_both_refused(
    raw_register, device: DeviceCredential, say: Callable[..., bytes], connect
) -> None:
    """Two look-ups of one desk at the same time, each well sealed and signed, and somebody swaps them on the way."""
    body = b'{"lookup_id": "a", "purpose": "p", "legal_basis": "b"}'
    earlier: list[bytes] = []

    def swap(request: HttpRequest, key: SandboxKey) -> bytes:
        earlier.append(say(request, key))
        return earlier[-2] if len(earlier) > 1 else earlier[-1]

    client = connect(raw_register(swap).endpoint, device)
    assert client.ask(POPULATION_PATH, body, PURPOSE).body
    for _ in range(2):
        with pytest.raises(AnswerNotTrusted, match="signature-wrong"):
            client.ask(POPULATION_PATH, body, PURPOSE)


# --- with a clerk -----------------------------------------------------------------------------------------------------


class _Clerk:
    """Show a token and a proof, with the nonce that the register wanted last."""

    def __init__(self) -> None:
        self.nonce = ""
        self.asked: list[tuple[str, str, str, str]] = []

    def access(self) -> _Clerk:
        return self

    def headers_for(self, register: str, purpose: str, method: str, url: str) -> Mapping[str, str]:
        self.asked.append((register, purpose, method, url))
        proof = base64.urlsafe_b64encode(f"{len(self.asked)} {self.nonce}".encode()).decode()
        return {"authorization": "DPoP token", "dpop": proof, "host": "elsewhere"}

    def take_note(self, register: str, headers: Mapping[str, str]) -> None:
        assert register == "population"
        self.nonce = headers.get("dpop-nonce", self.nonce)

    def renew(self, purpose: str) -> None:
        raise AssertionError("no register here refuses a token")


def _wants_nonce(request: HttpRequest, key: SandboxKey, wire_bytes: Callable[[HttpAnswer], bytes]) -> bytes:
    refusal = Refusal(401, "use-dpop-nonce", {"dpop-nonce": "n1"})
    return wire_bytes(sign_answer(request, plain_refusal(request, refusal), key))


def test_with_a_clerk_the_token_and_its_proof_are_signed_with_the_rest(
    raw_register, device: DeviceCredential, say: Callable[..., bytes], connect
) -> None:
    register, clerk = raw_register(say), _Clerk()
    body = b'{"lookup_id": "a", "purpose": "p", "legal_basis": "b"}'
    connect(register.endpoint, device, clerk=clerk).ask(POPULATION_PATH, body, PURPOSE)
    (heard,) = register.heard
    assert _covered(heard) == [*REQUEST_COMPONENTS, "authorization", "dpop"]
    assert heard.headers["authorization"] == "DPoP token"
    assert heard.headers["host"] != "elsewhere"
    assert clerk.asked == [("population", PURPOSE, "POST", register.endpoint.base_url + POPULATION_PATH)]


def test_the_registers_nonce_is_used_once_and_the_request_stays_the_same(
    raw_register,
    device: DeviceCredential,
    say: Callable[..., bytes],
    wire_bytes: Callable[[HttpAnswer], bytes],
    connect,
) -> None:
    clerk = _Clerk()

    def answer(request: HttpRequest, key: SandboxKey) -> bytes:
        return say(request, key) if clerk.nonce else _wants_nonce(request, key, wire_bytes)

    register = raw_register(answer)
    body = b'{"lookup_id": "a", "purpose": "p", "legal_basis": "b"}'
    assert connect(register.endpoint, device, clerk=clerk).ask(POPULATION_PATH, body, PURPOSE).body
    one, again = register.heard
    assert one.body == again.body
    for name in ("idempotency-key", "traceparent", "content-digest"):
        assert one.headers[name] == again.headers[name]
    for name in ("dpop", "signature"):
        assert one.headers[name] != again.headers[name]


def test_who_was_there_when_a_request_began_is_its_clerk_to_the_end(
    raw_register, device: DeviceCredential, wire_bytes: Callable[[HttpAnswer], bytes], connect
) -> None:
    """A9: the request goes twice, and somebody else would be at the desk by then."""
    came: list[_Clerk] = []

    class _Desk:
        def access(self) -> _Clerk:
            came.append(_Clerk())
            return came[-1]

    register = raw_register(lambda request, key: _wants_nonce(request, key, wire_bytes))
    with pytest.raises(RequestRejected, match="use-dpop-nonce"):
        connect(register.endpoint, device, clerk=_Desk()).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert ([len(clerk.asked) for clerk in came], len(register.heard)) == ([2], 2)


def test_a_register_that_always_wants_another_nonce_is_asked_twice_and_no_more(
    raw_register, device: DeviceCredential, wire_bytes: Callable[[HttpAnswer], bytes], connect
) -> None:
    register = raw_register(lambda request, key: _wants_nonce(request, key, wire_bytes))
    with pytest.raises(RequestRejected, match="use-dpop-nonce"):
        connect(register.endpoint, device, clerk=_Clerk()).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert len(register.heard) == 2


def test_a_nonce_that_nobody_signed_is_not_taken(raw_register, device: DeviceCredential, connect) -> None:
    answer = b"HTTP/1.1 401 No\r\ndpop-nonce: evil\r\ncontent-length: 0\r\n\r\n"
    register, clerk = raw_register(lambda _request, _key: answer), _Clerk()
    with pytest.raises(RegisterUnreachable, match="http-401"):
        connect(register.endpoint, device, clerk=clerk).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert (clerk.nonce, len(register.heard)) == ("", 1)


def test_a_clerk_who_is_not_logged_in_is_asked_nothing_of(raw_register, device: DeviceCredential, connect) -> None:
    class _Nobody(_Clerk):
        def access(self) -> _Clerk:
            raise PermissionError("nobody")

    register = raw_register(lambda _request, _key: b"")
    with pytest.raises(PermissionError):
        connect(register.endpoint, device, clerk=_Nobody()).ask(POPULATION_PATH, b"{}", PURPOSE)
    assert register.heard == []
