"""The same over a real PC/SC service: pcscd, its socket, pyscard, for programs that know nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from office_desk import Desk

from mock_cards.orders import CardOrder
from mock_cards.testing import PcscReader
from reader.iso7816 import ReaderSnapshot, SlotState
from reader.pcsc import PcscTerminal, PcscWatch

# A program of somebody else's, in a process of its own: pyscard's high-level interface reads EF.CardAccess.
PROGRAM = """
import sys
from smartcard.System import readers
reader = next(reader for reader in readers() if str(reader) == sys.argv[1])
connection = reader.createConnection()
connection.connect()
data, sw1, sw2 = connection.transmit([0x00, 0xB0, 0x9C, 0x00, 0x00])
print(f"{sw1:02X}{sw2:02X}", bytes(data).hex()[:2])
connection.disconnect()
"""


@pytest.mark.card(persona="tran-minh-thu", forgery=["", "dg13-religion-changed"])
def test_the_desk_says_over_pcsc_what_it_says_without(
    desk: Desk, pcsc_reader: PcscReader, card_order: CardOrder
) -> None:
    card = pcsc_reader.insert(card_order)
    with PcscTerminal().connect(pcsc_reader.name) as link:
        verdict = desk.look_at(link, card.personal_number, card.mrz)
    assert verdict.decision == ("stop" if card.forgeries else "proceed")


def test_a_program_of_somebody_elses_reads_the_card(pcsc_reader: PcscReader) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, pcsc_reader.name],
        env={**os.environ, **pcsc_reader.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "9000 31\n", done.stderr


def test_the_desk_is_told_when_the_card_is_taken_away(pcsc_reader: PcscReader) -> None:
    emptied = threading.Event()

    def on_change(snapshot: ReaderSnapshot) -> None:
        states = {reader.name: reader.slot for reader in snapshot.readers}
        if states.get(pcsc_reader.name) is SlotState.EMPTY:
            emptied.set()

    watch = PcscWatch()
    watch.start(on_change)
    try:
        pcsc_reader.remove()
        assert not pcsc_reader.holds_card
        assert emptied.wait(10)
    finally:
        watch.stop()
