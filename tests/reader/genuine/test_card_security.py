"""EF.CardSecurity judged: what its signature covers, and that nothing anybody sends makes the judge raise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards.issuing import Issuer
from mock_cards.keys import seeded_rng
from reader.crypto import curve_by_name
from reader.genuine import CardSecurityReason, card_security, judge_card_security
from reader.genuine.chip_mapping import differing_key_ids
from reader.iso7816 import encode
from reader.lds import SecurityInfos, parse_card_security, parse_security_infos
from reader.verdict import CheckStatus

CURVE = curve_by_name("brainpoolP256r1")


@pytest.fixture(scope="module")
def file(mapping_cards: ModuleType) -> bytes:
    """Return a file with one key, signed by a Document Signer."""
    signer = Issuer(seeded_rng("card security")).document_signer(date(2026, 1, 1))
    infos = encode(0x31, mapping_cards.public_key_info(CURVE, 4711, 13))
    signed: bytes = mapping_cards.sign_infos(infos, signer)
    return signed


def test_the_signature_is_judged_by_itself(file: bytes) -> None:
    found = judge_card_security(file)
    assert found.proven
    assert found.content is not None
    assert [key.key_id for key in found.content.infos.chip_public_keys] == [13]
    assert found.signed.signer is not None
    assert found.signed.signed_at is not None


def test_no_changed_byte_changes_what_is_believed(file: bytes) -> None:
    """A byte that no signature covers, as in the version, may be another; what is said never is."""
    original = judge_card_security(file).content
    assert original is not None
    for place in range(0, len(file), 4):
        changed = bytearray(file)
        changed[place] ^= 0x01
        found = judge_card_security(bytes(changed))
        assert not found.proven or (found.content is not None and found.content.infos == original.infos), place


@given(raw=st.binary(max_size=600))
def test_any_bytes_are_a_verdict(raw: bytes) -> None:
    found = judge_card_security(raw)
    assert (found.content, found.proven) == (None, False)
    assert found.signed.signature.status is CheckStatus.FAILED
    assert found.signed.signature.reason == CardSecurityReason.MALFORMED


@given(data=st.data())
def test_any_damage_is_a_verdict(file: bytes, data: st.DataObject) -> None:
    changed = bytearray(file)
    for place in data.draw(st.lists(st.integers(0, len(file) - 1), min_size=1, max_size=5)):
        changed[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)))
    for raw in (bytes(changed), file[:cut]):
        judge_card_security(raw)


def test_an_ef_sod_is_no_card_security(file: bytes, mapping_cards: ModuleType) -> None:
    signer = Issuer(seeded_rng("card security")).document_signer(date(2026, 1, 1))
    infos = encode(0x31, mapping_cards.public_key_info(CURVE, 4711, 13))
    other = mapping_cards.sign_infos(infos, signer, content_type="2.23.136.1.1.1")
    for raw in (other, encode(0x77, file)):
        assert judge_card_security(raw).signed.signature.reason == CardSecurityReason.MALFORMED


def test_what_is_believed_is_what_was_signed(file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """One parser reads the file for its signature, another for its infos; two contents are none."""
    other = replace(parse_card_security(file), content=b"another SET OF SecurityInfo")
    monkeypatch.setattr(card_security, "parse_card_security", lambda raw: other)
    found = judge_card_security(file)
    assert (found.content, found.proven) == (None, False)
    assert dict(found.signed.signature.evidence)["where"] == "two contents in one file"


def test_keys_that_cannot_be_read_differ_by_their_bytes(mapping_cards: ModuleType) -> None:
    """CH-15: on a curve that nobody standardised, two keys under one number are two keys all the same."""
    named, unnamed = (encode(0x02, bytes((number,))) for number in (CURVE.parameter_id or 0, 31))

    def strange(secret: int) -> SecurityInfos:
        info = mapping_cards.public_key_info(CURVE, secret, 7).replace(named, unnamed)
        return parse_security_infos(encode(0x31, info))

    assert differing_key_ids(strange(4711), strange(4711)) == ()
    assert differing_key_ids(strange(4711), strange(4712)) == (7,)
