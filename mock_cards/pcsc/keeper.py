"""Run inside namespaces of its own and keep a private pcscd alive for the process that asked for it.

Started by path (``mock_cards.pcsc.daemon`` does it) under ``unshare``, so it stands on the standard library alone. It
brings up the namespace's loopback, puts a private directory over /run/pcscd, starts pcscd, and then obeys the control
socket: one message, one answer. Connections to vpcd are made here and handed over as open descriptors: they stay in
this namespace wherever they are used, so the emulator needs neither privileges nor a namespace change of its own.

It ends, and pcscd with it, when the control socket closes: that happens on every death of the asking process.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

SERVICE_DIRECTORY = Path("/run/pcscd")
USB_DRIVERS = Path("/usr/lib/pcsc/drivers")
START_SECONDS = 10.0
STOP_SECONDS = 3.0
POLL_SECONDS = 0.005
MS_BIND = 0x1000
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS = 0x8914
IFF_UP = 1

libc = ctypes.CDLL(None, use_errno=True)


class Keeper:
    """Hold the private pcscd."""

    def __init__(self, directory: Path, pcscd: Path, port: int) -> None:
        self._directory = directory
        self._pcscd = pcscd
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start pcscd and wait until its socket answers; raise OSError where it does not."""
        for name in ("pcscd.comm", "pcscd.pid"):
            (self._directory / "run" / name).unlink(missing_ok=True)
        with (self._directory / "pcscd.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # the caller named the programme
                [self._pcscd, "--foreground", "--config", self._directory / "readers", *self._no_polkit()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # This process has one thread, so nothing can be locked between fork and exec.
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # see above
            )
        self._wait_for_socket(self._process)

    def kill(self) -> None:
        """Kill pcscd as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end(self) -> None:
        """Stop pcscd in good order and take its directory away."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def connect(self, slot: int) -> socket.socket:
        """Return a connection to the vpcd reader ``slot``; raise OSError where nobody listens."""
        connection = socket.create_connection(("127.0.0.1", self._port + slot), timeout=START_SECONDS)
        connection.settimeout(None)
        return connection

    def _wait_for_socket(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
                probe.connect(str(self._directory / "run" / "pcscd.comm"))
                return
            time.sleep(POLL_SECONDS)
        raise OSError("pcscd did not start: " + self._last_words())

    def _last_words(self) -> str:
        log = (self._directory / "pcscd.log").read_text(errors="replace").strip()
        return log.splitlines()[-1][:200] if log else "it said nothing"

    def _no_polkit(self) -> list[str]:
        """Return the option that builds with polkit need here, where no D-Bus is."""
        asked = [str(self._pcscd), "--help"]
        usage = subprocess.run(asked, capture_output=True, check=False).stdout  # noqa: S603  # as above
        return ["--disable-polkit"] if b"--disable-polkit" in usage else []


def main(arguments: list[str]) -> int:
    """Set the namespaces up, start pcscd and obey the control socket until it closes."""
    control = socket.socket(fileno=int(arguments[0]))
    directory = Path(arguments[1])
    keeper = Keeper(directory, Path(arguments[2]), int(arguments[3]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _bring_up_loopback()
        _cover_system_directories(directory / "run")
        keeper.start()
        control.send(b"ready")
        _obey(control, keeper)
    except OSError as error:
        with contextlib.suppress(OSError):
            control.send(f"error {error}".encode())
        return 1
    finally:
        keeper.end()
    return 0


def _obey(control: socket.socket, keeper: Keeper) -> None:
    while message := control.recv(64):
        verb, _, argument = message.decode("ascii").partition(" ")
        try:
            if verb == "connect":
                with keeper.connect(int(argument)) as connection:
                    socket.send_fds(control, [b"ok"], [connection.fileno()])
                continue
            if verb == "kill":
                keeper.kill()
            elif verb == "start":
                keeper.start()
            control.send(b"ok")
        except OSError as error:
            control.send(f"error {error}".encode())


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def _cover_system_directories(directory: Path) -> None:
    """Put ``directory`` where pcscd makes its socket, and nothing over the drivers of real readers: those stay alone.

    The mounts are seen in this namespace only. Without root /run/pcscd cannot be made, so an empty /run takes its
    place; ``directory`` is held open meanwhile, as it may lie in /run itself.
    """
    held = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    if not SERVICE_DIRECTORY.is_dir():
        _mount("motcua", Path("/run"), "tmpfs", 0)
        SERVICE_DIRECTORY.mkdir()
    _mount(f"/proc/self/fd/{held}", SERVICE_DIRECTORY, None, MS_BIND)
    os.close(held)
    for bundle in USB_DRIVERS.glob("*.bundle"):
        _mount("motcua", bundle, "tmpfs", 0)


def _mount(source: str, target: Path, kind: str | None, flags: int) -> None:
    kind_bytes = kind.encode() if kind else None
    if libc.mount(source.encode(), str(target).encode(), kind_bytes, ctypes.c_ulong(flags), None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot mount over {target}: {os.strerror(number)}")


def _die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
