"""What a real PC/SC service costs on top of an emulated card: a service, its readers, an insertion, an APDU.

An APDU's cost is the time between handing it to PC/SC and having its answer, less the time inside the card: the socket
of pcscd, its thread, the driver, vpcd's connection and back. vpcd writes length and payload apart, so a card that lets
the kernel delay its acknowledgement pays over 40 ms for each.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator

from benchmarks.figure import Figure
from mock_cards.build import CardFactory
from mock_cards.orders import CardOrder, make_card
from mock_cards.pcsc import MOST_READERS, PrivatePcscd, VirtualSlot, reader_name
from mock_cards.recording import RecordedCard
from reader.iso7816 import CardLink, CommandAPDU
from reader.pcsc import PcscTerminal

__all__ = ["figures"]

ROUNDS = 1500
STARTS = 7
APDU_GOAL_MS = 0.2
CARD_ACCESS = CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256)
LONGEST = CommandAPDU(0x00, 0xA4, 0x04, 0x0C, bytes(255))


def figures() -> list[Figure]:
    """Measure on a service of our own; PC/SC of this process is bound to it from then on."""
    found = [
        Figure("start of a service with two readers", 1000 * _start_of_service(2), "ms"),
        Figure("start of a service with sixteen readers", 1000 * _start_of_service(MOST_READERS), "ms"),
    ]
    with PrivatePcscd() as pcscd:
        os.environ.update(pcscd.environment)
        slot = VirtualSlot(pcscd.connect)
        card = make_card(CardOrder(), CardFactory("benchmark")).card
        seen = [_insertion(slot, card) for _ in range(STARTS)]
        found.append(
            Figure("a card taken away and put on again, until PC/SC powered it", 1000 * statistics.median(seen), "ms")
        )
        with PcscTerminal().connect(reader_name(0)) as link:
            found += _apdus(link, card)
        slot.remove()
    return found


def _start_of_service(readers: int) -> float:
    times = []
    for _ in range(STARTS):
        begin = time.perf_counter()
        with PrivatePcscd(readers=readers):
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _insertion(slot: VirtualSlot, card: RecordedCard) -> float:
    slot.remove()
    begin = time.perf_counter()
    slot.insert(card)
    if not slot.wait_until_powered(20):
        raise AssertionError("PC/SC does not see the card")
    return time.perf_counter() - begin


def _apdus(link: CardLink, card: RecordedCard) -> Iterator[Figure]:
    for name, command in (("a short command", CARD_ACCESS), ("255 bytes of command data", LONGEST)):
        whole = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            link.transmit(command)
            inside = card.exchanges(card.count - 1)[0].record.ms
            whole.append(1000 * (time.perf_counter() - begin) - inside)
        yield Figure(f"PC/SC around {name}, median", statistics.median(whole), "ms", APDU_GOAL_MS)
        yield Figure(f"PC/SC around {name}, 99 of 100 are under", statistics.quantiles(whole, n=100)[98], "ms")
