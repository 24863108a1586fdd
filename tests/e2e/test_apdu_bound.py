"""A whole visit's commands beside the bound of fewest APDUs: every file by SFI, whole chunks, no peek, no waste."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest

from mock_cards.personas import load_all
from reader.inspection import CheckId

Bench = Any  # lives in conftest.py, which cannot be imported from here

CHUNK = 223  # most plain bytes of a short answer under AES secure messaging (ICAO 9303-11 §6.1.4)
OPENING = 1 + 5 + 1  # EF.CardAccess, PACE with generic mapping, SELECT of the application
CHIP_AUTHENTICATION = 2  # MSE:Set AT and GENERAL AUTHENTICATE; the next read confirms it


@pytest.mark.parametrize("persona", [persona.name for persona in load_all()])
def test_a_whole_read_takes_no_command_more_than_the_bound(bench: Bench, persona: str) -> None:
    inspection = bench.inspect(persona)
    reads = sum(ceil(len(data) / CHUNK) for name, data in inspection.files if name != "EF.CardAccess")
    active = inspection.check(CheckId.ACTIVE_AUTHENTICATION).evidence
    # An RSA-2048 answer fits no short answer: the chip says so once, and is asked again with extended length.
    active_apdus = 2 if dict(active)["key-type"].startswith("RSA") else 1
    assert inspection.link.apdus == OPENING + reads + CHIP_AUTHENTICATION + active_apdus
