"""A desk with an emulated card on it and a presence verifier: both sides of CPP/1 in this process."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.presence import (
    Caller,
    ChallengeOffer,
    ChallengeWish,
    ChipSession,
    Commitment,
    DocumentFiles,
    PresencePolicy,
    PresenceProver,
    PresenceVerifier,
    Proof,
    ReceiptClaims,
    RelaySecrets,
    SqliteStore,
    Subject,
    Target,
    commit,
)
from auth.presence.claims import RECEIPT_KIND
from auth.presence.tokens import read_token
from mock_cards.build import BuiltCard, CardFactory
from mock_cards.personas import REFERENCE_DAY
from reader.access import Can, MrzKey, Password, SecureMessaging, open_channel
from reader.files import FileId, read_file, select_application
from reader.genuine import Agreement, ChipKey, agree_with_chip, choose_chip_key
from reader.iso7816 import CardLink, CountingLink
from reader.lds import mrz_key, parse_dg14, parse_mrz
from reader.trust import TrustMaterial

PERSONA = "nguyen-van-mau"
NOON = datetime.combine(REFERENCE_DAY, time(12), UTC)
REQUESTS = {"population": b'{"lookup":"one"}', "land": b'{"lookup":"two"}'}


@dataclass
class Register:
    """Be one presence verifier with a clock that a test moves."""

    trust: TrustMaterial
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    secrets: RelaySecrets = field(default_factory=lambda: RelaySecrets({"s1": secrets.token_bytes(32)}, "s1"))
    name: str = "verifier"
    now: datetime = NOON
    policy: PresencePolicy = field(default_factory=PresencePolicy)
    store: SqliteStore = field(default_factory=SqliteStore)
    lost: set[str] = field(default_factory=set)
    trust_expires: datetime | None = None

    @property
    def issuers(self) -> dict[str, dict[str, DeviceKey]]:
        key = DeviceKey.from_pem(self.signer.public_pem())
        return {self.name: {key.key_id: key}}

    @property
    def verifier(self) -> PresenceVerifier:
        """Return a verifier that was started just now: nothing of an earlier one is in it but the store."""
        return PresenceVerifier(
            self.name,
            self.signer,
            self.secrets,
            self.issuers,
            self.trust,
            "list-7",
            self.store,
            self.policy,
            lambda number, _person: number not in self.lost,
            lambda: self.now,
            self.trust_expires,
        )

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def receipt(self, token: str) -> ReceiptClaims:
        return read_token(RECEIPT_KIND, ReceiptClaims, token, self.issuers)


@dataclass
class Desk:
    """Hold a card that was read with our reader, Chip Authentication included, and who the desk is."""

    built: BuiltCard
    session: ChipSession
    files: DocumentFiles
    dg1: bytes
    signer: SoftwareSigner
    requests: dict[str, bytes] = field(default_factory=lambda: dict(REQUESTS))

    @property
    def apdus(self) -> int:
        return self.session.link.counters.apdus

    @property
    def caller(self) -> Caller:
        return Caller("desk-1", self.signer.key_id, "clerk-1", "citizen-information")

    @property
    def subject(self) -> Subject:
        """Return whose card it is, as a request names them."""
        return Subject(self.dg1, self.built.personal_number)

    @property
    def commitment(self) -> Commitment:
        return commit(self.requests)

    def wish(self, **changes: Any) -> ChallengeWish:
        return replace(ChallengeWish(self.commitment, self.files), **changes)

    def prover(self, register: Register, **changes: Any) -> PresenceProver:
        given: dict[str, Any] = {"device": "desk-1", "commitment": self.commitment, "files": self.files} | changes
        return PresenceProver(self.session, issuers=register.issuers, **given)

    def prove(self, register: Register, **changes: Any) -> Proof:
        offer = self.offer(register, **changes)
        return self.prover(register, target=changes.get("target", Target.READ_BY_SFI)).prove(offer)

    def offer(self, register: Register, **changes: Any) -> ChallengeOffer:
        return register.verifier.challenge(self.wish(**changes), self.caller)

    def judged(self, register: Register, proof: Proof, audience: str = "population", **changes: Any) -> ReceiptClaims:
        body = changes.pop("body", self.requests.get(audience, b""))
        caller = changes.pop("caller", self.caller)
        changes.setdefault("subject", self.subject)
        return register.receipt(register.verifier.judge(proof, body, audience, caller, **changes).token)


def passwords(card: BuiltCard) -> tuple[Password, ...]:
    fields = mrz_key(parse_mrz("".join(card.mrz.split())))
    can = Can.from_personal_number(card.personal_number)
    return can, MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry)


def open_session(card: BuiltCard, link: CardLink) -> SecureMessaging:
    card.card.power_on()
    return open_channel(link, passwords(card)).link


@pytest.fixture(scope="session")
def factory() -> CardFactory:
    return CardFactory("presence")


@pytest.fixture(scope="session")
def trust(factory: CardFactory) -> TrustMaterial:
    crl = factory.revocation_list(datetime.combine(REFERENCE_DAY, time(), UTC))
    return TrustMaterial.of(factory.anchors, (crl,))


@pytest.fixture
def register(trust: TrustMaterial) -> Register:
    return Register(trust)


@pytest.fixture
def desk_with(factory: CardFactory) -> Callable[..., Desk]:
    """Return a function that reads the card of a chip profile and leaves its channel open."""

    def read(chip: str = "", *forgeries: str, local: bool = True, persona: str = PERSONA, reopens: bool = True) -> Desk:
        built = factory.build(persona, forgeries, chip=chip)
        link = CountingLink(built.card)
        channel = open_session(built, link)
        held = {id: read_file(channel, id).data or b"" for id in (FileId.SOD, FileId.DG1, FileId.DG14, FileId.DG15)}
        files = DocumentFiles(held[FileId.SOD], held[FileId.DG14], held[FileId.DG15])
        key = choose_chip_key(parse_dg14(files.dg14)) if files.dg14 else None
        if local and isinstance(key, ChipKey):
            assert isinstance(agree_with_chip(channel, key), Agreement)
            assert select_application(channel) == 0x9000, "an answer under the new keys"
        session = ChipSession(link, channel, (lambda: open_session(built, link)) if reopens else None)
        return Desk(built, session, files, held[FileId.DG1], SoftwareSigner.generate())

    return read
