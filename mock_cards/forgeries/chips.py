"""The chip is not the one that was issued, or keeps back what would show it: clones, refused and replayed proofs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from mock_cards import der
from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip, Intervention
from mock_cards.coprocessor import Coprocessor
from mock_cards.disturbances import FlippedMac
from mock_cards.forgeries.forgery import STOP, Forgery, Tamper, members, signed_anew, with_portrait
from mock_cards.genuine import sign_challenge
from mock_cards.intervention import CHIP_TEMPLATE, KEY_TEMPLATE, instead, of_instruction, of_template, refuse
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.security_infos import active_authentication_info
from mock_cards.keys import EcKey, RsaKey
from mock_cards.profile import ActiveKeySpec
from reader.crypto import system_rng
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode, parse

__all__ = ["CHIPS", "other_chip_key"]

_CHIP, _ACTIVE = "genuine.chip-authentication", "genuine.active-authentication"
_DG2 = 0x0102
_INTERNAL_AUTHENTICATE = 0x88
_REFUSALS = ("6300", "6400", "6700", "6982", "6985", "6988", "6A80", "6A88", "6D00", "6F00")

_Signature = Callable[[bytes, IssuedCard], bytes]
"""Make another answer of the chip's signature."""


def other_chip_key(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Put other static keys into the chip; its files stay as they are."""
    return replace(card, chip_keys=tuple(replace(key, key=issuer.new_key_in(key.domain)) for key in card.chip_keys))


def _other_active_key(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return replace(card, active_key=issuer.new_active_key(card.profile))


def _flipped_mac(card: EmulatedCard) -> EmulatedCard:
    return FlippedMac(card, fid=_DG2)


def _refused_agreement(sw: int) -> Tamper:
    """Refuse Chip Authentication, though DG14 offers it (CH-09)."""

    def tamper(_card: IssuedCard, _chip: Chip) -> Intervention:
        by_agreement, by_key = of_template(CHIP_TEMPLATE), of_template(KEY_TEMPLATE)
        return instead(
            lambda command, protected: by_agreement(command, protected) or by_key(command, protected), refuse(sw)
        )

    return tamper


def _signed(change: _Signature) -> Tamper:
    """Answer INTERNAL AUTHENTICATE with something else than the chip's signature."""

    def tamper(card: IssuedCard, _chip: Chip) -> Intervention:
        def act(command: CommandAPDU, answer: ResponseAPDU) -> ResponseAPDU:
            return ResponseAPDU(change(answer.data, card), SW.OK) if answer.sw == SW.OK else answer

        return instead(of_instruction(_INTERNAL_AUTHENTICATE), act)

    return tamper


def _refused_signature(card: IssuedCard, chip: Chip) -> Intervention:
    return instead(of_instruction(_INTERNAL_AUTHENTICATE), refuse(SW.CONDITIONS_NOT_SATISFIED))


def _over_another_challenge(signature: bytes, card: IssuedCard) -> bytes:
    """Sign what was asked on another day."""
    return sign_challenge(secrets.token_bytes(8), card.active_key, card.profile.active_key, Coprocessor(system_rng))


def _zero(signature: bytes, card: IssuedCard) -> bytes:
    return bytes(len(signature))


def _empty(signature: bytes, card: IssuedCard) -> bytes:
    return b""


def _flipped(signature: bytes, card: IssuedCard) -> bytes:
    return signature[:-1] + bytes((signature[-1] ^ 1,))


def _as_large_as_the_order(signature: bytes, card: IssuedCard) -> bytes:
    """Put the group's order, or the modulus, where a smaller number belongs."""
    if isinstance(card.active_key, EcKey):
        size = card.active_key.curve.order_length
        return signature[:size] + card.active_key.curve.n.to_bytes(size, "big")
    return card.active_key.modulus.to_bytes(len(signature), "big") if card.active_key else signature


def _without_message(signature: bytes, card: IssuedCard) -> bytes:
    """Make the representative of another header: nibble 4 says that nothing of the message is recovered (CH-03)."""
    key = card.active_key
    if not isinstance(key, RsaKey):
        return signature
    representative = pow(int.from_bytes(signature, "big"), key.public_exponent, key.modulus).to_bytes(
        len(signature), "big"
    )
    changed = int.from_bytes(b"\x4a" + representative[1:], "big")
    return pow(changed, key.private_exponent, key.modulus).to_bytes(len(signature), "big")


def _with_other_trailer(signature: bytes, card: IssuedCard) -> bytes:
    """Say with the trailer that another hash was used than was (C4)."""
    key = card.active_key
    if not isinstance(key, RsaKey):
        return signature
    representative = pow(int.from_bytes(signature, "big"), key.public_exponent, key.modulus).to_bytes(
        len(signature), "big"
    )
    changed = int.from_bytes(representative[:-2] + b"\x36\xcc", "big")
    return pow(changed, key.private_exponent, key.modulus).to_bytes(len(signature), "big")


def _other_hash_said(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Have the issuer say in DG14 that Active Authentication uses SHA-512, which it does not (CH-05)."""
    if not isinstance(card.active_key, EcKey):
        raise ValueError("only a chip that signs by ECDSA says its hash")
    said = active_authentication_info(ActiveKeySpec(card.active_key.curve, "sha512"))
    oid = der.object_identifier("2.23.136.1.1.5")
    infos = [said if oid in info else info for info in members(parse(card.files["DG14"]).value)]
    return signed_anew(card, issuer, DG14=encode(0x6E, der.set_of(*infos)))


def _clone(name: str, about: str, fails: str, tamper: Tamper, chip: str = "") -> Forgery:
    return Forgery(name, about, frozenset({fails}), STOP, tamper=tamper, chip=chip)


CHIPS: tuple[Forgery, ...] = (
    Forgery(
        "clone-without-ca-key",
        "every file copied, but not the key of Chip Authentication (CH-07, C6)",
        frozenset({_CHIP}),
        STOP,
        other_chip_key,
    ),
    Forgery(
        "clone-without-aa-key",
        "every file copied, but not the key of Active Authentication (C6)",
        frozenset({_ACTIVE}),
        STOP,
        _other_active_key,
    ),
    *(
        _clone(
            f"ca-refused-{sw.lower()}",
            f"DG14 offers Chip Authentication, the chip answers {sw} (CH-09)",
            _CHIP,
            _refused_agreement(int(sw, 16)),
        )
        for sw in _REFUSALS
    ),
    Forgery(
        "aa-other-hash-said",
        "DG14 says another hash for Active Authentication than the chip uses (CH-05)",
        frozenset({_ACTIVE}),
        STOP,
        _other_hash_said,
        chip="vietnam-2021",
    ),
    _clone("aa-refused", "DG15 is there, and the chip does not sign", _ACTIVE, _refused_signature),
    _clone(
        "aa-replayed",
        "the signature is the chip's, over another challenge (CH-01)",
        _ACTIVE,
        _signed(_over_another_challenge),
    ),
    _clone("aa-flipped", "one bit of the signature is another", _ACTIVE, _signed(_flipped)),
    _clone("aa-zero", "the signature is nothing but zeros (CH-04)", _ACTIVE, _signed(_zero)),
    _clone("aa-empty", "the chip says 9000 and signs nothing, whatever is asked (CH-05b)", _ACTIVE, _signed(_empty)),
    _clone(
        "aa-number-too-large",
        "a number of the signature is as large as the group (CH-04)",
        _ACTIVE,
        _signed(_as_large_as_the_order),
    ),
    _clone(
        "aa-header-wrong",
        "the header says that no message is recovered (CH-03)",
        _ACTIVE,
        _signed(_without_message),
        "vietnam-2024",
    ),
    _clone(
        "aa-trailer-wrong",
        "the trailer names another hash than was used (C4)",
        _ACTIVE,
        _signed(_with_other_trailer),
        "vietnam-2024",
    ),
    Forgery(
        "sm-mac-flipped",
        "somebody between chip and reader changes a bit of the checksum while DG2 is read (SM-01)",
        frozenset({"access.secure-messaging"}),
        STOP,
        with_portrait,
        disturb=_flipped_mac,
    ),
)
