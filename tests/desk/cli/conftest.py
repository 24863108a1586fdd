"""A command run in this process, without this computer's own settings, and a card that commands find."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from desk.cli import main
from desk.sandbox_ports import CardSandbox, SandboxCard
from mock_cards.sandbox import open_card_sandbox
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
