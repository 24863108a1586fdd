"""Password Authenticated Connection Establishment from the terminal's side (ICAO 9303-11 §4.4).

One run: MSE:Set AT, then four GENERAL AUTHENTICATE commands. The mapping is a step of its own, so that others than the
generic one can take its place; the group is a parameter, so that the same run serves curves and Diffie-Hellman.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Generic, TypeVar

from reader.access.keys import pace_key, password_reference
from reader.access.oid import encode_oid
from reader.access.pace_group import EllipticGroup, Group
from reader.access.pace_protocols import PaceOffer
from reader.access.password import Password
from reader.access.secure_messaging import SessionKeys
from reader.crypto import (
    COUNTER_ENC,
    COUNTER_MAC,
    MAC_LENGTH,
    CipherSuite,
    Rng,
    decrypt_cbc,
    derive_key,
    mac,
    pad,
    system_rng,
)
from reader.errors import AccessFailed, DataError, WrongPassword
from reader.iso7816 import SW, CardLink, CommandAPDU, ResponseAPDU, encode, parse

__all__ = ["PaceResult", "establish_pace"]

E = TypeVar("E")

CHAINED = 0x10
LAST = 0x00
MAX_NONCE_BLOCKS = 4
DYNAMIC_DATA = 0x7C
PUBLIC_KEY = 0x7F49

_WANTS_REFERENCE = frozenset({SW.WRONG_LC_P1P2, SW.WRONG_DATA, SW.REFERENCE_NOT_FOUND})
_TOKEN_REFUSALS = frozenset({SW.SECURITY_STATUS, SW.WRONG_DATA})


@dataclass(frozen=True, slots=True)
class PaceResult:
    """Hold the session keys, the offer that was taken, and whether the chip wanted its only parameters named."""

    keys: SessionKeys
    offer: PaceOffer
    wanted_reference: bool = False


def establish_pace(
    link: CardLink, password: Password, offer: PaceOffer, *, ambiguous: bool = False, rng: Rng = system_rng
) -> PaceResult:
    """Run PACE with ``offer`` and ``password`` and return the session keys, their counter at zero.

    ``ambiguous`` says that the chip offers several sets of domain parameters, so that the one meant must be named.
    Raise WrongPassword where chip and password do not fit together, AccessFailed for everything else that ends the
    protocol; it is never repeated here. DataError, before anything is sent, for an MRZ key that cannot be one.
    """
    password_key = pace_key(password, offer.suite)
    wanted_reference = _set_template(link, password, offer, ambiguous)
    run = _Run(link, EllipticGroup(offer.curve), offer, rng)
    return PaceResult(run.agree(password_key), offer, wanted_reference)


def _set_template(link: CardLink, password: Password, offer: PaceOffer, ambiguous: bool) -> bool:
    """Send MSE:Set AT (§4.4.4.1); return whether it had to be sent again with the parameters named (AC-11)."""
    plain = encode(0x80, encode_oid(offer.info.oid)) + encode(0x83, bytes((password_reference(password),)))
    named = plain + encode(0x84, bytes((offer.info.parameter_id or 0,)))
    sw = _send_template(link, named if ambiguous else plain)
    repeated = not ambiguous and sw in _WANTS_REFERENCE
    if repeated:
        sw = _send_template(link, named)
    if sw == 0x63C0:
        raise WrongPassword("pace set at", sw, tries_left=0)
    # 63Cx before anything was tried is a count of tries left, not a refusal (BSI TR-03110-3 §B.11.1).
    if sw != SW.OK and sw >> 4 != 0x63C:
        raise AccessFailed("pace set at", sw)
    return repeated


def _send_template(link: CardLink, data: bytes) -> int:
    return link.transmit(CommandAPDU(0x00, 0x22, 0xC1, 0xA4, data)).sw


class _Run(Generic[E]):
    """Carry one run through its four exchanges (§4.4.5, table 4)."""

    def __init__(self, link: CardLink, group: Group[E], offer: PaceOffer, rng: Rng) -> None:
        self._link = link
        self._group = group
        self._offer = offer
        self._rng = rng

    def agree(self, password_key: bytes) -> SessionKeys:
        """Return the session keys after both tokens were verified."""
        try:
            nonce = self._nonce(password_key)
            base = self._generic_mapping(nonce)
            own, theirs, secret = self._key_agreement(base)
        except DataError as error:
            raise AccessFailed(f"pace {error.what}") from error
        suite = self._offer.suite
        keys = SessionKeys(suite, derive_key(secret, COUNTER_ENC, suite), derive_key(secret, COUNTER_MAC, suite))
        self._authenticate(keys, own, theirs)
        return keys

    def _nonce(self, password_key: bytes) -> int:
        """Get the encrypted nonce and open it with the password (§4.4.3.3)."""
        suite = self._offer.suite
        encrypted = self._exchange("encrypted nonce", b"", 0x80)
        if not 0 < len(encrypted) <= MAX_NONCE_BLOCKS * suite.block_size:
            raise DataError("nonce of a wrong length", len(encrypted))
        return int.from_bytes(decrypt_cbc(suite, password_key, bytes(suite.block_size), encrypted), "big")

    def _generic_mapping(self, nonce: int) -> E:
        """Return the generator s·G + H, H from an agreement of its own (§4.4.3.3.1)."""
        group = self._group
        private = group.draw(self._rng)
        own = group.encode(group.scale(private, group.generator))
        theirs = self._exchange("mapping data", encode(0x81, own), 0x82)
        self._refuse_echo("mapping data", own, theirs)
        shared = group.scale(private, group.decode(theirs))
        return group.combine(group.scale(nonce, group.generator), shared)

    def _key_agreement(self, base: E) -> tuple[bytes, bytes, bytes]:
        """Return our public key, the chip's, and the shared secret (§4.4.1 step 3 c, d)."""
        group = self._group
        private = group.draw(self._rng)
        own = group.encode(group.scale(private, base))
        theirs = self._exchange("ephemeral key", encode(0x83, own), 0x84)
        self._refuse_echo("ephemeral key", own, theirs)
        return own, theirs, group.secret(group.scale(private, group.decode(theirs)))

    def _authenticate(self, keys: SessionKeys, own: bytes, theirs: bytes) -> None:
        """Exchange and verify the tokens (§4.4.3.4); the chip's must be made over our public key."""
        step = "pace mutual authentication"
        token = encode(0x85, self._token(keys, theirs))
        response = self._transmit(LAST, token)
        if response.sw != SW.OK:
            raise _token_refusal(step, response.sw)
        try:
            received = _dynamic_data(response.data, 0x86)
        except DataError as error:
            raise AccessFailed(step) from error
        if not hmac.compare_digest(received, self._token(keys, own)):
            raise WrongPassword("pace chip token")

    def _token(self, keys: SessionKeys, public_key: bytes) -> bytes:
        key_object = encode(0x06, encode_oid(self._offer.info.oid)) + encode(self._group.key_tag, public_key)
        text = encode(PUBLIC_KEY, key_object)
        if keys.suite is CipherSuite.TDES:
            text = pad(text, keys.suite.block_size)
        return mac(keys.suite, keys.mac, text)[:MAC_LENGTH]

    def _exchange(self, step: str, data: bytes, tag: int) -> bytes:
        response = self._transmit(CHAINED, data)
        if response.sw != SW.OK:
            raise AccessFailed(f"pace {step}", response.sw)
        return _dynamic_data(response.data, tag)

    def _transmit(self, cla: int, data: bytes) -> ResponseAPDU:
        return self._link.transmit(CommandAPDU(cla, 0x86, 0x00, 0x00, encode(DYNAMIC_DATA, data), 256))

    @staticmethod
    def _refuse_echo(step: str, own: bytes, theirs: bytes) -> None:
        if hmac.compare_digest(own, theirs):
            raise AccessFailed(f"pace {step} is our own")


def _dynamic_data(raw: bytes, tag: int) -> bytes:
    """Return the value of ``tag`` inside 7C; raise DataError where the answer is anything else."""
    outer = parse(raw)
    if outer.tag != DYNAMIC_DATA or outer.end != len(raw):
        raise DataError("dynamic authentication data malformed", 0)
    return outer.child(tag).value


def _token_refusal(step: str, sw: int) -> AccessFailed:
    """Tell a wrong password from other trouble: our token is the only thing the chip judges here."""
    if sw >> 4 == 0x63C:
        return WrongPassword(step, sw, tries_left=sw & 0xF)
    if sw >> 8 == 0x63 or sw in _TOKEN_REFUSALS:
        return WrongPassword(step, sw)
    return AccessFailed(step, sw)
