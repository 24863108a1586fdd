"""How an event comes home to a desk: after all that waits, before it, or after a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from desk.clock import Clock, Timer
from desk.held import Held
from desk.mailbox import Mailbox
from desk.news import News
from desk.visit import Event

__all__ = ["EventBox", "Handle"]


class Handle(Protocol):
    """Do what the table says of an event."""

    def __call__(self, event: Event, news: News, visit: int | None) -> None:
        """Handle ``event``, unless ``visit`` has ended."""
        ...


class EventBox:
    """Have events handled one at a time; may be used from any thread."""

    def __init__(self, mailbox: Mailbox, handle: Handle, clock: Clock, held: Held) -> None:
        self._mailbox = mailbox
        self._handle = handle
        self._clock = clock
        self._held = held

    def post(self, event: Event, news: News | None = None, *, visit: int | None = None) -> None:
        """Have ``event`` handled after all that waits, unless ``visit`` has ended by then."""
        self._mailbox.post(lambda: self._handle(event, news or News(), visit))

    def first(self, event: Event, news: News | None = None) -> None:
        """Have ``event`` handled before all that waits: it follows from what is being handled now."""
        self._mailbox.post_first(lambda: self._handle(event, news or News(), None))

    def later(self, seconds: float, event: Event, news: News | None = None) -> Timer:
        """Have ``event`` handled after ``seconds``, unless the visit has ended by then."""
        serial = self._held.data.serial
        return self._clock.call_later(seconds, lambda: self.post(event, news, visit=serial))

    def run(self, message: Callable[[], None]) -> None:
        """Have ``message`` run after all that waits."""
        self._mailbox.post(message)
