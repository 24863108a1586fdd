"""What a chip with Chip Authentication Mapping shows, from the issuer's side: EF.CardSecurity and a run of PACE-CAM.

The CMS is put together by asn1crypto, which the emulator's issuer does not use, and the mapping data by the formula of
the standard, from the static key's secret.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from asn1crypto import algos, cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mock_cards.issuing.certificates import DocumentSigner
from reader.access import ChipMapping
from reader.crypto import Curve, encode_point, generator, multiply
from reader.iso7816 import encode

__all__ = ["CURVE_OID", "SECURITY_OBJECT", "directory_info", "mapping_of", "public_key_info", "sign_infos"]

SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
CURVE_OID = "0.4.0.127.0.7.1.2"
_SIGNED_AT = datetime(2025, 1, 1, tzinfo=UTC)


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def public_key_info(curve: Curve, secret: int, number: int) -> bytes:
    """Encode a ChipAuthenticationPublicKeyInfo on standardised parameters."""
    point = encode_point(curve, multiply(curve, secret, generator(curve)))
    parameters = encode(0x30, _oid(CURVE_OID) + encode(0x02, bytes((curve.parameter_id or 0,))))
    spki = encode(0x30, parameters + encode(0x03, b"\0" + point))
    return encode(0x30, _oid("0.4.0.127.0.7.2.2.1.2") + spki + encode(0x02, bytes((number,))))


def directory_info(directory: bytes) -> bytes:
    """Encode an EFDIRInfo."""
    return encode(0x30, _oid("2.23.136.1.1.13") + encode(0x04, directory))


def mapping_of(curve: Curve, secret: int, ephemeral: int = 4711) -> ChipMapping:
    """Return what a chip with the static key ``secret`` sends: SK_Map divided by it (§4.4.3.5.1)."""
    data = ephemeral * pow(secret, -1, curve.n) % curve.n
    key = encode_point(curve, multiply(curve, ephemeral, generator(curve)))
    return ChipMapping(curve, curve.parameter_id or 0, key, data)


def sign_infos(
    infos: bytes, signer: DocumentSigner, *, content_type: str = SECURITY_OBJECT, signed_at: datetime = _SIGNED_AT
) -> bytes:
    """Sign a SET OF SecurityInfo as EF.CardSecurity holds it, with ECDSA and SHA-256."""
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [cms.ContentType(content_type)]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": signed_at})]},
            {"type": "message_digest", "values": [hashlib.sha256(infos).digest()]},
        ]
    )
    signature = signer.key.signing_key().sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
    serial = core.Integer(signer.serial).dump()
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number", cms.IssuerAndSerialNumber.load(encode(0x30, signer.issuer + serial))
            ),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": signature,
        }
    )
    inner = encode(0x30, _oid(content_type) + encode(0xA0, encode(0x04, infos)))
    parts = (
        core.Integer(3).dump(),
        encode(0x31, sha256.dump()),
        inner,
        encode(0xA0, signer.certificate),
        encode(0x31, signer_info.dump()),
    )
    return encode(0x30, _oid("1.2.840.113549.1.7.2") + encode(0xA0, encode(0x30, b"".join(parts))))
