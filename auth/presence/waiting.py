"""Keep a card awake while a register is asked: PC/SC on Windows resets one that is held for 5 s without a command."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TypeVar

from reader.iso7816 import CardLink, CommandAPDU

__all__ = ["ask_beside_card"]

EVERY_S = 2.0
# One byte of EF.COM by its short identifier: harmless, and whatever the chip answers, it has been spoken to.
_NUDGE = CommandAPDU(0x00, 0xB0, 0x9E, 0x00, b"", 1)

T = TypeVar("T")


def ask_beside_card(ask: Callable[[], T], channel: CardLink, every_s: float = EVERY_S) -> T:
    """Return what ``ask`` returns, or raise what it raises; until then say a word to the card every two seconds.

    ``ask`` runs on a thread of its own and has to end by itself, within the deadline of its client. Raise what the link
    raises where the card has gone meanwhile; that too waits for ``ask`` to end.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="presence-ask") as pool:
        asked = pool.submit(ask)
        while True:
            try:
                return asked.result(timeout=every_s)
            except NotYet:
                if asked.done():
                    # The question itself ended with a time-out: that is its outcome.
                    return asked.result()
                channel.transmit(_NUDGE)
