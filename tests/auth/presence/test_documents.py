"""Which documents are given a challenge: only those whose keys the country's issuer has signed (2.2, 5.2 C6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from auth.presence import DocumentFiles, PresenceLevel, PresencePolicy, PresenceRefused, Reason
from mock_cards.build import CardFactory
from reader.trust import TrustMaterial

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

REFUSED = {
    "csca-self-made": Reason.DOCUMENT_UNTRUSTED,  # the own-key clone: keys, EF.SOD and issuer of its own
    "sod-signature-broken": Reason.DOCUMENT_REFUSED,
    "sod-list-changed": Reason.DOCUMENT_REFUSED,
    "sod-by-another-key": Reason.DOCUMENT_REFUSED,
    "sod-without-signer": Reason.DOCUMENT_REFUSED,
    "sod-second-signer-wrong": Reason.DOCUMENT_REFUSED,
    "sod-md5-list": Reason.GROUP_DIFFERS,
    "dg14-changed": Reason.GROUP_DIFFERS,
    "dg15-changed": Reason.GROUP_DIFFERS,
    "dg14-suppressed": Reason.GROUP_WITHHELD,
    "dg15-suppressed": Reason.GROUP_WITHHELD,
    "ds-revoked": Reason.DOCUMENT_REVOKED,
    "ds-of-another-country": Reason.FOREIGN_DOCUMENT,
    "ds-is-authority": Reason.DOCUMENT_UNTRUSTED,
    "ca-key-off-curve": Reason.KEY_REFUSED,
}


@pytest.mark.parametrize("forgery", sorted(REFUSED))
def test_no_challenge_for_a_document_that_nobody_vouches_for(
    factory: CardFactory, desk_with: Callable[..., Desk], register: Register, forgery: str
) -> None:
    if forgery == "ds-revoked":
        register.trust = TrustMaterial.of(factory.anchors, (factory.revocation_list(register.now),))
    desk = desk_with("", forgery, local=False)
    with pytest.raises(PresenceRefused) as refused:
        desk.offer(register)
    assert refused.value.reason is REFUSED[forgery]


def test_a_list_of_sha1_digests_is_worth_no_more_than_data(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("", "sod-sha1-list", local=False)
    receipt = desk.judged(register, desk.prove(register))
    assert (receipt.verdict, receipt.level) == ("accepted", PresenceLevel.DATA_AUTHENTIC)
    assert Reason.SHA1_DIGESTS in receipt.reasons


def test_without_a_revocation_list_that_is_said(
    factory: CardFactory, desk_with: Callable[..., Desk], register: Register
) -> None:
    register.trust = TrustMaterial.of(factory.anchors)
    desk = desk_with("vietnam-2021", local=False)
    receipt = desk.judged(register, desk.prove(register))
    assert receipt.reasons == (Reason.REVOCATION_UNKNOWN,)


@pytest.mark.parametrize(("ended", "level"), [(1, PresenceLevel.DEVICE_WORD), (0, PresenceLevel.BOUND_TO_REQUEST)])
def test_by_a_trust_list_that_has_ended_nothing_is_shown_beyond_the_devices_word(
    desk_with: Callable[..., Desk], register: Register, ended: int, level: PresenceLevel
) -> None:
    register.trust_expires = register.now - timedelta(seconds=ended)
    desk = desk_with("vietnam-2021", local=False)
    receipt = desk.judged(register, desk.prove(register))
    assert (receipt.verdict, receipt.level) == ("accepted", level)
    assert (Reason.TRUST_EXPIRED in receipt.reasons) is bool(ended)


def test_a_list_that_ends_between_challenge_and_proof_has_ended(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    register.trust_expires = register.now + timedelta(seconds=10)
    desk = desk_with("vietnam-2021", local=False)
    proof = desk.prove(register)
    register.wait(20)
    receipt = desk.judged(register, proof)
    assert (receipt.level, receipt.reasons) == (PresenceLevel.DEVICE_WORD, (Reason.TRUST_EXPIRED,))


def test_what_weighs_more_than_an_ended_list_still_does(desk_with: Callable[..., Desk], register: Register) -> None:
    register.trust_expires = register.now - timedelta(days=1)
    desk = desk_with("", "sod-sha1-list", local=False)
    assert desk.judged(register, desk.prove(register)).level is PresenceLevel.DATA_AUTHENTIC


def test_cards_of_other_countries_are_not_known_here(desk_with: Callable[..., Desk], register: Register) -> None:
    register.policy = PresencePolicy(countries={"D": "D<<"})
    with pytest.raises(PresenceRefused) as refused:
        desk_with("vietnam-2021").offer(register)
    assert refused.value.reason is Reason.FOREIGN_DOCUMENT


@pytest.mark.parametrize(
    "files", [DocumentFiles(b""), DocumentFiles(b"\x77\x84\xff\xff\xff\xff"), DocumentFiles(b"w" * 300_000)]
)
def test_what_is_no_document_is_refused(
    desk_with: Callable[..., Desk], register: Register, files: DocumentFiles
) -> None:
    with pytest.raises(PresenceRefused) as refused:
        desk_with("vietnam-2021").offer(register, files=files)
    assert refused.value.reason is Reason.DOCUMENT_REFUSED


def test_the_proof_is_of_the_document_of_the_challenge(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2021", local=False)
    other = desk_with("vietnam-2021", local=False, persona="pham-thi-mau")
    receipt = desk.judged(register, replace(desk.prove(register), files=other.files))
    assert receipt.reasons == (Reason.DOCUMENT_DIFFERS,)
