"""A letter as it enters the outbox: what the outbox will know of it, counted and dated."""

from __future__ import annotations

import hashlib

from auth.outbox.item import Item, Letter
from auth.outbox.store import Store
from reader.errors import DataError

__all__ = ["item_of", "subject_of"]


def item_of(letter: Letter, store: Store, device: str, now: float, keep_s: float) -> Item:
    """Return the look-up that ``letter`` becomes as the next one of ``store``.

    Raise DataError where it waits for the yes of a look-up that is not of its dossier, or that asks for none.
    """
    first = store.item(letter.after) if letter.after else None
    if letter.after and (first is None or first.dossier != letter.dossier or not first.questions):
        raise DataError("queued look-up: it waits for a yes that nobody was asked for")
    return Item(
        number=store.head.next,
        lookup_id=letter.lookup_id,
        dossier=letter.dossier,
        register=letter.register,
        path=letter.path,
        purpose=letter.purpose,
        legal_basis=letter.legal_basis,
        clerk=letter.clerk,
        idempotency_key=letter.idempotency_key,
        device=device,
        subject=subject_of(store, letter.subject),
        payload=hashlib.sha256(letter.sealed).hexdigest(),
        queued_at=now,
        expires_at=now + keep_s,
        changed=store.head.counter + 1,
        questions=letter.questions,
        after=letter.after,
    )


def subject_of(store: Store, personal_number: str) -> str:
    """Return the keyed hash by which the outbox knows whom a look-up is about."""
    return store.vault.tag("subject", personal_number).hex()
