"""EF.SOD: the hashes of the data groups, signed (ICAO 9303-10 §4.6.2, appendix D; RFC 5652)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from mock_cards import der
from mock_cards.issuing.certificates import DocumentSigner
from mock_cards.issuing.signatures import digest_algorithm
from mock_cards.issuing.signed_data import (
    AlterSignedData,
    SignedDataTemplate,
    SignerTemplate,
    issuer_and_serial,
    signed_attributes,
)
from reader.iso7816 import encode

__all__ = ["LDS_SECURITY_OBJECT", "make_lds_security_object", "make_security_object", "security_object_template"]

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"


def make_lds_security_object(
    data_groups: Mapping[int, bytes], digest: str = "sha256", versions: tuple[str, str] | None = None
) -> bytes:
    """Encode LDSSecurityObject with the digest of each data group, by number.

    ``versions`` are those of LDS and Unicode ("0108", "040000"), which make it version 1; without them it is version 0.
    """
    entries = (
        der.sequence(der.integer(number), der.octet_string(hashlib.new(digest, content).digest()))
        for number, content in sorted(data_groups.items())
    )
    said = der.sequence(*(der.printable(version) for version in versions)) if versions else b""
    return der.sequence(der.integer(1 if versions else 0), digest_algorithm(digest), der.sequence(*entries), said)


def security_object_template(content: bytes, signer: DocumentSigner, signed_at: datetime) -> SignedDataTemplate:
    """Draw up the SignedData of EF.SOD: hashed with SHA-256, signed as the signer does, its certificate inside."""
    by = SignerTemplate(
        signer.key,
        issuer_and_serial(signer.issuer, signer.serial),
        "sha256",
        signer.scheme,
        signed_attributes(LDS_SECURITY_OBJECT, content, "sha256", signed_at),
    )
    return SignedDataTemplate(LDS_SECURITY_OBJECT, content, (signer.certificate,), (by,))


def make_security_object(
    data_groups: Mapping[int, bytes],
    signer: DocumentSigner,
    signed_at: datetime,
    alter: AlterSignedData | None = None,
    content: bytes | None = None,
) -> bytes:
    """Encode EF.SOD under tag 77; a defect ``alter``s the template, or brings ``content`` of its own."""
    listed = make_lds_security_object(data_groups) if content is None else content
    template = security_object_template(listed, signer, signed_at)
    return encode(0x77, (alter(template) if alter else template).encoded())
