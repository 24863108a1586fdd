"""PACE with Chip Authentication Mapping, judged: whether the chip holds its static key (ICAO 9303-11 §4.4.3.5).

PACE brought the data; the key comes from EF.CardSecurity. The answer is a pass only where the issuer's signature over
that key holds, chain and all: for any other key the arithmetic means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from reader.access import ChipMapping, mapping_key_of, verify_chip_mapping
from reader.errors import DataError
from reader.genuine.card_security import SignedCardSecurity
from reader.lds import SecurityInfos
from reader.trust import parse_spki
from reader.verdict import CheckStatus, Verdict

__all__ = ["MappingReason", "differing_key_ids", "judge_chip_mapping"]


class MappingReason(StrEnum):
    """Name the ways in which ``genuine.chip-mapping`` comes out."""

    SHOWN = "static-key-shown"
    NOT_SHOWN = "static-key-not-shown"
    KEYS_DIFFER = "keys-differ"
    KEY_REFUSED = "key-refused"
    SUPPRESSED = "suppressed"
    KEY_NOT_PROVEN = "key-not-proven"
    KEY_NOT_READ = "key-not-read"
    NOT_OFFERED = "not-offered"
    NOT_USED = "not-used"


def judge_chip_mapping(
    mapping: ChipMapping, security: SignedCardSecurity, chain: Verdict | None, dg14: SecurityInfos | None
) -> Verdict:
    """Judge what one run of PACE-CAM brought.

    ``chain`` is the verdict on the signer of EF.CardSecurity, ``dg14`` the content of a DG14 that is as it was signed,
    None where there is none. CH-13: data that do not fit the key are Failed. CH-14: without signature or chain it is
    Inconclusive. CH-15: a key that DG14 has under the same number and otherwise is Failed.
    """
    evidence = {"curve": mapping.curve.name, "key-id": str(mapping.parameter_id)}
    if security.content is None or not security.proven:
        return Verdict.inconclusive(MappingReason.KEY_NOT_PROVEN, evidence)
    infos = security.content.infos
    try:
        key = mapping_key_of(infos, mapping)
    except DataError as error:
        return Verdict.failed(MappingReason.KEY_REFUSED, evidence | {"why": str(error)})
    evidence |= {"key": key.fingerprint}
    if dg14 is not None and mapping.parameter_id in differing_key_ids(infos, dg14):
        return Verdict.failed(MappingReason.KEYS_DIFFER, evidence)
    if not verify_chip_mapping(mapping, key):
        return Verdict.failed(MappingReason.NOT_SHOWN, evidence)
    if chain is None or chain.status is not CheckStatus.PASSED:
        return Verdict.inconclusive(MappingReason.KEY_NOT_PROVEN, evidence)
    return Verdict.passed(MappingReason.SHOWN, evidence)


def differing_key_ids(one: SecurityInfos, other: SecurityInfos) -> tuple[int, ...]:
    """Return the numbers under which both files hold a key of the chip, and not the same one."""
    mine, theirs = dict(_keys(one)), dict(_keys(other))
    return tuple(sorted(number for number in mine.keys() & theirs.keys() if mine[number] != theirs[number]))


def _keys(infos: SecurityInfos) -> Iterator[tuple[int, str]]:
    """Yield number and fingerprint of each numbered key; a key that cannot be read is told by its bytes."""
    for info in infos.chip_public_keys:
        if info.key_id is None:
            continue
        try:
            yield info.key_id, parse_spki(info.spki).fingerprint
        except DataError:
            yield info.key_id, info.spki.hex()
