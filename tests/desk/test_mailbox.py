"""One message after the other, on whichever thread comes first, and no fault gets out."""

from __future__ import annotations

import threading

from desk.mailbox import Mailbox


class Box:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.faults: list[str] = []
        self.settled = 0
        self.mailbox = Mailbox(after=self._settle, on_fault=lambda error: self.faults.append(str(error)))

    def _settle(self) -> None:
        self.settled += 1

    def fail(self) -> None:
        raise RuntimeError("broken")


def test_what_a_message_posts_comes_after_it_and_what_it_posts_first_comes_next() -> None:
    box = Box()

    def first() -> None:
        box.mailbox.post(lambda: box.done.append("later"))
        box.mailbox.post_first(lambda: box.done.append("next"))
        box.done.append("first")

    box.mailbox.post(first)
    assert box.done == ["first", "next", "later"]
    assert box.settled == 1


def test_a_message_that_fails_is_told_and_the_others_go_on() -> None:
    box = Box()
    box.mailbox.post(box.fail)
    box.mailbox.post(lambda: box.done.append("after"))
    assert box.faults == ["broken"]
    assert box.done == ["after"]


def test_what_runs_when_all_is_done_may_fail_too() -> None:
    faults: list[str] = []

    def fail() -> None:
        raise RuntimeError("view")

    mailbox = Mailbox(after=fail, on_fault=lambda error: faults.append(str(error)))
    done: list[int] = []
    mailbox.post(lambda: done.append(1))
    mailbox.post(lambda: done.append(2))
    assert done == [1, 2]
    assert faults == ["view", "view"]


def test_messages_of_many_threads_never_run_at_the_same_time() -> None:
    box = Box()
    inside = threading.Lock()
    overlaps: list[int] = []

    def message() -> None:
        if not inside.acquire(blocking=False):
            overlaps.append(1)
            return
        box.done.append("one")
        inside.release()

    threads = [threading.Thread(target=lambda: [box.mailbox.post(message) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.mailbox.post(lambda: None)
    assert len(box.done) == 1600
    assert overlaps == []
