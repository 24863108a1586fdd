"""What calls a look-up back: once for all, whatever is under way then, and what comes later."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from auth.wire.deadline import DeadlineLoop, LoopClosed
from auth.wire.errand import Errand, Recall

EndsBy = Callable[[float], AbstractContextManager[None]]


@pytest.fixture
def loop() -> Iterator[DeadlineLoop]:
    opened = DeadlineLoop("errand-loop")
    yield opened
    opened.close()


def test_all_that_is_under_way_is_cancelled_once_and_what_is_done_is_not() -> None:
    recall, cancelled = Recall(), []
    with recall.over(lambda: cancelled.append("done")):
        pass
    with recall.over(lambda: cancelled.append("one")), recall.over(lambda: cancelled.append("two")):
        recall.call()
        recall.call()
    assert sorted(cancelled) == ["one", "two"]


def test_what_begins_after_it_is_cancelled_at_once() -> None:
    recall, cancelled = Recall(), []
    recall.call()
    assert recall.wait(10.0)
    with recall.over(lambda: cancelled.append("late")):
        assert cancelled == ["late"]


def test_an_errand_never_takes_longer_than_either_end() -> None:
    errand = Errand.of(1.0)
    assert errand.at_most(100.0).late == errand.late
    assert errand.at_most(0.1).late < errand.late
    assert errand.at_most(0.1).recall is errand.recall
    assert Errand.of(-1.0).left == 0.0


def test_called_back_from_another_thread_the_work_on_the_loop_is_cancelled(loop: DeadlineLoop, ends_by: EndsBy) -> None:
    recall, running, ended = Recall(), threading.Event(), []

    async def work() -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    def call() -> None:
        with pytest.raises(LoopClosed):
            loop.run(work, 30.0, recall.over)
        ended.append("returned")

    caller = threading.Thread(target=call)
    caller.start()
    assert running.wait(30.0)
    with ends_by(0.0):
        recall.call()
        caller.join()
    loop.close()
    assert sorted(ended) == ["cleaned up", "returned"]


def test_the_loop_goes_on_for_others(loop: DeadlineLoop) -> None:
    recall = Recall()
    recall.call()

    async def work() -> int:
        return 7

    with pytest.raises(LoopClosed):
        loop.run(asyncio.Event().wait, 5.0, recall.over)
    assert loop.run(work, 5.0) == 7
