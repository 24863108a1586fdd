"""EF.SOD: the hashes of the data groups, signed (ICAO 9303-10 appendix D; RFC 5652)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mock_cards import der
from mock_cards.issuing.certificates import DocumentSigner
from reader.iso7816 import encode

__all__ = ["make_lds_security_object", "make_security_object"]

_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"

# Digest algorithms go without NULL (ICAO 9303-10 §4.6.2.3, note 2).
_SHA256_ALGORITHM = der.sequence(der.object_identifier(_SHA256))


def make_lds_security_object(data_groups: Mapping[int, bytes]) -> bytes:
    """Encode LDSSecurityObject version 0 with the SHA-256 of each data group, by number."""
    entries = (
        der.sequence(der.integer(number), der.octet_string(hashlib.sha256(content).digest()))
        for number, content in sorted(data_groups.items())
    )
    return der.sequence(der.integer(0), _SHA256_ALGORITHM, der.sequence(*entries))


def make_security_object(data_groups: Mapping[int, bytes], signer: DocumentSigner, signed_at: datetime) -> bytes:
    """Encode EF.SOD: tag 77 around CMS SignedData version 3 by ECDSA with SHA-256, signer's certificate inside."""
    content = make_lds_security_object(data_groups)
    attributes = _signed_attributes(content, signed_at)
    # What is signed is the SET itself; what is stored is the same bytes under the implicit tag [0] (RFC 5652 §5.4).
    signature = signer.key.signing_key().sign(
        encode(0x31, attributes), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    )
    signer_info = der.sequence(
        der.integer(1),
        der.sequence(signer.issuer, der.integer(signer.serial)),
        _SHA256_ALGORITHM,
        encode(0xA0, attributes),
        der.sequence(der.object_identifier(_ECDSA_SHA256)),
        der.octet_string(signature),
    )
    signed_data = der.sequence(
        der.integer(3),
        der.set_of(_SHA256_ALGORITHM),
        der.sequence(der.object_identifier(_LDS_SECURITY_OBJECT), der.explicit(0, der.octet_string(content))),
        encode(0xA0, signer.certificate),
        der.set_of(signer_info),
    )
    return encode(0x77, der.sequence(der.object_identifier(_SIGNED_DATA), der.explicit(0, signed_data)))


def _signed_attributes(content: bytes, signed_at: datetime) -> bytes:
    """Return the members of the SET OF Attribute, in DER order, without tag and length."""
    attributes = (
        _attribute(_CONTENT_TYPE, der.object_identifier(_LDS_SECURITY_OBJECT)),
        _attribute(_SIGNING_TIME, der.time(signed_at)),
        _attribute(_MESSAGE_DIGEST, der.octet_string(hashlib.sha256(content).digest())),
    )
    return b"".join(sorted(attributes))


def _attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.object_identifier(oid), der.set_of(value))
