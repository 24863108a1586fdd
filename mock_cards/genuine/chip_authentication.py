"""Chip Authentication version 1 as the chip does it, by ECDH and by DH (ICAO 9303-11 §6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from mock_cards.access.groups import EcGroup, Element, Group, PrimeGroup
from mock_cards.access.secure_messaging import SecureSession
from mock_cards.access.templates import control_objects, one_object
from mock_cards.coprocessor import Coprocessor
from mock_cards.der import oid_value
from mock_cards.image import ChipKey
from mock_cards.keys import EcKey
from mock_cards.profile import Manners
from mock_cards.refusal import Refused
from reader.crypto import CipherSuite
from reader.errors import DataError
from reader.iso7816 import SW

__all__ = ["Agreement", "agree", "agree_by_template", "choose_key"]

_AT_CLAUSE = "ICAO 9303-11 §6.2.4.2"
_KAT_CLAUSE = "ICAO 9303-11 §6.2.4.1"


@dataclass(frozen=True, slots=True, repr=False)
class Agreement:
    """Hold the session that begins after the answer, and Comp(PK_DH,IFD) for Terminal Authentication (§7.1.2)."""

    session: SecureSession
    terminal_key: bytes


def choose_key(data: bytes, keys: tuple[ChipKey, ...], manners: Manners) -> ChipKey:
    """Take MSE:Set AT (41A4): object 80 names the protocol, 84 the key where there are several."""
    _require_not_refused(manners, _AT_CLAUSE)
    objects = control_objects(data, _AT_CLAUSE)
    if 0x80 not in objects:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "object 80 is required")
    fitting = tuple(key for key in keys if oid_value(key.oid) == objects[0x80])
    if not fitting:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "this protocol is not offered in DG14")
    if fitting[0].suite is CipherSuite.TDES and not manners.set_at_for_3des:
        raise Refused(SW.FUNCTION_NOT_SUPPORTED, "ICAO 9303-11 §6.2.4", "this chip does 3DES by Set KAT only")
    return _by_reference(fitting, objects.get(0x84), _AT_CLAUSE)


def agree(data: bytes, key: ChipKey, coprocessor: Coprocessor) -> Agreement:
    """Take GENERAL AUTHENTICATE: the terminal's ephemeral key in object 80."""
    return _agreement(key, one_object(data, 0x80, _AT_CLAUSE), _AT_CLAUSE, coprocessor)


def agree_by_template(data: bytes, keys: tuple[ChipKey, ...], manners: Manners, coprocessor: Coprocessor) -> Agreement:
    """Take MSE:Set KAT (41A6), which serves 3DES only: the terminal's ephemeral key in object 91."""
    _require_not_refused(manners, _KAT_CLAUSE)
    objects = control_objects(data, _KAT_CLAUSE)
    if 0x91 not in objects:
        raise Refused(SW.WRONG_DATA, _KAT_CLAUSE, "object 91 is required")
    fitting = tuple(key for key in keys if key.suite is CipherSuite.TDES)
    if not fitting or not manners.set_kat:
        raise Refused(SW.FUNCTION_NOT_SUPPORTED, _KAT_CLAUSE, "Set KAT serves 3DES, which this chip does not offer so")
    return _agreement(_by_reference(fitting, objects.get(0x84), _KAT_CLAUSE), objects[0x91], _KAT_CLAUSE, coprocessor)


def _require_not_refused(manners: Manners, clause: str) -> None:
    if manners.chip_authentication_refused:
        raise Refused(manners.chip_authentication_refused, clause, "this chip refuses what its DG14 offers")


def _by_reference(fitting: tuple[ChipKey, ...], reference: bytes | None, clause: str) -> ChipKey:
    if reference is None:
        if len(fitting) > 1:
            raise Refused(SW.WRONG_DATA, clause, "object 84 is required, the key is ambiguous")
        return fitting[0]
    for key in fitting:
        if key.key_id is not None and key.key_id == int.from_bytes(reference, "big"):
            return key
    raise Refused(SW.REFERENCE_NOT_FOUND, clause, "no such key")


def _agreement(key: ChipKey, peer: bytes, clause: str, coprocessor: Coprocessor) -> Agreement:
    own = key.key
    if isinstance(own, EcKey):
        return _agree_in(EcGroup(own.curve, coprocessor), own.scalar, key.suite, peer, clause)
    return _agree_in(PrimeGroup(own.group, coprocessor), own.exponent, key.suite, peer, clause)


def _agree_in(group: Group[Element], scalar: int, suite: CipherSuite, peer: bytes, clause: str) -> Agreement:
    try:
        element = group.decode(peer)
    except DataError:
        raise Refused(SW.WRONG_DATA, clause, "the ephemeral key is no element of the group (§9.4.5)") from None
    secret = group.secret(group.raised(scalar, element))
    return Agreement(SecureSession(suite, secret), group.compress(element))
