"""What the PACEInfos of a chip offer, which offers this reader can use, and which it prefers (ICAO 9303-11 §9.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum

from reader.access.integrated_mapping import suits_integrated_mapping
from reader.crypto import CipherSuite, Curve, ModpGroup, curve_by_parameter_id, modp_group_by_parameter_id
from reader.errors import DataError
from reader.lds import PaceInfo, SecurityInfos

__all__ = ["Mapping", "OfferRefusal", "PaceOffer", "are_parameters_ambiguous", "rank_offers", "refused_offers"]

ID_PACE = "0.4.0.127.0.7.2.2.4"
VERSION = 2
LAST_STANDARDISED = 31


class Mapping(Enum):
    """Name how the nonce becomes a generator (§4.4.3.3)."""

    GENERIC = "generic"
    INTEGRATED = "integrated"
    CHIP_AUTHENTICATION = "chip-authentication"


class OfferRefusal(StrEnum):
    """Say why an offer of PACE is not taken."""

    EXPLICIT_PARAMETERS = "explicit-parameters"
    UNKNOWN_PARAMETERS = "unknown-parameters"
    PARAMETERS_DO_NOT_FIT = "parameters-do-not-fit"
    UNKNOWN_PROTOCOL = "unknown-protocol"
    UNKNOWN_VERSION = "unknown-version"


# The arc below id-PACE, as (mapping, over a curve).
_PROTOCOLS = {
    1: (Mapping.GENERIC, False),
    2: (Mapping.GENERIC, True),
    3: (Mapping.INTEGRATED, False),
    4: (Mapping.INTEGRATED, True),
    6: (Mapping.CHIP_AUTHENTICATION, True),
}
_SUITES = {1: CipherSuite.TDES, 2: CipherSuite.AES_128, 3: CipherSuite.AES_192, 4: CipherSuite.AES_256}
_STRENGTH = (CipherSuite.TDES, CipherSuite.AES_128, CipherSuite.AES_192, CipherSuite.AES_256)
_MAPPINGS = (Mapping.CHIP_AUTHENTICATION, Mapping.GENERIC, Mapping.INTEGRATED)


@dataclass(frozen=True, slots=True)
class PaceOffer:
    """Hold one PACEInfo that this reader can perform, read into mapping, cipher suite and domain parameters."""

    info: PaceInfo
    mapping: Mapping
    suite: CipherSuite
    domain: Curve | ModpGroup


def rank_offers(infos: Iterable[PaceInfo]) -> tuple[PaceOffer, ...]:
    """Return the offers that can be performed, the best first.

    Stronger cipher, then larger group, a curve before MODP, then chip authentication before generic before integrated
    mapping, then the chip's order. What ``refused_offers`` names is left out.
    """
    offers = [offer for offer in map(_read_offer, infos) if isinstance(offer, PaceOffer)]
    return tuple(sorted(offers, key=_rank))


def refused_offers(infos: SecurityInfos) -> tuple[OfferRefusal, ...]:
    """Return why offers are left out, each reason once; empty where every offer can be performed.

    Explicit parameters come from an unsigned file, and unsafe ones would give the password away: they are never used
    (§9.2.2, AC-12).
    """
    refusals = [offer for offer in map(_read_offer, infos.pace) if isinstance(offer, OfferRefusal)]
    if infos.pace_domain_parameters:
        refusals.append(OfferRefusal.EXPLICIT_PARAMETERS)
    return tuple(dict.fromkeys(refusals))


def are_parameters_ambiguous(infos: SecurityInfos) -> bool:
    """Tell whether the chip offers more than one set of domain parameters for PACE (§4.4.4.1, tag 84)."""
    standardised = {info.parameter_id for info in infos.pace}
    return len(standardised) + len(infos.pace_domain_parameters) > 1


def _rank(offer: PaceOffer) -> tuple[int, int, int, int, int]:
    bits, order, is_modp = _size(offer.domain)
    return -_STRENGTH.index(offer.suite), -bits, -order, is_modp, _MAPPINGS.index(offer.mapping)


def _size(domain: Curve | ModpGroup) -> tuple[int, int, int]:
    """Return security in bits (NIST SP 800-57-1 table 2), the order's bits, and 1 for MODP."""
    if isinstance(domain, Curve):
        return domain.n.bit_length() // 2, domain.n.bit_length(), 0
    return (112 if domain.p.bit_length() >= 2048 else 80), domain.q.bit_length(), 1


def _read_offer(info: PaceInfo) -> PaceOffer | OfferRefusal:
    if info.version != VERSION:
        return OfferRefusal.UNKNOWN_VERSION
    protocol = _read_protocol(info.oid)
    if protocol is None:
        return OfferRefusal.UNKNOWN_PROTOCOL
    mapping, elliptic, suite = protocol
    if info.parameter_id is None or info.parameter_id > LAST_STANDARDISED:
        return OfferRefusal.EXPLICIT_PARAMETERS
    domain = _domain(info.parameter_id)
    if domain is None:
        return OfferRefusal.UNKNOWN_PARAMETERS
    if isinstance(domain, Curve) != elliptic:
        return OfferRefusal.PARAMETERS_DO_NOT_FIT
    if mapping is Mapping.INTEGRATED and isinstance(domain, Curve) and not suits_integrated_mapping(domain):
        return OfferRefusal.PARAMETERS_DO_NOT_FIT
    return PaceOffer(info, mapping, suite, domain)


def _read_protocol(oid: str) -> tuple[Mapping, bool, CipherSuite] | None:
    if not oid.startswith(ID_PACE + "."):
        return None
    arcs = [int(arc) for arc in oid.removeprefix(ID_PACE + ".").split(".")]
    if len(arcs) != 2 or arcs[0] not in _PROTOCOLS or arcs[1] not in _SUITES:
        return None
    mapping, elliptic = _PROTOCOLS[arcs[0]]
    suite = _SUITES[arcs[1]]
    # Chip-authentication mapping is not defined with 3DES (§4.4.3, note 1).
    if mapping is Mapping.CHIP_AUTHENTICATION and not suite.is_aes:
        return None
    return mapping, elliptic, suite


def _domain(parameter_id: int) -> Curve | ModpGroup | None:
    for table in (curve_by_parameter_id, modp_group_by_parameter_id):
        try:
            return table(parameter_id)
        except DataError:
            continue
    return None
