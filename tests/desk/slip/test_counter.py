"""A slip that is asked for: there, or refused with its reason; and of one clerk, whoever signs in just then."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from auth.device.errors import TokenUnavailable
from desk.clerk_post import SettingsClerk
from desk.cli.session import Session
from desk.cli.slip import write_slip
from desk.exit_codes import ExitCode
from desk.language import Language
from desk.runner import Desk
from desk.settings import Settings
from desk.sign_in_view import SignInState, SignInView
from desk.slip import DeskSlips, MadeSlip, PreparedSlip, SealedSlip, Slip, SlipCounter
from desk.texts import Texts
from desk.view import DeskState
from desk.visit_data import Surroundings

Bench = Any  # lives in conftest.py, which cannot be imported from here
NAMES = {"": "", "c1": "Cán Bộ", "c2": "Người Đến Sau"}


class NoSlips(DeskSlips):
    """Fail to prepare, as an office whose certificate cannot be read."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def prepare(self, slip: Slip) -> PreparedSlip:
        raise self._error


class HandOver(SettingsClerk):
    """Be one clerk until ``here`` has more names: then each look finds the next one."""

    def __init__(self) -> None:
        self.here = ["c1"]

    def among(self, around: Surroundings) -> Surroundings:
        clerk_id = self.here.pop(0) if len(self.here) > 1 else self.here[0]
        return replace(around, clerk=NAMES[clerk_id], clerk_id=clerk_id)


def ask(bench: Bench, office: DeskSlips) -> MadeSlip:
    made: queue.SimpleQueue[MadeSlip] = queue.SimpleQueue()
    SlipCounter(office).make(bench.view, bench.desk.data, "c1", made.put)
    return made.get(timeout=10)


@pytest.mark.logs
@pytest.mark.parametrize(
    ("error", "code"), [(TokenUnavailable("gone"), "device-token-unavailable"), (RuntimeError("Mẫu"), "internal")]
)
def test_a_slip_that_cannot_be_made_says_why(
    bench: Bench, error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench.show()
    assert ask(bench, NoSlips(error)) == MadeSlip(failure=code)
    assert "Mẫu" not in caplog.text
    made = ask(bench, DeskSlips())
    assert made.prepared is not None, "the next attempt may succeed"


def test_where_there_is_no_result_that_is_the_reason(bench: Bench) -> None:
    bench.watch.plug()
    bench.wait_for(DeskState.WAIT_CARD)
    assert ask(bench, DeskSlips()) == MadeSlip(failure="no-slip")


class Refusing:
    """Be a desk that makes no slip (``DeskControls``, as far as a slip is asked of one)."""

    def make_slip(self, on_slip: Callable[[MadeSlip], None]) -> None:
        on_slip(MadeSlip(failure="device-token-unavailable"))


@pytest.mark.parametrize("language", list(Language))
def test_the_terminal_says_why_and_ends_with_the_code_of_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    texts = Texts(language)
    with pytest.raises(typer.Exit) as ended:
        write_slip(Session(Settings(), texts), Refusing(), tmp_path / "slip.pdf")  # type: ignore[arg-type]  # all it asks
    assert ended.value.exit_code == ExitCode.CARD_TROUBLE
    said, told = texts.failure_of("device-token-unavailable"), capsys.readouterr().err
    for words in (said.title, said.cause, said.next_step):
        assert " ".join(words.split()) in " ".join(told.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bench_with_queue", [HandOver()], ids=["hand-over"], indirect=True)
def test_a_slip_names_one_clerk_by_name_and_id_whoever_signs_in_meanwhile(
    bench_with_queue: Bench, make_slip: Callable[[Desk], PreparedSlip | None]
) -> None:
    bench_with_queue.show()
    bench_with_queue.desk._parts.clerk.here = ["c1", "c2"]
    made = make_slip(bench_with_queue.desk)
    assert made is not None
    assert (made.slip.maker.clerk_id, made.slip.maker.clerk) == ("c1", NAMES["c1"])


@pytest.mark.parametrize("bench_with_queue", [HandOver()], ids=["hand-over"], indirect=True)
def test_what_was_asked_in_the_name_of_one_clerk_is_on_no_slip_of_another(
    bench_with_queue: Bench, make_slip: Callable[[Desk], PreparedSlip | None]
) -> None:
    bench_with_queue.show()
    bench_with_queue.desk._parts.clerk.here = ["c2"]
    assert make_slip(bench_with_queue.desk) is None


class SignedIn(HandOver):
    """Be a desk at which clerks sign in; where ``here`` names nobody the session has ended."""

    view = SignInView(SignInState.SIGNED_IN)

    def end(self) -> None:
        self.here, self.view = [""], SignInView(SignInState.NOBODY)


@pytest.mark.parametrize("bench_with_queue", [SignedIn()], ids=["signed-in"], indirect=True)
def test_no_slip_is_made_for_nobody_once_a_session_has_ended(
    bench_with_queue: Bench, make_slip: Callable[[Desk], PreparedSlip | None]
) -> None:
    bench_with_queue.show()
    desk = bench_with_queue.desk
    assert make_slip(desk) is not None
    clerk = desk._parts.clerk
    clerk.end()
    made: queue.SimpleQueue[MadeSlip] = queue.SimpleQueue()
    desk.make_slip(made.put)
    assert made.get(timeout=30) == MadeSlip(failure="slip-wants-clerk")
    clerk.here, clerk.view = ["c1"], SignInView(SignInState.SIGNED_IN)
    again = make_slip(desk)
    assert again is not None, "whoever signs in again has the slip of the visit that was theirs"
    assert again.slip.maker.clerk_id == "c1"


class Slow(DeskSlips):
    """Seal once a test lets it, as a slow token does."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def seal(self, prepared: PreparedSlip, pdf: bytes) -> bytes:
        self.begun.set()
        assert self.go_on.wait(10)
        return super().seal(prepared, pdf)


def test_a_desk_is_not_at_rest_while_a_slip_of_the_last_visit_is_sealed(
    bench: Bench, make_slip: Callable[[Desk], PreparedSlip | None]
) -> None:
    """Else it might go over to new keys, with which that slip is not sealed, and its clerk would never hear of it."""
    bench.show()
    prepared = make_slip(bench.desk)
    assert prepared is not None
    office, sealed = Slow(), queue.SimpleQueue[SealedSlip]()
    bench.desk._slips = SlipCounter(office)
    bench.desk.seal_slip(prepared, b"%PDF", sealed.put)
    assert office.begun.wait(10)
    bench.desk.next_citizen()
    bench.wait_for(lambda view: view.identity is None)
    assert bench.desk.between_visits
    assert not bench.desk.at_rest
    office.go_on.set()
    assert sealed.get(timeout=10).failure == ""
    bench.desk._pool.close()
    bench.desk._pool._pool.shutdown(wait=True)
    assert bench.desk.at_rest
