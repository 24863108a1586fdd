"""Chip Authentication version 1 as the chip does it (ICAO 9303-11 §6.2)."""

from __future__ import annotations

from mock_cards.access.secure_messaging import SecureSession
from mock_cards.access.templates import control_objects, decode_peer, one_object
from mock_cards.coprocessor import Coprocessor
from mock_cards.der import oid_value
from mock_cards.image import ChipKey
from mock_cards.refusal import Refused
from reader.crypto import CipherSuite, x_bytes
from reader.iso7816 import SW

__all__ = ["agree", "agree_by_template", "choose_key"]

_AT_CLAUSE = "ICAO 9303-11 §6.2.4.2"
_KAT_CLAUSE = "ICAO 9303-11 §6.2.4.1"


def choose_key(data: bytes, keys: tuple[ChipKey, ...]) -> ChipKey:
    """Take MSE:Set AT (41A4): object 80 names the protocol, 84 the key where there are several."""
    objects = control_objects(data, _AT_CLAUSE)
    if 0x80 not in objects:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "object 80 is required")
    fitting = tuple(key for key in keys if oid_value(key.oid) == objects[0x80])
    if not fitting:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "this protocol is not offered in DG14")
    return _by_reference(fitting, objects.get(0x84), _AT_CLAUSE)


def agree(data: bytes, key: ChipKey, coprocessor: Coprocessor) -> SecureSession:
    """Take GENERAL AUTHENTICATE: the terminal's ephemeral key in object 80; the session begins after the answer."""
    return _session(key, one_object(data, 0x80, _AT_CLAUSE), _AT_CLAUSE, coprocessor)


def agree_by_template(data: bytes, keys: tuple[ChipKey, ...], coprocessor: Coprocessor) -> SecureSession:
    """Take MSE:Set KAT (41A6), which serves 3DES only: the terminal's ephemeral key in object 91."""
    objects = control_objects(data, _KAT_CLAUSE)
    if 0x91 not in objects:
        raise Refused(SW.WRONG_DATA, _KAT_CLAUSE, "object 91 is required")
    fitting = tuple(key for key in keys if key.suite is CipherSuite.TDES)
    if not fitting:
        raise Refused(SW.FUNCTION_NOT_SUPPORTED, _KAT_CLAUSE, "Set KAT serves 3DES, which DG14 does not offer")
    return _session(_by_reference(fitting, objects.get(0x84), _KAT_CLAUSE), objects[0x91], _KAT_CLAUSE, coprocessor)


def _by_reference(fitting: tuple[ChipKey, ...], reference: bytes | None, clause: str) -> ChipKey:
    if reference is None:
        if len(fitting) > 1:
            raise Refused(SW.WRONG_DATA, clause, "object 84 is required, the key is ambiguous")
        return fitting[0]
    for key in fitting:
        if key.key_id is not None and key.key_id == int.from_bytes(reference, "big"):
            return key
    raise Refused(SW.REFERENCE_NOT_FOUND, clause, "no such key")


def _session(key: ChipKey, peer: bytes, clause: str, coprocessor: Coprocessor) -> SecureSession:
    curve = key.key.curve
    shared = coprocessor.multiply(curve, key.key.scalar, decode_peer(curve, peer, clause))
    return SecureSession(key.suite, x_bytes(curve, shared))
