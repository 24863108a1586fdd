"""The other end of the control socket: find it, ask, and get the answer or a failure with its code."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mock_cards.pcsc.control import control_in
from mock_cards.pcsc.daemon import DIRECTORY_PREFIX, SOCKET_VARIABLE
from reader.errors import ServiceUnavailable

__all__ = ["Control", "Declined", "find_control"]

SECONDS = 30.0
LONGEST_ANSWER = 32 << 20
OWNER_ONLY = 0o077


class Declined(Exception):
    """Say that the service declined a request; ``reason`` is its stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def find_control(told: Path | None = None) -> Path:
    """Return the control socket: the one told, else that of the service PC/SC of this process uses, else the only one.

    Raise ServiceUnavailable where there is none or more than one.
    """
    if told is not None:
        return told
    service = os.environ.get(SOCKET_VARIABLE)
    if service and (beside := control_in(Path(service).parent.parent)).exists():
        return beside
    found = [path for path in _running() if path.exists()]
    if not found:
        raise ServiceUnavailable("no mock-cards serve is running")
    if len(found) > 1:
        raise ServiceUnavailable("more than one is running; name one: " + " ".join(map(str, found)))
    return found[0]


def _running() -> list[Path]:
    directories = Path(tempfile.gettempdir()).glob(f"{DIRECTORY_PREFIX}*")
    return sorted(control_in(directory) for directory in directories if _is_ours_alone(directory))


def _is_ours_alone(directory: Path) -> bool:
    try:
        status = directory.lstat()
    except OSError:
        return False
    return directory.is_dir() and status.st_uid == os.geteuid() and not status.st_mode & OWNER_ONLY


class Control:
    """Talk to one service; a context manager. Raise ServiceUnavailable where it does not answer."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise ServiceUnavailable("mock-cards serve does not answer") from error
        self._lines = self._socket.makefile("rb")

    def ask(self, verb: str, **request: object) -> Mapping[str, Any]:
        """Send one request and return its answer; raise Declined with the service's code where it declined."""
        try:
            self._socket.sendall(json.dumps({"do": verb, **request}).encode() + b"\n")
            line = self._lines.readline(LONGEST_ANSWER)
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            raise ServiceUnavailable("mock-cards serve has ended") from error
        if not isinstance(answer, dict):
            raise ServiceUnavailable("this is no mock-cards serve")
        if not answer.get("ok"):
            raise Declined(str(answer.get("error")), str(answer.get("message")))
        return answer

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Control:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
