"""The protocols a chip can offer, by object identifier (ICAO 9303-11 §9.2.3, §9.2.7, §9.5.1)."""

from __future__ import annotations

from enum import Enum

from reader.crypto import CipherSuite, Curve, ModpGroup, curve_by_parameter_id, modp_group_by_parameter_id
from reader.errors import DataError

__all__ = ["Domain", "Mapping", "chip_authentication_oid", "domain_by_id", "pace_oid", "public_key_oid"]

Domain = Curve | ModpGroup

_SMARTCARD = "0.4.0.127.0.7.2.2"
_SUITES = {CipherSuite.TDES: 1, CipherSuite.AES_128: 2, CipherSuite.AES_192: 3, CipherSuite.AES_256: 4}


class Mapping(Enum):
    """Name how PACE makes a generator out of the nonce (ICAO 9303-11 §4.4.3.3)."""

    GENERIC = "generic"
    INTEGRATED = "integrated"
    CHIP_AUTHENTICATION = "chip-authentication"


# The arc below id-PACE by mapping, over MODP and over a curve.
_MAPPING_ARCS = {Mapping.GENERIC: (1, 2), Mapping.INTEGRATED: (3, 4), Mapping.CHIP_AUTHENTICATION: (None, 6)}


def pace_oid(mapping: Mapping, suite: CipherSuite, domain: Domain) -> str:
    """Return the object identifier of a kind of PACE; raise ValueError for one that the standard does not have."""
    arc = _MAPPING_ARCS[mapping][isinstance(domain, Curve)]
    if arc is None or (mapping is Mapping.CHIP_AUTHENTICATION and not suite.is_aes):
        raise ValueError("chip authentication mapping is for curves and AES")
    return f"{_SMARTCARD}.4.{arc}.{_SUITES[suite]}"


def chip_authentication_oid(suite: CipherSuite, domain: Domain) -> str:
    """Return the object identifier of a kind of Chip Authentication."""
    return f"{_SMARTCARD}.3.{1 + isinstance(domain, Curve)}.{_SUITES[suite]}"


def public_key_oid(domain: Domain) -> str:
    """Return id-PK-DH or id-PK-ECDH."""
    return f"{_SMARTCARD}.1.{1 + isinstance(domain, Curve)}"


def domain_by_id(parameter_id: int) -> Domain:
    """Return standardised domain parameters by their number, 0..2 or 8..18; raise ValueError for any other."""
    try:
        return modp_group_by_parameter_id(parameter_id) if parameter_id < 8 else curve_by_parameter_id(parameter_id)
    except DataError:
        raise ValueError(f"no standardised domain parameters have the number {parameter_id}") from None
