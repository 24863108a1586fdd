"""Password Authenticated Connection Establishment from the terminal's side (ICAO 9303-11 §4.4).

One run: MSE:Set AT, then four GENERAL AUTHENTICATE commands. The mapping is a step of its own, generic or integrated;
the group is a parameter, so that the same run serves curves and Diffie-Hellman.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from reader.access.chip_mapping import ChipMapping, open_chip_data
from reader.access.compression import compress_public_key
from reader.access.integrated_mapping import chip_nonce_length, pseudo_random
from reader.access.keys import pace_key, password_reference
from reader.access.oid import encode_oid
from reader.access.pace_group import EllipticGroup, Group, MultiplicativeGroup
from reader.access.pace_protocols import Mapping, PaceOffer
from reader.access.password import Password, Pin
from reader.access.secure_messaging import SessionKeys
from reader.crypto import (
    COUNTER_ENC,
    COUNTER_MAC,
    MAC_LENGTH,
    CipherSuite,
    Curve,
    Rng,
    decrypt_cbc,
    derive_key,
    mac,
    pad,
    system_rng,
)
from reader.errors import AccessFailed, DataError, TriesAtRisk, WrongPassword
from reader.iso7816 import SW, TLV, CardLink, CommandAPDU, ResponseAPDU, encode, parse

__all__ = ["SET_TEMPLATE", "ConfirmTries", "PaceResult", "establish_pace"]

E = TypeVar("E")

SET_TEMPLATE = "pace set at"
"""The step of an AccessFailed that the chip raised before the password was used."""

ConfirmTries = Callable[[int], bool]
"""Be told how many tries of a PIN or PUK are left; answer whether one may be spent."""

CHAINED = 0x10
LAST = 0x00
MAX_NONCE_BLOCKS = 4
DYNAMIC_DATA = 0x7C
PUBLIC_KEY = 0x7F49
SHORT_DATA = 255
SHORT_NE = 256
EXTENDED_NE = 65536

_WANTS_REFERENCE = frozenset({SW.WRONG_LC_P1P2, SW.WRONG_DATA, SW.REFERENCE_NOT_FOUND})
_TOKEN_REFUSALS = frozenset({SW.SECURITY_STATUS, SW.WRONG_DATA})


@dataclass(frozen=True, slots=True)
class PaceResult:
    """Hold the session keys and the offer that was taken.

    ``wanted_reference`` tells whether the chip wanted its only parameters named; ``tries_left`` what it told of the
    password before it was used; ``chip_mapping`` what chip-authentication mapping brought, to be verified by whoever
    has a verified EF.CardSecurity. ``terminal_key`` and ``chip_key`` are the compressed ephemeral keys of this run, by
    which Terminal Authentication names the two sides.
    """

    keys: SessionKeys
    offer: PaceOffer
    wanted_reference: bool = False
    tries_left: int | None = None
    chip_mapping: ChipMapping | None = None
    terminal_key: bytes = b""
    chip_key: bytes = b""


def establish_pace(
    link: CardLink,
    password: Password,
    offer: PaceOffer,
    *,
    ambiguous: bool = False,
    rng: Rng = system_rng,
    confirm_tries: ConfirmTries | None = None,
) -> PaceResult:
    """Run PACE with ``offer`` and ``password`` and return the session keys, their counter at zero.

    ``ambiguous`` says that the chip offers several sets of domain parameters, so that the one meant must be named.
    ``confirm_tries`` is asked before a PIN or PUK of which tries were lost is used; without it none is.

    Raise WrongPassword where chip and password do not fit together, TriesAtRisk where a try was not to be spent,
    AccessFailed for everything else that ends the protocol; it is never repeated here. DataError, before anything is
    sent, for an MRZ key that cannot be one.
    """
    password_key = pace_key(password, offer.suite)
    wanted_reference, sw = _set_template(link, password, offer, ambiguous)
    tries_left = _tries_left(sw, password, confirm_tries)
    if isinstance(offer.domain, Curve):
        agreed = _Run(link, EllipticGroup(offer.domain), offer, rng).agree(password_key)
    else:
        agreed = _Run(link, MultiplicativeGroup(offer.domain), offer, rng).agree(password_key)
    return PaceResult(
        agreed.keys,
        offer,
        wanted_reference,
        tries_left,
        agreed.chip_mapping,
        compress_public_key(offer.domain, agreed.own),
        compress_public_key(offer.domain, agreed.theirs),
    )


def _set_template(link: CardLink, password: Password, offer: PaceOffer, ambiguous: bool) -> tuple[bool, int]:
    """Send MSE:Set AT (§4.4.4.1); return whether it had to be sent again with the parameters named (AC-11), and SW."""
    plain = encode(0x80, encode_oid(offer.info.oid)) + encode(0x83, bytes((password_reference(password),)))
    named = plain + encode(0x84, bytes((offer.info.parameter_id or 0,)))
    sw = _send_template(link, named if ambiguous else plain)
    repeated = not ambiguous and sw in _WANTS_REFERENCE
    if repeated:
        sw = _send_template(link, named)
    # 63Cx before anything was tried is a count of tries left, not a refusal (BSI TR-03110-3 §B.11.1).
    if sw != SW.OK and sw >> 4 != 0x63C:
        raise AccessFailed(SET_TEMPLATE, sw)
    return repeated, sw


def _tries_left(sw: int, password: Password, confirm: ConfirmTries | None) -> int | None:
    """Read how many tries are left and see to it that none of a PIN or PUK is spent unasked (AC-19)."""
    if sw == SW.OK:
        return None
    left = sw & 0xF
    if not left:
        raise WrongPassword(SET_TEMPLATE, sw, tries_left=0)
    if isinstance(password, Pin) and left == 1:
        # The chip has suspended the PIN: it takes the last try only inside a channel that the CAN opened.
        raise TriesAtRisk(SET_TEMPLATE, sw, tries_left=left, can_first=True)
    if password.counts_tries and not (confirm and confirm(left)):
        raise TriesAtRisk(SET_TEMPLATE, sw, tries_left=left)
    return left


def _send_template(link: CardLink, data: bytes) -> int:
    return link.transmit(CommandAPDU(0x00, 0x22, 0xC1, 0xA4, data)).sw


@dataclass(frozen=True, slots=True, repr=False)
class _Agreed:
    """Hold what one run brought: session keys, both ephemeral public keys, and what the chip sent to prove itself."""

    keys: SessionKeys
    own: bytes
    theirs: bytes
    chip_mapping: ChipMapping | None


class _Run(Generic[E]):
    """Carry one run through its four exchanges (§4.4.5, table 4)."""

    def __init__(self, link: CardLink, group: Group[E], offer: PaceOffer, rng: Rng) -> None:
        self._link = link
        self._group = group
        self._offer = offer
        self._rng = rng
        self._chip_mapping_key = b""

    def agree(self, password_key: bytes) -> _Agreed:
        """Return the session keys after both tokens were verified, and what else the run brought."""
        try:
            nonce = self._nonce(password_key)
            integrated = self._offer.mapping is Mapping.INTEGRATED
            base = self._integrated_mapping(nonce) if integrated else self._generic_mapping(nonce)
            own, theirs, secret = self._key_agreement(base)
        except DataError as error:
            raise AccessFailed(f"pace {error.what}") from error
        suite = self._offer.suite
        keys = SessionKeys(suite, derive_key(secret, COUNTER_ENC, suite), derive_key(secret, COUNTER_MAC, suite))
        answer = self._authenticate(keys, own, theirs)
        return _Agreed(keys, own, theirs, self._chip_mapping(keys, answer))

    def _nonce(self, password_key: bytes) -> bytes:
        """Get the encrypted nonce and open it with the password (§4.4.3.3)."""
        suite = self._offer.suite
        encrypted = self._exchange("encrypted nonce", b"", 0x80)
        if not 0 < len(encrypted) <= MAX_NONCE_BLOCKS * suite.block_size:
            raise DataError("nonce of a wrong length", len(encrypted))
        return decrypt_cbc(suite, password_key, bytes(suite.block_size), encrypted)

    def _generic_mapping(self, nonce: bytes) -> E:
        """Return the generator s·G + H, H from an agreement of its own (§4.4.3.3.1); PACE-CAM maps so too."""
        group = self._group
        private = group.draw(self._rng)
        own = group.encode(group.scale(private, group.generator))
        theirs = self._exchange("mapping data", encode(0x81, own), 0x82)
        self._refuse_echo("mapping data", own, theirs)
        shared = group.scale(private, group.decode(theirs))
        self._chip_mapping_key = theirs
        return group.combine(group.scale(int.from_bytes(nonce, "big"), group.generator), shared)

    def _integrated_mapping(self, nonce: bytes) -> E:
        """Return the generator made of the chip's nonce and one of ours, which goes in clear (§4.4.3.3.2)."""
        suite = self._offer.suite
        if len(nonce) != chip_nonce_length(suite):
            raise DataError("nonce of a wrong length", len(nonce))
        ours = self._rng(suite.key_length)
        answer = self._send("mapping data", encode(0x81, ours))
        # Object 82 is empty here (§4.4.5.2.2); some would leave it out.
        if answer.value and answer.child(0x82).value:
            raise DataError("mapping data where none belongs")
        return self._group.from_field(pseudo_random(suite, nonce, ours, self._group.prime))

    def _key_agreement(self, base: E) -> tuple[bytes, bytes, bytes]:
        """Return our public key, the chip's, and the shared secret (§4.4.1 step 3 c, d)."""
        group = self._group
        private = group.draw(self._rng)
        own = group.encode(group.scale(private, base))
        theirs = self._exchange("ephemeral key", encode(0x83, own), 0x84)
        self._refuse_echo("ephemeral key", own, theirs)
        return own, theirs, group.secret(group.scale(private, group.decode(theirs)))

    def _authenticate(self, keys: SessionKeys, own: bytes, theirs: bytes) -> TLV:
        """Exchange and verify the tokens (§4.4.3.4); the chip's must be made over our public key. Return its answer."""
        step = "pace mutual authentication"
        token = encode(0x85, self._token(keys, theirs))
        response = self._transmit(LAST, token)
        if response.sw != SW.OK:
            raise _token_refusal(step, response.sw)
        try:
            answer = _dynamic_data(response.data)
            received = answer.child(0x86).value
        except DataError as error:
            raise AccessFailed(step) from error
        if not hmac.compare_digest(received, self._token(keys, own)):
            raise WrongPassword("pace chip token")
        return answer

    def _chip_mapping(self, keys: SessionKeys, answer: TLV) -> ChipMapping | None:
        """Open the chip authentication data, which an offer of PACE-CAM must bring (§4.4.3.5.2, CH-16)."""
        domain, info = self._offer.domain, self._offer.info
        if self._offer.mapping is not Mapping.CHIP_AUTHENTICATION:
            return None
        if not isinstance(domain, Curve) or info.parameter_id is None:
            raise AssertionError("chip-authentication mapping is offered on standardised curves only")
        try:
            data = open_chip_data(keys.suite, keys.enc, domain, answer.child(0x8A).value)
        except DataError as error:
            raise AccessFailed("pace chip authentication data") from error
        return ChipMapping(domain, info.parameter_id, self._chip_mapping_key, data)

    def _token(self, keys: SessionKeys, public_key: bytes) -> bytes:
        key_object = encode(0x06, encode_oid(self._offer.info.oid)) + encode(self._group.key_tag, public_key)
        text = encode(PUBLIC_KEY, key_object)
        if keys.suite is CipherSuite.TDES:
            text = pad(text, keys.suite.block_size)
        return mac(keys.suite, keys.mac, text)[:MAC_LENGTH]

    def _exchange(self, step: str, data: bytes, tag: int) -> bytes:
        return self._send(step, data).child(tag).value

    def _send(self, step: str, data: bytes) -> TLV:
        response = self._transmit(CHAINED, data)
        if response.sw != SW.OK:
            raise AccessFailed(f"pace {step}", response.sw)
        return _dynamic_data(response.data)

    def _transmit(self, cla: int, data: bytes) -> ResponseAPDU:
        """Send one GENERAL AUTHENTICATE; keys of 2048 bits need extended length fields both ways (§9.3.1.2)."""
        field = encode(DYNAMIC_DATA, data)
        ne = EXTENDED_NE if len(field) > SHORT_DATA else SHORT_NE
        return self._link.transmit(CommandAPDU(cla, 0x86, 0x00, 0x00, field, ne))

    @staticmethod
    def _refuse_echo(step: str, own: bytes, theirs: bytes) -> None:
        if hmac.compare_digest(own, theirs):
            raise AccessFailed(f"pace {step} is our own")


def _dynamic_data(raw: bytes) -> TLV:
    """Return the object 7C that an answer is; raise DataError where it is anything else."""
    outer = parse(raw)
    if outer.tag != DYNAMIC_DATA or outer.end != len(raw):
        raise DataError("dynamic authentication data malformed", 0)
    return outer


def _token_refusal(step: str, sw: int) -> AccessFailed:
    """Tell a wrong password from other trouble: our token is the only thing the chip judges here."""
    if sw >> 4 == 0x63C:
        return WrongPassword(step, sw, tries_left=sw & 0xF)
    if sw >> 8 == 0x63 or sw in _TOKEN_REFUSALS:
        return WrongPassword(step, sw)
    return AccessFailed(step, sw)
