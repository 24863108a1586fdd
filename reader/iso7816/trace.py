"""A trace: every command with its plain form, its time and its size, fit to be given away.

``TracingLink`` stands at the bottom, next to the card, and sees what really goes over the way; secure messaging tells
it the plain form of what it protects. What is written of either is for a ``Redaction`` to say: it turns secrets and
personal data into names and lengths before anything is kept. Cryptograms are never kept, only their sizes: those of
Basic Access Control would let anybody who has the trace search for the key.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from reader.errors import DataError, MotCuaError
from reader.iso7816.apdu import CommandAPDU, ResponseAPDU
from reader.iso7816.link import CardLink, LinkDecorator, Witness
from reader.iso7816.speed import CardSpeed, fit_speed
from reader.iso7816.terminal import CardTerminal

__all__ = ["Redaction", "Trace", "TraceRecord", "TracingLink", "TracingTerminal", "parse_trace", "redacted_length"]

VERSION = 1
SM_BITS = 0x0C
READ_BINARY = (0xB0, 0xB1)
MOST_RECORDS = 20_000
MOST_CHARACTERS = 16 << 20
LONGEST_DATA = 1 << 17
_TEXT = re.compile(r"(?:[0-9A-F]{2}|<[A-Za-z0-9 ./-]{1,40}:\d{1,6}>)*")
_NAME = re.compile(r"<[^:>]*:(\d+)>")


class Redaction(Protocol):
    """Say what may be written; both methods return hexadecimal digits with ``<name:length>`` in the place of secrets.

    They are called in the order of the commands, each command before its answer.
    """

    def command(self, command: CommandAPDU) -> str:
        """Return what to write of the data field of ``command``."""
        ...

    def answer(self, command: CommandAPDU, answer: ResponseAPDU) -> str:
        """Return what to write of the data field of the answer to ``command``."""
        ...


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """Hold one command in plain and what it cost.

    ``data`` and ``answer`` are redacted. ``sw`` is None where no answer came, and then ``error`` says why; ``verified``
    is False where a protected command was answered without protection that verifies, and ``sw`` then is the bare one.
    ``exchanges``, ``sent``, ``received`` and ``ms`` tell what went over the way for it, protection included.
    """

    header: bytes
    data: str
    ne: int
    answer: str = ""
    sw: int | None = None
    protected: bool = False
    verified: bool = True
    error: str = ""
    exchanges: int = 1
    sent: int = 0
    received: int = 0
    ms: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Return the form of one line."""
        return {
            "command": self.header.hex().upper(),
            "data": self.data,
            "ne": self.ne,
            "answer": self.answer,
            "sw": None if self.sw is None else f"{self.sw:04X}",
            "protected": self.protected,
            "verified": self.verified,
            "error": self.error,
            "exchanges": self.exchanges,
            "sent": self.sent,
            "received": self.received,
            "ms": round(self.ms, 3),
        }


@dataclass(frozen=True, slots=True)
class Trace:
    """Hold a whole trace; ``atr`` is the card's answer to reset, which all cards of a kind share."""

    records: tuple[TraceRecord, ...]
    atr: bytes = b""

    @property
    def inside(self) -> Trace:
        """Return what went through secure messaging, in plain."""
        return replace(self, records=tuple(record for record in self.records if record.protected))

    @property
    def speed(self) -> CardSpeed | None:
        """Return how fast the card is, by its READ BINARY commands: others let the chip compute."""
        return fit_speed(
            (record.sent + record.received, record.ms / 1000)
            for record in self.records
            if record.header[1] in READ_BINARY and record.exchanges == 1 and record.sw is not None
        )

    def to_text(self) -> str:
        """Return the trace as JSON lines: the head, one line a command, the card's speed where it can be told."""
        lines: list[dict[str, object]] = [{"trace": VERSION, "atr": self.atr.hex().upper()}]
        lines += [record.to_json() for record in self.records]
        speed = self.speed
        if speed is not None:
            lines.append(
                {
                    "speed": speed.describe(),
                    "per_command_ms": round(1000 * speed.per_command, 3),
                    "per_byte_us": round(1e6 * speed.per_byte, 3),
                    "kbit_per_s": round(speed.kilobits, 1),
                }
            )
        return "".join(json.dumps(line) + "\n" for line in lines)


@dataclass(slots=True)
class _Exchange:
    """Hold what one command over the way cost; ``protected`` tells whether its plain form is still to come."""

    command: CommandAPDU
    protected: bool
    sw: int | None = None
    error: str = ""
    sent: int = 0
    received: int = 0
    ms: float = 0.0


class TracingLink(LinkDecorator):
    """Trace what goes over a link; put it at the bottom, so that sizes and times are those of the way itself."""

    def __init__(self, link: CardLink, redaction: Redaction, *, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(link)
        self._redaction = redaction
        self._clock = clock
        self._records: list[TraceRecord] = []
        self._awaiting: list[_Exchange] = []

    @property
    def witness(self) -> Witness | None:
        """Return what secure messaging tells plain forms to."""
        return self._bear_witness

    @property
    def trace(self) -> Trace:
        """Return what there is so far."""
        unknown = tuple(_unknown(exchange) for exchange in self._awaiting)
        return Trace((*self._records, *unknown), self.atr)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` and note it."""
        # What is fetched of a protected answer by a bare GET RESPONSE belongs to the protected command.
        exchange = _Exchange(command, bool(command.cla & SM_BITS) or bool(self._awaiting))
        exchange.sent = len(command.to_bytes())
        response: ResponseAPDU | None = None
        begin = self._clock()
        try:
            response = self._link.transmit(command)
        except MotCuaError as error:
            exchange.error = error.code
            raise
        else:
            exchange.sw, exchange.received = response.sw, len(response.data) + 2
            return response
        finally:
            exchange.ms = 1000 * (self._clock() - begin)
            if exchange.protected:
                self._awaiting.append(exchange)
            else:
                self._note(command, response, [exchange], protected=False)

    def _bear_witness(self, command: CommandAPDU, answer: ResponseAPDU | None) -> None:
        exchanges, self._awaiting = self._awaiting, []
        # A command that a closed channel did not let through was never sent.
        if exchanges:
            self._note(command, answer, exchanges, protected=True)

    def _note(
        self, command: CommandAPDU, answer: ResponseAPDU | None, exchanges: list[_Exchange], *, protected: bool
    ) -> None:
        if len(self._records) >= MOST_RECORDS:
            return
        first, last = exchanges[0], exchanges[-1]
        data = self._redaction.command(command)
        self._records.append(
            TraceRecord(
                header=command.header,
                data=data,
                ne=command.ne,
                answer=self._redaction.answer(command, answer) if answer is not None else "",
                sw=answer.sw if answer is not None else first.sw,
                protected=protected,
                verified=answer is not None or not protected,
                error=last.error,
                exchanges=len(exchanges),
                sent=sum(exchange.sent for exchange in exchanges),
                received=sum(exchange.received for exchange in exchanges),
                ms=sum(exchange.ms for exchange in exchanges),
            )
        )


def _unknown(exchange: _Exchange) -> TraceRecord:
    """Note a protected command whose plain form nobody told."""
    return TraceRecord(
        exchange.command.header,
        f"<protected:{len(exchange.command.data)}>",
        exchange.command.ne,
        sw=exchange.sw,
        protected=True,
        verified=False,
        error=exchange.error,
        sent=exchange.sent,
        received=exchange.received,
        ms=exchange.ms,
    )


class TracingTerminal:
    """Trace the links of a terminal; ``traces`` holds one trace for every connection, in their order."""

    def __init__(self, terminal: CardTerminal, redaction: Callable[[], Redaction]) -> None:
        self._terminal = terminal
        self._redaction = redaction
        self.traces: list[Trace] = []

    @contextmanager
    def connect(self, reader: str) -> Iterator[CardLink]:
        """Connect as the terminal does."""
        with self._terminal.connect(reader) as link:
            tracing = TracingLink(link, self._redaction())
            try:
                yield tracing
            finally:
                self.traces.append(tracing.trace)


def redacted_length(text: str) -> int:
    """Return how many bytes a redacted data field stands for."""
    return len(_NAME.sub("", text)) // 2 + sum(int(size) for size in _NAME.findall(text))


def parse_trace(text: str) -> Trace:
    """Read a trace back; raise DataError where it is none, longer than 16 MB or of more than 20,000 commands."""
    if len(text) > MOST_CHARACTERS:
        raise DataError("trace of more than 16 MB")
    lines = [_parse_line(line, number) for number, line in enumerate(text.splitlines()) if line.strip()]
    if not lines or lines[0].get("trace") != VERSION:
        raise DataError("not a trace of this version")
    records = [line for line in lines[1:] if "command" in line]
    if len(records) > MOST_RECORDS:
        raise DataError("trace of more than 20,000 commands")
    try:
        return Trace(tuple(_parse_record(record) for record in records), bytes.fromhex(lines[0]["atr"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise DataError("a line of the trace is not a command") from None


def _parse_line(line: str, number: int) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        raise DataError(f"line {number + 1} of the trace is not JSON") from None
    if not isinstance(parsed, dict):
        raise DataError(f"line {number + 1} of the trace is not an object")
    return parsed


def _parse_record(line: dict[str, Any]) -> TraceRecord:
    header = bytes.fromhex(line["command"])
    data, answer, sw = line["data"], line["answer"], line["sw"]
    if len(header) != 4 or not _is_redacted(data) or not _is_redacted(answer) or not 0 <= int(line["ne"]) <= 65536:
        raise ValueError("not a command")
    return TraceRecord(
        header,
        data,
        int(line["ne"]),
        answer,
        None if sw is None else int(sw, 16) & 0xFFFF,
        protected=bool(line["protected"]),
        verified=bool(line["verified"]),
        error=str(line["error"])[:40],
        exchanges=int(line["exchanges"]),
        sent=int(line["sent"]),
        received=int(line["received"]),
        ms=float(line["ms"]),
    )


def _is_redacted(text: object) -> bool:
    return isinstance(text, str) and bool(_TEXT.fullmatch(text)) and redacted_length(text) <= LONGEST_DATA
