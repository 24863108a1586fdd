"""PACE as the chip does it: generic mapping over elliptic curves (ICAO 9303-11 §4.4)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from mock_cards.access.secure_messaging import SecureSession
from mock_cards.access.templates import control_objects, decode_peer, dynamic_data, one_object
from mock_cards.coprocessor import Coprocessor
from mock_cards.der import oid_value
from mock_cards.image import PaceOption, Passwords
from mock_cards.refusal import Refused
from reader.crypto import (
    COUNTER_MAC,
    COUNTER_PACE,
    CipherSuite,
    Point,
    add,
    derive_key,
    encode_point,
    encrypt_cbc,
    generator,
    mac,
    pad,
    random_scalar,
    x_bytes,
)
from reader.errors import DataError
from reader.iso7816 import SW, encode

__all__ = ["PaceAnswer", "PaceRun", "start_pace"]

_MRZ, _CAN = b"\x01", b"\x02"
_AT_CLAUSE = "ICAO 9303-11 §4.4.4.1"
_GA_CLAUSE = "ICAO 9303-11 §4.4.5"
_NONCE_BYTES = {CipherSuite.TDES: 16, CipherSuite.AES_128: 16, CipherSuite.AES_192: 32, CipherSuite.AES_256: 32}


@dataclass(frozen=True, slots=True)
class PaceAnswer:
    """Hold the data of one answer, and after the last step the session that begins with the next command."""

    data: bytes
    session: SecureSession | None = None


def start_pace(data: bytes, options: tuple[PaceOption, ...], passwords: Passwords, coprocessor: Coprocessor) -> PaceRun:
    """Take MSE:Set AT (C1A4): object 80 names the protocol, 83 the password, 84 the parameters if ambiguous.

    Unknown objects are left alone (§4.4.4.1, note 2).
    """
    objects = control_objects(data, _AT_CLAUSE)
    if 0x80 not in objects or 0x83 not in objects:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "objects 80 and 83 are required")
    fitting = tuple(option for option in options if oid_value(option.oid) == objects[0x80])
    if not fitting:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "this protocol is not offered in EF.CardAccess")
    option = _by_parameters(fitting, len(options), objects.get(0x84))
    return PaceRun(option, _password_key(objects[0x83], passwords, option.suite), coprocessor)


def _by_parameters(fitting: tuple[PaceOption, ...], offered: int, reference: bytes | None) -> PaceOption:
    if reference is None:
        if offered > 1 and len(fitting) > 1:
            raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "object 84 is required, the parameters are ambiguous")
        return fitting[0]
    for option in fitting:
        if option.curve.parameter_id == int.from_bytes(reference, "big"):
            return option
    raise Refused(SW.REFERENCE_NOT_FOUND, _AT_CLAUSE, "no such domain parameters")


def _password_key(reference: bytes, passwords: Passwords, suite: CipherSuite) -> bytes:
    if reference == _MRZ:
        # The whole SHA-1 goes in here, not the sixteen bytes of BAC (§9.7.3, table 14).
        secret = hashlib.sha1(passwords.mrz_information, usedforsecurity=False).digest()
    elif reference == _CAN and passwords.can:
        secret = passwords.can.encode("latin-1")
    else:
        raise Refused(SW.REFERENCE_NOT_FOUND, _AT_CLAUSE, "no such password")
    return derive_key(secret, COUNTER_PACE, suite)


class PaceRun:
    """Go through the four GENERAL AUTHENTICATE steps; any error ends the run, and the chip drops it."""

    def __init__(self, option: PaceOption, password_key: bytes, coprocessor: Coprocessor) -> None:
        self._option = option
        self._key = password_key
        self._coprocessor = coprocessor
        self._steps = [self._encrypted_nonce, self._map_nonce, self._agree, self._authenticate]
        self._nonce = 0
        self._base: Point | None = None
        self._own: Point | None = None
        self._peer: Point | None = None
        self._secret = b""

    def step(self, data: bytes, *, chained: bool) -> PaceAnswer:
        """Take one GENERAL AUTHENTICATE; all but the last must carry the chaining bit (§4.4.4.3)."""
        last = len(self._steps) == 1
        if chained == last:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, "ICAO 9303-11 §4.4.4.3", "chaining bit wrong for this step")
        return self._steps.pop(0)(data)

    def _encrypted_nonce(self, data: bytes) -> PaceAnswer:
        if dynamic_data(data, _GA_CLAUSE):
            raise Refused(SW.WRONG_DATA, _GA_CLAUSE, "step 1 takes an empty dynamic authentication data object")
        suite = self._option.suite
        nonce = self._coprocessor.rng(_NONCE_BYTES[suite])
        self._nonce = int.from_bytes(nonce, "big")
        return self._answer(0x80, encrypt_cbc(suite, self._key, bytes(suite.block_size), nonce))

    def _map_nonce(self, data: bytes) -> PaceAnswer:
        curve = self._option.curve
        peer = self._point(data, 0x81)
        scalar = random_scalar(curve, self._coprocessor.rng)
        own = self._coprocessor.multiply(curve, scalar, generator(curve))
        try:
            shared = self._coprocessor.multiply(curve, scalar, peer)
            self._base = add(curve, self._coprocessor.multiply(curve, self._nonce, generator(curve)), shared)
        except DataError:
            raise Refused(SW.WARNING, "ICAO 9303-11 §4.4.3.3.1", "the mapped generator is infinity") from None
        return self._answer(0x82, encode_point(curve, own))

    def _agree(self, data: bytes) -> PaceAnswer:
        curve = self._option.curve
        self._peer = self._point(data, 0x83)
        if self._base is None:
            raise AssertionError("the nonce is mapped before keys are agreed")
        scalar = random_scalar(curve, self._coprocessor.rng)
        self._own = self._coprocessor.multiply(curve, scalar, self._base)
        if self._own == self._peer:
            raise Refused(SW.WARNING, "ICAO 9303-11 §4.4.1", "the two public keys are the same")
        self._secret = x_bytes(curve, self._coprocessor.multiply(curve, scalar, self._peer))
        return self._answer(0x84, encode_point(curve, self._own))

    def _authenticate(self, data: bytes) -> PaceAnswer:
        token = one_object(data, 0x85, _GA_CLAUSE)
        if self._own is None or self._peer is None:
            raise AssertionError("keys are agreed before tokens are exchanged")
        if not hmac.compare_digest(token, self._token(self._own)):
            # With a wrong password both sides hold other keys: this is where it shows (§4.4.4.2).
            raise Refused(SW.WARNING, "ICAO 9303-11 §4.4.4.2", "the terminal's token is wrong")
        own_token = self._token(self._peer)
        return PaceAnswer(encode(0x7C, encode(0x86, own_token)), SecureSession(self._option.suite, self._secret))

    def _token(self, point: Point) -> bytes:
        """Compute the token over a public key data object (§4.4.3.4, §9.4.4)."""
        suite = self._option.suite
        encoded = encode_point(self._option.curve, point)
        key_object = encode(0x7F49, encode(0x06, oid_value(self._option.oid)) + encode(0x86, encoded))
        key = derive_key(self._secret, COUNTER_MAC, suite)
        return mac(suite, key, key_object if suite.is_aes else pad(key_object, suite.block_size))

    def _point(self, data: bytes, tag: int) -> Point:
        return decode_peer(self._option.curve, one_object(data, tag, _GA_CLAUSE), _GA_CLAUSE)

    def _answer(self, tag: int, value: bytes) -> PaceAnswer:
        return PaceAnswer(encode(0x7C, encode(tag, value)))
