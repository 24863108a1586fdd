"""A whole visit's commands beside the bound of fewest APDUs: every file by SFI, whole chunks, no peek, no waste."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest

from mock_cards.personas import Persona, load_persona, load_sample
from reader.inspection import CheckId

Bench = Any  # lives in conftest.py, which cannot be imported from here

# Most plain bytes of an answer under AES secure messaging: of a short one (ICAO 9303-11 §6.1.4), and of one of 2,048
# bytes, which is the buffer that the cards of 2024 state in EF.ATR/INFO.
SHORT, EXTENDED = 223, 2015
OPENING = 1 + 5 + 1  # EF.CardAccess, PACE with generic mapping, SELECT of the application
ATR_INFO = 1  # asked only where the answer to reset says that there is extended length
CHIP_AUTHENTICATION = 2  # MSE:Set AT and GENERAL AUTHENTICATE; the next read confirms it


# Besides the usual ones: no portrait, a DG13 of nearly a kilobyte, one that is nearly empty.
PEOPLE = (*load_sample(), *map(load_persona, ("to-be-an", "luu-thi-dia-chi-dai", "kieu-van-trong")))


@pytest.mark.parametrize("persona", PEOPLE, ids=lambda persona: persona.name)
def test_a_whole_read_takes_no_command_more_than_the_bound(bench: Bench, persona: Persona) -> None:
    inspection = bench.inspect(persona.name)
    extended = persona.card.generation >= 2024
    chunk = EXTENDED if extended else SHORT
    reads = sum(ceil(len(data) / chunk) for name, data in inspection.files if name != "EF.CardAccess")
    active = inspection.check(CheckId.ACTIVE_AUTHENTICATION).evidence
    # An RSA-2048 answer fits no short answer: the chip says so once, and is asked again with extended length.
    active_apdus = 2 if dict(active)["key-type"].startswith("RSA") else 1
    opening = OPENING + (ATR_INFO if extended else 0)
    assert inspection.link.apdus == opening + reads + CHIP_AUTHENTICATION + active_apdus
