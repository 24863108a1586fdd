"""A pcscd of our own with virtual readers, in namespaces of its own: the system's pcscd is never touched.

vpcd listens on every interface there is, so pcscd gets a network namespace that has nothing but a loopback. PC/SC
clients stay outside and reach it by a socket in a private directory: they set ``PCSCLITE_CSOCK_NAME`` to it before
their first PC/SC call. Works with root and, by a user namespace, without.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from reader.errors import ServiceUnavailable

__all__ = [
    "DEFAULT_PORT",
    "DIRECTORY_PREFIX",
    "MOST_READERS",
    "ROOT_VARIABLE",
    "SOCKET_VARIABLE",
    "PrivatePcscd",
    "find_pcscd_root",
    "reader_name",
    "socket_in",
]

DEFAULT_PORT = 35963
DIRECTORY_PREFIX = "motcua-pcsc-"
MOST_READERS = 16  # pcscd has no room for more
READERS_OF_A_DRIVER = 2
ROOT_VARIABLE = "MOTCUA_PCSC_ROOT"
SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
START_SECONDS = 20.0
STOP_SECONDS = 5.0
KEEPER = Path(__file__).with_name("keeper.py")


def find_pcscd_root() -> Path | None:
    """Return where Debian's pcscd and vpcd were unpacked: ``MOTCUA_PCSC_ROOT``, else build/pcsc of the checkout."""
    told = os.environ.get(ROOT_VARIABLE)
    root = Path(told) if told else Path(__file__).resolve().parents[2] / "build" / "pcsc"
    return root if _pcscd(root).is_file() and _driver(root) is not None else None


def socket_in(directory: Path) -> Path:
    """Return where the socket of a pcscd that is given ``directory`` will be.

    A directory inside it, because pcscd opens its own to everybody and only the outer one keeps others out.
    """
    return directory / "run" / "pcscd.comm"


def reader_name(slot: int) -> str:
    """Return the name under which PC/SC clients see the virtual reader ``slot``, counted from 0."""
    driver, place = divmod(slot, READERS_OF_A_DRIVER)
    return f"{_friendly_name(driver)} 00 {place:02X}"


class PrivatePcscd:
    """Run a private pcscd; use it as a context manager, or call ``close``.

    Raise ServiceUnavailable where pcscd is not unpacked, namespaces are refused, or it does not start. ``port`` is
    where vpcd listens inside the namespace: each further reader takes the port after. ``directory`` is a private,
    empty one for the socket, for callers that must name it beforehand; it goes with the pcscd. There are at least
    ``readers`` readers, from 1 to 16, and always an even number: a driver brings two. Raise ValueError for others.
    """

    def __init__(
        self,
        root: Path | None = None,
        port: int = DEFAULT_PORT,
        directory: Path | None = None,
        readers: int = READERS_OF_A_DRIVER,
    ) -> None:
        if not 1 <= readers <= MOST_READERS:
            raise ValueError(f"a pcscd has 1 to {MOST_READERS} readers")
        self.readers = -(-readers // READERS_OF_A_DRIVER) * READERS_OF_A_DRIVER
        root = root or find_pcscd_root()
        driver = _driver(root) if root else None
        if root is None or driver is None:
            raise ServiceUnavailable(f"pcscd and vpcd are not unpacked (make does it, or set {ROOT_VARIABLE})")
        self._lock = threading.Lock()
        self._directory = directory or Path(tempfile.mkdtemp(prefix=DIRECTORY_PREFIX))
        try:
            self._process, self._control = self._launch(_pcscd(root), driver, port)
        except BaseException:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise

    @property
    def socket_path(self) -> Path:
        """Return the socket that PC/SC clients are to use."""
        return socket_in(self._directory)

    @property
    def directory(self) -> Path:
        """Return the private directory of this service: nobody else may look into it, and it goes with the service."""
        return self._directory

    @property
    def environment(self) -> dict[str, str]:
        """Return the variable that PC/SC clients set."""
        return {SOCKET_VARIABLE: str(self.socket_path)}

    def connect(self, slot: int = 0) -> socket.socket:
        """Return a connection to the virtual reader ``slot``, counted from 0, to be answered by a card.

        Raise ServiceUnavailable where pcscd does not run.
        """
        with self._lock:
            self._send(f"connect {slot}")
            answer, descriptors = self._receive()
        if not descriptors:
            raise ServiceUnavailable(answer)
        os.set_inheritable(descriptors[0], False)
        return socket.socket(fileno=descriptors[0])

    def kill_service(self) -> None:
        """Kill pcscd as a crash would; the namespaces and the socket's place stay."""
        self._order("kill")

    def start_service(self) -> None:
        """Start pcscd anew after ``kill_service``; raise ServiceUnavailable where it does not start."""
        self._order("start")

    def close(self) -> None:
        """End pcscd and take everything away; may be called twice."""
        self._control.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> PrivatePcscd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _launch(self, pcscd: Path, driver: Path, port: int) -> tuple[subprocess.Popen[bytes], socket.socket]:
        refusal = ""
        for unshare in _ways_into_namespaces():
            # Anew for each way: where pcscd did not start, its keeper may have taken the directory away.
            _write_readers(self._directory, driver, port, self.readers // READERS_OF_A_DRIVER)
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.settimeout(START_SECONDS)
            with theirs:
                process = self._spawn(unshare, theirs, pcscd, port)
            refusal = _first_word(ours)
            if refusal == "ready":
                return process, ours
            ours.close()
            process.kill()
            process.wait()
        raise ServiceUnavailable(f"no private pcscd: {refusal or 'namespaces are refused on this machine'}")

    def _spawn(self, unshare: list[str], control: socket.socket, pcscd: Path, port: int) -> subprocess.Popen[bytes]:
        keeper = [sys.executable, "-I", str(KEEPER), str(control.fileno()), str(self._directory), str(pcscd), str(port)]
        try:
            return subprocess.Popen(  # noqa: S603  # nothing of it comes from outside
                [*unshare, "--", *keeper],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(control.fileno(),),
                # Ctrl+C is for the caller, who then ends pcscd in good order.
                start_new_session=True,
            )
        except OSError as error:
            raise ServiceUnavailable("unshare (util-linux) is not there") from error

    def _order(self, verb: str) -> None:
        with self._lock:
            self._send(verb)
            answer, _ = self._receive()
        if answer != "ok":
            raise ServiceUnavailable(answer)

    def _send(self, message: str) -> None:
        try:
            self._control.send(message.encode("ascii"))
        except OSError as error:
            raise ServiceUnavailable("the private pcscd has ended") from error

    def _receive(self) -> tuple[str, list[int]]:
        try:
            answer, descriptors, _, _ = socket.recv_fds(self._control, 512, 1)
        except OSError as error:
            raise ServiceUnavailable("the private pcscd has ended") from error
        return answer.decode(errors="replace"), descriptors


def _ways_into_namespaces() -> list[list[str]]:
    by_user_namespace = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
    # Root in a container may lack the right to make namespaces and still get them by a user namespace.
    return [["unshare", "--net", "--mount"], by_user_namespace] if os.geteuid() == 0 else [by_user_namespace]


def _first_word(control: socket.socket) -> str:
    with contextlib.suppress(OSError):
        return control.recv(512).decode(errors="replace")
    return ""


def _pcscd(root: Path) -> Path:
    return root / "usr" / "sbin" / "pcscd"


def _driver(root: Path) -> Path | None:
    found = sorted((root / "usr" / "lib" / "pcsc" / "drivers" / "serial").glob("libifdvpcd.so*"))
    return found[-1] if found else None


def _friendly_name(driver: int) -> str:
    # pcscd counts the readers of each driver by themselves, so that the names would be the same.
    return "Virtual PCD" if driver == 0 else f"Virtual PCD {driver + 1}"


def _write_readers(directory: Path, driver: Path, port: int, drivers: int) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / "run").mkdir(exist_ok=True)
    stanzas = []
    for number in range(drivers):
        # A copy each, since drivers loaded from one file share one table of slots; and here, because pcscd's
        # configuration takes no path with a space.
        own = directory / f"vpcd{number}.so"
        shutil.copyfile(driver, own)
        first = port + number * READERS_OF_A_DRIVER
        stanzas.append(
            f'FRIENDLYNAME "{_friendly_name(number)}"\nDEVICENAME /dev/null:{first}\nLIBPATH {own}\nCHANNELID {first}\n'
        )
    readers = directory / "readers"
    readers.mkdir(exist_ok=True)
    (readers / "vpcd").write_text("\n".join(stanzas), encoding="ascii")
