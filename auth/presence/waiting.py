"""Keep a card awake while a register is asked: PC/SC on Windows resets one that is held for 5 s without a command."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import TypeVar

from reader.errors import Cancelled
from reader.iso7816 import CardLink, CommandAPDU

__all__ = ["EVERY_S", "GIVE_UP_S", "ask_beside_card"]

EVERY_S = 2.0
GIVE_UP_S = 8.0
# How soon a cancel is heeded; nothing is sent for it.
_GLANCE_S = 0.05
# One byte of EF.COM by its short identifier: harmless, and whatever the chip answers, it has been spoken to.
_NUDGE = CommandAPDU(0x00, 0xB0, 0x9E, 0x00, b"", 1)

T = TypeVar("T")


def ask_beside_card(
    ask: Callable[[], T],
    channel: CardLink,
    every_s: float = EVERY_S,
    give_up_s: float = GIVE_UP_S,
    cancel: threading.Event | None = None,
) -> T:
    """Return what ``ask`` returns, or raise what it raises; until then say a word to the card every two seconds.

    Raise TimeoutError when ``give_up_s`` are over, Cancelled soon after ``cancel``, and what the link raises where the
    card has gone meanwhile. ``ask`` runs on a thread of its own and has to end by itself, within the deadline of its
    client; nobody waits for that, since the card's own thread has other work.
    """
    asked: Future[T] = Future()
    threading.Thread(target=_ask, args=(ask, asked), name="presence-ask", daemon=True).start()
    begun = time.monotonic()
    nudged = begun
    while True:
        try:
            return asked.result(timeout=min(_GLANCE_S, every_s))
        except NotYet:
            if asked.done():
                # The question itself ended with a time-out: that is its outcome.
                return asked.result()
        if cancel is not None and cancel.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - begun >= give_up_s:
            raise TimeoutError
        if now - nudged >= every_s:
            nudged = now
            channel.transmit(_NUDGE)


def _ask(ask: Callable[[], T], asked: Future[T]) -> None:
    try:
        asked.set_result(ask())
    except BaseException as error:
        asked.set_exception(error)
