from __future__ import annotations

import threading

import pytest

from reader.errors import Cancelled
from reader.iso7816 import CancellableLink, CommandAPDU, CountingLink, ResponseAPDU

READ = CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=4)


class Card:
    def __init__(self) -> None:
        self.sent = 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.sent += 1
        return ResponseAPDU(b"data", 0x9000)


def test_a_cancelled_link_sends_nothing_more() -> None:
    card, cancel = Card(), threading.Event()
    link = CancellableLink(card, cancel)
    assert link.transmit(READ).data == b"data"
    cancel.set()
    with pytest.raises(Cancelled):
        link.transmit(READ)
    assert card.sent == 1


def test_a_counting_link_counts_commands_and_bytes() -> None:
    link = CountingLink(Card())
    link.transmit(READ)
    link.transmit(CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x01"))
    counters = link.counters
    assert (counters.apdus, counters.sent, counters.received) == (2, 5 + 7, 6 + 6)
    assert counters.by_instruction == {0xB0: 1, 0xA4: 1}
