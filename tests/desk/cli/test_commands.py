"""The commands in this process: what is said where, what is written, and how they end."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import stat
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from desk.cli.progress import VisitProgress
from desk.display import has_display
from desk.plugins import PluginMissing, ShellMissing, card_sandbox, shell
from desk.ports import DeskControls
from desk.sandbox_ports import CardSandbox, SandboxCard
from desk.texts import Texts
from desk.view import DeskState, DeskView, ProgressView
from mock_cards.sandbox import open_card_sandbox
from reader.inspection import report

Run = Callable[..., Any]  # what it returns is a class of conftest.py, which cannot be imported from here


def spellings(secret: bytes) -> list[bytes]:
    """Spell bytes as they are, in hex and in base64 at every alignment."""
    in_base64 = [base64.b64encode(b"\0" * shift + secret)[4 : -4 if len(secret) > 8 else None] for shift in range(3)]
    return [
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        *(part for part in in_base64 if len(part) > 7),
    ]


def test_no_key_no_mrz_and_no_portrait_reach_page_messages_or_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows the personal number, whose end is the CAN; anywhere else the CAN stands for itself."""
    portraits: list[bytes] = []
    real = report.Inspection.__init__

    def remember(self: Any, *values: Any, **named: Any) -> None:
        real(self, *values, **named)
        portraits.append(self.portrait.png)

    monkeypatch.setattr(report.Inspection, "__init__", remember)
    with open_card_sandbox() as cards:
        number = cards.insert(SandboxCard("nguyen-van-mau"))
        lines = cards.printed_mrz.split()
    ended = run("demo", "--terminal", "--log-level", "debug")
    assert ended.code == 0
    assert portraits
    assert '"state"' in ended.err, "the log was asked for and is there"
    said = (ended.out + ended.err).encode()
    for line in [*lines, "".join(lines), lines[1][:7]]:
        assert not [form for form in spellings(line.encode()) if form in said], "MRZ"
    for piece in (portraits[0][:24], portraits[0][200:224], portraits[0][-40:-16]):
        assert not [form for form in spellings(piece) if form in said], "portrait"
    for digits in (number[-6:], number[-9:]):
        assert not re.findall(rf"(?<!\d){digits}(?!\d)", ended.out + ended.err), "CAN or document number"
    assert number not in ended.err
    assert "Mẫu" not in ended.err


def test_json_is_written_where_it_was_asked_for_and_for_this_user_only(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    umask = os.umask(0)
    try:
        ended = run("demo", "--terminal", "--json", str(file))
    finally:
        os.umask(umask)
    assert ended.code == 0
    assert json.loads(file.read_text("utf-8"))["decision"] == "proceed"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "{" not in ended.out


def test_json_on_standard_output_leaves_it_to_json(run: Run) -> None:
    ended = run("demo", "--json", "-")
    assert json.loads(ended.out)["identity"]["full_name"] == "Nguyễn Văn Mẫu"
    assert "NGUYỄN VĂN MẪU" in ended.err


def test_a_visit_that_does_not_get_on_is_given_up_with_a_report(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stuck(*_: object, **_named: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("desk.cli.demo.conduct_visit", stuck)
    ended = run("demo", "--terminal", "--json", str(tmp_path / "out.json"), "--lang", "en")
    assert ended.code == 4
    assert "stopped answering" in ended.err
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["failure"]["code"] == "card-trouble"


def test_a_file_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    ended = run("demo", "--terminal", "--json", str(tmp_path / "no" / "such" / "folder.json"), "--lang", "en")
    assert ended.code == 2
    assert "could not be written" in ended.err


def test_without_a_display_the_demo_goes_on_in_the_terminal(run: Run) -> None:
    ended = run("demo", "--lang", "en")
    assert ended.code == 0
    assert "PROCEED" in ended.out


@pytest.mark.parametrize(
    ("consent", "code", "state"),
    [("read", 0, "answered"), ("aloud", 0, "answered"), ("refuse", 0, "not-allowed"), ("ask", 0, "not-allowed")],
)
def test_the_demo_asks_the_citizen_and_without_anybody_to_ask_nobody_agrees(
    run: Run, tmp_path: Path, consent: str, code: int, state: str
) -> None:
    file = tmp_path / "visit.json"
    ended = run(
        "demo", "--terminal", "--purpose", "own-data", "--consent", consent, "--lang", "en", "--json", str(file)
    )
    assert ended.code == code
    assert "Asked of the National Population Database: personal number" in " ".join(ended.err.split())
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["registers"][0]["state"] == state
    assert (told["consent"] is not None) == (state == "answered")


def test_a_purpose_that_wants_a_yes_only_gets_no_data(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "visit.json"
    arguments = ("--purpose", "electricity-contract", "--consent", "read", "--json", str(file))
    assert run("demo", "--terminal", *arguments).code == 0
    (population, *_) = json.loads(file.read_text(encoding="utf-8"))["registers"]
    assert population["state"] == "confirmed"
    assert population["confirmed"] == {
        "personal-number": True,
        "full-name": True,
        "date-of-birth": True,
        "card-valid": True,
        "over-18": True,
    }


def test_without_a_display_the_desk_says_so(run: Run) -> None:
    ended = run("desk", "--lang", "en")
    assert ended.code == 2
    assert "window" in ended.err


def test_without_the_registers_the_demo_goes_on_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise PluginMissing("motcua.sandbox: registers")

    monkeypatch.setattr("desk.cli.demo.register_sandbox", missing)
    ended = run("demo", "--terminal", "--lang", "en")
    assert ended.code == 5
    assert "not connected to the register" in ended.out
    assert "sandbox" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("demo", "--terminal", "--persona", "nobody"),
        ("demo", "--terminal", "--fault", "land:nonsense"),
        ("demo", "--terminal", "--fault", "land:hangs", "--fault", "population:hangs"),
        ("demo", "--lang", "fr"),
        ("demo", "--log-level", "loud"),
        ("demo", "--settings", "/nonexistent.toml"),
        ("demo", "--nonsense"),
        ("read",),
        ("read", "--can", "123456", "--qr", "x"),
        ("read", "--can", "12345"),
        ("read", "--can", "123456", "--trust", "/nonexistent"),
        ("read", "--can", "123456", "--policy", "lenient"),
        ("demo", "--terminal", "--policy", "/nonexistent.toml"),
        ("verify", "/nonexistent.json"),
        ("verify", "/nonexistent.json", "--device-key", "/nonexistent.pem"),
        ("verify", "/nonexistent.json", "--policy", "lenient"),
        ("demo", "--terminal", "--json", "/nonexistent/visit.json", "--slip", "/nonexistent/visit.pdf"),
        ("demo", "--terminal", "--json", "/nonexistent/visit.json", "--slip", "/nonexistent/sub/../visit"),
        ("fly",),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert ended.err.strip()
    assert ended.out == ""


def test_what_was_typed_is_not_repeated_in_the_refusal(run: Run) -> None:
    assert "12345" not in run("read", "--can", "12345").err


@pytest.mark.parametrize("command", ["desk", "demo", "read", "verify", "readers", "diagnose"])
def test_help_teaches_every_command(run: Run, command: str) -> None:
    assert command in run("--help").out
    ended = run(command, "--help")
    assert ended.code == 0
    assert "--lang" in ended.out


def test_readers_without_a_service_is_pcsc_trouble(run: Run) -> None:
    ended = run("readers", "--lang", "en")
    assert ended.code == 3
    assert "pcscd" in ended.err
    assert ended.out == ""


def test_a_dead_display_is_told_by_a_child_and_harms_nobody() -> None:
    environment = {**os.environ, "DISPLAY": ":4711", "QT_QPA_PLATFORM": "xcb"}
    assert not has_display(environment)


def test_no_display_variable_is_no_display_on_linux() -> None:
    assert not has_display({}, platform="linux")


def test_an_off_screen_display_is_one() -> None:
    assert has_display({**os.environ, "QT_QPA_PLATFORM": "offscreen"})


def test_what_is_not_installed_is_missing_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ShellMissing):
        shell("spaceship")
    monkeypatch.setattr("desk.plugins.entry_points", lambda **_: ())
    with pytest.raises(PluginMissing):
        card_sandbox()


def test_the_desk_and_the_demo_hand_over_to_the_shell(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[tuple[str, ...], bool]] = []

    def show(controls: DeskControls, arguments: Sequence[str], sandbox: CardSandbox | None) -> int:
        seen.append((tuple(arguments), sandbox is not None))
        return 0

    monkeypatch.setattr("desk.cli.demo.is_visible", lambda: True)
    monkeypatch.setattr("desk.display.DisplayProbe.answer", lambda probe: True)
    monkeypatch.setattr("desk.cli.demo.shell", lambda name: show)
    monkeypatch.setattr("desk.plugins.shell", lambda name: show)
    assert run("desk", "--lang", "en").code == 0
    assert run("demo", "--lang", "vi", "--forgery", "dg2-changed").code == 0
    assert seen[0] == (("--language", "en"), False)
    assert seen[1] == (("--language", "vi", "--persona", "nguyen-van-mau", "--forgery", "dg2-changed"), True)


def test_in_a_terminal_progress_is_a_bar_that_goes_away(view_of: Callable[[DeskState, int], DeskView]) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80)
    with VisitProgress(Texts("en"), console) as progress:
        progress.show(view_of(DeskState.READING, 50))
    assert "Reading" in stream.getvalue()


@pytest.fixture
def view_of() -> Callable[[DeskState, int], DeskView]:
    return lambda state, percent: DeskView(state, 1, progress=ProgressView("DG2", percent, 100))


def test_the_program_says_which_version_it_is(run: Run) -> None:
    ended = run("--version")
    assert (ended.code, ended.out) == (0, f"motcua {version('motcua')}\n")
