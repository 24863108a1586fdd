"""A letter as it enters the outbox: what the outbox will know of it, counted and dated."""

from __future__ import annotations

import hashlib

from auth.outbox.item import Item, Letter
from auth.outbox.knowing import CERTIFICATE, OLD_NUMBER, PERSON
from auth.outbox.store import Store
from auth.registers.text import plain_serial
from reader.errors import DataError

__all__ = ["item_of"]


def item_of(letter: Letter, store: Store, device: str, now: float, keep_s: float) -> Item:
    """Return the look-up that ``letter`` becomes as the next one of ``store``.

    Raise DataError where it waits for the yes of a look-up that is not of its dossier, or that asks for none, and where
    it is more than a row holds.
    """
    hash_of = store.vault.hash_of
    first = store.item(letter.after) if letter.after else None
    if letter.after and (first is None or first.dossier != letter.dossier or not first.questions):
        raise DataError("queued look-up: it waits for a yes that nobody was asked for")
    item = Item(
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
        subject=hash_of(PERSON, letter.subject),
        payload=hashlib.sha256(letter.sealed).hexdigest(),
        queued_at=now,
        expires_at=now + keep_s,
        changed=store.head.counter + 1,
        questions=letter.questions,
        after=letter.after,
        fields=letter.fields,
        old_number=hash_of(OLD_NUMBER, letter.old_number),
        certificate=hash_of(CERTIFICATE, plain_serial(letter.certificate)),
    )
    item.check()
    return item
