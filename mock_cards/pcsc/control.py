"""The control socket of ``mock-cards serve``: what lies on which reader, from another process of the same user.

A Unix socket with mode 0600 in the private directory of the pcscd. One JSON object a line, one answer a line, in
order; a line has at most 64 KiB, a connection that says nothing for a minute is closed, and eight are open at most.
docs/tester.md has the verbs. Failures are answered ``{"ok": false, "error": CODE, "message": TEXT}``.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mock_cards.orders import CardOrder
from mock_cards.pcsc.card_table import CardTable, NoSuchSlot, SlotEmpty, SlotTaken
from mock_cards.pcsc.daemon import SOCKET_VARIABLE
from reader.errors import MotCuaError

__all__ = ["PROTOCOL", "ControlServer", "control_in"]

PROTOCOL = 1
LONGEST_LINE = 64 << 10
MOST_CONNECTIONS = 8
IDLE_SECONDS = 60.0
JOIN_SECONDS = 5.0
MODE = 0o600


def control_in(directory: Path) -> Path:
    """Return where the control socket of a service in ``directory`` is."""
    return directory / "control"


class ControlServer:
    """Answer on the control socket from threads of its own; a context manager. ``directory`` is a private one."""

    def __init__(self, table: CardTable, directory: Path, service_socket: Path) -> None:
        self._table = table
        self._service_socket = service_socket
        self._verbs: dict[str, Callable[[Mapping[str, Any]], dict[str, object]]] = {
            "status": self._status,
            "insert": lambda request: table.insert(_slot(request), _order(request)).to_json(),
            "swap": lambda request: table.swap(_slot(request), _order(request)).to_json(),
            "remove": lambda request: table.remove(_slot(request)).to_json(),
            "exchanges": self._exchanges,
            "recording": lambda request: {"text": table.recording(_slot(request)).to_text()},
        }
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._listener = socket.socket(socket.AF_UNIX)
        path = control_in(directory)
        self._listener.bind(str(path))
        path.chmod(MODE)
        self._listener.listen(MOST_CONNECTIONS)
        self._thread = threading.Thread(target=self._accept, name="mock-cards-control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End every connection; may be called twice."""
        with self._lock:
            ending = [self._listener, *self._connections]
        for open_socket in ending:
            # Wakes the thread that waits on it, which then closes it.
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(JOIN_SECONDS)
        self._listener.close()

    def __enter__(self) -> ControlServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                room = len(self._connections) < MOST_CONNECTIONS
                if room:
                    self._connections.add(connection)
            if room:
                threading.Thread(target=self._serve, args=(connection,), name="mock-cards-control", daemon=True).start()
            else:
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(IDLE_SECONDS)
        try:
            with connection, connection.makefile("rb") as lines:
                while line := lines.readline(LONGEST_LINE + 1):
                    answer = self._answer(line)
                    connection.sendall(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                    if len(line) > LONGEST_LINE:
                        return
        except OSError:
            return
        finally:
            with self._lock:
                self._connections.discard(connection)

    def _answer(self, line: bytes) -> dict[str, object]:
        if len(line) > LONGEST_LINE:
            return _failure("bad-request", "a request has at most 64 KiB")
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return _failure("bad-request", "a request is a JSON object on one line")
        verb = self._verbs.get(str(request.get("do"))) if isinstance(request, dict) else None
        if verb is None:
            return _failure("bad-request", f"do is one of {', '.join(self._verbs)}")
        try:
            return {"ok": True, **verb(request)}
        except NoSuchSlot:
            return _failure("no-such-slot", "there is no such slot")
        except KeyError as unknown:
            return _failure("no-such-name", f"no such name: {unknown.args[0]}")
        except ValueError as error:
            return _failure("bad-request", str(error))
        except SlotTaken:
            return _failure("slot-taken", "there is a card on the reader already")
        except SlotEmpty:
            return _failure("slot-empty", "there is no card on the reader")
        except MotCuaError as error:
            return _failure(error.code, str(error))

    def _status(self, _request: Mapping[str, Any]) -> dict[str, object]:
        return {
            "protocol": PROTOCOL,
            "environment": {SOCKET_VARIABLE: str(self._service_socket)},
            "slots": [status.to_json() for status in self._table.status()],
        }

    def _exchanges(self, request: Mapping[str, Any]) -> dict[str, object]:
        since = request.get("since", 0)
        if type(since) is not int or since < 0:
            raise ValueError("since is a number of a command")
        return {"exchanges": [one.to_json() for one in self._table.exchanges(_slot(request), since)]}


def _slot(request: Mapping[str, Any]) -> int:
    slot = request.get("slot", 1)
    if type(slot) is not int:
        raise ValueError("a slot is a number, from 1")
    return slot


def _order(request: Mapping[str, Any]) -> CardOrder:
    return CardOrder.from_json(request.get("card", {}))


def _failure(code: str, message: str) -> dict[str, object]:
    return {"ok": False, "error": code, "message": message}
