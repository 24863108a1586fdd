"""What the window asks of the service, on a thread of its own: a card takes as long to put on as PC/SC to notice."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from mock_cards.pcsc import Control, Declined
from reader.errors import ServiceUnavailable

__all__ = ["Answer", "Ask", "Worker"]

JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for one thing: a verb of the control socket and what goes with it."""

    verb: str
    request: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what came of it: the service's answer, or the code and text by which it declined."""

    ask: Ask
    answer: Mapping[str, Any] | None
    reason: str = ""
    message: str = ""


class Worker(QObject):
    """Ask the service one thing after another; ``answered`` tells on the window's thread."""

    answered = Signal(object)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._asks: queue.SimpleQueue[Ask | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="mock-cards-window", daemon=True)
        self._thread.start()

    def ask(self, verb: str, **request: object) -> None:
        """Ask for something; the answer comes by ``answered``."""
        self._asks.put(Ask(verb, request))

    def stop(self) -> None:
        """End the thread after what is under way."""
        self._asks.put(None)
        self._thread.join(JOIN_SECONDS)

    def _work(self) -> None:
        control: Control | None = None
        while (ask := self._asks.get()) is not None:
            try:
                control = control or Control(self._path)
                answer = Answer(ask, control.ask(ask.verb, **ask.request))
            except Declined as declined:
                answer = Answer(ask, None, declined.reason, str(declined))
            except ServiceUnavailable as gone:
                answer = Answer(ask, None, gone.code, str(gone))
                if control is not None:
                    control.close()
                control = None
            self.answered.emit(answer)
        if control is not None:
            control.close()
