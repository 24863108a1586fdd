"""What speaks to a chip is made a moment late: importing the chip protocols must not hold up the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from desk.ports import Inspector, Reopener

if TYPE_CHECKING:
    from reader.files.cache import ReadCache
    from reader.inspection.events import OnEvent
    from reader.inspection.open_chip import Afterwards, OpenChip
    from reader.inspection.report import Inspection
    from reader.iso7816 import CardLink
    from reader.lds import KeyInput

__all__ = ["LateInspector", "late_reopener"]


class LateInspector:
    """Be the inspector that ``make`` returns, made at the first card or when ``prepare`` is called, once."""

    def __init__(self, make: Callable[[], Inspector]) -> None:
        self._made = cache(make)

    def prepare(self) -> None:
        """Have it made now."""
        self._made()

    def __call__(
        self,
        link: CardLink,
        key: KeyInput,
        on_event: OnEvent,
        cancel: threading.Event,
        *,
        known: ReadCache | None = None,
        keep: Callable[[ReadCache], None] | None = None,
        afterwards: Afterwards | None = None,
    ) -> Inspection:
        """Inspect (``desk.ports.Inspector``)."""
        return self._made()(link, key, on_event, cancel, known=known, keep=keep, afterwards=afterwards)


def late_reopener(make: Callable[[], Reopener]) -> Reopener:
    """Return the reopener that ``make`` returns, made when a card is first opened once more."""

    def run(
        link: CardLink,
        key: KeyInput,
        inspection: Inspection,
        then: Callable[[OpenChip], None],
        cancel: threading.Event,
    ) -> None:
        make()(link, key, inspection, then, cancel)

    return run
