"""The shape of a forgery, and the little words by which the tables are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip, Intervention
from mock_cards.issuing import IssuedCard, Issuer, signing_time
from reader.iso7816 import parse

__all__ = [
    "ATTENTION",
    "PROCEED",
    "STOP",
    "Forgery",
    "Make",
    "Tamper",
    "as_issued",
    "members",
    "month_of_issue",
    "signed_anew",
    "with_portrait",
]

Make = Callable[[IssuedCard, Issuer], IssuedCard]
"""Turn a genuine card into the forged one."""

Tamper = Callable[[IssuedCard, Chip], Intervention]
"""Say what the chip answers in place of its own answers."""

PROCEED, ATTENTION, STOP = "proceed", "attention", "stop"


def as_issued(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    """Leave the card as it was issued."""
    return card


def signed_anew(card: IssuedCard, issuer: Issuer, **files: bytes) -> IssuedCard:
    """Replace files and have the issuer itself sign them: what is wrong then is what was issued."""
    return issuer.sign(card.with_files(**files))


def with_portrait(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    """Leave the card as it was issued; raise ValueError for one without a portrait, which shows nothing of this."""
    if "DG2" not in card.files:
        raise ValueError("this card has no portrait, and so no DG2")
    return card


def month_of_issue(card: IssuedCard) -> date:
    """Return the first day of the month in which ``card`` is issued, when its Document Signer begins."""
    return signing_time(card.persona.card).date().replace(day=1)


def members(collection: bytes) -> tuple[bytes, ...]:
    """Return the members of a SET or SEQUENCE, each as it is encoded."""
    outer = parse(collection)
    return tuple(outer.value[child.start : child.end] for child in outer.children())


@dataclass(frozen=True, slots=True)
class Forgery:
    """Name a forgery: what it is, exactly which checks come out failed, and the decision; None where it opens nothing.

    ``make`` turns a genuine card into the forged one, ``tamper`` changes what its chip answers, ``disturb`` stands
    between chip and reader. ``chip`` names the profile it needs where not every chip has what it is about.
    """

    name: str
    about: str
    fails: frozenset[str]
    decision: str | None
    make: Make = as_issued
    tamper: Tamper | None = None
    disturb: Callable[[EmulatedCard], EmulatedCard] | None = None
    chip: str = ""
