"""Chip Authentication Mapping judged by what it needs: the issuer's signature, the key, the data (CH-13 … CH-15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import ModuleType

import pytest

from mock_cards.issuing import Issuer
from mock_cards.keys import seeded_rng
from reader.access import ChipMapping
from reader.crypto import curve_by_name
from reader.genuine import MappingReason, SignedCardSecurity, judge_card_security, judge_chip_mapping
from reader.iso7816 import encode
from reader.lds import SecurityInfos, parse_security_infos
from reader.verdict import CheckStatus, Verdict

CURVE = curve_by_name("brainpoolP256r1")
SECRET, NUMBER = 0x1F2E3D4C5B6A7988, 13
ANCHORED = Verdict.passed("anchored", {"anchor": "of the country"})
Sign = Callable[..., SignedCardSecurity]


@pytest.fixture(scope="module")
def signed(mapping_cards: ModuleType) -> Sign:
    """Return a function that signs keys, each given as secret and number, and judges the file."""
    signer = Issuer(seeded_rng("chip mapping")).document_signer(date(2026, 1, 1))

    def judged(*keys: tuple[int, int]) -> SignedCardSecurity:
        infos = b"".join(mapping_cards.public_key_info(CURVE, *key) for key in keys)
        return judge_card_security(mapping_cards.sign_infos(encode(0x31, infos), signer))

    return judged


@pytest.fixture(scope="module")
def mapping(mapping_cards: ModuleType) -> ChipMapping:
    """Return what the chip with ``SECRET`` sends."""
    sent: ChipMapping = mapping_cards.mapping_of(CURVE, SECRET)
    return sent


def dg14_with(mapping_cards: ModuleType, secret: int, number: int | None) -> SecurityInfos:
    infos = parse_security_infos(encode(0x31, mapping_cards.public_key_info(CURVE, secret, NUMBER)))
    return replace(infos, chip_public_keys=(replace(infos.chip_public_keys[0], key_id=number),))


def outcome(verdict: Verdict) -> tuple[CheckStatus, str]:
    return verdict.status, verdict.reason


def test_a_chip_that_holds_the_signed_and_anchored_key_passes(signed: Sign, mapping: ChipMapping) -> None:
    verdict = judge_chip_mapping(mapping, signed((SECRET, NUMBER)), ANCHORED, None)
    assert outcome(verdict) == (CheckStatus.PASSED, MappingReason.SHOWN)
    assert dict(verdict.evidence).keys() == {"curve", "key-id", "key"}


def test_data_of_another_key_fail_whoever_signed(signed: Sign, mapping: ChipMapping) -> None:
    """CH-13: arithmetic that does not hold is a failure, with a chain or without."""
    for chain in (ANCHORED, None):
        verdict = judge_chip_mapping(mapping, signed((SECRET + 1, NUMBER)), chain, None)
        assert outcome(verdict) == (CheckStatus.FAILED, MappingReason.NOT_SHOWN)


@pytest.mark.parametrize("chain", [None, Verdict.inconclusive("no-trust-anchor"), Verdict.failed("untrusted")])
def test_without_a_chain_that_passed_nothing_passes(signed: Sign, mapping: ChipMapping, chain: Verdict | None) -> None:
    """CH-14."""
    verdict = judge_chip_mapping(mapping, signed((SECRET, NUMBER)), chain, None)
    assert outcome(verdict) == (CheckStatus.INCONCLUSIVE, MappingReason.KEY_NOT_PROVEN)


def test_a_file_that_is_none_proves_no_key(mapping: ChipMapping) -> None:
    """CH-14: the signature."""
    verdict = judge_chip_mapping(mapping, judge_card_security(b"no file"), ANCHORED, None)
    assert outcome(verdict) == (CheckStatus.INCONCLUSIVE, MappingReason.KEY_NOT_PROVEN)


@pytest.mark.parametrize("keys", [((SECRET, NUMBER + 1),), ((SECRET, NUMBER), (SECRET, NUMBER))])
def test_the_key_must_be_there_once(signed: Sign, mapping: ChipMapping, keys: tuple[tuple[int, int], ...]) -> None:
    verdict = judge_chip_mapping(mapping, signed(*keys), ANCHORED, None)
    assert outcome(verdict) == (CheckStatus.FAILED, MappingReason.KEY_REFUSED)


@pytest.mark.parametrize(
    ("secret", "number", "expected"),
    [
        (SECRET, NUMBER, MappingReason.SHOWN),
        (SECRET + 1, NUMBER, MappingReason.KEYS_DIFFER),
        (SECRET + 1, NUMBER + 1, MappingReason.SHOWN),
        (SECRET + 1, None, MappingReason.SHOWN),
    ],
    ids=["the same key", "another key", "another number", "no number"],
)
def test_only_another_key_under_the_same_number_contradicts(
    signed: Sign, mapping: ChipMapping, mapping_cards: ModuleType, secret: int, number: int | None, expected: str
) -> None:
    """CH-15: both files are signed, and one of them says something else."""
    dg14 = dg14_with(mapping_cards, secret, number)
    assert judge_chip_mapping(mapping, signed((SECRET, NUMBER)), ANCHORED, dg14).reason == expected
