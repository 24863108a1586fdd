"""EF.CardSecurity: SecurityInfos that the issuer signed, in the master file (ICAO 9303-10 §3.11.4, 9303-11 §9.2.11).

This file takes the CMS apart as far as what it holds; whether anyone vouches for it is judged by ``reader.trust``.
Until then the infos, and the key that PACE with Chip Authentication Mapping is checked with, are only a claim.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.lds.asn1 import OCTET_STRING, SEQUENCE, Element, decode_natural, decode_oid, decode_one
from reader.lds.security_infos import SecurityInfos, parse_security_infos

__all__ = ["CardSecurity", "parse_card_security"]

MAX_FILE_BYTES = 64 * 1024

ID_SIGNED_DATA = "1.2.840.113549.1.7.2"
ID_SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
ID_EF_DIR = "2.23.136.1.1.13"
EXPLICIT_TAG = 0xA0


@dataclass(frozen=True, slots=True, repr=False)
class CardSecurity:
    """Hold EF.CardSecurity: ``cms`` is the ContentInfo as it stands, ``content`` what it says it signs.

    ``infos`` are read from ``content``. ``ef_dir`` is the signed copy of EF.DIR, None where there is none (§9.2.10).
    """

    cms: bytes
    content: bytes
    infos: SecurityInfos
    ef_dir: bytes | None

    def __repr__(self) -> str:
        """Show how many infos."""
        return f"CardSecurity({len(self.infos.infos)} infos)"


def parse_card_security(raw: bytes) -> CardSecurity:
    """Parse EF.CardSecurity; raise DataError for more than 64 KiB and for what is no SignedData over SecurityInfos."""
    if len(raw) > MAX_FILE_BYTES:
        raise DataError("EF.CardSecurity of more than 64 KiB")
    whole = decode_one(raw, SEQUENCE)
    content_type, explicit = _two(whole)
    if decode_oid(content_type) != ID_SIGNED_DATA:
        raise DataError("EF.CardSecurity that is not SignedData", content_type.start)
    signed_data = _only(explicit.expect(EXPLICIT_TAG)).expect(SEQUENCE).children(6)
    # version, digest algorithms, content, certificates, revocation lists, signers
    if len(signed_data) < 4:
        raise DataError("SignedData with missing elements", explicit.begin)
    decode_natural(signed_data[0], 1)
    inner_type, inner = _two(signed_data[2].expect(SEQUENCE))
    if decode_oid(inner_type) != ID_SECURITY_OBJECT:
        raise DataError("SignedData over something else than SecurityInfos", inner_type.start)
    content = _only(inner.expect(EXPLICIT_TAG)).expect(OCTET_STRING)
    value = content.value
    try:
        infos = parse_security_infos(value)
    except DataError as error:
        raise DataError(error.what, content.begin + (error.offset or 0)) from None
    return CardSecurity(whole.raw, value, infos, _ef_dir(infos))


def _ef_dir(infos: SecurityInfos) -> bytes | None:
    """Return the copy of EF.DIR among the infos; raise DataError for two of them, or one that is malformed."""
    copies = []
    for info in infos.unknown:
        fields = decode_one(info, SEQUENCE).children(8)
        if decode_oid(fields[0]) == ID_EF_DIR:
            if len(fields) != 2:
                raise DataError("EFDIRInfo with missing or surplus elements")
            copies.append(fields[1].expect(OCTET_STRING).value)
    if len(copies) > 1:
        raise DataError("two copies of EF.DIR")
    return copies[0] if copies else None


def _two(element: Element) -> tuple[Element, Element]:
    parts = element.children(2)
    if len(parts) != 2:
        raise DataError("element missing", element.start)
    return parts[0], parts[1]


def _only(element: Element) -> Element:
    parts = element.children(1)
    if not parts:
        raise DataError("element missing", element.start)
    return parts[0]
