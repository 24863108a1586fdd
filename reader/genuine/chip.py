"""Chip Authentication version 1 with ECDH: the chip proves its key by answering under new session keys.

The agreement itself proves nothing, since a clone can answer "9000" to any key. So this file only agrees and changes
the keys of the channel; the verdict *passed* is given by whoever then received an answer that verified under them
(ICAO 9303-11 §6.2, BSI TR-03110-1 §3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reader.access import SecureMessaging, SessionKeys, encode_oid
from reader.crypto import (
    COUNTER_ENC,
    COUNTER_MAC,
    CipherSuite,
    Curve,
    Rng,
    derive_key,
    encode_point,
    generator,
    multiply,
    random_scalar,
    system_rng,
    x_bytes,
)
from reader.errors import DataError
from reader.iso7816 import SW, CommandAPDU, encode
from reader.lds import ChipAuthenticationInfo, ChipAuthenticationPublicKey, SecurityInfos
from reader.trust import EcPublicKey, UnknownCurve, UnsupportedKey, parse_spki
from reader.verdict import Verdict

__all__ = ["ChipKey", "ChipReason", "agree_with_chip", "choose_chip_key", "confirmed", "not_confirmed"]

ID_CA_ECDH = "0.4.0.127.0.7.2.2.3.2"
ID_PK_ECDH = "0.4.0.127.0.7.2.2.1.2"
VERSION = 1
_SUITES = {
    f"{ID_CA_ECDH}.1": CipherSuite.TDES,
    f"{ID_CA_ECDH}.2": CipherSuite.AES_128,
    f"{ID_CA_ECDH}.3": CipherSuite.AES_192,
    f"{ID_CA_ECDH}.4": CipherSuite.AES_256,
}
_STRENGTH = (CipherSuite.TDES, CipherSuite.AES_128, CipherSuite.AES_192, CipherSuite.AES_256)


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
    """Hold the key that DG14 offers and how to agree with it; ``key_id`` only where it must be named."""

    key: EcPublicKey
    suite: CipherSuite
    oid: str
    key_id: int | None

    def describe(self) -> dict[str, str]:
        """Return the evidence: protocol, curve, key."""
        return {"protocol": f"CA-ECDH-{self.suite.name}", "curve": self.key.name, "key": self.key.fingerprint}


def choose_chip_key(infos: SecurityInfos) -> ChipKey | Verdict:
    """Choose the strongest protocol with a key that can be used, or say why there is none.

    A key without a ChipAuthenticationInfo means version 1 with 3DES (ICAO 9303-11 §9.2.6). A key that stands alone is
    meant by every info, whether or not either names it; of several the identifiers decide (§9.2.5).
    """
    keys = infos.chip_public_keys
    if not keys:
        if infos.chip_authentication:
            return Verdict.failed(ChipReason.KEY_REFUSED, {"why": "no public key in DG14"})
        return Verdict.not_applicable(ChipReason.NOT_OFFERED)
    alone = len(keys) == 1
    offers = [(info, key) for info in _usable(infos) for key in keys if _is_ec(key) and (alone or _fit(info, key))]
    offers.sort(key=lambda offer: _STRENGTH.index(_SUITES[offer[0].oid]), reverse=True)
    found = [_read_offer(info, key, named=not alone) for info, key in offers]
    usable = (key for key in found if isinstance(key, ChipKey))
    return next(usable, found[0] if found else Verdict.unavailable(ChipReason.NOT_SUPPORTED))


def _fit(info: ChipAuthenticationInfo, key: ChipAuthenticationPublicKey) -> bool:
    return info.key_id == key.key_id


def _read_offer(
    info: ChipAuthenticationInfo, offered: ChipAuthenticationPublicKey, *, named: bool
) -> ChipKey | Verdict:
    try:
        key = parse_spki(offered.spki)
    except UnknownCurve:
        return Verdict.failed(ChipReason.KEY_REFUSED, {"why": "curve that is not standardised"})
    except UnsupportedKey:
        return Verdict.unavailable(ChipReason.NOT_SUPPORTED)
    except DataError as error:
        return Verdict.failed(ChipReason.KEY_REFUSED, {"why": str(error)})
    if not isinstance(key, EcPublicKey):
        return Verdict.failed(ChipReason.KEY_REFUSED, {"why": "not a key for ECDH"})
    return ChipKey(key, _SUITES[info.oid], info.oid, offered.key_id if named else None)


def _usable(infos: SecurityInfos) -> tuple[ChipAuthenticationInfo, ...]:
    """Return the infos of version 1 with ECDH, or those that keys without any info stand for."""
    if infos.chip_authentication:
        return tuple(info for info in infos.chip_authentication if info.version == VERSION and info.oid in _SUITES)
    return tuple(ChipAuthenticationInfo(f"{ID_CA_ECDH}.1", VERSION, key.key_id) for key in infos.chip_public_keys)


def _is_ec(key: ChipAuthenticationPublicKey) -> bool:
    return key.protocol_oid == ID_PK_ECDH


def agree_with_chip(link: SecureMessaging, chosen: ChipKey, rng: Rng = system_rng) -> Verdict | None:
    """Agree on new session keys and put them into ``link``; None means: to be confirmed by the next answer.

    A refusal is a Failed verdict and leaves the old keys in place. Raise what the link raises.
    """
    curve = chosen.key.curve
    scalar = random_scalar(curve, rng)
    ours = encode_point(curve, multiply(curve, scalar, generator(curve)))
    sw = _send(link, chosen, ours)
    if sw != SW.OK:
        return Verdict.failed(ChipReason.REFUSED, chosen.describe() | {"status": f"{sw:04X}"})
    link.change_keys(_session_keys(curve, scalar, chosen))
    return None


def _session_keys(curve: Curve, scalar: int, chosen: ChipKey) -> SessionKeys:
    secret = x_bytes(curve, multiply(curve, scalar, chosen.key.point))
    suite = chosen.suite
    return SessionKeys(suite, derive_key(secret, COUNTER_ENC, suite), derive_key(secret, COUNTER_MAC, suite), 0)


def _send(link: SecureMessaging, chosen: ChipKey, ours: bytes) -> int:
    """Send our ephemeral key; 3DES by MSE:Set KAT and, where the chip does not have that, like AES (§6.2.4)."""
    if chosen.suite is CipherSuite.TDES:
        template = encode(0x91, ours) + _reference(chosen)
        sw = link.transmit(CommandAPDU(0x00, 0x22, 0x41, 0xA6, template)).sw
        if sw == SW.OK:
            return sw
    template = encode(0x80, encode_oid(chosen.oid)) + _reference(chosen)
    sw = link.transmit(CommandAPDU(0x00, 0x22, 0x41, 0xA4, template)).sw
    if sw != SW.OK:
        return sw
    return link.transmit(CommandAPDU(0x00, 0x86, 0x00, 0x00, encode(0x7C, encode(0x80, ours)), ne=256)).sw


def _reference(chosen: ChipKey) -> bytes:
    """Name the key where DG14 holds several (CH-10)."""
    if chosen.key_id is None:
        return b""
    size = max(1, (chosen.key_id.bit_length() + 7) // 8)
    return encode(0x84, chosen.key_id.to_bytes(size, "big"))


def confirmed(chosen: ChipKey, by: str) -> Verdict:
    """Say that an answer verified under the new keys; ``by`` names the command."""
    return Verdict.passed(ChipReason.CONFIRMED, chosen.describe() | {"confirmed-by": by})


def not_confirmed(chosen: ChipKey, status: str) -> Verdict:
    """Say that the first answer under the new keys did not verify: the chip does not have the private key (CH-07)."""
    return Verdict.failed(ChipReason.NOT_CONFIRMED, chosen.describe() | {"answer": status})
