"""The SecurityInfos of EF.CardAccess, EF.CardSecurity and DG14, and the key of DG15 (ICAO 9303-11 §9.2)."""

from __future__ import annotations

from mock_cards import der
from mock_cards.image import ActiveKey, ChipKey, PaceOption
from mock_cards.keys import DhKey, EcKey
from mock_cards.profile import ActiveKeySpec
from mock_cards.protocols import Mapping, chip_authentication_oid, domain_by_id, pace_oid, public_key_oid
from reader.crypto import CipherSuite, encode_point
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
    "terminal_authentication_info",
]

_ANY_CURVE = domain_by_id(13)

PACE_ECDH_GM_OID: dict[CipherSuite, str] = {
    suite: pace_oid(Mapping.GENERIC, suite, _ANY_CURVE) for suite in CipherSuite
}
"""id-PACE-ECDH-GM-* by cipher (ICAO 9303-11 §9.2.3)."""

CHIP_AUTHENTICATION_OID: dict[CipherSuite, str] = {
    suite: chip_authentication_oid(suite, _ANY_CURVE) for suite in CipherSuite
}
"""id-CA-ECDH-* by cipher (ICAO 9303-11 §9.2.7)."""

_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
_TERMINAL_AUTHENTICATION = "0.4.0.127.0.7.2.2.2"
_ECDSA_PLAIN = "0.4.0.127.0.7.1.1.4.1"
_ECDSA_PLAIN_ARCS = {"sha1": 1, "sha224": 2, "sha256": 3, "sha384": 4, "sha512": 5}
_STANDARDISED_PARAMETERS = "0.4.0.127.0.7.1.2"
_PKCS3, _X942 = "1.2.840.113549.1.3.1", "1.2.840.10046.2.1"


def pace_info(option: PaceOption) -> bytes:
    """Encode the PACEInfo of ``option``: version 2, standardised parameters (§9.2.1)."""
    if option.domain.parameter_id is None:
        raise ValueError(f"{option.domain} is not standardised")
    return der.sequence(der.object_identifier(option.oid), der.integer(2), der.integer(option.domain.parameter_id))


def chip_authentication_infos(chip_key: ChipKey, *, numbered: bool = False) -> tuple[bytes, ...]:
    """Encode ChipAuthenticationInfo, where it is published, and ChipAuthenticationPublicKeyInfo (§9.2.5, §9.2.6).

    A ``numbered`` curve goes by its number among the standardised parameters (§9.5.1), else it is spelt out.
    """
    reference = b"" if chip_key.key_id is None else der.integer(chip_key.key_id)
    key = chip_key.key
    if isinstance(key, EcKey):
        if numbered and key.curve.parameter_id is not None:
            public_key = _numbered_key(key, key.curve.parameter_id)
        else:
            public_key = der.point_key(key.curve, key.point, explicit_parameters=True)
    else:
        public_key = _dh_public_key(key, x942=chip_key.x942)
    info = der.sequence(der.object_identifier(chip_key.oid), der.integer(1), reference)
    key_info = der.sequence(der.object_identifier(public_key_oid(chip_key.domain)), public_key, reference)
    return (info, key_info) if chip_key.with_info else (key_info,)


def _numbered_key(key: EcKey, number: int) -> bytes:
    algorithm = der.sequence(der.object_identifier(_STANDARDISED_PARAMETERS), der.integer(number))
    return der.sequence(algorithm, der.bit_string(encode_point(key.curve, key.point)))


def _dh_public_key(key: DhKey, *, x942: bool) -> bytes:
    """Encode a DH key by PKCS#3, as §9.6 has it, or by X9.42, as some issuers had it (§8.5, note 2)."""
    group = key.group
    if x942:
        algorithm = der.sequence(
            der.object_identifier(_X942),
            der.sequence(der.integer(group.p), der.integer(group.g), der.integer(group.q)),
        )
    else:
        algorithm = der.sequence(
            der.object_identifier(_PKCS3), der.sequence(der.integer(group.p), der.integer(group.g))
        )
    return der.sequence(algorithm, der.bit_string(der.integer(key.value)))


def active_authentication_info(spec: ActiveKeySpec) -> bytes:
    """Encode ActiveAuthenticationInfo of plain ECDSA: needed where DG15 holds an EC key (§9.2.4)."""
    return der.sequence(
        der.object_identifier(_ACTIVE_AUTHENTICATION),
        der.integer(1),
        der.object_identifier(f"{_ECDSA_PLAIN}.{_ECDSA_PLAIN_ARCS[spec.hash_name]}"),
    )


def terminal_authentication_info() -> bytes:
    """Encode TerminalAuthenticationInfo of version 1, EF.CVCA where it is by default (§9.2.8, §K.2)."""
    return der.sequence(der.object_identifier(_TERMINAL_AUTHENTICATION), der.integer(1))


def make_card_access(*infos: bytes) -> bytes:
    """Encode EF.CardAccess: a SET OF SecurityInfo."""
    return der.set_of(*infos)


def make_dg14(*infos: bytes) -> bytes:
    """Encode DG14: tag 6E around a SET OF SecurityInfo, those of EF.CardAccess among them (§9.2.11)."""
    return encode(0x6E, der.set_of(*infos))


def make_dg15(key: ActiveKey) -> bytes:
    """Encode DG15: tag 6F around the SubjectPublicKeyInfo, an EC key by the name of its curve (RFC 5480)."""
    if isinstance(key, EcKey):
        return encode(0x6F, der.point_key(key.curve, key.point, explicit_parameters=False))
    return encode(0x6F, der.rsa_key(key.modulus, key.public_exponent))
