"""The private loop: its deadline, its errors and its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from auth.wire.deadline import DeadlineLoop, LoopClosed

EndsBy = Callable[[float], AbstractContextManager[None]]


@pytest.fixture
def loop():
    made = DeadlineLoop("test-loop")
    yield made
    made.close()


def test_work_returns_its_result_to_the_caller(loop: DeadlineLoop) -> None:
    async def work() -> int:
        return threading.get_ident()

    assert loop.run(work, 1.0) != threading.get_ident()


def test_work_that_takes_too_long_is_cancelled_in_time(loop: DeadlineLoop, ends_by: EndsBy) -> None:
    cancelled = threading.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with ends_by(0.1), pytest.raises(TimeoutError):
        loop.run(work, 0.1)
    assert cancelled.wait(10.0)


def test_a_loop_that_is_held_up_does_not_hold_up_the_caller(loop: DeadlineLoop, ends_by: EndsBy) -> None:
    free = threading.Event()

    async def work() -> None:
        free.wait(60.0)

    try:
        with ends_by(0.1), pytest.raises(TimeoutError):
            loop.run(work, 0.1)
    finally:
        free.set()


def test_errors_of_the_work_come_through(loop: DeadlineLoop) -> None:
    async def work() -> None:
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        loop.run(work, 1.0)


def test_closing_cancels_what_runs(loop: DeadlineLoop) -> None:
    running = threading.Event()
    ended: list[BaseException] = []

    async def work() -> None:
        running.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            loop.run(work, 30.0)
        except LoopClosed as error:
            ended.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    assert running.wait(30.0)
    loop.close()
    caller.join(30.0)
    assert len(ended) == 1


def test_a_closed_loop_takes_no_work_and_leaves_no_thread(loop: DeadlineLoop) -> None:
    async def work() -> None:
        return None

    loop.run(work, 1.0)
    loop.close()
    loop.close()
    with pytest.raises(LoopClosed):
        loop.run(work, 1.0)
    assert "test-loop" not in [thread.name for thread in threading.enumerate()]


def test_no_thread_starts_before_there_is_work() -> None:
    idle = DeadlineLoop("idle-loop")
    assert "idle-loop" not in [thread.name for thread in threading.enumerate()]
    idle.close()
