"""The commands as a user runs them: exit codes, JSON where it was asked for, messages on standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_cards.forgeries import forgery_by_name

Run = Callable[..., Any]
WholeDemo = Any  # lives in conftest.py, which cannot be imported from here
EXIT_OF = {"proceed": 0, "attention": 10, "stop": 20}
# A process for every way a visit can end; a second that ends the same way is conducted in this process. Every kind of
# forgery is here, and all of them are read in test_verdicts.
PERSONAS = ("nguyen-van-mau", "pham-thi-mau", "tran-minh-thu")
FORGERIES = (
    "clone-without-ca-key",
    "csca-self-made",
    "dg1-sex-changed",
    "pace-stripped",
    "portrait-huge",
    "sm-mac-flipped",
    "text-bidi",
    *(
        pytest.param(name, marks=pytest.mark.soak)
        for name in ("sod-signature-broken", "dg15-suppressed", "aa-replayed", "unsigned-data-group", "sod-version-1")
    ),
)

IN_A_PROCESS = ("dg1-sex-changed", "text-bidi")


def test_the_demo_of_a_genuine_card_exits_0_with_a_whole_report(whole_demo: WholeDemo, motcua_here: Run) -> None:
    others = (motcua_here("demo", "--terminal", "--persona", name) for name in PERSONAS[1:])
    for ran in (whole_demo.ran, *others):
        assert ran.code == 0, ran.err
        report = ran.report
        assert report["decision"] == "proceed"
        assert report["test"] is True
        assert {"decision", "checks", "identity", "comparison", "timings", "apdus"} <= set(report)
        assert all({"id", "status", "reason", "evidence", "notes"} <= set(check) for check in report["checks"])
        states = {register["register"]: register["state"] for register in report["registers"]}
        assert states["population"] == "answered"
        assert report["timings"]["identity"] < report["timings"]["portrait"] <= report["timings"]["end"]


@pytest.mark.parametrize("name", FORGERIES)
def test_the_demo_of_a_forgery_exits_as_decided_and_names_the_checks(
    run_motcua: Run, motcua_here: Run, name: str
) -> None:
    forgery = forgery_by_name(name)
    ran = (run_motcua if name in IN_A_PROCESS else motcua_here)("demo", "--terminal", "--forgery", name)
    assert ran.code == EXIT_OF[forgery.decision or ""]
    failed = {check["id"] for check in ran.report["checks"] if check["status"] == "failed"}
    assert failed == set(forgery.fails)
    # A card that is stopped at the desk is not looked up; one that wants attention is: that is what helps the clerk.
    answered = [register for register in ran.report["registers"] if register["state"] == "answered"]
    assert bool(answered) == (forgery.decision != "stop")


def test_a_chip_that_does_not_open_exits_4(run_motcua: Run) -> None:
    assert run_motcua("demo", "--terminal", "--forgery", "pace-token-wrong").code == 4


@pytest.mark.parametrize(
    "fault",
    [
        "hangs",
        "unsigned-answer",
        "another-citizen",
        "http-500",
        "drop-connection",
        # In this process all of them are met in tests/auth/test_register_faults.py.
        *(
            pytest.param(name, marks=pytest.mark.soak)
            for name in ("slow-drip", "foreign-key", "unbound", "replayed-answer", "garbage", "redirect", "gzip")
        ),
    ],
)
def test_a_register_that_hangs_or_lies_leaves_the_visit_standing_and_shows_nothing(
    run_motcua: Run, motcua_here: Run, tmp_path: Any, fault: str
) -> None:
    """5: proceed, but a register gave no verified answer; nothing of what it sent is in the report."""
    settings = tmp_path / "settings.toml"
    settings.write_text("lookup_seconds = 1.0\n", encoding="utf-8")
    # One that still waits for its answer must let the process end.
    run = run_motcua if fault == "hangs" else motcua_here
    ran = run("demo", "--terminal", "--fault", f"population:{fault}", "--settings", str(settings))
    assert ran.code == 5, ran.err
    assert ran.report["decision"] == "proceed"
    states = {register["register"]: register for register in ran.report["registers"]}
    assert states["population"]["state"] == "failed"
    assert states["population"]["failure"].startswith("register-")
    assert {row["population"]["value"] for row in ran.report["comparison"]} == {""}


def test_a_card_pulled_in_the_middle_is_card_trouble_with_a_next_step(
    motcua_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This one does not come back, however long it is waited for.
    monkeypatch.setattr("desk.cli.demo.CARD_BACK_SECONDS", 0.2)
    ran = motcua_here("demo", "--terminal", "--fault", "lost-field", "--lang", "en")
    assert ran.code == 4
    assert ran.report["failure"]["code"] == "card-removed"
    assert ran.report["identity"] is None
    assert "Traceback" not in ran.err
    assert ran.err.strip()


def test_random_bytes_in_every_file_still_end_in_a_report(motcua_here: Run) -> None:
    ran = motcua_here("demo", "--terminal", "--fault", "random-files")
    assert ran.code in (10, 20)
    assert "Traceback" not in ran.err
    assert {check["id"] for check in ran.report["checks"] if check["status"] == "passed"} <= {
        "access.pace",
        "access.secure-messaging",
    }


def test_unknown_names_are_usage_errors(run_motcua: Run) -> None:
    """Each kind of wrong usage is met in tests/desk/cli; here by a process of its own."""
    assert run_motcua("demo", "--terminal", "--persona", "nobody").code == 2


def test_without_a_pcsc_service_reading_says_so_and_exits_3(run_motcua: Run, tmp_path: Any) -> None:
    ran = run_motcua("read", "--can", "123456", "--lang", "en", PCSCLITE_CSOCK_NAME=str(tmp_path / "nobody"))
    assert ran.code == 3
    assert ran.report["failure"]["code"] == "pcsc-no-service"
    assert ran.report["test"] is False
    assert "pcscd" in ran.err


def test_diagnose_names_the_trouble_and_the_next_step(run_motcua: Run, tmp_path: Any) -> None:
    ran = run_motcua("diagnose", "--lang", "en", PCSCLITE_CSOCK_NAME=str(tmp_path / "nobody"))
    assert "pcscd" in ran.out + ran.err
    assert "Traceback" not in ran.err


def test_no_personal_data_and_no_secret_reach_log_or_messages(whole_demo: WholeDemo) -> None:
    """WH-02: searched for as text, in hex and in base64; the page itself goes to standard output."""
    ran = whole_demo.ran
    assert '"state"' in ran.err, "the log was asked for and is there"
    secrets = ["099090000001", "000001", "Nguyễn Văn Mẫu", "NGUYEN", "090000001", "9001158", "099123456", "Lê Thị Thử"]
    spelled = [form for secret in secrets for form in (secret, secret.encode().hex(), _base64(secret))]
    assert [form for form in spelled if form in ran.err] == []
    report = json.dumps(ran.report["checks"], ensure_ascii=False)
    assert [form for form in spelled if len(form) > 6 and form in report] == []


def _base64(text: str) -> str:
    import base64

    # The first bytes may be shifted; what is left of whole groups is enough to find it.
    return base64.b64encode(text.encode()).decode().rstrip("=")[:-2]


def test_the_catalogue_of_emulated_cards_is_public() -> None:
    shown = subprocess.run(
        [Path(sys.executable).parent / "mock-cards", "list", "--json"], capture_output=True, text=True, check=True
    )
    catalogue = json.loads(shown.stdout)
    assert {one["name"] for one in catalogue["personas"]} >= set(PERSONAS)
    assert all({"name", "fails", "decision"} <= set(one) for one in catalogue["forgeries"] + catalogue["faults"])


def test_where_the_display_is_dead_the_demo_goes_on_in_the_terminal() -> None:
    """It must not abort the program: it is probed in a child process."""
    clean = {name: value for name, value in os.environ.items() if name not in _DISPLAY}
    done = subprocess.run(
        [Path(sys.executable).parent / "motcua", "demo"],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        env={**clean, "DISPLAY": ":4711"},
    )
    assert done.returncode == 0, done.stderr
    assert "099 090 000 001" in done.stdout


def test_where_no_window_would_be_seen_the_demo_goes_on_in_the_terminal(
    motcua_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in _DISPLAY:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    # With --json it would stay in the terminal in any case; here it is without.
    ran = motcua_here("demo", json_too=False)
    assert ran.code == 0, ran.err
    assert "099 090 000 001" in ran.out


_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
