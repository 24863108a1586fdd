"""PACE as the chip does it, in any group and with any mapping (ICAO 9303-11 §4.4)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from mock_cards.access.groups import EcGroup, PrimeGroup
from mock_cards.access.integrated_mapping import nonce_length
from mock_cards.access.key_exchange import KeyExchange
from mock_cards.access.passwords import PasswordStore
from mock_cards.access.secure_messaging import SecureSession
from mock_cards.access.templates import control_objects, dynamic_data, one_object
from mock_cards.coprocessor import Coprocessor
from mock_cards.der import oid_value
from mock_cards.image import ChipKey, PaceOption, PasswordKind
from mock_cards.keys import EcKey
from mock_cards.profile import Manners, Tag84
from mock_cards.protocols import Mapping
from mock_cards.refusal import Refused
from reader.crypto import Curve, Point, encrypt_cbc
from reader.iso7816 import SW, encode

__all__ = ["PaceAnswer", "PaceRun", "PaceSetUp", "PaceSuccess", "start_pace"]

_AT_CLAUSE = "ICAO 9303-11 §4.4.4.1"
_GA_CLAUSE = "ICAO 9303-11 §4.4.5"
_CHAT = 0x7F4C


@dataclass(frozen=True, slots=True, repr=False)
class PaceSuccess:
    """Hold what a finished run established.

    ``chip_id`` is Comp(PK_DH,IC), by which Terminal Authentication names the chip; ``terminal_key`` Comp(PK_DH,IFD)
    where chip-authentication mapping makes it count as authenticated (§7.1.2), empty otherwise.
    """

    session: SecureSession
    password: PasswordKind
    chip_id: bytes
    terminal_key: bytes


@dataclass(frozen=True, slots=True)
class PaceAnswer:
    """Hold the data of one answer, and after the last step what was established."""

    data: bytes
    success: PaceSuccess | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PaceSetUp:
    """Hold what a chip brings to PACE: its offers, passwords, static keys, manners and trust points' references."""

    options: tuple[PaceOption, ...]
    passwords: PasswordStore
    chip_keys: tuple[ChipKey, ...]
    manners: Manners
    references: tuple[bytes, ...] = ()


def start_pace(data: bytes, set_up: PaceSetUp, coprocessor: Coprocessor, *, resumed: bool = False) -> PaceRun:
    """Take MSE:Set AT (C1A4): object 80 names the protocol, 83 the password, 84 the parameters if ambiguous.

    Unknown objects are left alone (§4.4.4.1, note 2). ``resumed`` says that the present session was opened by the CAN.
    """
    objects = control_objects(data, _AT_CLAUSE)
    if 0x80 not in objects or 0x83 not in objects:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "objects 80 and 83 are required")
    fitting = tuple(option for option in set_up.options if oid_value(option.oid) == objects[0x80])
    if not fitting:
        raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "this protocol is not offered in EF.CardAccess")
    option = _by_parameters(fitting, set_up, objects.get(0x84))
    kind = set_up.passwords.kind(objects[0x83])
    references = set_up.references if _CHAT in objects else ()
    return PaceRun(option, kind, set_up, references, coprocessor, resumed=resumed)


def _by_parameters(fitting: tuple[PaceOption, ...], set_up: PaceSetUp, reference: bytes | None) -> PaceOption:
    manners = set_up.manners
    if reference is None:
        if manners.tag_84 is Tag84.REQUIRED:
            raise Refused(manners.tag_84_missing, _AT_CLAUSE, "this chip wants object 84 in any case")
        if len(fitting) > 1:
            raise Refused(SW.WRONG_DATA, _AT_CLAUSE, "object 84 is required, the parameters are ambiguous")
        return fitting[0]
    if manners.tag_84 is Tag84.REFUSED:
        raise Refused(SW.REFERENCE_NOT_FOUND, _AT_CLAUSE, "this chip refuses object 84")
    for option in fitting:
        if option.domain.parameter_id == int.from_bytes(reference, "big"):
            return option
    raise Refused(SW.REFERENCE_NOT_FOUND, _AT_CLAUSE, "no such domain parameters")


class PaceRun:
    """Go through the four GENERAL AUTHENTICATE steps; any error ends the run, and the chip drops it.

    ``status`` is what MSE:Set AT answers: success, or how many tries the password has left.
    """

    def __init__(
        self,
        option: PaceOption,
        kind: PasswordKind,
        set_up: PaceSetUp,
        references: tuple[bytes, ...],
        coprocessor: Coprocessor,
        *,
        resumed: bool,
    ) -> None:
        self._kind = kind
        self._passwords = set_up.passwords
        self._resumed = resumed
        self._option = option
        self._references = references
        self._coprocessor = coprocessor
        self._nonce = b""
        self._exchange: KeyExchange[Point] | KeyExchange[int]
        domain = option.domain
        if isinstance(domain, Curve):
            key = _mapping_key(option, set_up.chip_keys) if option.mapping is Mapping.CHIP_AUTHENTICATION else None
            self._exchange = KeyExchange(EcGroup(domain, coprocessor), option, key)
        else:
            self._exchange = KeyExchange(PrimeGroup(domain, coprocessor), option, None)
        self._steps: list[Callable[[bytes], PaceAnswer]] = [
            self._encrypted_nonce,
            self._map_nonce,
            self._agree,
            self._authenticate,
        ]
        self.status = set_up.passwords.selected_status(kind)

    def step(self, data: bytes, *, chained: bool) -> PaceAnswer:
        """Take one GENERAL AUTHENTICATE; all but the last must carry the chaining bit (§4.4.4.3)."""
        last = len(self._steps) == 1
        if chained == last:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, "ICAO 9303-11 §4.4.4.3", "chaining bit wrong for this step")
        return self._steps.pop(0)(data)

    def _encrypted_nonce(self, data: bytes) -> PaceAnswer:
        if dynamic_data(data, _GA_CLAUSE):
            raise Refused(SW.WRONG_DATA, _GA_CLAUSE, "step 1 takes an empty dynamic authentication data object")
        self._passwords.require_usable(self._kind, resumed=self._resumed)
        suite = self._option.suite
        self._nonce = self._coprocessor.rng(nonce_length(suite))
        key = self._passwords.key(self._kind, suite)
        return _answer(0x80, encrypt_cbc(suite, key, bytes(suite.block_size), self._nonce))

    def _map_nonce(self, data: bytes) -> PaceAnswer:
        return _answer(0x82, self._exchange.map(self._nonce, one_object(data, 0x81, _GA_CLAUSE)))

    def _agree(self, data: bytes) -> PaceAnswer:
        return _answer(0x84, self._exchange.agree(one_object(data, 0x83, _GA_CLAUSE)))

    def _authenticate(self, data: bytes) -> PaceAnswer:
        token = one_object(data, 0x85, _GA_CLAUSE)
        exchange = self._exchange
        if not hmac.compare_digest(token, exchange.expected_token()):
            # With a wrong password both sides hold other keys: this is where it shows (§4.4.4.2).
            sw = self._passwords.failed(self._kind)
            raise Refused(sw, "ICAO 9303-11 §4.4.4.2", "the terminal's token is wrong: another password")
        self._passwords.succeeded(self._kind)
        answer = encode(0x86, exchange.own_token())
        for tag, reference in zip((0x87, 0x88), self._references, strict=False):
            answer += encode(tag, reference)
        answer += exchange.chip_authentication_data()
        return PaceAnswer(
            encode(0x7C, answer), PaceSuccess(exchange.session, self._kind, exchange.chip_id, exchange.terminal_key)
        )


def _mapping_key(option: PaceOption, keys: tuple[ChipKey, ...]) -> EcKey:
    """Return the static key that chip-authentication mapping proves: its id is that of the parameters (§9.2.1)."""
    for one in keys:
        if one.key_id == option.domain.parameter_id and isinstance(one.key, EcKey) and one.key.curve == option.domain:
            return one.key
    raise Refused(SW.REFERENCE_NOT_FOUND, "ICAO 9303-11 §9.2.1", "the key for chip authentication mapping is missing")


def _answer(tag: int, value: bytes) -> PaceAnswer:
    return PaceAnswer(encode(0x7C, encode(tag, value)))
