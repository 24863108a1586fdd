"""The primitives both sides of a chip protocol stand on: key derivation, ciphers, MACs, curves, groups, ISO 9796-2.

Bytes and numbers come in, bytes and numbers go out; nothing here knows an APDU, a file or a protocol step. It calls
cryptography, fastecdsa and ``reader.errors`` only. Randomness is always handed in (``Rng``).
"""

from reader.crypto.ciphers import decrypt_block, decrypt_cbc, encrypt_block, encrypt_cbc, pad, unpad
from reader.crypto.curves import (
    Point,
    add,
    decode_point,
    encode_point,
    generator,
    in_cryptography,
    is_on_curve,
    multiply,
    random_scalar,
    to_cryptography_public_key,
    x_bytes,
)
from reader.crypto.domain import CURVES, Curve, curve_by_name, curve_by_oid, curve_by_parameter_id, named_curve
from reader.crypto.iso9796 import Recovery, RecoveryFault, recover
from reader.crypto.kdf import COUNTER_ENC, COUNTER_MAC, COUNTER_PACE, CipherSuite, adjust_parity, derive_key
from reader.crypto.macs import MAC_LENGTH, aes_cmac, mac, retail_mac
from reader.crypto.modp import (
    MODP_GROUPS,
    ModpGroup,
    decode_public_value,
    explicit_group,
    modp_group_by_parameter_id,
    random_exponent,
)
from reader.crypto.randomness import Rng, system_rng

__all__ = [
    "COUNTER_ENC",
    "COUNTER_MAC",
    "COUNTER_PACE",
    "CURVES",
    "MAC_LENGTH",
    "MODP_GROUPS",
    "CipherSuite",
    "Curve",
    "ModpGroup",
    "Point",
    "Recovery",
    "RecoveryFault",
    "Rng",
    "add",
    "adjust_parity",
    "aes_cmac",
    "curve_by_name",
    "curve_by_oid",
    "curve_by_parameter_id",
    "decode_point",
    "decode_public_value",
    "decrypt_block",
    "decrypt_cbc",
    "derive_key",
    "encode_point",
    "encrypt_block",
    "encrypt_cbc",
    "explicit_group",
    "generator",
    "in_cryptography",
    "is_on_curve",
    "mac",
    "modp_group_by_parameter_id",
    "multiply",
    "named_curve",
    "pad",
    "random_exponent",
    "random_scalar",
    "recover",
    "retail_mac",
    "system_rng",
    "to_cryptography_public_key",
    "unpad",
    "x_bytes",
]
