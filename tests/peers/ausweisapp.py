"""Let Germany's AusweisApp2 change a card's PIN, and tell on standard output what it said, one JSON line each.

A program by itself, to be run in a network namespace of its own: the app tries to fetch updates when it starts, and
listens for whoever drives it. It is driven over its WebSocket interface (its SDK: commands and messages in JSON). The
libraries it needs lie where ``--root`` says; PC/SC it finds by ``PCSCLITE_CSOCK_NAME``.

    python ausweisapp.py ROOT OLD_PIN NEW_PIN
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS = 60.0
PORT = 24727
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocket:
    """Speak as much of RFC 6455 as one client of one server needs."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /eID-Kernel HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._stream = self._socket.makefile("rb")
        status = self._stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(f"no WebSocket: {status!r}")
        while self._stream.readline() not in (b"\r\n", b""):
            pass

    def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        self._frame(TEXT, json.dumps(message).encode())

    def messages(self) -> Iterator[dict[str, Any]]:
        """Return what comes, until the other side ends."""
        while head := self._stream.read(2):
            opcode, size = head[0] & 0x0F, head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", self._stream.read(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self._stream.read(8))
            payload = self._stream.read(size)
            if opcode == TEXT:
                yield json.loads(payload)
            elif opcode == PING:
                self._frame(PONG, payload)
            elif opcode == CLOSE:
                return

    def _frame(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self._socket.sendall(bytes((0x80 | opcode,)) + size + mask + masked)


def change_pin(connection: WebSocket, old: str, new: str) -> None:
    """Go through the workflow; tell every message."""
    connection.send({"cmd": "RUN_CHANGE_PIN"})
    tries = 0
    for message in connection.messages():
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
        kind = message.get("msg")
        if kind == "ENTER_PIN":
            tries += 1
            # Each wrong PIN costs one of three tries: ask once only.
            connection.send({"cmd": "SET_PIN", "value": old} if tries == 1 else {"cmd": "CANCEL"})
        elif kind == "ENTER_NEW_PIN":
            connection.send({"cmd": "SET_NEW_PIN", "value": new})
        elif kind in ("ENTER_CAN", "ENTER_PUK"):
            connection.send({"cmd": "CANCEL"})
        elif kind == "CHANGE_PIN" and "success" in message:
            return


def bring_up_loopback() -> None:
    """Have a loopback and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def start(root: Path, home: str) -> subprocess.Popen[bytes]:
    """Start the app without a window."""
    libraries = next(iter((root / "usr" / "lib").glob("*-linux-gnu")))
    inherited = os.environ.get("LD_LIBRARY_PATH", "")
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": f"{libraries}:{inherited}",
        "QT_PLUGIN_PATH": str(libraries / "qt6" / "plugins"),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_DATA_DIRS": str(root / "usr" / "share"),
        "XDG_RUNTIME_DIR": home,
        "HOME": home,
    }
    command = [str(root / "usr" / "bin" / "AusweisApp2"), "--no-logfile", "--no-proxy", "--ui", "websocket"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr.fileno())


def connect() -> WebSocket:
    """Connect once it listens."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return WebSocket(PORT)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main(root: str, old: str, new: str) -> None:
    """Run the app and change the PIN."""
    bring_up_loopback()
    with tempfile.TemporaryDirectory() as home:
        app = start(Path(root).resolve(), home)
        try:
            change_pin(connect(), old, new)
        finally:
            app.terminate()
            app.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
