"""Chip-authentication mapping: what the chip sends to prove its static key within PACE (ICAO 9303-11 §4.4.3.5).

The data proves nothing by itself. The proof is complete when ``verify_chip_mapping`` says so for a key that was taken
out of EF.CardSecurity after its signature and chain had verified; nothing else in this room calls that a pass.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from reader.crypto import CipherSuite, Curve, decode_point, decrypt_cbc, encode_point, encrypt_block, multiply, unpad
from reader.errors import DataError
from reader.lds import SecurityInfos
from reader.trust import EcPublicKey, parse_spki

__all__ = ["ChipMapping", "mapping_key_of", "open_chip_data", "verify_chip_mapping"]

ID_PK_ECDH = "0.4.0.127.0.7.2.2.1.2"
MAX_ENCRYPTED = 256


@dataclass(frozen=True, slots=True, repr=False)
class ChipMapping:
    """Hold what one run brought: the curve, its parameter id, PK_Map,IC as received, and CA_IC decrypted.

    ``parameter_id`` is also the key id of the static key in EF.CardSecurity (§9.2.1).
    """

    curve: Curve
    parameter_id: int
    mapping_key: bytes
    data: int

    def __repr__(self) -> str:
        """Show the curve only: key and data together would let a chip be impersonated in this run."""
        return f"ChipMapping({self.curve.name})"


def open_chip_data(suite: CipherSuite, k_enc: bytes, curve: Curve, encrypted: bytes) -> int:
    """Decrypt A_IC and return CA_IC (§4.4.3.5.2 to §4.4.3.5.4).

    Raise DataError where cryptogram or padding are wrong, the data is not as long as the group's order, or it is no
    number below it (CH-16).
    """
    if not 0 < len(encrypted) <= MAX_ENCRYPTED:
        raise DataError("chip authentication data of a wrong length", len(encrypted))
    iv = encrypt_block(suite, k_enc, b"\xff" * suite.block_size)
    plain = unpad(decrypt_cbc(suite, k_enc, iv, encrypted))
    data = int.from_bytes(plain, "big")
    if len(plain) != curve.order_length or not 0 < data < curve.n:
        raise DataError("chip authentication data of a wrong length", len(plain))
    return data


def mapping_key_of(verified: SecurityInfos, mapping: ChipMapping) -> EcPublicKey:
    """Return the static key that PACE was run with, out of the verified content of EF.CardSecurity.

    Raise DataError where there is none with that key id, more than one, or one that is malformed or on another curve.
    """
    wanted = [
        info
        for info in verified.chip_public_keys
        if info.key_id == mapping.parameter_id and info.protocol_oid == ID_PK_ECDH
    ]
    if len(wanted) != 1:
        raise DataError(f"{len(wanted)} chip authentication keys where one is needed")
    key = parse_spki(wanted[0].spki)
    if not isinstance(key, EcPublicKey) or key.curve != mapping.curve:
        raise DataError("chip authentication key on another curve than PACE was run on")
    return key


def verify_chip_mapping(mapping: ChipMapping, verified_key: EcPublicKey) -> bool:
    """Tell whether PK_Map,IC = KA(CA_IC, PK_IC): the chip holds the private key to ``verified_key`` (CH-13).

    ``verified_key`` must come from an EF.CardSecurity whose signature and chain verified, by ``mapping_key_of``; for
    any other key the answer means nothing (CH-14).
    """
    curve = mapping.curve
    if verified_key.curve != curve:
        return False
    decode_point(curve, mapping.mapping_key)
    expected = encode_point(curve, multiply(curve, mapping.data, verified_key.point))
    return hmac.compare_digest(expected, mapping.mapping_key)
