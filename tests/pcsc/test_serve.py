"""``mock-cards serve`` as its users run it: a process, a line, a signal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mock_cards.cli import app
from mock_cards.orders import CardOrder
from mock_cards.pcsc import SOCKET_VARIABLE, Control, PrivatePcscd
from mock_cards.personas import load_persona
from mock_cards.serve import serve
from reader.errors import ServiceUnavailable

pytestmark = pytest.mark.pcsc

SERVE = "import sys; from mock_cards.cli import main; sys.argv[0] = 'mock-cards'; main()"
# EF.CardAccess by its short identifier, then SELECT MF, which a Vietnamese chip does not know.
CLIENT = """
from reader.iso7816 import CommandAPDU
from reader.pcsc import PcscTerminal, list_readers
reader = next(reader for reader in list_readers() if reader.atr)
with PcscTerminal().connect(reader.name) as link:
    card_access = link.transmit(CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256))
    select_mf = link.transmit(CommandAPDU(0x00, 0xA4, 0x00, 0x0C, b"\\x3f\\x00"))
print(reader.emulated, card_access.data[:1].hex(), f"{card_access.sw1:02x}", f"{select_mf.sw:04x}")
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_served_card_answers_other_processes_until_the_signal(
    private_pcscd: PrivatePcscd, ending: signal.Signals, tmp_path: Path
) -> None:
    chip, terminals = tmp_path / "chip.toml", tmp_path / "terminals"
    chip.write_text('like = "vietnam-2021"\nabout = "one of my own"\n', encoding="utf-8")
    options = ["--persona", "nguyen-van-mau", "--chip", str(chip), "--log", "--terminals", str(terminals)]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        variable, _, path = server.stdout.readline().strip().partition("=")
        assert variable == SOCKET_VARIABLE
        assert path != os.environ[SOCKET_VARIABLE]
        client = subprocess.run(
            [sys.executable, "-c", CLIENT],
            env={**os.environ, variable: path},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert client.stdout == "True 31 90 6d00\n", client.stderr
        server.send_signal(ending)
        out, err = server.communicate(timeout=30)
    assert (server.returncode, out) == (0, "")
    assert f"export {SOCKET_VARIABLE}={path}" in err
    assert "1  00A4000C -> 6D00  ICAO 9303-10 §3.6.1.1: this chip knows no SELECT MF" in err
    assert (terminals / "is.p8").stat().st_mode & 0o077 == 0
    assert (terminals / "is.cvcert").read_bytes().startswith(b"\x7f\x21")
    number = load_persona("nguyen-van-mau").card.personal_number
    assert number not in err
    assert not Path(path).parents[1].exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org", ""])  # noqa: S104  # refused is what is tested
def test_a_host_beyond_loopback_is_refused(host: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert serve({1: CardOrder()}, host=host) == 2
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("port", [0, -1, 65520, 65535, 70000])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    assert serve({1: CardOrder()}, port=port) == 2


@pytest.mark.parametrize(("slot", "readers"), [(0, 2), (17, 2), (1, 17)])
def test_a_slot_that_cannot_be_is_refused(slot: int, readers: int) -> None:
    assert serve({slot: CardOrder()}, readers=readers) == 2


def test_a_name_that_there_is_not_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert serve({1: CardOrder("nobody")}) == 2
    assert "nobody" in capfd.readouterr().err


def test_without_pcscd_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOTCUA_PCSC_ROOT", str(tmp_path))
    before = signal.getsignal(signal.SIGTERM)
    assert serve({1: CardOrder()}) == 3
    assert capfd.readouterr().out == ""
    assert signal.getsignal(signal.SIGTERM) is before


@dataclass
class Served:
    """Be a running service: its variable, and its commands."""

    environment: dict[str, str]
    trust: Path
    record: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this project as a client of the service."""
        command = [str(Path(sys.executable).parent / program), *arguments]
        return subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False, timeout=60
        )

    def ask(self, *arguments: str) -> tuple[int, str]:
        """Run ``mock-cards`` in this process, itself not the service's; return how it ended and what it said."""
        done = CliRunner().invoke(app, arguments, env=self.environment)
        return done.exit_code, done.output

    def mock_cards(self, *arguments: str) -> str:
        """Run ``mock-cards``, which must end well, and return what it says."""
        code, said = self.ask(*arguments)
        assert code == 0, said
        return said


@pytest.fixture(scope="module")
def served(private_pcscd: PrivatePcscd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("served")
    options = ["--slot", "3:persona=pham-thi-mau", "--trust", str(directory), "--record", str(directory / "kept")]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        variable, _, path = server.stdout.readline().strip().partition("=")
        yield Served({variable: path}, directory, directory / "kept")
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    assert (directory / "kept").read_text(encoding="utf-8").startswith('{"recording"')
    assert (directory / "kept").stat().st_mode & 0o077 == 0


def test_cards_are_put_on_swapped_and_taken_away_by_command(served: Served) -> None:
    def slots() -> list[tuple[str, str]]:
        done = served.run("mock-cards", "list-slots", "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return [(slot["reader"], slot["card"]["persona"] if slot["card"] else "") for slot in told]

    assert slots() == [
        ("Virtual PCD 00 00", "nguyen-van-mau"),
        ("Virtual PCD 00 01", ""),
        ("Virtual PCD 2 00 00", "pham-thi-mau"),
        ("Virtual PCD 2 00 01", ""),
    ]
    assert "pham-thi-mau" in served.mock_cards("insert", "2", "--persona", "pham-thi-mau")
    assert "dg2-changed" in served.mock_cards("swap", "2", "--forgery", "dg2-changed")
    assert "–" in served.mock_cards("remove", "2")
    assert served.ask("remove", "2")[0] == 1
    assert served.ask("insert", "2", "--persona", "nobody")[0] == 2
    assert slots()[1] == ("Virtual PCD 00 01", "")


def test_the_anchors_written_say_that_they_are_for_tests(served: Served) -> None:
    (anchor,) = served.trust.glob("*.cer")
    assert b"TEST" in anchor.read_bytes()


def test_a_session_is_recorded_and_replayed_to_the_reader(served: Served, tmp_path: Path) -> None:
    def read(reader: str, file: str) -> dict[str, object]:
        trust = ("--trust", str(served.trust))
        told = served.run(
            "motcua", "read", "--reader", reader, "--can", "000001", *trust, "--json", str(tmp_path / file)
        )
        assert told.returncode == 0, told.stderr
        assert "THỬ NGHIỆM" in told.stdout or "TEST" in told.stdout
        report = json.loads((tmp_path / file).read_text(encoding="utf-8"))
        assert report["test"] is True
        return report

    then = read("Virtual PCD 00 00", "then.json")
    recording = tmp_path / "recording.jsonl"
    served.mock_cards("record", str(recording))
    assert recording.stat().st_mode & 0o077 == 0
    assert "READ BINARY" in served.mock_cards("status", "1")
    served.mock_cards("swap", "4", "--replay", str(recording))
    again = read("Virtual PCD 2 00 01", "again.json")
    assert (again["identity"], again["decision"], again["apdus"]) == (then["identity"], "proceed", then["apdus"])


@pytest.fixture
def short_place() -> Iterator[Path]:
    """Return a folder whose name is short: the path of a Unix socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="mc-") as place:
        yield Path(place)


def test_the_window_runs_a_service_of_its_own_and_takes_it_down(private_pcscd: PrivatePcscd, short_place: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != SOCKET_VARIABLE}
    # A place of its own, where its control socket is the only one.
    environment |= {"TMPDIR": str(short_place), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", SERVE, "window"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as window:
        deadline = time.monotonic() + 60
        told: list[dict[str, object]] = []
        while not told and time.monotonic() < deadline and window.poll() is None:
            for path in short_place.glob("motcua-pcsc-*/control"):
                with contextlib.suppress(ServiceUnavailable), Control(path) as control:
                    told = [slot for slot in control.ask("status")["slots"] if slot["card"]]
            threading.Event().wait(0.05)
        assert [slot["reader"] for slot in told] == ["Virtual PCD 00 00"]
        window.send_signal(signal.SIGTERM)
        _, err = window.communicate(timeout=30)
    assert window.returncode == 0, err
    assert list(short_place.glob("motcua-pcsc-*")) == []
