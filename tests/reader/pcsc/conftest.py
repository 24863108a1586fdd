"""A fake PC/SC service and a watch over it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reader.iso7816 import ReaderSnapshot
from reader.pcsc import PcscWatch
from reader.pcsc.fake import FakeScard


@pytest.fixture
def scard() -> FakeScard:
    """Return a service without readers on a clock of its own."""
    return FakeScard()


@pytest.fixture
def watched(scard: FakeScard) -> Callable[[float], list[tuple[float, ReaderSnapshot]]]:
    """Return a function that watches ``scard`` until a moment of its clock and tells what was seen, and when."""

    def watch_until(end: float) -> list[tuple[float, ReaderSnapshot]]:
        seen: list[tuple[float, ReaderSnapshot]] = []
        scard.time.at(end, scard.end)
        watch = PcscWatch(scard, scard.time)
        watch.start(lambda snapshot: seen.append((scard.time.now(), snapshot)))
        assert scard.finished.wait(10)
        watch.stop()
        return seen

    return watch_until
