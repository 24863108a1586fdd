"""Where a device's keys may live, for real: a software TPM and a Secret Service, each for one test run alone.

The programs are Debian's, unpacked under build/keystores by .ci/setup or installed on the machine. They speak over Unix
sockets in a private folder, keep everything there, and end with the test run, also with one that is killed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

__all__ = ["PrivateBus", "SecretService", "SilentPrompter", "SoftwareTpm", "Work", "missing_programs"]

_START_S = 30.0
# A test run that is killed closes this standard input too, so that what it started ends with it.
_UNTIL_CLOSED = 'exec 3<&0; "$0" "$@" <"$MOTCUA_INPUT" 3<&- & read -r _ <&3; kill $!; wait $!'
_BUS = """<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""
_PROGRAMS = ("dbus-daemon", "swtpm", "tpm2-abrmd", "tpm2_getcap", "gnome-keyring-daemon")


def _unpacked(root: Path, part: str) -> list[Path]:
    return [path for path in (root / "build").glob(f"keystores/{part}") if path.is_dir()]


def _program(root: Path, name: str) -> str:
    places = [*_unpacked(root, "usr/bin"), *_unpacked(root, "usr/sbin")]
    path = os.pathsep.join([*map(str, places), os.environ.get("PATH", ""), "/usr/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise FileNotFoundError(name)
    return found


def _libraries(root: Path) -> str:
    places = [*_unpacked(root, "usr/lib/*-linux-gnu"), *_unpacked(root, "usr/lib/*-linux-gnu/swtpm")]
    return os.pathsep.join([*map(str, places), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])


def pkcs11_module(root: Path) -> Path:
    """Return the PKCS#11 module of TPMs; raise FileNotFoundError where there is none."""
    places = (root / "build" / "keystores" / "usr" / "lib", Path("/usr/lib"))
    for found in (path for place in places for path in sorted(place.glob("*-linux-gnu/libtpm2_pkcs11.so.1"))):
        return found
    raise FileNotFoundError("libtpm2_pkcs11.so.1")


def missing_programs(root: Path) -> list[str]:
    """Return what is missing to run any of these."""

    def missing(find: Callable[[], object]) -> bool:
        try:
            find()
        except FileNotFoundError:
            return True
        return False

    names = [name for name in _PROGRAMS if missing(lambda name=name: _program(root, name))]  # type: ignore[misc]  # a default binds the name of this turn
    return names + (["libtpm2_pkcs11.so.1"] if missing(lambda: pkcs11_module(root)) else [])


class _Programs:
    """Start programs in one private folder, and end them in the opposite order."""

    def __init__(self, root: Path) -> None:
        self._root = root
        # Not below pytest's own directory, whose path may be too long for a socket's.
        self.folder = Path(tempfile.mkdtemp(prefix="motcua-keys-", dir="/tmp"))
        self._running: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        """Return the variables under which a program here runs, or meets those that do."""
        home = self.folder / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        told = {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(self.folder),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder / 'bus'}",
            "LD_LIBRARY_PATH": _libraries(self._root),
        }
        left_out = ("DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND")
        return {name: value for name, value in os.environ.items() if name not in left_out} | told

    def start(self, name: str, *arguments: object, given: str = "/dev/null") -> subprocess.Popen[bytes]:
        """Start a program, its standard input a file."""
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_CLOSED, _program(self._root, name), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self.environment() | {"MOTCUA_INPUT": given},
                cwd=self.folder,
            )
        self._running.append(started)
        return started

    def end(self, started: subprocess.Popen[bytes]) -> None:
        """End a program, and wait until it has."""
        assert started.stdin is not None
        started.stdin.close()
        started.wait(20.0)
        self._running.remove(started)

    def wait_for(self, there: Callable[[], bool], what: str) -> None:
        """Wait until something is there."""
        until, pause = time.monotonic() + _START_S, threading.Event()
        while not there():
            if time.monotonic() > until:
                raise RuntimeError(f"{what} did not start: {self.said()}")
            pause.wait(0.02)

    def said(self) -> str:
        """Return what the programs wrote."""
        return "".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("*.log")))

    def end_all(self) -> None:
        """End every program and remove the folder."""
        for started in reversed(list(self._running)):
            self.end(started)
        shutil.rmtree(self.folder, ignore_errors=True)


class PrivateBus(_Programs):
    """A message bus with nobody on it, from the beginning to the end of a ``with`` block."""

    def __enter__(self) -> PrivateBus:
        (self.folder / "bus.conf").write_text(_BUS.format(socket=self.folder / "bus"))
        self._bus = self.start("dbus-daemon", f"--config-file={self.folder / 'bus.conf'}", "--nofork", "--nopidfile")
        self.wait_for(self._answers, "the bus")
        return self

    def __exit__(self, *_: object) -> None:
        self.end_all()

    def end_bus(self) -> None:
        """End the bus alone."""
        self.end(self._bus)

    def connect(self) -> DBusConnection:
        """Return a connection of the test's own."""
        return open_dbus_connection(f"unix:path={self.folder / 'bus'}")

    def owns(self, name: str) -> bool:
        """Return whether somebody has that name."""
        with self.connect() as connection:
            return bool(connection.send_and_get_reply(message_bus.NameHasOwner(name), timeout=10).body[0])

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except OSError:
            return False
        return True


class SoftwareTpm(PrivateBus):
    """swtpm (TPM 2.0) behind its resource manager, since it has room for three keys only, as most TPMs."""

    label, pin, so_pin = "motcua", "8-digit-PIN-of-a-test", "12345678"

    def __enter__(self) -> SoftwareTpm:
        super().__enter__()
        for folder in ("state", "store"):
            (self.folder / folder).mkdir(mode=0o700)
        socket = self.folder / "tpm"
        self._tpm = self.start(
            "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder / 'state'}",
            "--server", f"type=unixio,path={socket},mode=0600",
            "--ctrl", f"type=unixio,path={socket}.ctrl,mode=0600",
            "--flags", "not-need-init,startup-clear",
        )  # fmt: skip  # one option and its value belong together
        self.wait_for(Path(f"{socket}.ctrl").exists, "the TPM")
        self.start("tpm2-abrmd", "--session", "--allow-root", f"--tcti=swtpm:path={socket}")
        self.wait_for(lambda: self.owns("com.intel.tss2.Tabrmd"), "the resource manager")
        return self

    @property
    def module(self) -> Path:
        """Return the PKCS#11 module by which a program reaches it."""
        return pkcs11_module(self._root)

    def environment(self) -> dict[str, str]:
        """Return the variables under which a program reaches this TPM."""
        tcti = "tabrmd:bus_type=session"
        store = str(self.folder / "store")
        return super().environment() | {
            "TPM2TOOLS_TCTI": tcti,
            "TPM2_PKCS11_TCTI": tcti,
            "TPM2_PKCS11_STORE": store,
        }

    def make_token(self) -> None:
        """Make the token, with its PIN."""
        self._pkcs11("--init-token", "--slot-index", "0", "--label", self.label)
        self._pkcs11("--init-pin", "--login", "--token-label", self.label, "--pin", self.pin)

    def tool(self, name: str, *arguments: str) -> str:
        """Run one of tpm2-tools and return what it says."""
        command = [_program(self._root, name), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=self.environment(), timeout=60)
        return done.stdout

    def variable(self, name: str) -> int:
        """Return one of the properties that vary (TPM 2.0 part 2, TPM_PT)."""
        lines = (line.partition(":") for line in self.tool("tpm2_getcap", "properties-variable").splitlines())
        return next(int(value, 16) for found, _, value in lines if found.strip() == name)

    def end_tpm(self) -> None:
        """End the TPM alone: what is left finds nobody."""
        self.end(self._tpm)

    def _pkcs11(self, *arguments: str) -> None:
        peers = self._root / "build" / "peers" / "usr"
        places = [*map(str, peers.glob("lib/*-linux-gnu")), self.environment()["LD_LIBRARY_PATH"]]
        environment = self.environment() | {"LD_LIBRARY_PATH": os.pathsep.join(places)}
        command = [
            str(peers / "bin" / "pkcs11-tool"),
            "--module",
            str(self.module),
            "--so-pin",
            self.so_pin,
            *arguments,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
        if done.returncode:
            raise RuntimeError(f"pkcs11-tool: {done.stdout}{done.stderr}{self.said()}")


class SecretService(PrivateBus):
    """gnome-keyring with its "login" keychain, which opens by the password that it is started with."""

    password = b"the password of a session"

    def open(self) -> None:
        """Start it as a log-in does: the keychain is open."""
        given = self.folder / "password"
        given.touch(mode=0o600)
        given.write_bytes(self.password)
        self._service = self.start(
            "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets",
            f"--control-directory={self.folder / 'control'}", given=str(given),
        )  # fmt: skip  # one option and its value belong together
        self.wait_for(lambda: self.owns("org.freedesktop.secrets"), "the keychain")
        # It has its name before the keychain is open.
        self.wait_for(lambda: not self._locked(), "the open keychain")

    def shut(self) -> None:
        """End it."""
        self.end(self._service)

    def lock(self) -> None:
        """Lock the keychain, as a locked screen may."""
        service = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
        login = "/org/freedesktop/secrets/collection/login"
        with self.connect() as connection:
            connection.send_and_get_reply(new_method_call(service, "Lock", "ao", ([login],)), timeout=10)
        assert self._locked()

    def unlock(self) -> None:
        """Unlock it by its password, as a person does in a window elsewhere."""
        secrets, place = "org.freedesktop.secrets", "/org/freedesktop/secrets"
        service = DBusAddress(place, secrets, "org.freedesktop.Secret.Service")
        master = DBusAddress(place, secrets, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
        login = f"{place}/collection/login"
        with self.connect() as connection:
            begin = new_method_call(service, "OpenSession", "sv", ("plain", ("s", "")))
            _, session = connection.send_and_get_reply(begin, timeout=10).body
            secret = (session, b"", self.password, "text/plain")
            asked = new_method_call(master, "UnlockWithMasterPassword", "o(oayays)", (login, secret))
            connection.send_and_get_reply(asked, timeout=10)
        assert not self._locked()

    def files(self) -> list[Path]:
        """Return the files that the keychain keeps."""
        return sorted(path for path in (self.folder / "home").rglob("*") if path.is_file())

    def _locked(self) -> bool:
        login = "/org/freedesktop/secrets/collection/login"
        read = DBusAddress(login, "org.freedesktop.secrets", "org.freedesktop.DBus.Properties")
        asked = new_method_call(read, "Get", "ss", ("org.freedesktop.Secret.Collection", "Locked"))
        with self.connect() as connection:
            said = connection.send_and_get_reply(asked, timeout=10).body[0]
        # An error is a text: there is no such keychain yet.
        return isinstance(said, str) or bool(said[1])


class Work:
    """Have Python do some work in a process of its own, which goes on when it is told to."""

    def __init__(self, environment: dict[str, str], code: str, *arguments: object, hides: str = "no secret") -> None:
        """Begin; ``hides`` is what it must never say."""
        self._hides = hides
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def until_it_waits(self) -> list[str]:
        """Return what it says until it hands over."""
        assert self._process.stdout is not None
        said: list[str] = []
        for line in self._process.stdout:
            if line == "over to you\n":
                return said
            said.append(line.rstrip("\n"))
        raise AssertionError(f"it ended: {said} {self._process.communicate()[1]}")

    def go_on(self) -> None:
        """Tell it to go on."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def to_its_end(self) -> list[str]:
        """Return what else it says."""
        said, errors = self._process.communicate(timeout=100)
        assert self._process.returncode == 0, errors
        assert self._hides not in said + errors
        return said.splitlines()

    def end(self) -> None:
        """End it, however far it has come."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


class SilentPrompter:
    """Ask somebody for the keychain's password who does not answer, until the end of a ``with`` block."""

    def __init__(self, bus: PrivateBus) -> None:
        self._connection = bus.connect()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.asked = threading.Event()

    def __enter__(self) -> SilentPrompter:
        self._connection.send_and_get_reply(message_bus.RequestName("org.gnome.keyring.SystemPrompter"), timeout=10)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever asks notices that nobody is there any more, as when a window is closed.
        self._connection.close()
        self._thread.join(10)

    def _serve(self) -> None:
        from jeepney import HeaderFields, MessageType, new_method_return

        while True:
            try:
                message = self._connection.receive(timeout=0.2)
            except TimeoutError:
                continue
            except (OSError, ValueError, ConnectionError):
                return
            if message.header.message_type is MessageType.method_call:
                self._connection.send(new_method_return(message))
                if message.header.fields.get(HeaderFields.member) == "BeginPrompting":
                    self.asked.set()
