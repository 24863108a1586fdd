"""A slip of the invented man's visit at a desk on fakes, as the desk itself hands it out."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.runner import Desk
from desk.slip import MadeSlip, PreparedSlip

Made = PreparedSlip | None


@pytest.fixture
def make_slip() -> Callable[[Desk], Made]:
    """Return a function that asks a desk for its slip."""

    def make(desk: Desk) -> Made:
        made: queue.SimpleQueue[MadeSlip] = queue.SimpleQueue()
        desk.make_slip(made.put)
        return made.get(timeout=10).prepared

    return make


@pytest.fixture
def prepared(bench: Any, make_slip: Callable[[Desk], Made]) -> PreparedSlip:
    """Return the slip of a visit in which both registers answered, at a reader that is no emulator."""
    bench.watch.emulated = False
    bench.show()
    made = make_slip(bench.desk)
    assert made is not None
    return made


@pytest.fixture
def schema(project_root: Path) -> Path:
    return project_root / "docs" / "schema" / "slip.schema.json"
