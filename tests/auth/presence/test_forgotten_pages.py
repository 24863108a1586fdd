"""Pages that expired long ago are forgotten, and nothing that could still be asked for is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from auth.presence import BookletVerifier, Page, PresenceRefused, Reason, SqlitePages, SqliteStore
from auth.presence.page_store import FORGOTTEN_AFTER_S, FORGOTTEN_AT_ONCE

Register = Any  # these live in conftest.py, which cannot be imported from here

LIFE, MOST, ROOT = 60, 200, b"r" * 32


def give(pages: SqlitePages, *names: str, now: int, device: str = "d") -> None:
    pages.give(device, [Page(name, name.encode()) for name in names], now=now, expires=now + LIFE, most=MOST)


def refused(pages: SqlitePages, jti: str, counter: int) -> Reason | None:
    try:
        pages.use((jti, "d", "land", counter, ROOT))
    except PresenceRefused as refusal:
        return refusal.reason
    return None


def rows(pages: SqlitePages) -> tuple[int, int]:
    with pages.store.writing() as database:
        known, taken = database.execute(
            "SELECT (SELECT count(*) FROM page), (SELECT count(*) FROM page_taken)"
        ).fetchone()
    return known, taken


def test_ten_thousand_pages_leave_no_more_than_a_days_of_them() -> None:
    pages, most = SqlitePages(SqliteStore()), 0
    for booklet in range(50):
        names = [f"{booklet}-{number}" for number in range(MOST)]
        give(pages, *names, now=booklet * (LIFE + FORGOTTEN_AFTER_S + 1))
        for counter, name in enumerate(names):
            assert refused(pages, name, booklet * MOST + counter) is None
        most = max(most, *rows(pages))
    assert most == MOST


def test_what_has_expired_is_kept_until_no_clock_can_ask_for_it() -> None:
    pages = SqlitePages(SqliteStore())
    give(pages, "a", "b", now=0)
    assert refused(pages, "a", 1) is None
    give(pages, "c", now=LIFE + FORGOTTEN_AFTER_S)
    assert rows(pages) == (3, 1)
    assert refused(pages, "a", 2) is Reason.ALREADY_USED
    give(pages, "d", now=LIFE + FORGOTTEN_AFTER_S + 1)
    assert rows(pages) == (2, 0)
    assert refused(pages, "a", 2) is Reason.TOKEN_INVALID, "a page that was forgotten is never taken anew"
    assert refused(pages, "c", 1) is Reason.COUNTER_BACK, "how far the device had counted stays known"


def test_one_call_forgets_so_many_and_the_next_goes_on() -> None:
    pages = SqlitePages(SqliteStore())
    for device in range(6):
        give(pages, *(f"{device}-{number}" for number in range(MOST)), now=0, device=str(device))
    late = LIFE + FORGOTTEN_AFTER_S + 1
    left = []
    for number in range(4):
        give(pages, f"late-{number}", now=late)
        left.append(rows(pages)[0] - number - 1)
    assert left == [6 * MOST - FORGOTTEN_AT_ONCE, 6 * MOST - 2 * FORGOTTEN_AT_ONCE, 0, 0]


def test_pages_that_are_refused_forget_nothing_and_those_in_time_go_on_counting() -> None:
    pages = SqlitePages(SqliteStore())
    give(pages, "old", now=0)
    late = LIFE + FORGOTTEN_AFTER_S + 1
    give(pages, *(f"p{number}" for number in range(MOST)), now=late, device="e")
    assert rows(pages) == (MOST, 0)
    give(pages, "older", now=0)
    with pytest.raises(PresenceRefused, match="too-many-open"):
        give(pages, "more", now=late, device="e")
    assert rows(pages) == (MOST + 1, 0), "all of the call or nothing"


def test_a_page_that_was_forgotten_is_refused_by_its_date(register: Register, desk_with: Callable[..., Any]) -> None:
    it, desk, pages = register, desk_with("vietnam-2021"), SqlitePages(register.store)
    verifier = BookletVerifier(
        it.name, it.signer, it.issuers, it.trust, "list-7", pages, it.policy, clock=lambda: it.now
    )
    (page,) = verifier.issue(desk.caller, 1)
    proof = desk.prover(register).prove_with(page, 7)
    it.now += timedelta(days=it.policy.offline_days, seconds=FORGOTTEN_AFTER_S + 1)
    verifier.issue(desk.caller, 1)
    assert rows(pages) == (1, 0)
    receipt = verifier.judge(proof, desk.requests["land"], "land", desk.caller)
    assert it.receipt(receipt.token).reasons == (Reason.OUT_OF_TIME,)
