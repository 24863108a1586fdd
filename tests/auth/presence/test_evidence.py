"""P8 and P9: a bundle is judged where there is no network, and nothing in it may be otherwise by one bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.presence import (
    EvidenceBasis,
    PresenceEvidence,
    PresenceLevel,
    PresencePolicy,
    PresenceRefused,
    Reason,
    judge_evidence,
)
from reader.trust import TrustMaterial

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any


@dataclass
class Filed:
    """Hold a bundle and what an auditor judges it by."""

    raw: bytes
    evidence: PresenceEvidence
    register: Register

    def judged(self, raw: bytes | None = None, **changes: Any) -> Any:
        given = {"issuers": self.register.issuers, "trust": self.register.trust} | changes
        return judge_evidence(self.raw if raw is None else raw, **given)


@pytest.fixture
def file(desk_with: Callable[..., Desk], register: Register) -> Callable[[bool], Filed]:
    """Return a function that proves presence, by signatures or by agreement, and files the evidence."""

    def filed(signs: bool) -> Filed:
        if signs:
            register.policy = PresencePolicy(evidence_purposes=frozenset({"citizen-information"}))
        desk = desk_with("vietnam-2021", local=False)
        proof = desk.prove(register, evidence=signs)
        receipt = register.verifier.judge(proof, desk.requests["land"], "land", desk.caller, desk.subject)
        key = DeviceKey.from_pem(desk.signer.public_pem()).key
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        evidence = PresenceEvidence(proof, receipt.token, spki, "list-7", receipt.log)
        return Filed(evidence.to_bytes(), evidence, register)

    return filed


@pytest.mark.parametrize(
    ("signs", "basis"), [(True, EvidenceBasis.CHIP_SIGNATURES), (False, EvidenceBasis.REGISTER_RECEIPT)]
)
def test_p8_a_bundle_is_judged_by_itself(file: Callable[[bool], Filed], signs: bool, basis: EvidenceBasis) -> None:
    verdict = file(signs).judged()
    assert (verdict.level, verdict.basis) == (PresenceLevel.BOUND_TO_REQUEST, basis)
    assert verdict.receipt.leaf == 1


def texts_in(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else None
    return [text for part in parts for text in texts_in(part)] if parts is not None else [value]


@pytest.mark.parametrize("signs", [True, False])
def test_p8_one_bit_of_any_field_makes_it_worthless(file: Callable[[bool], Filed], signs: bool) -> None:
    filed = file(signs)
    whole = json.loads(filed.raw)
    places = 0
    for value in whole.values():
        for text in texts_in(value):
            written = json.dumps(text, ensure_ascii=False)[1:-1].encode()
            begin = filed.raw.index(written)
            for offset in {0, len(written) // 2, len(written) - 1} if text else set():
                for bit in (1, 4):
                    changed = bytearray(filed.raw)
                    changed[begin + offset] ^= bit
                    places += 1
                    with pytest.raises(PresenceRefused):
                        filed.judged(bytes(changed))
    assert places >= 60


def test_p8_nor_any_other_bit_of_the_file(file: Callable[[bool], Filed]) -> None:
    filed = file(True)

    @settings(max_examples=60, deadline=None)
    @given(place=st.integers(0, len(filed.raw) * 8 - 1))
    def refused(place: int) -> None:
        changed = bytearray(filed.raw)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(PresenceRefused):
            filed.judged(bytes(changed))

    refused()


def test_p8_the_auditor_believes_whom_he_chooses(file: Callable[[bool], Filed]) -> None:
    filed = file(False)
    stranger = SoftwareSigner.generate()
    other = {"verifier": {stranger.key_id: DeviceKey.from_pem(stranger.public_pem())}}
    for changes, reason in (
        ({"issuers": {}}, Reason.TOKEN_INVALID),
        ({"issuers": other}, Reason.TOKEN_INVALID),
        ({"trust": TrustMaterial()}, Reason.DOCUMENT_UNTRUSTED),
        ({"countries": frozenset({"LA"})}, Reason.FOREIGN_DOCUMENT),
    ):
        with pytest.raises(PresenceRefused) as refused:
            filed.judged(**changes)
        assert refused.value.reason is reason


def test_p8_the_receipt_of_a_refusal_is_no_evidence(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2021", local=False)
    proof = replace(desk.prove(register), answers=(b"\x90\x00",))
    receipt = register.verifier.judge(proof, desk.requests["land"], "land", desk.caller, desk.subject)
    key = DeviceKey.from_pem(desk.signer.public_pem()).key
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(PresenceRefused):
        judge_evidence(
            PresenceEvidence(proof, receipt.token, spki, "list-7").to_bytes(), register.issuers, register.trust
        )


def test_p9_a_revealed_key_lets_the_auditor_compute_the_chips_answer(file: Callable[[bool], Filed]) -> None:
    filed = file(False)
    filed.register.wait(71)
    revealed = filed.register.verifier.reveal(filed.evidence.proof)
    verdict = filed.judged(revealed=revealed)
    assert (verdict.level, verdict.basis) == (PresenceLevel.BOUND_TO_REQUEST, EvidenceBasis.REVEALED_KEY)
    with pytest.raises(PresenceRefused) as refused:
        filed.judged(revealed=revealed + 1)
    assert refused.value.reason is Reason.SECRET_UNKNOWN


def test_p9_nothing_is_revealed_while_it_could_be_used(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2021", local=False)
    proof = desk.prove(register)
    register.wait(71)
    with pytest.raises(PresenceRefused):
        register.verifier.reveal(proof)  # expired, and no answer was ever logged
    register.wait(-71)
    desk.judged(register, proof)
    with pytest.raises(PresenceRefused):
        register.verifier.reveal(proof)  # answered, and still valid for the other register
    register.wait(71)
    assert register.verifier.reveal(proof) > 1


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_refused_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(PresenceRefused):
        judge_evidence(raw, {}, TrustMaterial())
