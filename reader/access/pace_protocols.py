"""What the PACEInfos of a chip offer, which offers this reader can use, and which it prefers (ICAO 9303-11 §9.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from reader.crypto import CipherSuite, Curve, curve_by_parameter_id
from reader.errors import DataError
from reader.lds import PaceInfo, SecurityInfos

__all__ = ["Mapping", "PaceOffer", "are_parameters_ambiguous", "rank_offers"]

ID_PACE = "0.4.0.127.0.7.2.2.4"
VERSION = 2


class Mapping(Enum):
    """Name how the nonce becomes a generator (§4.4.3.3)."""

    GENERIC = "generic"
    INTEGRATED = "integrated"
    CHIP_AUTHENTICATION = "chip-authentication"


_ELLIPTIC = {2: Mapping.GENERIC, 4: Mapping.INTEGRATED, 6: Mapping.CHIP_AUTHENTICATION}
_SUITES = {1: CipherSuite.TDES, 2: CipherSuite.AES_128, 3: CipherSuite.AES_192, 4: CipherSuite.AES_256}
_STRENGTH = (CipherSuite.TDES, CipherSuite.AES_128, CipherSuite.AES_192, CipherSuite.AES_256)
_PERFORMED = frozenset({Mapping.GENERIC})


@dataclass(frozen=True, slots=True)
class PaceOffer:
    """Hold one PACEInfo that this reader can perform, read into mapping, cipher suite and curve."""

    info: PaceInfo
    mapping: Mapping
    suite: CipherSuite
    curve: Curve


def rank_offers(infos: Iterable[PaceInfo]) -> tuple[PaceOffer, ...]:
    """Return the offers that can be performed, the best first: stronger cipher, then larger curve, then chip's order.

    Left out are versions other than 2, protocols not performed here, and everything without standardised domain
    parameters: explicit ones from an unsigned file are never used (§9.2.2, AC-12).
    """
    offers = [offer for offer in map(_read_offer, infos) if offer is not None]
    return tuple(sorted(offers, key=lambda offer: (-_STRENGTH.index(offer.suite), -offer.curve.n.bit_length())))


def are_parameters_ambiguous(infos: SecurityInfos) -> bool:
    """Tell whether the chip offers more than one set of domain parameters for PACE (§4.4.4.1, tag 84)."""
    standardised = {info.parameter_id for info in infos.pace}
    return len(standardised) + len(infos.pace_domain_parameters) > 1


def _read_offer(info: PaceInfo) -> PaceOffer | None:
    if info.version != VERSION or info.parameter_id is None or not info.oid.startswith(ID_PACE + "."):
        return None
    arcs = [int(arc) for arc in info.oid.removeprefix(ID_PACE + ".").split(".")]
    if len(arcs) != 2:
        return None
    mapping, suite = _ELLIPTIC.get(arcs[0]), _SUITES.get(arcs[1])
    if mapping is None or mapping not in _PERFORMED or suite is None:
        return None
    try:
        curve = curve_by_parameter_id(info.parameter_id)
    except DataError:
        return None
    return PaceOffer(info, mapping, suite, curve)
