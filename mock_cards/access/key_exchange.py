"""Mapping the nonce of PACE and agreeing on keys, in one group (ICAO 9303-11 §4.4.3)."""

from __future__ import annotations

from typing import Generic

from mock_cards.access.groups import Element, Group
from mock_cards.access.integrated_mapping import pseudo_random
from mock_cards.access.secure_messaging import SecureSession
from mock_cards.der import oid_value
from mock_cards.keys import EcKey
from mock_cards.profile import PaceOption
from mock_cards.protocols import Mapping
from mock_cards.refusal import Refused
from reader.crypto import COUNTER_ENC, COUNTER_MAC, derive_key, encrypt_block, encrypt_cbc, mac, pad
from reader.errors import DataError
from reader.iso7816 import SW, encode

__all__ = ["KeyExchange"]

_GA_CLAUSE = "ICAO 9303-11 §4.4.5"


class KeyExchange(Generic[Element]):
    """Map the nonce and agree on keys in one group."""

    def __init__(self, group: Group[Element], option: PaceOption, static: EcKey | None) -> None:
        self._group: Group[Element] = group
        self._option = option
        self._static = static
        self._mapping_scalar = 0
        self._base: Element | None = None
        self._own: Element | None = None
        self._peer: Element | None = None
        self._secret = b""

    def map(self, nonce: bytes, data: bytes) -> bytes:
        """Map the nonce by the terminal's mapping data and return the chip's (§4.4.5.2)."""
        if self._option.mapping is Mapping.INTEGRATED:
            self._base = self._integrated(nonce, data)
            return b""
        group = self._group
        peer = self._decode(data)
        self._mapping_scalar = group.draw()
        own = group.raised(self._mapping_scalar, group.generator)
        try:
            shared = group.raised(self._mapping_scalar, peer)
            by_nonce = group.raised(int.from_bytes(nonce, "big"), group.generator)
            self._base = group.combined(by_nonce, shared)
        except DataError:
            raise Refused(SW.WARNING, "ICAO 9303-11 §4.4.3.3.1", "the nonce maps to the neutral element") from None
        return group.encode(own)

    def _integrated(self, nonce: bytes, data: bytes) -> Element:
        clause = "ICAO 9303-11 §4.4.3.3.2"
        suite = self._option.suite
        if len(data) != suite.key_length:
            raise Refused(SW.WRONG_DATA, clause, "the terminal's nonce is as long as a key")
        try:
            return self._group.mapped(pseudo_random(suite, nonce, data, self._group.prime))
        except DataError:
            raise Refused(SW.WARNING, clause, "the nonces map to no generator") from None

    def agree(self, data: bytes) -> bytes:
        """Take the terminal's ephemeral key and return the chip's (§4.4.1, step 3 c and d)."""
        group = self._group
        self._peer = self._decode(data)
        scalar = group.draw()
        self._own = group.raised(scalar, _known(self._base))
        if self._own == self._peer:
            raise Refused(SW.WARNING, "ICAO 9303-11 §4.4.1", "the two public keys are the same")
        self._secret = group.secret(group.raised(scalar, self._peer))
        return group.encode(self._own)

    def expected_token(self) -> bytes:
        """Return T_IFD, which is made over the chip's key."""
        return self._token(_known(self._own))

    def own_token(self) -> bytes:
        """Return T_IC, which is made over the terminal's key."""
        return self._token(_known(self._peer))

    def chip_authentication_data(self) -> bytes:
        """Return object 8A, or nothing without chip-authentication mapping (§4.4.3.5)."""
        if self._static is None:
            return b""
        suite, order = self._option.suite, self._group.order
        data = pow(self._static.scalar, -1, order) * self._mapping_scalar % order
        plain = pad(data.to_bytes(self._static.curve.order_length, "big"), suite.block_size)
        key = derive_key(self._secret, COUNTER_ENC, suite)
        iv = encrypt_block(suite, key, b"\xff" * suite.block_size)
        return encode(0x8A, encrypt_cbc(suite, key, iv, plain))

    @property
    def session(self) -> SecureSession:
        """Return the session under the keys agreed on."""
        return SecureSession(self._option.suite, self._secret)

    @property
    def chip_id(self) -> bytes:
        """Return Comp(PK_DH,IC)."""
        return self._group.compress(_known(self._own))

    @property
    def terminal_key(self) -> bytes:
        """Return Comp(PK_DH,IFD) where chip-authentication mapping has authenticated the agreement."""
        return self._group.compress(_known(self._peer)) if self._static is not None else b""

    def _token(self, element: Element) -> bytes:
        """Compute the token over a public key data object (§4.4.3.4, §9.4.3, §9.4.4)."""
        suite, group = self._option.suite, self._group
        value = encode(group.value_tag, group.encode(element))
        key_object = encode(0x7F49, encode(0x06, oid_value(self._option.oid)) + value)
        key = derive_key(self._secret, COUNTER_MAC, suite)
        return mac(suite, key, key_object if suite.is_aes else pad(key_object, suite.block_size))

    def _decode(self, raw: bytes) -> Element:
        try:
            return self._group.decode(raw)
        except DataError:
            raise Refused(SW.WRONG_DATA, _GA_CLAUSE, "the public key is no element of the group (§9.4.5)") from None


def _known(element: Element | None) -> Element:
    """Return an element that an earlier step set: the steps come in their order only."""
    if element is None:
        raise AssertionError("the steps of PACE come in their order")
    return element
