"""The same over real TLS against the sandbox's verifier, with requests signed by an enrolled device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.errors import RegisterRefused, RequestRejected
from auth.presence import (
    Mode,
    PresenceLevel,
    PresenceRefused,
    Proof,
    Reason,
    ReceiptClaims,
    SqliteStore,
    Subject,
    accept_receipt,
)
from auth.presence.claims import RECEIPT_KIND
from auth.presence.tokens import Issuers, read_token
from auth.presence.wire import (
    PRESENCE_CHALLENGE_PATH,
    PRESENCE_PROOF_PATH,
    ProofForRequest,
    read_offer,
    read_proof,
    read_receipt,
    read_wish,
)
from auth.registers.presence import PresenceClient, issuers_of
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential
from mock_cards.build import CardFactory
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox
from reader.errors import DataError

Desk = Any  # lives in conftest.py, which cannot be imported from here

PURPOSE, CLERK = "citizen-information", "cb-001"


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
        return read_token(RECEIPT_KIND, ReceiptClaims, receipt, self.issuers)


@pytest.fixture(scope="module")
def remote(factory: CardFactory) -> Iterator[Remote]:
    with open_register_sandbox(card_anchors=factory.anchors) as sandbox:
        endpoint = sandbox.endpoint("presence")
        client = PresenceClient(endpoint, sandbox.device)
        yield Remote(sandbox, client, issuers_of(endpoint))
        client.close()


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with("vietnam-2021")


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
    receipt = remote.client.judge(ProofForRequest(proof, "land", desk.requests["land"]), PURPOSE, CLERK)
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
    stranger = DeviceCredential("desk-test", SoftwareSigner.generate())
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
                wire.ask_unsealed(path, b'{"clerk":"cb-001"}', PURPOSE)
    finally:
        wire.close()


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
