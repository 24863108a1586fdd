"""The long run: ten thousand visits in one process leave nothing behind."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest

from reader.inspection import Decision

Bench = Any  # lives in conftest.py, which cannot be imported from here
VISITS = int(os.environ.get("MOTCUA_SOAK_VISITS", "10000"))
MOST_GROWTH_KIB = 8 * 1024


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_memory_stays_flat_over_ten_thousand_visits(bench: Bench) -> None:
    personas = ("nguyen-van-mau", "tran-minh-thu")
    # Both kinds of card once over: what their protocols load stays, and is no leak.
    for visit in range(100):
        bench.inspect(personas[visit % 2])
    gc.collect()
    before = resident_kib()
    for visit in range(VISITS):
        assert bench.inspect(personas[visit % 2]).decision is Decision.PROCEED
    gc.collect()
    assert resident_kib() - before < MOST_GROWTH_KIB
