"""Every forgery, in the order in which several on one card are made."""

from __future__ import annotations

from collections.abc import Iterable

from mock_cards.forgeries.access import ACCESS
from mock_cards.forgeries.chips import CHIPS
from mock_cards.forgeries.content import CONTENT, ISSUED_WRONGLY
from mock_cards.forgeries.forgery import Forgery
from mock_cards.forgeries.images import IMAGES
from mock_cards.forgeries.mapping import MAPPING
from mock_cards.forgeries.security_objects import SECURITY_OBJECTS
from mock_cards.forgeries.signing import SIGNERS
from mock_cards.forgeries.words import WORDS
from mock_cards.issuing import IssuedCard, Issuer

__all__ = ["FORGERIES", "forge", "forgery_by_name"]

# First what the issuer signed wrongly, then who signed and how, then what was changed afterwards: each leaves what was
# done before it as it is, except that of two that sign EF.SOD the later one counts.
FORGERIES: tuple[Forgery, ...] = (
    *ISSUED_WRONGLY,
    *WORDS,
    *IMAGES,
    *SIGNERS,
    *SECURITY_OBJECTS,
    *CONTENT,
    *CHIPS,
    *MAPPING,
    *ACCESS,
)


def forgery_by_name(name: str) -> Forgery:
    """Return the forgery ``name``; raise KeyError where there is none."""
    for forgery in FORGERIES:
        if forgery.name == name:
            return forgery
    raise KeyError(name)


def forge(card: IssuedCard, issuer: Issuer, names: Iterable[str]) -> IssuedCard:
    """Apply forgeries in the order of the table; raise KeyError for a name that there is not."""
    wanted = {forgery_by_name(name).name for name in names}
    for forgery in FORGERIES:
        if forgery.name in wanted:
            card = forgery.make(card, issuer)
    return card
