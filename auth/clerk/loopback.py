"""Where the browser brings the clerk back: one address on this machine's loopback, for one sign-in (RFC 8252 §7.3)."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from auth.errors import SignInCancelled, SignInFailed, SignInTimeout
from auth.wire.oauth import CALLBACK_HOST, CALLBACK_PATH

__all__ = ["CallbackListener"]

_MAX_REQUEST = 8_192
# How long one connection may take for its few bytes, and how soon a cancel is noticed.
_CONNECTION_S = 2.0
_LOOK_UP_S = 0.1
_MAX_CONNECTIONS = 50

_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Một Cửa</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:30rem;margin:10vh auto;padding:0 1rem}</style></head>
<body><h1>Quay lại Một Cửa</h1><p>Máy đang hoàn tất việc đăng nhập. Có thể đóng trang này.</p>
<p lang="en">Go back to Một Cửa: the desk completes the sign-in. This page may be closed.</p></body></html>"""
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
)


class CallbackListener:
    """Listen on a free port of 127.0.0.1 until the answer has come; a context manager."""

    def __init__(self) -> None:
        self._listener = socket.create_server((CALLBACK_HOST, 0), backlog=4)
        self._listener.setblocking(False)
        self._port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._listener.close()

    @property
    def redirect_uri(self) -> str:
        """Return the address to be sent back to."""
        return f"http://{CALLBACK_HOST}:{self._port}{CALLBACK_PATH}"

    def wait(self, late: float, cancel: threading.Event) -> dict[str, str]:
        """Return what the browser brought; anything but a GET of our address is turned away and waited past.

        Raises SignInTimeout at ``late`` (monotonic seconds), SignInCancelled within a moment of ``cancel``, and
        SignInFailed where something on this machine keeps knocking.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            for _ in range(_MAX_CONNECTIONS):
                _wait_for(selector, late, cancel)
                try:
                    connection, _address = self._listener.accept()
                except OSError:
                    continue
                with connection:
                    brought = self._serve(connection, min(late, monotonic() + _CONNECTION_S))
                if brought is not None:
                    return brought
        raise SignInFailed("too-many-callers")

    def _serve(self, connection: socket.socket, late: float) -> dict[str, str] | None:
        fields = None
        # A browser that hung up early brought its answer all the same, if it did.
        with suppress(OSError):
            query = _query_of(_receive(connection, late), self._port)
            fields = _fields(query) if query is not None else None
            status, page = ("200 OK", _PAGE.encode("utf-8")) if fields is not None else ("404 Not Found", b"")
            head = f"HTTP/1.1 {status}\r\n{_HEADERS}Content-Length: {len(page)}\r\n\r\n"
            connection.settimeout(max(0.01, late - monotonic()))
            connection.sendall(head.encode("ascii") + page)
        return fields


def _wait_for(selector: selectors.BaseSelector, late: float, cancel: threading.Event) -> None:
    while True:
        if cancel.is_set():
            raise SignInCancelled("cancelled")
        left = late - monotonic()
        if left <= 0:
            raise SignInTimeout("browser")
        if selector.select(min(left, _LOOK_UP_S)):
            return


def _receive(connection: socket.socket, late: float) -> bytes:
    """Return the head of a request; what is larger or slower than a browser's is cut off and is none."""
    head = bytearray()
    while b"\r\n\r\n" not in head and len(head) <= _MAX_REQUEST:
        left = late - monotonic()
        if left <= 0:
            return b""
        connection.settimeout(left)
        chunk = connection.recv(4096)
        if not chunk:
            return b""
        head += chunk
    return bytes(head) if len(head) <= _MAX_REQUEST else b""


def _query_of(head: bytes, port: int) -> str | None:
    """Return the query of a GET of our address under our own name, None for any other request.

    The name is checked, since a page elsewhere may have let its own name point at this machine.
    """
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    target, _, version = rest.partition(" ")
    path, _, query = target.partition("?")
    hosts = [value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if name.lower() == "host"]
    if (method, path) != ("GET", CALLBACK_PATH) or not version.startswith("HTTP/1."):
        return None
    return query if hosts == [f"{CALLBACK_HOST}:{port}"] else None


def _fields(query: str) -> dict[str, str] | None:
    """Return the fields of a query; None where it is none or names a field twice."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) and "state" in fields else None
