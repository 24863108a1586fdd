"""PACE with chip authentication mapping, and the signed EF.CardSecurity that it leans on, are spoilt."""

from __future__ import annotations

from dataclasses import replace

from mock_cards.chip import Chip, Intervention
from mock_cards.forgeries.chips import other_chip_key
from mock_cards.forgeries.forgery import STOP, Forgery
from mock_cards.intervention import instead, of_pace_step, with_value
from mock_cards.issuing import IssuedCard, Issuer

__all__ = ["MAPPING"]

_MAPPING, _CARD_SECURITY = "genuine.chip-mapping", "passive.card-security"
_TOKEN, _CHIP_DATA = 0x85, 0x8A
_CHIP_OF_IT = "icao-cam"


def _without_card_security(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return replace(card, files={name: data for name, data in card.files.items() if name != "EF.CardSecurity"})


def _card_security_broken(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    signed = card.files["EF.CardSecurity"]
    return card.with_files(CardSecurity=signed[:-1] + bytes((signed[-1] ^ 1,)))


def _other_key_in_card_security(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Have the issuer sign an EF.CardSecurity with another key than DG14, and give that to the chip (CH-15)."""
    other = other_chip_key(card, issuer)
    signed = issuer.sign(other).files["EF.CardSecurity"]
    return replace(card.with_files(CardSecurity=signed), chip_keys=other.chip_keys)


def _chip_data_flipped(card: IssuedCard, chip: Chip) -> Intervention:
    """Change what the chip sends to prove its key within PACE (CH-16)."""
    return instead(of_pace_step(_TOKEN), with_value(_CHIP_DATA, lambda _, data: data[:-1] + bytes((data[-1] ^ 1,))))


MAPPING: tuple[Forgery, ...] = (
    Forgery(
        "cam-clone",
        "every file copied, but not the key that PACE with chip authentication mapping proves (CH-13)",
        frozenset({_MAPPING, "genuine.chip-authentication"}),
        STOP,
        other_chip_key,
        chip=_CHIP_OF_IT,
    ),
    Forgery(
        "cam-data-flipped",
        "what the chip sends to prove its key within PACE makes no sense (CH-16)",
        frozenset(),
        None,
        tamper=_chip_data_flipped,
        chip=_CHIP_OF_IT,
    ),
    Forgery(
        "card-security-suppressed",
        "PACE ran with chip authentication mapping, and the chip says there is no EF.CardSecurity",
        frozenset({_CARD_SECURITY, _MAPPING}),
        STOP,
        _without_card_security,
        chip=_CHIP_OF_IT,
    ),
    Forgery(
        "card-security-signature-broken",
        "one bit of the signature of EF.CardSecurity is another (CH-14)",
        frozenset({_CARD_SECURITY}),
        STOP,
        _card_security_broken,
        chip=_CHIP_OF_IT,
    ),
    Forgery(
        "card-security-other-key",
        "EF.CardSecurity holds another key than DG14 under the same id (CH-15, AC-07)",
        frozenset({_MAPPING, "access.card-access-authenticity", "genuine.chip-authentication"}),
        STOP,
        _other_key_in_card_security,
        chip=_CHIP_OF_IT,
    ),
)
