"""What went to an emulated card and back, in plain, as it can be looked at, kept in a file and replayed.

An emulated card is an invented person's, so nothing is redacted: a recording begins with the order the card was made
by and the seed of its keys, and with both the card can be made again. That is also why there is no recording of any
other card: the reader's own trace (``motcua read --trace``) is for those, and it holds names in the place of secrets.

The file is JSON lines: the head, then one trace (``reader.iso7816.trace``) for every session that had commands, from
power-on or reset to the next.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip
from mock_cards.command_names import name_of
from mock_cards.disturbances import Disturbance
from mock_cards.intervention import intervene
from mock_cards.refusal import Refusal
from reader.errors import DataError, MotCuaError
from reader.iso7816 import CommandAPDU, ResponseAPDU, Trace, TraceRecord, parse_trace

__all__ = ["MOST_CHARACTERS", "Exchange", "RecordedCard", "Recording", "chip_of", "parse_recording"]

VERSION = 1
MOST_EXCHANGES = 20_000
MOST_BYTES = 4 << 20
MOST_CHARACTERS = 16 << 20
SHOWN = 400
SM_BITS = 0x0C


@dataclass(frozen=True, slots=True)
class Exchange:
    """Hold one command for whoever looks on: its number since the card was put on, and the chip's refusal if any."""

    number: int
    record: TraceRecord
    refusal: Refusal | None = None

    def to_json(self) -> dict[str, object]:
        """Return sizes and names, no contents: looking on needs none."""
        record = self.record
        return {
            "number": self.number,
            "command": record.header.hex().upper(),
            "name": name_of(record.header),
            "protected": record.protected,
            "sent": record.sent,
            "received": record.received,
            "sw": None if record.sw is None else f"{record.sw:04X}",
            "error": record.error,
            "ms": round(record.ms, 3),
            "clause": self.refusal.clause if self.refusal else "",
            "why": self.refusal.why if self.refusal else "",
        }


@dataclass(frozen=True, slots=True, repr=False)
class Recording:
    """Hold the sessions of one card, the order it was made by and the seed of its keys."""

    card: Mapping[str, object]
    seed: str
    sessions: tuple[Trace, ...]

    def to_text(self) -> str:
        """Return what a file holds."""
        head = {"recording": VERSION, "card": dict(self.card), "seed": self.seed}
        return json.dumps(head, ensure_ascii=False) + "\n" + "".join(session.to_text() for session in self.sessions)


def chip_of(card: EmulatedCard) -> Chip | None:
    """Return the chip below whatever stands around it."""
    return card.chip() if isinstance(card, Disturbance) else card if isinstance(card, Chip) else None


class RecordedCard(Disturbance):
    """Record what goes to the card within; put it outermost. May be read from another thread.

    ``order`` and ``seed`` are what the card was made by; without a seed there is a record to look at, but nothing that
    could be replayed. What is kept has a bound: ``full`` tells that it was reached and no more is recorded.
    """

    def __init__(self, card: EmulatedCard, order: Mapping[str, object], seed: str | None) -> None:
        super().__init__(card)
        self._order = order
        self._seed = seed
        self._lock = threading.Lock()
        self._sessions: list[list[TraceRecord]] = [[]]
        self._shown: deque[Exchange] = deque(maxlen=SHOWN)
        self._count = 0
        self._bytes = 0
        self._plain: tuple[CommandAPDU, ResponseAPDU, bool] | None = None
        chip = self.chip()
        if chip is not None:
            intervene(chip, self._look)

    @property
    def count(self) -> int:
        """Return how many commands there were."""
        return self._count

    @property
    def full(self) -> bool:
        """Tell whether the record has reached its bound."""
        return self._count > MOST_EXCHANGES or self._bytes > MOST_BYTES

    def exchanges(self, since: int = 0) -> tuple[Exchange, ...]:
        """Return the last commands, those after number ``since``."""
        with self._lock:
            return tuple(exchange for exchange in self._shown if exchange.number > since)

    def recording(self) -> Recording:
        """Return what was recorded; raise DataError where the card has no seed, since it could not be made again."""
        if self._seed is None:
            raise DataError("this card's keys came from no seed")
        with self._lock:
            sessions = tuple(Trace(tuple(records), self.atr) for records in self._sessions if records)
        return Recording(self._order, self._seed, sessions)

    def power_on(self) -> None:
        """Power the card on: a new session."""
        self._begin()
        super().power_on()

    def reset(self) -> None:
        """Reset the card: a new session."""
        self._begin()
        super().reset()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Pass ``command`` on and note it."""
        chip = self.chip()
        last = _last(chip)
        self._plain = None
        response, error = None, ""
        begin = time.perf_counter()
        try:
            response = super().transmit(command)
        except MotCuaError as failure:
            error = failure.code
            raise
        else:
            return response
        finally:
            ms = 1000 * (time.perf_counter() - begin)
            refusal = _last(chip)
            self._note(self._record(command, response, error, ms), refusal if refusal is not last else None)

    def _look(self, command: CommandAPDU, answer: ResponseAPDU, protected: bool) -> ResponseAPDU:
        self._plain = (command, answer, protected)
        return answer

    def _begin(self) -> None:
        with self._lock:
            if self._sessions[-1]:
                self._sessions.append([])

    def _record(self, sent: CommandAPDU, received: ResponseAPDU | None, error: str, ms: float) -> TraceRecord:
        command, answer, protected = self._plain or (sent, received, False)
        if received is None:
            answer = None
        unread = self._plain is None and bool(sent.cla & SM_BITS)
        return TraceRecord(
            header=command.header,
            data=f"<protected:{len(sent.data)}>" if unread else command.data.hex().upper(),
            ne=command.ne,
            answer=answer.data.hex().upper() if answer and not unread else "",
            sw=answer.sw if answer else None,
            protected=protected or unread,
            verified=not unread,
            error=error,
            sent=len(sent.to_bytes()),
            received=len(received.data) + 2 if received else 0,
            ms=ms,
        )

    def _note(self, record: TraceRecord, refusal: Refusal | None) -> None:
        with self._lock:
            self._count += 1
            self._bytes += record.sent + record.received
            self._shown.append(Exchange(self._count, record, refusal))
            if not self.full:
                self._sessions[-1].append(record)


def _last(chip: Chip | None) -> Refusal | None:
    return chip.refusals[-1] if chip is not None and chip.refusals else None


def parse_recording(text: str) -> Recording:
    """Read a recording; raise DataError where it is none, too long, or another card's trace with names for secrets."""
    if len(text) > MOST_CHARACTERS:
        raise DataError("recording of more than 16 MB")
    head_line, _, rest = text.partition("\n")
    try:
        head = json.loads(head_line)
    except (ValueError, RecursionError):
        raise DataError("not a recording") from None
    if not isinstance(head, dict) or head.get("recording") != VERSION:
        raise DataError("not a recording of an emulated card")
    card, seed = head.get("card"), head.get("seed")
    if not isinstance(card, dict) or not isinstance(seed, str) or card.get("replay"):
        raise DataError("the recording does not say what card it is of")
    sessions = tuple(parse_trace(session) for session in _split(rest))
    if any("<" in record.answer for session in sessions for record in session.records):
        raise DataError("the recording holds names in the place of answers")
    if sum(len(session.records) for session in sessions) > MOST_EXCHANGES:
        raise DataError("recording of more than 20,000 commands")
    return Recording(card, seed, sessions)


def _split(text: str) -> list[str]:
    """Split the traces: each begins with the line of its version."""
    sessions: list[list[str]] = []
    for line in text.splitlines(keepends=True):
        if line.startswith('{"trace"'):
            sessions.append([])
        if not sessions:
            raise DataError("the recording does not begin with a session")
        sessions[-1].append(line)
    return ["".join(lines) for lines in sessions]
