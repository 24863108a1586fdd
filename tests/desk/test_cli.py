"""The commands in this process: what is said where, what is written, and how they end."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import queue
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

import desk.diagnosis
from auth.device import SoftwareSigner
from desk.cli import main
from desk.cli.progress import VisitProgress
from desk.diagnosis import Finding, diagnose, words_of
from desk.display import has_display
from desk.plugins import PluginMissing, ShellMissing, card_sandbox, shell
from desk.ports import CardSandbox, DeskControls, SandboxCard
from desk.settings import Settings
from desk.texts import Texts
from desk.view import DeskState, DeskView, ProgressView
from mock_cards.sandbox import open_card_sandbox
from reader.inspection import Policy, report
from reader.iso7816 import ReaderSnapshot, parse_trace
from reader.pcsc import Finding as PcscFinding
from reader.pcsc import Probe
from reader.pcsc.fake import FakeScard


@dataclass
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def log_as_it_was() -> Iterator[None]:
    """Leave the program's logger as tests need it: what it says must reach pytest."""
    logger = logging.getLogger("motcua")
    before = logger.propagate, logger.level, list(logger.handlers)
    yield
    logger.propagate, level, logger.handlers = before[0], before[1], before[2]
    logger.setLevel(level)


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
    def stuck(*_: object) -> None:
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


def test_diagnose_gives_reason_and_next_step_for_each_finding(run: Run) -> None:
    ended = run("diagnose", "--json", "--lang", "en")
    assert ended.code == 3
    findings = json.loads(ended.out)["findings"]
    assert findings[0]["code"] == "pcsc-no-service"
    assert all(finding["reason"] and finding["next_step"] for finding in findings if not finding["ok"])
    plain = run("diagnose", "--lang", "vi")
    assert "pcscd" in plain.out


@pytest.mark.parametrize(
    "code",
    [
        "pcsc-no-service",
        "pcsc-access-denied",
        "pcsc-no-reader",
        "pcsc-no-card",
        "pcsc-mute-card",
        "pcsc-card-held",
        "pcsc-service-running",
        "pcsc-reader-found",
        "pcsc-reader-passed-over",
        "pcsc-card-answers",
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_finding_of_pcsc_has_words_of_its_own(code: str, language: str) -> None:
    texts = Texts(language)
    found = words_of(Finding("pcsc", code, ok=False), texts)
    assert found != words_of(Finding("pcsc", "internal", ok=False), texts)


def test_trust_and_registers_are_part_of_the_diagnosis(tmp_path: Path) -> None:
    def probe() -> tuple[PcscFinding, ...]:
        return (PcscFinding(Probe.SERVICE, "pcsc-service-running", ok=True),)

    (tmp_path / "broken.der").write_bytes(b"no certificate")
    found = diagnose(Settings(trust_directory=tmp_path), probe)
    assert [(finding.code, finding.about) for finding in found] == [
        ("pcsc-service-running", ""),
        ("trust-unreadable", "broken.der"),
        ("no-trust", ""),
        ("register-not-set-up", "population"),
        ("register-not-set-up", "land"),
    ]
    gone = diagnose(Settings(trust_directory=tmp_path / "gone"), probe)
    assert gone[1].code == "trust-unreadable"


def test_issuer_certificates_that_are_there_are_counted(tmp_path: Path) -> None:
    with open_card_sandbox() as cards:
        for number, anchor in enumerate(cards.anchors):
            (tmp_path / f"{number}.der").write_bytes(anchor)
        count = len(cards.anchors)
    found = desk.diagnosis.diagnose(Settings(trust_directory=tmp_path), tuple)
    assert ("trust-anchors", str(count)) in [(finding.code, finding.about) for finding in found]


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


def install_trust(cards: CardSandbox, folder: Path) -> str:
    folder.mkdir()
    for number, anchor in enumerate(cards.anchors):
        (folder / f"{number}.der").write_bytes(anchor)
    return str(folder)


def test_read_proves_a_card_under_installed_anchors(run: Run, card_on_pcsc: CardSandbox, tmp_path: Path) -> None:
    trust, file = install_trust(card_on_pcsc, tmp_path / "trust"), tmp_path / "out.json"
    ended = run("read", "--can", "000001", "--trust", trust, "--json", str(file), "--lang", "en")
    assert ended.code == 0
    assert "PROCEED" in ended.out
    report = json.loads(file.read_text("utf-8"))
    assert {register["state"] for register in report["registers"]} == {"idle"}


def test_read_without_anchors_is_attention_and_says_why(run: Run, card_on_pcsc: CardSandbox) -> None:
    ended = run("read", "--can", "099090000001", "--lang", "en")
    assert ended.code == 10
    assert "no certificate of the issuing State is installed here" in " ".join(ended.out.split())


@pytest.mark.parametrize(("can", "code"), [("000001", 10), ("999999", 4)])
def test_read_writes_a_trace_for_this_user_only(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path, can: str, code: int
) -> None:
    file = tmp_path / "trace.jsonl"
    assert run("read", "--can", can, "--trace", str(file)).code == code
    assert file.stat().st_mode & 0o077 == 0
    trace = parse_trace(file.read_text("utf-8"))
    assert trace.atr
    assert [record.header.hex() for record in trace.records[:2]] == ["00b09c00", "0022c1a4"]
    assert bool(trace.inside.records) is (code == 10)
    assert can not in file.read_text("utf-8")


class PutBack:
    """Stand for the watch of ``motcua read``: when it begins to watch, somebody puts a card back."""

    def __init__(self, cards: CardSandbox, card: SandboxCard | None) -> None:
        self.cards, self.card = cards, card

    def __call__(self) -> PutBack:
        return self

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        self.cards.watch.start(on_change)
        if self.card is not None:
            self.cards.insert(self.card)

    def stop(self) -> None:
        self.cards.watch.stop()


@pytest.mark.parametrize(
    ("persona", "code", "failure"),
    [("nguyen-van-mau", 0, ""), ("pham-thi-mau", 4, "different-document"), ("", 4, "card-removed")],
)
def test_read_asks_for_a_lost_card_and_goes_on_with_no_other(
    run: Run,
    card_on_pcsc: CardSandbox,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    persona: str,
    code: int,
    failure: str,
) -> None:
    card_on_pcsc.insert(SandboxCard("nguyen-van-mau", faults=("lost-field:60",)))
    back = PutBack(card_on_pcsc, SandboxCard(persona) if persona else None)
    monkeypatch.setattr("desk.cli.read.PcscWatch", back)
    settings, file = tmp_path / "motcua.toml", tmp_path / "out.json"
    settings.write_text("card_back_seconds = 0.5\n", "utf-8")
    trust = install_trust(card_on_pcsc, tmp_path / "trust")
    ended = run(
        "read", "--can", "000001", "--trust", trust, "--json", str(file), "--lang", "vi", "--settings", str(settings)
    )
    assert ended.code == code
    assert "Đặt lại thẻ lên đầu đọc" in ended.err
    assert "Đặt lại đúng thẻ đó" in ended.err
    told = json.loads(file.read_text("utf-8"))["failure"]
    assert (told["code"] if told else "") == failure


def enrolled(folder: Path) -> tuple[str, str]:
    """Give this computer a device key; return its settings file and its public key."""
    signer = SoftwareSigner.generate()
    (folder / "device.pem").write_bytes(signer.to_encrypted_pem(b"secret"))
    (folder / "passphrase").write_bytes(b"secret")
    (folder / "public.pem").write_bytes(signer.public_pem())
    settings = '[device]\nid = "desk-099-3"\nkey_file = "device.pem"\npassphrase_file = "passphrase"\n'
    (folder / "motcua.toml").write_text(settings, encoding="utf-8")
    return str(folder / "motcua.toml"), str(folder / "public.pem")


def test_what_one_desk_read_another_judges_again_without_card_and_reader(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path
) -> None:
    trust, file = install_trust(card_on_pcsc, tmp_path / "trust"), tmp_path / "evidence.json"
    settings, public = enrolled(tmp_path)
    file.touch(0o644)
    read = run("read", "--can", "000001", "--settings", settings, "--bundle", str(file), "--lang", "en")
    assert read.code == 10, "no issuer certificate is installed at this desk"
    assert "portrait" in read.err
    assert "not signed" not in read.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    ended = run("verify", str(file), "--trust", trust, "--device-key", public, "--json", "--lang", "en")
    assert ended.code == 0, ended.err
    result = json.loads(ended.out)
    assert result["station"] == {
        "state": "signed-by-known-device",
        "device": "desk-099-3",
        "key_id": SoftwareSigner.from_encrypted_pem((tmp_path / "device.pem").read_bytes(), b"secret").key_id,
    }
    assert result["inspection"]["decision"] == "attention"
    assert (result["decision"], result["reasons"]) == ("proceed", [])
    assert result["transferable"] == ["genuine.active-authentication"]
    assert "genuine.chip-authentication" in result["inspectors_word"]
    assert result["identity"]["full_name"] == "Nguyễn Văn Mẫu"
    page = " ".join(ended.err.split())
    assert "only the word of the computer that read the card" in page
    assert "the chip’s signature, which anybody can check again" in page

    assert run("verify", str(file), "--trust", trust).code == 10, "nobody here knows the station"
    assert run("verify", str(file), "--device-key", public).code == 10, "nobody here knows the issuer"
    strict = run("verify", str(file), "--device-key", public, "--policy", "strict", "--lang", "en")
    assert (strict.code, "strict" in strict.out) == (20, True)
    other = SoftwareSigner.generate().public_pem()
    (tmp_path / "other.pem").write_bytes(other)
    assert run("verify", str(file), "--trust", trust, "--device-key", str(tmp_path / "other.pem")).code == 10

    raw = bytearray(file.read_bytes())
    raw[len(raw) // 3] ^= 4
    file.write_bytes(raw)
    broken = run("verify", str(file), "--trust", trust, "--device-key", public, "--lang", "en")
    assert broken.code == 4
    assert "changed after it was written" in broken.err
    assert broken.out == ""


def test_a_desk_without_a_device_key_says_that_its_evidence_is_not_signed(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path
) -> None:
    trust, file = install_trust(card_on_pcsc, tmp_path / "trust"), tmp_path / "evidence.json"
    read = run("read", "--can", "000001", "--trust", trust, "--bundle", str(file), "--lang", "en")
    assert (read.code, "not signed" in read.err) == (0, True)
    ended = run("verify", str(file), "--trust", trust, "--lang", "vi")
    assert ended.code == 10
    assert "không có chữ ký của máy đã đọc thẻ" in " ".join(ended.out.split())


def test_the_policy_that_decides_is_chosen_by_name_or_file(run: Run, card_on_pcsc: CardSandbox, tmp_path: Path) -> None:
    assert run("read", "--can", "000001", "--policy", "offline").code == 20
    mine = tmp_path / "mine.toml"
    mine.write_text(Policy.shipped().text.replace('name = "operational"', 'name = "mine"'), encoding="utf-8")
    file = tmp_path / "out.json"
    assert run("read", "--can", "000001", "--policy", str(mine), "--json", str(file)).code == 10
    assert json.loads(file.read_text("utf-8"))["policy"] == "mine"
    settings = tmp_path / "motcua.toml"
    settings.write_text('policy_file = "mine.toml"\n', encoding="utf-8")
    assert run("read", "--can", "000001", "--settings", str(settings), "--json", str(file)).code == 10
    assert json.loads(file.read_text("utf-8"))["policy"] == "mine"
    chosen = ("--settings", str(settings), "--policy", "operational", "--json", str(file))
    assert run("read", "--can", "000001", *chosen).code == 10
    assert json.loads(file.read_text("utf-8"))["policy"] == "operational"


def test_read_takes_the_mrz_from_standard_input(
    run: Run, card_on_pcsc: CardSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(card_on_pcsc.printed_mrz))
    assert run("read", "--mrz", "-", "--trust", install_trust(card_on_pcsc, tmp_path / "trust")).code == 0


def test_read_says_that_a_land_certificate_opens_no_card(run: Run, card_on_pcsc: CardSandbox) -> None:
    code = "02-01-2025-09-30-00|099|MAU|H-1|AB 12345678|GCN-099-1||42"
    ended = run("read", "--qr", code, "--lang", "vi")
    assert ended.code == 2
    assert "giấy chứng nhận" in ended.err
    assert "AB 12345678" not in ended.err


def test_read_with_the_number_of_another_card_is_card_trouble(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path
) -> None:
    file = tmp_path / "out.json"
    ended = run("read", "--can", "999999", "--json", str(file), "--lang", "en")
    assert ended.code == 4
    assert json.loads(file.read_text("utf-8"))["failure"]["code"] == "wrong-password"
    assert "does not open this card" in ended.err
    assert ended.out == ""


def test_a_reader_is_found_by_part_of_its_name_and_missed_by_another(run: Run, card_on_pcsc: CardSandbox) -> None:
    assert run("read", "--can", "000001", "--reader", "mô phỏng").code == 10
    assert run("read", "--can", "000001", "--reader", "elsewhere").code == 3


def test_readers_are_listed_with_what_lies_on_them(run: Run, card_on_pcsc: CardSandbox) -> None:
    ended = run("readers", "--lang", "en")
    assert ended.code == 0
    assert "card present" in ended.out


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


def test_credentials_that_cannot_be_used_are_refused_where_they_are_typed(
    run: Run, terminal_pki: ModuleType, tmp_path: Path
) -> None:
    pki = terminal_pki
    authority, verifier, system = (
        pki.Holder(name, "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
        for name in ("XXCVCA00001", "XXDV00XX001", "XXIS00XX001")
    )
    files = {
        "cvca": pki.certificate(authority, authority, pki.CVCA | 3),
        "dv": pki.certificate(verifier, authority, pki.DOMESTIC | 3),
        "is": pki.certificate(system, verifier, pki.IS | 3),
    }
    store = pki.write_store(tmp_path / "store", files, system.private, mode=0o644)
    ended = run("read", "--can", "123456", "--terminal-credentials", str(store))
    assert ended.code == 2
    assert "private key that others may read" in " ".join(ended.err.split())


def test_read_takes_credentials_and_says_that_a_card_does_not_know_the_protocol(
    run: Run, card_on_pcsc: CardSandbox, terminal_pki: ModuleType, tmp_path: Path
) -> None:
    pki, file = terminal_pki, tmp_path / "out.json"
    holder = pki.Holder("XXIS00XX001", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
    verifier = pki.Holder("XXDV00XX001", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
    store = pki.write_store(tmp_path / "store", {"is": pki.certificate(holder, verifier, pki.IS | 3)}, holder.private)
    trust = install_trust(card_on_pcsc, tmp_path / "trust")
    wanted = ("--trust", trust, "--terminal-credentials", str(store), "--json", str(file))
    assert run("read", "--can", "000001", *wanted).code == 0
    checks = {check["id"]: check for check in json.loads(file.read_text("utf-8"))["checks"]}
    assert checks["genuine.terminal-authentication"]["reason"] == "not-offered"
