"""The card sandbox over a private pcscd, in a process of its own: PC/SC is told once in a process where to go."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mock_cards.pcsc import PrivatePcscd

pytestmark = pytest.mark.pcsc

DESK = """
import threading
from desk.sandbox_ports import CardSandbox, SandboxCard
from mock_cards.pcsc.sandbox import open_pcsc_card_sandbox
from reader.errors import NoCard
from reader.iso7816 import CommandAPDU, SlotState
from reader.pcsc import PcscTerminal, PcscWatch

def use(sandbox: CardSandbox) -> None:
    changed, seen = threading.Condition(), []
    def take(snapshot):
        with changed:
            seen.append(snapshot)
            changed.notify_all()
    def until(slot):
        with changed:
            assert changed.wait_for(lambda: seen and seen[-1].readers and seen[-1].readers[0].slot is slot, 20)
            return seen[-1].readers[0].name
    sandbox.watch.start(take)
    until(SlotState.EMPTY)
    print(sandbox.insert(SandboxCard("nguyen-van-mau"))[:3], len(sandbox.anchors), len(sandbox.printed_mrz))
    with sandbox.terminal.connect(until(SlotState.PRESENT)) as link:
        print(f"{link.transmit(CommandAPDU(0, 0xB0, 0x9C, 0, ne=256)).sw:04x}")
    sandbox.remove()
    until(SlotState.EMPTY)
    print(sandbox.printed_mrz == "")

with open_pcsc_card_sandbox(PcscWatch, PcscTerminal) as sandbox:
    use(sandbox)
print([thread.name for thread in threading.enumerate()])
"""


def test_the_sandbox_has_card_events_and_links_over_pcsc(private_pcscd: PrivatePcscd) -> None:
    desk = subprocess.run([sys.executable, "-c", DESK], capture_output=True, text=True, check=False, timeout=60)
    assert desk.stdout.splitlines() == ["099 1 92", "9000", "True", "['MainThread']"], desk.stderr
