"""Going over to new keys: never beside a visit, not while a clerk is signed in and can stay, whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.device.errors import PassphraseRefused
from auth.wire.server_time import ServerTime
from desk.clerk_post import SettingsClerk
from desk.clock import SystemClock
from desk.going_over import LAST_DAY, GoingOver
from desk.mailbox import Mailbox
from desk.parts import DeskParts, RegisterSide
from desk.ports import DeskRegister, Registers
from desk.sign_in_view import SignInState, SignInView
from desk.visit_data import Surroundings

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
SIGNED_IN = SignInView(SignInState.SIGNED_IN)
NOBODY = SignInView(SignInState.NOBODY)


class Post(SettingsClerk):
    """A clerk's post that says who is there, and whether it was closed."""

    def __init__(self, view: SignInView | None = None) -> None:
        self.view = view
        self.closed = False
        self.trouble: Exception | None = None

    def close(self) -> None:
        self.closed = True
        if self.trouble is not None:
            raise self.trouble


@dataclass
class Replaced:
    """A device whose keys were replaced."""

    until: datetime | None

    def require_lookup(self) -> None: ...

    def rotation_due(self) -> int | None:
        return None

    def restart_by(self) -> datetime | None:
        return self.until


@dataclass
class Desk:
    """A desk as whoever goes over sees it."""

    parts: DeskParts
    at_rest: bool = True
    started: threading.Event = field(default_factory=threading.Event)

    def work_with(self, parts: DeskParts) -> None:
        self.parts = parts

    def start_registers(self) -> None:
        self.started.set()


@dataclass
class Bench:
    """One desk, and the side that is made for it."""

    clerk: SignInView | None = None
    make: Callable[[RegisterSide], RegisterSide] = lambda side: side

    def __post_init__(self) -> None:
        unused: Any = None
        self.before, self.after = (RegisterSide(Registers(), clerk=Post(view)) for view in (self.clerk, NOBODY))
        self.time = ServerTime(NOW.timestamp)
        parts = DeskParts(
            unused, unused, unused, self.before.registers, Surroundings(), SystemClock(), server_time=self.time
        )
        self.desk = Desk(parts.with_side(self.before))
        self.made = 0
        self.going_over = GoingOver(self._renew, self.desk, Mailbox(lambda: None, self._fault))

    def _renew(self) -> RegisterSide:
        self.made += 1
        return self.make(self.after)

    def _fault(self, error: Exception) -> None:
        raise error

    def see(self, until: datetime | None = NOW + WEEK) -> None:
        self.going_over.see(Replaced(until))

    def went_over(self) -> bool:
        self.going_over.begin_if_due()
        self.going_over.close()
        return self.desk.parts.clerk is self.after.clerk

    def closed(self) -> tuple[bool, bool]:
        posts = self.before.clerk, self.after.clerk
        assert isinstance(posts[0], Post)
        assert isinstance(posts[1], Post)
        return posts[0].closed, posts[1].closed


def test_it_goes_over_once_and_closes_what_worked_with_the_old_keys() -> None:
    bench = Bench()
    assert not bench.went_over(), "nobody has replaced the keys"
    bench.see()
    assert bench.went_over()
    assert bench.closed() == (True, False)
    assert bench.desk.started.is_set()
    bench.see(None)
    assert bench.went_over()
    assert bench.made == 1


def test_a_clerk_who_is_signed_in_is_not_thrown_out_before_the_last_day() -> None:
    bench = Bench(SIGNED_IN)
    bench.see()
    assert not bench.went_over()
    bench.see(NOW + LAST_DAY)
    assert (bench.went_over(), bench.closed()) == (False, (False, False))
    bench.see(NOW + LAST_DAY - timedelta(seconds=1))
    assert (bench.went_over(), bench.closed()) == (True, (True, False))


def test_the_last_day_is_that_of_the_registers_where_this_computers_clock_is_wrong() -> None:
    bench = Bench(SIGNED_IN)
    assert bench.time.learn((NOW + WEEK - LAST_DAY).timestamp())
    bench.see()
    assert not bench.went_over()
    assert bench.time.learn((NOW + WEEK - LAST_DAY).timestamp() + 60)
    bench.see()
    assert bench.went_over()


@pytest.mark.parametrize("view", [SIGNED_IN, SignInView(SignInState.WAITING)])
def test_it_goes_over_as_soon_as_nobody_is_signed_in(view: SignInView) -> None:
    bench = Bench(view)
    bench.see()
    assert not bench.went_over()
    bench.desk.parts = replace(bench.desk.parts, clerk=Post(NOBODY))
    assert bench.went_over()


def test_nothing_is_made_beside_a_visit() -> None:
    bench = Bench()
    bench.see()
    bench.desk.at_rest = False
    assert (bench.went_over(), bench.made) == (False, 0)
    bench.desk.at_rest = True
    assert bench.went_over()


def test_a_visit_that_begins_meanwhile_keeps_what_it_works_with_and_the_next_rest_is_taken() -> None:
    bench = Bench()

    def visit_begins(side: RegisterSide) -> RegisterSide:
        bench.desk.at_rest = False
        return side

    bench.make = visit_begins
    bench.see()
    assert (bench.went_over(), bench.closed()) == (False, (False, True))
    assert not bench.desk.started.is_set()
    bench.desk.at_rest, bench.make = True, lambda side: side
    assert bench.went_over()


@pytest.mark.logs
def test_where_the_new_keys_cannot_be_used_the_desk_stays_as_it_is_until_it_looks_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()

    def refuse(side: RegisterSide) -> RegisterSide:
        raise PassphraseRefused("not given")

    bench.make = refuse
    bench.see()
    with caplog.at_level("ERROR", "motcua.device"):
        assert (bench.went_over(), bench.closed()) == (False, (False, False))
    assert "not gone over" in caplog.text
    assert not bench.went_over()
    assert bench.made == 1, "not again and again"
    bench.make = lambda side: side
    bench.see()
    assert bench.went_over()


def test_what_was_seen_of_the_old_keys_meanwhile_is_no_reason_to_go_over_once_more() -> None:
    bench = Bench()

    def seen_meanwhile(side: RegisterSide) -> RegisterSide:
        bench.see()
        return side

    bench.make = seen_meanwhile
    bench.see()
    assert bench.went_over()
    assert bench.went_over()
    assert bench.made == 1


@pytest.mark.logs
def test_a_fault_in_making_the_new_side_ends_neither_the_desk_nor_the_next_try(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()

    def fail(side: RegisterSide) -> RegisterSide:
        raise OSError("/home/somebody")

    bench.make = fail
    bench.see()
    assert (bench.went_over(), bench.closed()) == (False, (False, False))
    assert "not gone over" in caplog.text
    assert "somebody" not in caplog.text
    bench.make = lambda side: side
    bench.see()
    assert bench.went_over()


@pytest.mark.logs
def test_the_new_keys_are_followed_also_where_the_old_side_does_not_close(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []
    bench = Bench()
    post = bench.before.clerk
    assert isinstance(post, Post)
    post.trouble = OSError("gone")
    kind: Any = None
    register = DeskRegister(kind, close=lambda: closed.append("register"))
    bench.desk.parts = replace(bench.desk.parts, registers=Registers((register,)))
    bench.see()
    assert bench.went_over()
    assert bench.desk.started.is_set(), "else nobody would ask how the device stands"
    assert closed == ["register"]
    assert "not let go of" in caplog.text
