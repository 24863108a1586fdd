"""The SecurityInfos of EF.CardAccess and DG14, and the key of DG15 (ICAO 9303-11 §9.2, 9303-10 §4.7.14, §4.7.15)."""

from __future__ import annotations

from mock_cards import der
from mock_cards.keys import EcKey, RsaKey
from reader.crypto import CipherSuite, Curve
from reader.iso7816 import encode

__all__ = [
    "CHIP_AUTHENTICATION_OID",
    "PACE_ECDH_GM_OID",
    "active_authentication_info",
    "chip_authentication_infos",
    "make_card_access",
    "make_dg14",
    "make_dg15",
    "pace_info",
]

PACE_ECDH_GM_OID: dict[CipherSuite, str] = {
    CipherSuite.TDES: "0.4.0.127.0.7.2.2.4.2.1",
    CipherSuite.AES_128: "0.4.0.127.0.7.2.2.4.2.2",
    CipherSuite.AES_192: "0.4.0.127.0.7.2.2.4.2.3",
    CipherSuite.AES_256: "0.4.0.127.0.7.2.2.4.2.4",
}
"""id-PACE-ECDH-GM-* by cipher (ICAO 9303-11 §9.2.3)."""

CHIP_AUTHENTICATION_OID: dict[CipherSuite, str] = {
    CipherSuite.TDES: "0.4.0.127.0.7.2.2.3.2.1",
    CipherSuite.AES_128: "0.4.0.127.0.7.2.2.3.2.2",
    CipherSuite.AES_192: "0.4.0.127.0.7.2.2.3.2.3",
    CipherSuite.AES_256: "0.4.0.127.0.7.2.2.3.2.4",
}
"""id-CA-ECDH-* by cipher (ICAO 9303-11 §9.2.7)."""

_PK_ECDH = "0.4.0.127.0.7.2.2.1.2"
_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
_ECDSA_PLAIN_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"
_RSA = "1.2.840.113549.1.1.1"


def pace_info(suite: CipherSuite, curve: Curve) -> bytes:
    """Encode the PACEInfo of generic mapping over ``curve``: version 2, standardised parameters."""
    if curve.parameter_id is None:
        raise ValueError(f"{curve.name} is no standardised curve")
    return der.sequence(der.object_identifier(PACE_ECDH_GM_OID[suite]), der.integer(2), der.integer(curve.parameter_id))


def chip_authentication_infos(suite: CipherSuite, key: EcKey, key_id: int | None) -> tuple[bytes, bytes]:
    """Encode ChipAuthenticationInfo and ChipAuthenticationPublicKeyInfo, parameters explicit (§9.2.5, §9.2.6)."""
    reference = b"" if key_id is None else der.integer(key_id)
    public_key = der.point_key(key.curve, key.point, explicit_parameters=True)
    return (
        der.sequence(der.object_identifier(CHIP_AUTHENTICATION_OID[suite]), der.integer(1), reference),
        der.sequence(der.object_identifier(_PK_ECDH), public_key, reference),
    )


def active_authentication_info() -> bytes:
    """Encode ActiveAuthenticationInfo of plain ECDSA with SHA-256: needed where DG15 holds an EC key (§9.2.4)."""
    return der.sequence(
        der.object_identifier(_ACTIVE_AUTHENTICATION), der.integer(1), der.object_identifier(_ECDSA_PLAIN_SHA256)
    )


def make_card_access(*infos: bytes) -> bytes:
    """Encode EF.CardAccess: a SET OF SecurityInfo."""
    return der.set_of(*infos)


def make_dg14(*infos: bytes) -> bytes:
    """Encode DG14: tag 6E around a SET OF SecurityInfo, those of EF.CardAccess among them (§9.2.11)."""
    return encode(0x6E, der.set_of(*infos))


def make_dg15(key: EcKey | RsaKey) -> bytes:
    """Encode DG15: tag 6F around the SubjectPublicKeyInfo, an EC key by the name of its curve (RFC 5480)."""
    if isinstance(key, EcKey):
        return encode(0x6F, der.point_key(key.curve, key.point, explicit_parameters=False))
    numbers = der.sequence(der.integer(key.modulus), der.integer(key.public_exponent))
    algorithm = der.sequence(der.object_identifier(_RSA), der.NULL)
    return encode(0x6F, der.sequence(algorithm, der.bit_string(numbers)))
