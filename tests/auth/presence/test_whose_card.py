"""A card that was not held against the person asked about shows nothing of them: any genuine one would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device_key import DeviceKey
from auth.presence import (
    BookletVerifier,
    Person,
    PresenceEvidence,
    PresenceLevel,
    PresencePolicy,
    PresenceRefused,
    Proof,
    Reason,
    Receipt,
    SqlitePages,
    SqliteStore,
    Subject,
    accept_receipt,
    judge_evidence,
    worth_of,
)
from auth.presence.claims import RECEIPT_KIND
from auth.presence.tokens import sign_token
from reader.lds import parse_dg1

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

SHOWN, NOT_SHOWN = PresenceLevel.BOUND_TO_REQUEST, PresenceLevel.DEVICE_WORD


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with("vietnam-2021")


@pytest.mark.parametrize("signs", [False, True], ids=["agrees", "signs"])
def test_a_proof_without_the_person_is_worth_the_devices_word_and_says_so(
    desk: Desk, register: Register, signs: bool
) -> None:
    register.policy = PresencePolicy(evidence_purposes=frozenset({"citizen-information"} if signs else ()))
    proof = desk.prove(register, evidence=signs)
    receipt = desk.judged(register, proof, subject=None)
    assert (receipt.accepted, receipt.person, receipt.level) == (True, False, NOT_SHOWN)
    assert receipt.reasons == (Reason.PERSON_NOT_SHOWN,)
    receipt = desk.judged(register, proof, "land")
    assert (receipt.accepted, receipt.person, receipt.level, receipt.reasons) == (True, True, SHOWN, ())


def test_a_refused_card_is_said_to_be_nobodys(desk: Desk, register: Register) -> None:
    receipt = desk.judged(register, desk.prove(register), subject=Subject(desk.dg1, "099999999999"))
    assert (receipt.reasons, receipt.person, receipt.level) == ((Reason.PERSON_DIFFERS,), False, 1)


def test_nor_is_a_page_of_a_booklet_worth_more(desk: Desk, register: Register) -> None:
    pages = BookletVerifier(
        register.name,
        register.signer,
        register.issuers,
        register.trust,
        "list-7",
        SqlitePages(register.store),
        clock=lambda: register.now,
    )
    (page,) = pages.issue(desk.caller, 1)
    proof = desk.prover(register).prove_with(page, 7)
    receipts = {
        name: register.receipt(pages.judge(proof, desk.requests[name], name, desk.caller, subject).token)
        for name, subject in (("population", None), ("land", desk.subject))
    }
    said = {name: (one.person, one.level, one.reasons) for name, one in receipts.items()}
    assert said["population"] == (False, NOT_SHOWN, (Reason.PRE_PLAY_POSSIBLE, Reason.PERSON_NOT_SHOWN))
    assert said["land"] == (True, PresenceLevel.BOUND_BEFOREHAND, (Reason.PRE_PLAY_POSSIBLE,))


def evidence_of(desk: Desk, proof: Proof, receipt: str, log: Any = None) -> bytes:
    key = DeviceKey.from_pem(desk.signer.public_pem()).key
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PresenceEvidence(proof, receipt, spki, "list-7", log).to_bytes()


def judged(desk: Desk, register: Register, proof: Proof, name: str, subject: Subject | None) -> Receipt:
    given: Receipt = register.verifier.judge(proof, desk.requests[name], name, desk.caller, subject)
    return given


def test_an_auditor_is_told_whether_the_card_was_the_persons(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    for name, subject, level, said in (
        ("population", None, NOT_SHOWN, (Reason.PERSON_NOT_SHOWN,)),
        ("land", desk.subject, SHOWN, ()),
    ):
        receipt = judged(desk, register, proof, name, subject)
        raw = evidence_of(desk, proof, receipt.token, receipt.log)
        verdict = judge_evidence(raw, register.issuers, register.trust)
        assert (verdict.level, verdict.reasons, verdict.receipt.person) == (level, said, subject is not None)


def test_a_receipt_that_does_not_say_so_counts_as_one_that_nobody_was_shown_by(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    given = judged(desk, register, proof, "land", desk.subject)
    # As verifiers wrote it before they said whether a person was looked at.
    old = given.claims.model_copy(update={"person": False})
    assert (old.level, old.reasons) == (SHOWN, ())
    assert worth_of(old) == (NOT_SHOWN, (Reason.PERSON_NOT_SHOWN,))
    # A peer that says so and gives the level all the same.
    lax = old.model_copy(update={"reasons": (Reason.PERSON_NOT_SHOWN,)})
    assert worth_of(lax) == (NOT_SHOWN, (Reason.PERSON_NOT_SHOWN,))
    token = sign_token(RECEIPT_KIND, old, register.signer)
    verdict = judge_evidence(evidence_of(desk, proof, token), register.issuers, register.trust)
    assert verdict.level is NOT_SHOWN
    assert Reason.PERSON_NOT_SHOWN in verdict.reasons
    assert worth_of(given.claims) == (SHOWN, ())
    refused = judged(desk, register, proof, "land", desk.subject).claims
    assert worth_of(refused) == (refused.level, (Reason.ALREADY_USED,)), "of a refusal nothing is to be believed"


class TestPeers:
    """Another register's request may be about another person than the one that the peer has seen the card of."""

    @pytest.fixture
    def take(self, desk: Desk, register: Register) -> Callable[..., Any]:
        """Return a function by which another register takes the receipt of one that saw the card's own person."""
        proof = desk.prove(register)
        receipt = judged(desk, register, proof, "population", desk.subject).token

        def taken(person: Person | None) -> Any:
            return accept_receipt(
                receipt,
                desk.requests["land"],
                "land",
                desk.commitment,
                desk.caller,
                issuers=register.issuers,
                store=SqliteStore(),
                now=register.now,
                person=person,
            )

        return taken

    def test_what_it_does_not_look_at_it_does_not_believe(self, desk: Desk, take: Callable[..., Any]) -> None:
        without = take(None)
        assert (without.level, without.reasons, without.claims.level) == (NOT_SHOWN, (Reason.PERSON_NOT_SHOWN,), SHOWN)
        held = take(Person(desk.subject, desk.files.sod))
        assert (held.level, held.reasons) == (SHOWN, ())
        assert "Person()" in repr([Person(desk.subject, desk.files.sod)])

    def test_a_card_of_somebody_else_is_refused(
        self, desk: Desk, desk_with: Callable[..., Desk], take: Callable[..., Any]
    ) -> None:
        other = desk_with("vietnam-2021", local=False, persona="pham-thi-mau")
        own = desk.subject
        lost = {(parse_dg1(desk.dg1).document_number, own.personal_number)}
        for person, reason in (
            (Person(replace(own, personal_number="099999999999"), desk.files.sod), Reason.PERSON_DIFFERS),
            (Person(other.subject, desk.files.sod), Reason.GROUP_DIFFERS),
            (Person(other.subject, other.files.sod), Reason.DOCUMENT_DIFFERS),
            (Person(own, b""), Reason.DOCUMENT_DIFFERS),
            (Person(own, desk.files.sod, lambda *card: card not in lost), Reason.CARD_NOT_VALID),
            (Person(own, desk.files.sod, countries={"VN": "LAO"}), Reason.FOREIGN_DOCUMENT),
        ):
            with pytest.raises(PresenceRefused) as refused:
                take(person)
            assert refused.value.reason is reason

    def test_nor_more_than_the_peer_has_seen(self, desk: Desk, register: Register) -> None:
        proof = desk.prove(register)
        receipt = judged(desk, register, proof, "population", None).token
        given = (receipt, desk.requests["land"], "land", desk.commitment, desk.caller)
        taken = accept_receipt(
            *given,
            issuers=register.issuers,
            store=SqliteStore(),
            now=register.now,
            person=Person(desk.subject, desk.files.sod),
        )
        assert (taken.level, taken.reasons) == (NOT_SHOWN, (Reason.PERSON_NOT_SHOWN,))
