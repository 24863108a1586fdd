"""What the registers make of proofs: only the card of the person asked about counts, and only while it is valid."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from auth.errors import RegisterRefused, RequestRejected
from auth.presence import (
    ChipSession,
    DocumentFiles,
    PresenceLevel,
    PresenceProver,
    Proof,
    Reason,
    ReceiptClaims,
    Subject,
    commit,
)
from auth.presence.claims import RECEIPT_KIND
from auth.presence.messages import ChallengeWish
from auth.presence.tokens import read_token
from auth.presence.wire import ProofForRequest, write_member
from auth.registers.presence import PresenceClient, issuers_of
from auth.wire.client import WireClient
from auth.wire.profile import POPULATION_PATH
from mock_cards.build import CardFactory
from mock_cards.personas import Persona, load_persona
from mock_registers.sandbox import open_register_sandbox
from reader.access import Can, open_channel
from reader.files import FileId, read_file

PURPOSE, CLERK, REGISTER = "citizen-information", "cb-001", "population"
HOLDER, VICTIM = load_persona("nguyen-van-mau"), load_persona("pham-thi-mau")


@dataclass
class Card:
    """Hold a card that was read, and the session in which it was."""

    session: ChipSession
    files: DocumentFiles
    dg1: bytes
    number: str

    @property
    def subject(self) -> Subject:
        return Subject(self.dg1, self.number)


@dataclass
class Counter:
    """Be a desk before registers that want level 4 for ``PURPOSE``, or ``least``."""

    client: PresenceClient
    wire: WireClient
    issuers: Any
    device: str

    def body(self, persona: Persona, clerk: str = CLERK) -> bytes:
        card = persona.card
        citizen = {
            "personal_number": card.personal_number,
            "full_name": card.full_name,
            "date_of_birth": card.date_of_birth,
        }
        said = {"device": self.device, "lookup_id": f"of-{card.personal_number}", "purpose": PURPOSE}
        said |= {"legal_basis": "a law", "clerk": clerk}
        return json.dumps({**said, "citizen": citizen, "fields": ["full_name"]}, ensure_ascii=False).encode()

    def prove(self, card: Card, body: bytes) -> Proof:
        commitment = commit({REGISTER: body})
        offer = self.client.challenge(ChallengeWish(commitment, card.files), PURPOSE, CLERK)
        proof = PresenceProver(card.session, card.files, commitment, self.issuers, self.device).prove(offer)
        assert card.session.reopen is not None
        card.session.channel = card.session.reopen()
        return proof

    def ask(self, body: bytes, proof: Proof | None = None, subject: Subject | None = None) -> tuple[Any, ReceiptClaims]:
        member = write_member(proof, subject) if proof is not None else None
        answer = json.loads(self.wire.ask(POPULATION_PATH, body, PURPOSE, presence=member).body)
        receipt = answer["receipt"] and read_token(RECEIPT_KIND, ReceiptClaims, answer["receipt"], self.issuers)
        return answer["record"], receipt


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    return CardFactory("presence")


def counter_with(factory: CardFactory, least: int) -> Iterator[Counter]:
    with open_register_sandbox(card_anchors=factory.anchors, presence_least={PURPOSE: least}) as sandbox:
        endpoint = sandbox.endpoint("presence")
        client = PresenceClient(endpoint, sandbox.device)
        wire = WireClient(sandbox.endpoint(REGISTER), sandbox.device)
        yield Counter(client, wire, issuers_of(endpoint), sandbox.device.device_id)
        client.close()
        wire.close()


@pytest.fixture(scope="module", params=[1, 4])
def strict(request: pytest.FixtureRequest, factory: CardFactory) -> Iterator[Counter]:
    """Return a desk before registers that want a level, be it the least that there is or the highest."""
    yield from counter_with(factory, request.param)


@pytest.fixture(scope="module")
def counter(factory: CardFactory) -> Iterator[Counter]:
    yield from counter_with(factory, 0)


def read(factory: CardFactory, persona: Persona) -> Card:
    built = factory.build(persona.name, chip="vietnam-2021")
    can = Can.from_personal_number(built.personal_number)

    def opened() -> Any:
        built.card.power_on()
        return open_channel(built.card, (can,)).link

    channel = opened()
    sod, dg1, dg14, dg15 = (
        read_file(channel, id).data or b"" for id in (FileId.SOD, FileId.DG1, FileId.DG14, FileId.DG15)
    )
    return Card(ChipSession(built.card, channel, opened), DocumentFiles(sod, dg14, dg15), dg1, built.personal_number)


@pytest.fixture(scope="module")
def card(factory: CardFactory) -> Card:
    return read(factory, HOLDER)


def test_where_a_level_is_wanted_the_card_of_the_person_shows_it(strict: Counter, card: Card) -> None:
    body = strict.body(HOLDER)
    record, receipt = strict.ask(body, strict.prove(card, body), card.subject)
    assert record["personal_number"] == HOLDER.card.personal_number
    assert (receipt.person, receipt.level) == (True, PresenceLevel.BOUND_TO_REQUEST)


def test_ones_own_card_opens_nobody_elses_record(strict: Counter, card: Card) -> None:
    body = strict.body(VICTIM)
    victims = VICTIM.card.personal_number
    for subject in (None, card.subject, Subject(card.dg1, victims)):
        with pytest.raises(RegisterRefused, match="presence-too-low"):
            strict.ask(body, strict.prove(card, body), subject)
    # Nor does it open one's own without being shown as one's own.
    body = strict.body(HOLDER)
    with pytest.raises(RegisterRefused, match="presence-too-low"):
        strict.ask(body, strict.prove(card, body))


def test_where_none_is_wanted_the_receipt_says_that_nobody_was_shown(counter: Counter, card: Card) -> None:
    body = counter.body(VICTIM)
    _, receipt = counter.ask(body, counter.prove(card, body))
    assert (receipt.accepted, receipt.person, receipt.level) == (True, False, PresenceLevel.DEVICE_WORD)
    assert Reason.PERSON_NOT_SHOWN in receipt.reasons
    _, receipt = counter.ask(body, counter.prove(card, body), card.subject)
    assert (receipt.accepted, receipt.reasons) == (False, (Reason.PERSON_DIFFERS,))


def test_a_proof_by_itself_is_about_whom_its_request_names(counter: Counter, card: Card) -> None:
    def given(body: bytes) -> ReceiptClaims:
        # The number that comes beside the proof is the card's own each time.
        sent = ProofForRequest(counter.prove(card, body), REGISTER, body, card.subject)
        token = counter.client.judge(sent, PURPOSE, CLERK).token
        return read_token(RECEIPT_KIND, ReceiptClaims, token, counter.issuers)

    own, others, nobodys = given(counter.body(HOLDER)), given(counter.body(VICTIM)), given(b'{"about":"a dossier"}')
    assert (own.person, own.level) == (True, PresenceLevel.BOUND_TO_REQUEST)
    assert (others.accepted, others.reasons) == (False, (Reason.PERSON_DIFFERS,))
    assert (nobodys.person, nobodys.level) == (False, PresenceLevel.DEVICE_WORD)


@pytest.mark.parametrize("name", ["dang-thi-mat", "bui-van-cu", "ho-van-thay"])
def test_a_card_that_the_population_register_has_ended_is_no_presence(
    factory: CardFactory, strict: Counter, counter: Counter, name: str
) -> None:
    persona = load_persona(name)
    assert persona.population.card_status in ("lost", "cancelled", "replaced")
    ended, body = read(factory, persona), counter.body(persona)
    record, receipt = counter.ask(body, counter.prove(ended, body), ended.subject)
    assert record["card_status"] == persona.population.card_status
    assert (receipt.accepted, receipt.person, receipt.level) == (False, False, PresenceLevel.DATA_AUTHENTIC)
    assert receipt.reasons in ((Reason.CARD_NOT_VALID,), (Reason.DOCUMENT_EXPIRED,))
    body = strict.body(persona)
    with pytest.raises(RegisterRefused, match="presence-too-low"):
        strict.ask(body, strict.prove(ended, body), ended.subject)


NAMES = ["Nguyễn Văn Mẫu", "cb 001", "cb-001\n", "x" * 101, ""]


@pytest.mark.parametrize("clerk", NAMES, ids=["name", "space", "line", "long", "empty"])
@pytest.mark.parametrize("proven", [False, True], ids=["alone", "with-a-proof"])
def test_a_clerk_named_by_a_name_is_refused_as_malformed_and_repeated_nowhere(
    counter: Counter, card: Card, caplog: pytest.LogCaptureFixture, clerk: str, *, proven: bool
) -> None:
    body = counter.body(HOLDER, clerk)
    proof = counter.prove(card, body) if proven else None
    with caplog.at_level(logging.DEBUG), pytest.raises(RequestRejected, match="malformed-lookup") as refused:
        counter.ask(body, proof, card.subject)
    assert "Mẫu" not in caplog.text + repr(refused.value) + repr(refused.value.__cause__)
