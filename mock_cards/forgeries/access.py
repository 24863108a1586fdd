"""The way into the chip is tampered with: EF.CardAccess offers less or more than was signed, PACE or BAC goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mock_cards import der
from mock_cards.forgeries.forgery import ATTENTION, STOP, Forgery, Make, Tamper, members, signed_anew
from mock_cards.intervention import (
    PACE_TEMPLATE,
    instead,
    of_instruction,
    of_pace_step,
    of_template,
    refuse,
    with_value,
)
from mock_cards.issuing import IssuedCard, Issuer
from reader.crypto import generator
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse

__all__ = ["ACCESS"]

_PACE, _CARD_ACCESS = "access.pace", "access.card-access-authenticity"
_REFUSALS = ("6FFF", "6300", "6982", "6A80", "6A88")
_EXTERNAL_AUTHENTICATE = 0x82
_MAPPING, _AGREEMENT, _TOKEN = 0x81, 0x83, 0x85
_OWN_PARAMETERS = 32  # the first that is not standardised (ICAO 9303-11 §9.5.1)
_STRONGER = der.sequence(der.object_identifier("0.4.0.127.0.7.2.2.4.2.4"), der.integer(2), der.integer(18))

_Key = Callable[[bytes, bytes], bytes]
"""Make another public key of the terminal's and the chip's."""


def _stripped_pace(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return replace(card.with_files(CardAccess=der.set_of()), pace=())


def _absent_card_access(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return replace(card, files={name: data for name, data in card.files.items() if name != "EF.CardAccess"}, pace=())


def _injected_pace(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card.with_files(CardAccess=der.set_of(*members(card.files["EF.CardAccess"]), _STRONGER))


def _explicit_parameters(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Have the issuer offer PACE with domain parameters of its own, and with nothing else (AC-12)."""
    (option,) = card.pace
    explicit = der.point_key(option.domain, generator(option.domain), explicit_parameters=True)  # type: ignore[arg-type]  # the usual chips have curves
    algorithm = members(explicit)[0]
    infos = (
        der.sequence(der.object_identifier(option.oid), der.integer(2), der.integer(_OWN_PARAMETERS)),
        der.sequence(der.object_identifier(option.oid.rpartition(".")[0]), algorithm, der.integer(_OWN_PARAMETERS)),
    )
    others = [
        info for info in members(parse(card.files["DG14"]).value) if der.object_identifier(option.oid) not in info
    ]
    dg14 = encode(0x6E, der.set_of(*others, *infos))
    return signed_anew(replace(card, pace=()), issuer, DG14=dg14, CardAccess=der.set_of(*infos))


def _refused_template(sw: int) -> Tamper:
    return lambda card, chip: instead(of_template(PACE_TEMPLATE), refuse(sw))


def _refused_nonce(sw: int) -> Tamper:
    return lambda card, chip: instead(of_pace_step(None), refuse(sw))


def _other_key(step: int, change: _Key) -> Tamper:
    return lambda card, chip: instead(of_pace_step(step), with_value(step + 1, change))


def _echoed(theirs: bytes, _own: bytes) -> bytes:
    return theirs


def _off_the_curve(_theirs: bytes, own: bytes) -> bytes:
    return own[:-1] + bytes((own[-1] ^ 1,))


def _infinity(_theirs: bytes, _own: bytes) -> bytes:
    return b"\x00"


def _compressed(_theirs: bytes, own: bytes) -> bytes:
    return bytes((2 | own[-1] & 1,)) + own[1 : 1 + (len(own) - 1) // 2]


def _short(_theirs: bytes, own: bytes) -> bytes:
    return own[:-1]


def _checksum_flipped(_command: CommandAPDU, answer: ResponseAPDU) -> ResponseAPDU:
    # The cryptogram is 32 bytes, the checksum behind it eight (ICAO 9303-11 §4.3.3).
    return ResponseAPDU(answer.data[:-1] + bytes((answer.data[-1] ^ 1,)), answer.sw) if answer.data else answer


_KEYS: tuple[tuple[str, str, str, _Key], ...] = (
    ("echoed", "the terminal's own key comes back", "AC-13", _echoed),
    ("off-curve", "the chip's key is no point of the curve", "AC-14", _off_the_curve),
    ("infinity", "the chip's key is the point at infinity", "AC-14", _infinity),
    ("compressed", "the chip's key is in the compressed form", "AC-14", _compressed),
    ("short", "the chip's key is a byte short", "AC-14", _short),
)


def _failing_pace(name: str, about: str, tamper: Tamper) -> Forgery:
    # BAC steps in where the policy allows it and the MRZ is known, and that is worth attention at best.
    return Forgery(name, f"{about}; needs the MRZ", frozenset({_PACE}), ATTENTION, tamper=tamper)


def _offering(name: str, about: str, make: Make) -> Forgery:
    return Forgery(name, about, frozenset({_CARD_ACCESS}), STOP, make)


ACCESS: tuple[Forgery, ...] = (
    _offering(
        "pace-stripped",
        "EF.CardAccess offers no PACE though DG14 does, so that the reader falls back to BAC; needs the MRZ (AC-05)",
        _stripped_pace,
    ),
    _offering(
        "card-access-absent",
        "there is no EF.CardAccess, though DG14 offers PACE; needs the MRZ (AC-04)",
        _absent_card_access,
    ),
    _offering("pace-injected", "EF.CardAccess offers PACE that DG14 does not have (AC-06)", _injected_pace),
    Forgery(
        "pace-explicit-parameters",
        "PACE is offered with domain parameters of the chip's own only: never used; needs the MRZ (AC-12)",
        frozenset(),
        ATTENTION,
        _explicit_parameters,
    ),
    *(
        _failing_pace(
            f"pace-refused-{sw.lower()}",
            f"PACE is offered, and MSE:Set AT answered {sw} (AC-01)",
            _refused_template(int(sw, 16)),
        )
        for sw in _REFUSALS
    ),
    *(
        _failing_pace(
            f"pace-nonce-refused-{sw.lower()}",
            f"PACE is offered, and its first step answered {sw} (AC-01)",
            _refused_nonce(int(sw, 16)),
        )
        for sw in _REFUSALS
    ),
    *(
        _failing_pace(
            f"pace-mapping-key-{name}", f"while the nonce is mapped {about} ({row})", _other_key(_MAPPING, change)
        )
        for name, about, row, change in _KEYS
    ),
    *(
        _failing_pace(
            f"pace-agreement-key-{name}", f"while keys are agreed {about} ({row})", _other_key(_AGREEMENT, change)
        )
        for name, about, row, change in _KEYS
    ),
    Forgery(
        "pace-token-wrong",
        "the chip's token is not over these keys: wrong password or wrong chip (AC-16)",
        frozenset(),
        None,
        tamper=_other_key(_TOKEN, _off_the_curve),
    ),
    Forgery(
        "bac-checksum-wrong",
        "the chip's answer to mutual authentication has a wrong checksum (AC-20)",
        frozenset(),
        None,
        tamper=lambda card, chip: instead(of_instruction(_EXTERNAL_AUTHENTICATE), _checksum_flipped),
        chip="icao-bac",
    ),
)
