"""Which key of the chip and which protocol Chip Authentication is performed with (ICAO 9303-11 §6.2.3, §9.2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reader.crypto import CipherSuite, Curve, ModpGroup
from reader.errors import DataError
from reader.lds import ChipAuthenticationInfo, ChipAuthenticationPublicKey, SecurityInfos
from reader.trust import DhPublicKey, EcPublicKey, UnknownCurve, UnsupportedKey, parse_dh_spki, parse_spki
from reader.verdict import Verdict

__all__ = ["STRENGTH", "ChipKey", "ChipReason", "choose_chip_key", "oid_of"]

ID_CA = "0.4.0.127.0.7.2.2.3"
ID_PK = "0.4.0.127.0.7.2.2.1"
DH, ECDH = 1, 2
VERSION = 1
STRENGTH = (CipherSuite.TDES, CipherSuite.AES_128, CipherSuite.AES_192, CipherSuite.AES_256)
# The arcs below id-CA: kind of agreement, then cipher (§9.2.7).
_PROTOCOLS = {
    f"{ID_CA}.{kind}.{number}": (kind, suite) for kind in (DH, ECDH) for number, suite in enumerate(STRENGTH, start=1)
}
_KINDS = {f"{ID_PK}.{kind}": kind for kind in (DH, ECDH)}


class ChipReason(StrEnum):
    """Name the ways in which ``genuine.chip-authentication`` comes out."""

    CONFIRMED = "answered-under-new-keys"
    NOT_CONFIRMED = "new-keys-not-confirmed"
    REFUSED = "refused-by-chip"
    SUPPRESSED = "suppressed"
    KEY_REFUSED = "key-refused"
    NOT_OFFERED = "not-offered"
    NOT_SUPPORTED = "protocol-not-supported"
    NOT_FINISHED = "not-finished"
    KEY_NOT_PROVEN = "key-not-proven"
    KEY_NOT_READ = "key-not-read"


@dataclass(frozen=True, slots=True)
class ChipKey:
    """Hold the key that DG14 offers and how to agree with it.

    ``key_id`` is set only where the key must be named. ``inferred`` tells that DG14 names no protocol for it.
    """

    key: EcPublicKey | DhPublicKey
    suite: CipherSuite
    oid: str
    key_id: int | None
    inferred: bool = False

    @property
    def domain(self) -> Curve | ModpGroup:
        """Return the group that the agreement computes in."""
        return self.key.curve if isinstance(self.key, EcPublicKey) else self.key.group

    def describe(self) -> dict[str, str]:
        """Return the evidence: protocol, group, key."""
        kind, group = ("ECDH", "curve") if isinstance(self.key, EcPublicKey) else ("DH", "group")
        protocol = f"CA-{kind}-{self.suite.name}"
        return {"protocol": protocol, group: self.key.name, "key": self.key.fingerprint}


def oid_of(key: EcPublicKey | DhPublicKey, suite: CipherSuite) -> str:
    """Return the object identifier of Chip Authentication with a key of this kind and ``suite`` (§9.2.7)."""
    kind = ECDH if isinstance(key, EcPublicKey) else DH
    return f"{ID_CA}.{kind}.{STRENGTH.index(suite) + 1}"


def choose_chip_key(infos: SecurityInfos) -> ChipKey | Verdict:
    """Choose the strongest protocol with a key that can be used, or say why there is none.

    The stronger cipher comes first (§8.5: AES before 3DES), then a curve before a MODP group, then the chip's order. A
    key without a ChipAuthenticationInfo means version 1 with 3DES (CH-11; BSI TR-03110-3 §A.1.1.2). A key that stands
    alone is meant by every info of its kind, whether or not either names it; of several the identifiers decide.
    """
    keys = infos.chip_public_keys
    if not keys:
        if infos.chip_authentication:
            return Verdict.failed(ChipReason.KEY_REFUSED, {"why": "no public key in DG14"})
        return Verdict.not_applicable(ChipReason.NOT_OFFERED)
    alone = len(keys) == 1
    offers = [
        (info, key) for info in _usable(infos) for key in keys if _is_for(info, key) and (alone or _fit(info, key))
    ]
    offers.sort(key=_rank, reverse=True)
    inferred = not infos.chip_authentication
    found = [_read_offer(info, key, named=not alone, inferred=inferred) for info, key in offers]
    usable = (key for key in found if isinstance(key, ChipKey))
    return next(usable, found[0] if found else Verdict.unavailable(ChipReason.NOT_SUPPORTED))


def _rank(offer: tuple[ChipAuthenticationInfo, ChipAuthenticationPublicKey]) -> tuple[int, int]:
    kind, suite = _PROTOCOLS[offer[0].oid]
    return STRENGTH.index(suite), kind


def _fit(info: ChipAuthenticationInfo, key: ChipAuthenticationPublicKey) -> bool:
    return info.key_id == key.key_id


def _is_for(info: ChipAuthenticationInfo, key: ChipAuthenticationPublicKey) -> bool:
    return _PROTOCOLS[info.oid][0] == _KINDS.get(key.protocol_oid)


def _usable(infos: SecurityInfos) -> tuple[ChipAuthenticationInfo, ...]:
    """Return the infos of version 1, or those that keys without any info stand for."""
    if infos.chip_authentication:
        return tuple(info for info in infos.chip_authentication if info.version == VERSION and info.oid in _PROTOCOLS)
    return tuple(
        ChipAuthenticationInfo(f"{ID_CA}.{_KINDS[key.protocol_oid]}.1", VERSION, key.key_id)
        for key in infos.chip_public_keys
        if key.protocol_oid in _KINDS
    )


def _read_offer(
    info: ChipAuthenticationInfo, offered: ChipAuthenticationPublicKey, *, named: bool, inferred: bool
) -> ChipKey | Verdict:
    try:
        key = _read_key(info, offered)
    except UnknownCurve:
        return Verdict.failed(ChipReason.KEY_REFUSED, {"why": "curve that is not standardised"})
    except UnsupportedKey:
        return Verdict.unavailable(ChipReason.NOT_SUPPORTED)
    except DataError as error:
        return Verdict.failed(ChipReason.KEY_REFUSED, {"why": str(error)})
    return ChipKey(key, _PROTOCOLS[info.oid][1], info.oid, offered.key_id if named else None, inferred)


def _read_key(info: ChipAuthenticationInfo, offered: ChipAuthenticationPublicKey) -> EcPublicKey | DhPublicKey:
    if _PROTOCOLS[info.oid][0] == DH:
        return parse_dh_spki(offered.spki)
    key = parse_spki(offered.spki)
    if not isinstance(key, EcPublicKey):
        raise DataError("not a key for ECDH")
    return key
