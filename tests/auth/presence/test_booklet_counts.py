"""Pages are counted against their device and logged in one step: whatever fails, neither or both have happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from auth.presence import BookletVerifier, Caller, PresenceRefused, SqlitePages, SqliteStore

Register = Any  # these live in conftest.py, which cannot be imported from here


@pytest.fixture
def caller(desk_with: Callable[..., Any]) -> Caller:
    of_desk: Caller = desk_with("vietnam-2021").caller
    return of_desk


def verifier_of(it: Register, signer: Any = None) -> BookletVerifier:
    pages = SqlitePages(it.store)
    return BookletVerifier(
        it.name, signer or it.signer, it.issuers, it.trust, "list-7", pages, it.policy, clock=lambda: it.now
    )


def logged(register: Register) -> int:
    grown = register.store.grown(0, None)
    assert grown is not None
    return int(grown.size)


@contextmanager
def no_log(store: SqliteStore) -> Iterator[None]:
    with store.writing() as database:
        database.execute("CREATE TRIGGER full BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'no log'); END")
    yield
    with store.writing() as database:
        database.execute("DROP TRIGGER full")


def test_pages_that_could_not_be_logged_are_not_counted_and_those_counted_are_logged(
    register: Register, caller: Caller
) -> None:
    most, verifier = register.policy.offline_pages, verifier_of(register)
    with no_log(register.store), pytest.raises(sqlite3.IntegrityError, match="no log"):
        verifier.issue(caller, most)
    assert logged(register) == 0
    assert len(verifier.issue(caller, most)) == most == logged(register)
    with pytest.raises(PresenceRefused, match="too-many-open"):
        verifier.issue(caller, 1)
    assert logged(register) == most, "what was refused is not logged"


def test_pages_that_could_not_be_signed_are_neither_counted_nor_logged(register: Register, caller: Caller) -> None:
    class Away:
        key_id = register.signer.key_id

        def sign(self, message: bytes) -> bytes:
            raise RuntimeError("the security module is away")

    most = register.policy.offline_pages
    with pytest.raises(RuntimeError):
        verifier_of(register, Away()).issue(caller, most)
    assert logged(register) == 0
    assert len(verifier_of(register).issue(caller, most)) == most


def test_a_receipt_stands_in_the_log_of_its_page_whatever_store_the_pages_are_in(
    register: Register, desk_with: Callable[..., Any]
) -> None:
    desk, elsewhere = desk_with("vietnam-2021"), SqliteStore()
    it, pages = register, SqlitePages(elsewhere)
    verifier = BookletVerifier(
        it.name, it.signer, it.issuers, it.trust, "list-7", pages, it.policy, clock=lambda: it.now
    )
    (page,) = verifier.issue(desk.caller, 1)
    proof = desk.prover(register).prove_with(page, 7)
    receipt = verifier.judge(proof, desk.requests["land"], "land", desk.caller)
    grown = elsewhere.grown(0, None)
    assert grown is not None
    assert (pages.store, grown.size, logged(register)) == (elsewhere, 2, 0)
    assert receipt.log.receipt, "and its way to the root leads past the page"
