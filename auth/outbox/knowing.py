"""What the outbox knows of a question that is sealed: which fields it asks for, and keyed hashes of whom it is about.

With them a value that comes in an answer is known again, and nothing of the question stands here in the clear.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from auth.outbox.item import Item
from auth.registers.sought import Sought
from auth.registers.text import plain_serial

__all__ = ["CERTIFICATE", "OLD_NUMBER", "PERSON", "HashOf", "sought_of"]

# Of a kind of value and the value, a keyed hash; "" of none.
HashOf = Callable[[str, str], str]
PERSON, OLD_NUMBER, CERTIFICATE = "subject", "old-number", "certificate"
_NINE_DIGITS = re.compile("[0-9]{9}")


def sought_of(item: Item, hash_of: HashOf) -> Sought:
    """Return what an answer to ``item`` is held against."""
    about = _Hashed(item, hash_of)
    return Sought(item.lookup_id, item.purpose, item.legal_basis, about, item.fields, item.questions)


@dataclass(frozen=True, slots=True, repr=False)
class _Hashed:
    """Know them by their hashes (``auth.registers.sought.KnowsAgain``).

    What was queued by a version that kept no fields may have had an old number of nine digits and a certificate without
    a hash of them: then such a number counts as the citizen's, and each certificate as the one.
    """

    item: Item
    hash_of: HashOf

    def is_person(self, number: str) -> bool:
        return self.hash_of(PERSON, number) == self.item.subject

    def is_old_number(self, number: str) -> bool:
        if self.item.old_number:
            return self.hash_of(OLD_NUMBER, number) == self.item.old_number
        return not self.item.fields and _NINE_DIGITS.fullmatch(number) is not None

    def is_certificate(self, serial: str) -> bool:
        asked = self.item.certificate
        return not asked or self.hash_of(CERTIFICATE, plain_serial(serial)) == asked
