"""A command run in this process, without this computer's own settings; a card that commands find; an office."""

from __future__ import annotations

import base64
import json
import queue
import shutil
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auth.wire import RegisterEndpoint
from desk.cli import main
from desk.sandbox_ports import CardSandbox, SandboxCard
from desk.settings import Settings, load_settings
from mock_cards.sandbox import open_card_sandbox
from mock_registers.enrolment import EnrolledDevices
from mock_registers.kept_keys import new_keys
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage
from reader.iso7816 import ReaderSnapshot
from reader.pcsc.fake import FakeScard


@dataclass
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


def no_service() -> FakeScard:
    """Return PC/SC without a service."""
    scard = FakeScard()
    scard.die()
    return scard


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log_as_it_was: None
) -> Run:
    """Run a command without this computer's own settings, display and PC/SC service."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    # Not by PCSCLITE_CSOCK_NAME: libpcsclite reads it once, so this process would never find the tests' own pcscd.
    for module in ("connection", "listing", "troubles", "watch"):
        monkeypatch.setattr(f"reader.pcsc.{module}.SystemScard", no_service)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as end:
            main(arguments)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ended(int(end.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def card_on_pcsc(monkeypatch: pytest.MonkeyPatch) -> Iterator[CardSandbox]:
    """Let an emulated card lie on what the commands take for a PC/SC reader; its anchors are given to nobody."""
    with open_card_sandbox() as cards:
        snapshots: queue.SimpleQueue[ReaderSnapshot] = queue.SimpleQueue()
        cards.insert(SandboxCard("nguyen-van-mau"))
        cards.watch.start(snapshots.put)
        readers = snapshots.get(timeout=10).readers
        cards.watch.stop()
        for module in ("read", "readers"):
            monkeypatch.setattr(f"desk.cli.{module}.list_readers", lambda: readers)
        monkeypatch.setattr("desk.cli.read.PcscTerminal", lambda on_held: cards.terminal)
        yield cards


def _keys(keys: Any) -> str:
    return ", ".join(f'{{ key_id = "{key.key_id}", spki = "{base64.b64encode(key.spki).decode()}" }}' for key in keys)


def _table(endpoint: RegisterEndpoint) -> str:
    anchors = ", ".join(json.dumps(ssl.DER_cert_to_PEM_cert(anchor)) for anchor in endpoint.tls_anchors)
    lines = [f'base_url = "{endpoint.base_url}"', f"tls_anchors = [{anchors}]"]
    lines.append(f"answer_keys = [{_keys(endpoint.answer_keys)}]")
    if endpoint.register == "enrolment":
        return "\n".join(["[enrolment]", *lines, ""])
    lines.append(f"seal_keys = [{_keys(endpoint.seal_keys)}]")
    return "\n".join(["[[registers]]", f'register = "{endpoint.register}"', *lines, ""])


class EnrolledOnce:
    """A computer that was enrolled by the command, and its registrar, which each test gets a copy of.

    To make its keys takes a second, most of which is what a passphrase has to cost.
    """

    def __init__(self, home: Path) -> None:
        self.keys = new_keys()
        self.ended: Any = None
        self._home = home

    def keep(self, office: Office, ended: Any) -> None:
        shutil.copytree(office.folder, self._home / "device")
        with closing(sqlite3.connect(office.database)) as one, closing(sqlite3.connect(self._home / "db")) as other:
            one.backup(other)
        self.ended = ended

    def put_back(self, office: Office) -> None:
        shutil.copytree(self._home / "device", office.folder)
        shutil.copy(self._home / "db", office.database)


class Office:
    """The sandbox, its registrar, and what the command is run with."""

    passphrase = "cụm mật khẩu để thử 099"

    def __init__(self, home: Path, stack: ExitStack, once: EnrolledOnce, enrolled: bool) -> None:
        self.folder = home / ".local" / "share" / "motcua" / "device"
        self.database = home / "sandbox.db"
        if enrolled:
            once.put_back(self)
        url = f"sqlite:///{self.database}"
        endpoints = stack.enter_context(serve_registers([], database_url=url, enrolment=True, kept=once.keys))
        storage = Storage(url)
        stack.callback(storage.close)
        self.devices = EnrolledDevices(storage.database)
        self.settings = home / "office.toml"
        self.settings.write_text("ledger_hours = 0\n" + "".join(map(_table, endpoints)), encoding="utf-8")
        self.secret = home / "passphrase"
        self.secret.touch(mode=0o600)
        self.secret.write_text(f"{self.passphrase}\n", encoding="utf-8")

    def load(self, **overrides: object) -> Settings:
        return load_settings((self.settings,), overrides)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> EnrolledOnce:
    return EnrolledOnce(tmp_path_factory.mktemp("enrolled"))


@pytest.fixture
def office(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, once: EnrolledOnce
) -> Iterator[Office]:
    """Return an office without a device, or with the one that was enrolled once where a test takes ``first``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    with ExitStack() as stack:
        yield Office(tmp_path, stack, once, "first" in request.fixturenames and once.ended is not None)


@pytest.fixture
def enrol(run: Callable[..., Any], office: Office) -> Callable[..., Any]:
    return lambda *arguments: run("enrol", "--settings", str(office.settings), "--lang", "en", *arguments)


@pytest.fixture
def first(enrol: Callable[..., Any], office: Office, once: EnrolledOnce) -> Any:
    """Return how the command ended that began this office's enrolment."""
    if once.ended is None:
        who = ("--office", "UBND xã Thử", "--counter", "Quầy 1")
        once.keep(office, enrol("--store", "passphrase", "--secret-file", str(office.secret), *who))
    return once.ended
