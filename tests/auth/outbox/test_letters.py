"""What may be queued: each part of a letter has its bound, and all of them together what one row may hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auth.outbox import Event, Letter, Outbox
from auth.outbox.item import MAX_FIELDS, MAX_QUESTIONS, MAX_ROW_BYTES
from reader.errors import DataError

Letters = Callable[..., Letter]
LONGEST_NAME = "f" * 40


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": ("address",) * (MAX_FIELDS + 1)},
        {"fields": ("address", "")},
        {"fields": (LONGEST_NAME + "f",)},
        {"fields": ("Nguyễn Văn Mẫu",)},
        {"fields": ("address\n",)},
        {"old_number": "0" * 101},
        {"certificate": "A" * 101},
        # Each part within its bounds, and together more than a row holds.
        {"questions": ("q" * 100,) * MAX_QUESTIONS, "fields": (LONGEST_NAME,) * MAX_FIELDS},
        dict.fromkeys(("lookup_id", "dossier", "register", "path", "purpose", "clerk"), "ư" * 100)
        | {"questions": ("q" * 100,) * MAX_QUESTIONS},
        {"legal_basis": "\x01" * 200, "fields": (LONGEST_NAME,) * MAX_FIELDS},
    ],
)
def test_what_is_longer_than_it_may_be_is_not_queued(outbox: Outbox, letter_of: Letters, wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        outbox.put(letter_of(**wrong))
    assert outbox.items() == []
    assert outbox.put(letter_of()).number == 1


def test_the_longest_that_is_queued_opens_again_whatever_happened_to_it(
    open_outbox: Callable[..., Outbox], letter_of: Letters
) -> None:
    outbox = open_outbox()
    fields = tuple(f"{LONGEST_NAME[:38]}{number:02}" for number in range(MAX_FIELDS))
    letter = letter_of(fields=fields, old_number="099123456", certificate="AB 12345678", legal_basis="Đ" * 200)
    item = outbox.happen(outbox.put(letter), Event.SEND, attempts=1 << 53, wait=1e11, due=1e11 / 3)
    item = outbox.happen(
        item, Event.ANSWER, "r" * 60, answer=b"{}", answered_at=1e11 / 3, key_id="k" * 200, expires_at=1e11 / 3
    )
    assert len(item.to_bytes()) <= MAX_ROW_BYTES
    outbox.close()
    assert open_outbox().items() == [item]
