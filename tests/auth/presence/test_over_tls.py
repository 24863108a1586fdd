"""The same over real TLS against the sandbox's verifier, with requests signed by an enrolled device."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import RegisterRefused, RegisterUnreachable, RequestRejected
from auth.presence import (
    Mode,
    Person,
    PresenceLevel,
    PresenceRefused,
    Proof,
    Reason,
    ReceiptClaims,
    SqliteStore,
    Subject,
    accept_receipt,
    hold_log,
)
from auth.presence.claims import CHALLENGE_KIND, RECEIPT_KIND, ChallengeClaims
from auth.presence.encoding import to_text
from auth.presence.tokens import Issuers, read_token
from auth.presence.wire import (
    BOOKLET_PURPOSE,
    PRESENCE_BOOKLET_PATH,
    PRESENCE_CHALLENGE_PATH,
    PRESENCE_LOG_PATH,
    PRESENCE_PROOF_PATH,
    ProofForRequest,
    read_offer,
    read_proof,
    read_receipt,
    read_wish,
    write_booklet_wish,
)
from auth.registers.presence import PresenceClient, issuers_of
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential
from auth.wire.errand import Recall
from auth.wire.exchange import HttpsExchange
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_cards.build import CardFactory
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox
from reader.errors import DataError

Desk = Any  # lives in conftest.py, which cannot be imported from here

PURPOSE, CLERK = "citizen-information", "cb-001"


def look_up(register: str, number: str) -> bytes:
    """Return the inner request that one register is sent about a person."""
    citizen = {"personal_number": number, "full_name": "Nguyễn Văn Mẫu", "date_of_birth": "1990-01-15"}
    said = {"device": "desk-test", "lookup_id": f"of-{register}", "purpose": PURPOSE, "legal_basis": "a law"}
    return json.dumps(said | {"clerk": CLERK, "citizen": citizen, "fields": ["residence"]}).encode()


@dataclass
class Remote:
    """Be a desk's connection to the sandbox's verifier."""

    sandbox: RegisterSandbox
    client: PresenceClient
    issuers: Issuers

    def judged(self, desk: Desk, proof: Proof, audience: str, body: bytes | None = None) -> ReceiptClaims:
        body = desk.requests[audience] if body is None else body
        subject = Subject(desk.dg1, desk.built.personal_number)
        receipt = self.client.judge(ProofForRequest(proof, audience, body, subject), PURPOSE, CLERK)
        return read_token(RECEIPT_KIND, ReceiptClaims, receipt.token, self.issuers)


@pytest.fixture(scope="module")
def remote(factory: CardFactory) -> Iterator[Remote]:
    with open_register_sandbox(card_anchors=factory.anchors) as sandbox:
        endpoint = sandbox.endpoint("presence")
        client = PresenceClient(endpoint, sandbox.device)
        yield Remote(sandbox, client, issuers_of(endpoint))
        client.close()


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    desk = desk_with("vietnam-2021")
    desk.requests = {name: look_up(name, desk.built.personal_number) for name in desk.requests}
    return desk


def test_one_tap_serves_both_registers(remote: Remote, desk: Desk) -> None:
    offer = remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    proof = desk.prover(remote, device=remote.sandbox.device.device_id).prove(offer)
    for audience in ("population", "land"):
        receipt = remote.judged(desk, proof, audience)
        assert (receipt.verdict, receipt.level) == ("accepted", PresenceLevel.BOUND_TO_REQUEST), receipt.reasons
        assert (receipt.device, receipt.clerk) == (remote.sandbox.device.device_id, CLERK)
    assert remote.judged(desk, proof, "land").reasons == (Reason.ALREADY_USED,)


def test_a_register_takes_the_sandboxs_receipt(remote: Remote, desk: Desk) -> None:
    offer = remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    proof = desk.prover(remote, device=remote.sandbox.device.device_id).prove(offer)
    given = ProofForRequest(proof, "land", desk.requests["land"], desk.subject)
    receipt = remote.client.judge(given, PURPOSE, CLERK).token
    claims = read_token(RECEIPT_KIND, ReceiptClaims, receipt, remote.issuers)
    caller = replace(desk.caller, device=claims.device, device_key=claims.device_key, clerk=CLERK)
    taken = accept_receipt(
        receipt,
        desk.requests["population"],
        "population",
        desk.commitment,
        caller,
        issuers=remote.issuers,
        store=SqliteStore(),
        now=datetime.now(UTC),
        person=Person(desk.subject, desk.files.sod),
    )
    assert taken.level is PresenceLevel.BOUND_TO_REQUEST


def test_a_changed_request_is_refused_by_a_signed_receipt(remote: Remote, desk: Desk) -> None:
    offer = remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    proof = desk.prover(remote, device=remote.sandbox.device.device_id).prove(offer)
    assert remote.judged(desk, proof, "land", b"{}").reasons == (Reason.REQUEST_DIFFERS,)


def test_a_refused_wish_says_why(remote: Remote, desk: Desk) -> None:
    with pytest.raises(PresenceRefused) as refused:
        remote.client.challenge(desk.wish(modes=(Mode.ACTIVE,)), PURPOSE, CLERK)
    assert refused.value.reason is Reason.DOWNGRADE


def test_a_stranger_gets_no_challenge(remote: Remote, desk: Desk) -> None:
    stranger = DeviceCredential("desk-test", SoftwareSigner.generate(), SoftwareOpener.generate())
    client = PresenceClient(remote.sandbox.endpoint("presence"), stranger)
    try:
        with pytest.raises(RegisterRefused, match="unknown-device"):
            client.challenge(desk.wish(), PURPOSE, CLERK)
    finally:
        client.close()


def test_nobody_asks_for_a_purpose_that_there_is_not(remote: Remote, desk: Desk) -> None:
    with pytest.raises(RegisterRefused, match="purpose-not-allowed"):
        remote.client.challenge(desk.wish(), "curiosity", CLERK)


def test_a_malformed_wish_is_refused(remote: Remote) -> None:
    wire = WireClient(remote.sandbox.endpoint("presence"), remote.sandbox.device)
    try:
        for path in (PRESENCE_CHALLENGE_PATH, PRESENCE_PROOF_PATH):
            with pytest.raises(RequestRejected, match="malformed"):
                wire.ask(path, b'{"clerk":"cb-001"}', PURPOSE)
    finally:
        wire.close()


@pytest.fixture
def exchanged(monkeypatch: pytest.MonkeyPatch) -> list[HttpAnswer]:
    """Return all that is said over the line from now on: each answer holds its request."""
    came: list[HttpAnswer] = []
    send = HttpsExchange.send

    def listening(exchange: HttpsExchange, request: HttpRequest, seconds: float, recall: Recall) -> HttpAnswer:
        came.append(send(exchange, request, seconds, recall))
        return came[-1]

    monkeypatch.setattr(HttpsExchange, "send", listening)
    return came


def test_a_wish_tells_no_document_from_another_and_takes_one_round_trip(
    remote: Remote, desk: Desk, exchanged: list[HttpAnswer]
) -> None:
    offer = remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    (answer,) = exchanged
    request = answer.request
    assert request.headers["content-type"] == answer.headers["content-type"] == "application/jose"
    for body in (request.body, answer.body):
        assert body.count(b".") == 4, "one envelope"
        for piece in (desk.files.sod, desk.files.dg14, hashlib.sha256(desk.files.sod).digest()):
            assert to_text(piece).encode() not in body
            assert piece not in body
    assert offer.token.encode() not in answer.body
    header = json.loads(base64.urlsafe_b64decode(answer.body.split(b".")[0] + b"=="))
    opener = remote.sandbox.device.opener
    assert opener is not None
    assert header["kid"] == opener.key_id


def test_of_a_proof_nothing_goes_over_the_line_that_others_can_read(
    remote: Remote, desk: Desk, exchanged: list[HttpAnswer]
) -> None:
    offer = remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    proof = desk.prover(remote, device=remote.sandbox.device.device_id).prove(offer)
    exchanged.clear()
    assert remote.judged(desk, proof, "land").accepted
    (answer,) = exchanged
    request = answer.request
    assert request.headers["content-type"] == answer.headers["content-type"] == "application/jose"
    key_ids = {key.key_id for key in remote.sandbox.endpoint("presence").seal_keys}
    for body in (request.body, answer.body):
        header, *rest = body.split(b".")
        assert (len(rest), json.loads(base64.urlsafe_b64decode(header + b"=="))["alg"]) == (4, "ECDH-ES+A256KW")
        assert to_text(desk.dg1).encode() not in body
        assert desk.built.personal_number.encode() not in body
    assert json.loads(base64.urlsafe_b64decode(request.body.split(b".")[0] + b"=="))["kid"] in key_ids


def test_a_wish_or_a_proof_in_the_open_or_with_another_beside_it_is_refused(remote: Remote) -> None:
    wire = WireClient(remote.sandbox.endpoint("presence"), remote.sandbox.device)
    try:
        for path in (PRESENCE_CHALLENGE_PATH, PRESENCE_PROOF_PATH):
            with pytest.raises(RequestRejected, match="not-sealed"):
                wire.ask_unsealed(path, b"{}", PURPOSE)
            with pytest.raises(RequestRejected, match="malformed-lookup"):
                wire.ask(path, b"{}", PURPOSE, presence=b"{}")
    finally:
        wire.close()


def test_a_proof_sealed_to_a_register_is_not_the_verifiers_to_read(remote: Remote) -> None:
    endpoint = remote.sandbox.endpoint("presence")
    wire = WireClient(
        replace(endpoint, seal_keys=remote.sandbox.endpoint("population").seal_keys), remote.sandbox.device
    )
    try:
        with pytest.raises(RequestRejected, match="unknown-seal-key"):
            wire.ask(PRESENCE_PROOF_PATH, b"{}", PURPOSE)
    finally:
        wire.close()


def test_without_a_key_to_seal_to_or_to_open_with_no_wish_and_no_proof_leaves_the_desk(
    remote: Remote, desk: Desk
) -> None:
    offer = remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    device = remote.sandbox.device
    proof = desk.prover(remote, device=device.device_id).prove(offer)
    endpoint = remote.sandbox.endpoint("presence")
    for where, who, why in (
        (replace(endpoint, seal_keys=()), device, "no-seal-key"),
        (endpoint, replace(device, opener=None), "no-opening-key"),
    ):
        client = PresenceClient(where, who)
        try:
            with pytest.raises(RegisterUnreachable, match=why):
                client.challenge(desk.wish(), PURPOSE, CLERK)
            with pytest.raises(RegisterUnreachable, match=why):
                client.judge(ProofForRequest(proof, "land", desk.requests["land"]), PURPOSE, CLERK)
        finally:
            client.close()


def test_a_booklet_is_asked_for_under_its_own_purpose_and_nothing_else_is(remote: Remote) -> None:
    wire = WireClient(remote.sandbox.endpoint("presence"), remote.sandbox.device)
    try:
        with pytest.raises(RegisterRefused, match="purpose-not-allowed"):
            wire.ask_unsealed(PRESENCE_BOOKLET_PATH, write_booklet_wish(3, CLERK), PURPOSE)
        with pytest.raises(RegisterRefused, match="purpose-not-allowed"):
            wire.ask(PRESENCE_CHALLENGE_PATH, b"{}", BOOKLET_PURPOSE)
        with pytest.raises(RegisterRefused, match="purpose-not-allowed"):
            wire.ask(PRESENCE_PROOF_PATH, b"{}", BOOKLET_PURPOSE)
    finally:
        wire.close()


def test_how_the_log_has_grown_is_asked_for_no_citizen(remote: Remote, desk: Desk) -> None:
    remote.client.challenge(desk.wish(), PURPOSE, CLERK)
    growth = remote.client.growth(1)
    assert (growth.issuer, growth.old) == ("presence", 1)
    with pytest.raises(PresenceRefused, match="log-shorter"):
        remote.client.growth(1, 1 << 40)
    with pytest.raises(DataError):
        remote.client.growth(-1)
    wire = WireClient(remote.sandbox.endpoint("presence"), remote.sandbox.device)
    try:
        with pytest.raises(RegisterRefused, match="purpose-not-allowed"):
            wire.ask_unsealed(PRESENCE_LOG_PATH, b'{"old":1}', PURPOSE)
    finally:
        wire.close()


def test_over_a_database_the_log_outlives_the_verifiers_process(
    factory: CardFactory, desk: Desk, database_url: str
) -> None:
    names, sizes = [], []
    for _ in range(2):
        with open_register_sandbox(card_anchors=factory.anchors, database_url=database_url) as sandbox:
            endpoint, device = sandbox.endpoint("presence"), sandbox.device.device_id
            remote = Remote(sandbox, PresenceClient(endpoint, sandbox.device), issuers_of(endpoint))
            try:
                wish = desk.wish()
                proof = desk.prover(remote, device=device).prove(remote.client.challenge(wish, PURPOSE, CLERK))
                for _ in range(2):
                    given = ProofForRequest(proof, "land", desk.requests["land"])
                    receipt = remote.client.judge(given, PURPOSE, CLERK)
                    claims = read_token(RECEIPT_KIND, ReceiptClaims, receipt.token, remote.issuers)
                    assert claims.tree is not None
                    logged, said = hold_log(receipt.token, claims, proof, receipt.log, remote.issuers)
                    assert (logged is not None, said) == (True, ())
                    names.append(claims.tree.log)
                    sizes.append((claims.accepted, claims.leaf, claims.tree.size))
                assert remote.client.growth(1).log == names[0]
            finally:
                remote.client.close()
        desk.session.channel = desk.session.reopen()
    assert len(set(names)) == 1
    assert sizes == [(True, 1, 1), (False, 1, 2), (True, 4, 4), (False, 4, 5)]


def test_the_relay_secrets_of_two_verifiers_are_never_taken_for_one_another(
    factory: CardFactory, remote: Remote, desk: Desk
) -> None:
    with open_register_sandbox(card_anchors=factory.anchors) as sandbox:
        endpoint = sandbox.endpoint("presence")
        other = Remote(sandbox, PresenceClient(endpoint, sandbox.device), issuers_of(endpoint))
        wish = desk.wish(), PURPOSE, CLERK
        try:
            ids = [
                read_token(CHALLENGE_KIND, ChallengeClaims, one.client.challenge(*wish).token, one.issuers).secret
                for one in (remote, remote, other)
            ]
        finally:
            other.client.close()
    assert None not in ids
    assert ids[0] == ids[1] != ids[2]


def test_what_does_not_go_into_a_message_is_not_repeated(remote: Remote, desk: Desk) -> None:
    with pytest.raises(DataError) as error:
        remote.client.challenge(desk.wish(), PURPOSE, "Nguyễn Văn Mẫu")
    assert "Mẫu" not in str(error.value)


NEARLY = st.from_regex(r'\{"(clerk|token|receipt)":"[a-z]{0,5}"\}', fullmatch=True).map(str.encode)


@given(raw=st.binary(max_size=100) | NEARLY)
def test_any_bytes_are_malformed_and_nothing_else(raw: bytes) -> None:
    for read in (read_wish, read_proof):
        with pytest.raises(DataError):
            read(raw)
    for answer in (read_offer, read_receipt):
        try:
            answer(raw)
        except DataError:
            continue
        assert raw.startswith((b'{"token":', b'{"receipt":'))
