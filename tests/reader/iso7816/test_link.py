from __future__ import annotations

import threading

import pytest

from reader.errors import Cancelled
from reader.iso7816 import CancellableLink, CommandAPDU, CountingLink, ResponseAPDU, atr_of, longest_apdu_of

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


def test_decorators_hand_on_what_the_link_below_knows() -> None:
    class Bare:
        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            return ResponseAPDU(b"", 0x9000)

    class Knowing(Bare):
        atr = b"\x3b\x80\x01\x01"
        longest_apdu = 261

    for link, atr, longest in ((Knowing(), b"\x3b\x80\x01\x01", 261), (Bare(), b"", None)):
        outer = CountingLink(CancellableLink(link, threading.Event()))
        assert (atr_of(outer), longest_apdu_of(outer)) == (atr, longest)
