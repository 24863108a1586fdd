"""Waiting for a card that was lost in the middle of a reading, where no desk with its state table runs."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from reader.iso7816 import CardWatch, ReaderSnapshot, SlotState

__all__ = ["wait_for_card"]

CONTACT_SECONDS = 1.0


def wait_for_card(
    watch: CardWatch,
    reader: str,
    seconds: float,
    *,
    contact_seconds: float = CONTACT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Tell whether a card lies on ``reader`` again within ``seconds``.

    One that was never seen to leave has only lost contact, and counts as back once it has stayed ``contact_seconds``:
    before that the service may just not have noticed that it is gone.
    """
    news: queue.SimpleQueue[ReaderSnapshot] = queue.SimpleQueue()
    deadline = clock() + seconds
    was_away, lies_there = False, False
    watch.start(news.put)
    try:
        while (left := deadline - clock()) > 0:
            try:
                snapshot = news.get(timeout=min(left, contact_seconds) if lies_there else left)
            except queue.Empty:
                return lies_there
            lies_there = _slot_of(snapshot, reader) is SlotState.PRESENT
            if lies_there and was_away:
                return True
            was_away = was_away or not lies_there
        return False
    finally:
        watch.stop()


def _slot_of(snapshot: ReaderSnapshot, reader: str) -> SlotState:
    return next((state.slot for state in snapshot.readers if state.name == reader), SlotState.EMPTY)
