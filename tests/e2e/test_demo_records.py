"""What a demo records is the real thing — ledger, queue, how registers were met — and is gone when it ends."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auth.device_key import DeviceKey
from auth.ledger import Ledger, LedgerReader, verify_ledger
from auth.ledger.act import Act, ActKind
from auth.outbox import OpenerBox, Outbox, State
from auth.wire.guard import RegisterGuard
from desk.assembly import desk_on_sandbox
from desk.conduct import Conducted, conduct_visit
from desk.exit_codes import ExitCode, exit_code_of_visit
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings
from desk.view import RegisterState
from mock_cards.sandbox import open_card_sandbox
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox

Run = Callable[..., Any]
PERSONA = "nguyen-van-mau"
DOSSIER = "H-2026-7"


def demonstrate(folder: Path, fault: str = "") -> tuple[Conducted, RegisterSandbox]:
    """Conduct a visit as the demo does, and return what came of it once the desk is closed."""
    with (
        open_card_sandbox() as cards,
        open_register_sandbox(fault=fault, card_anchors=cards.anchors, card_lists=cards.revocation_lists) as registers,
    ):
        desk = desk_on_sandbox(Settings(clerk="Cán Bộ", clerk_id="demo"), cards, registers, folder)
        try:
            desk.set_dossier(DOSSIER)
            card = SandboxCard(PERSONA)
            return conduct_visit(desk, cards, card, lambda _view: None, 60.0, queue_what_waits=True), registers
        finally:
            desk.close()


def acts_in(folder: Path) -> list[Act]:
    with closing(LedgerReader(folder / "ledger.db")) as ledger:
        return [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]


def test_a_demo_keeps_a_ledger_that_the_registers_countersign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a desk gives the last countersigning when it closes may be too little for a busy machine.
    monkeypatch.setattr("auth.ledger.keeper.CLOSE_SECONDS", 60.0)
    done, registers = demonstrate(tmp_path)
    assert done.failure is None
    signer = registers.device.signer
    for witness in (one for one in registers.endpoints if one.register != "presence"):
        keys = {key.key_id: DeviceKey.from_der(key.spki).key for key in witness.answer_keys}
        with closing(LedgerReader(tmp_path / "ledger.db")) as ledger:
            report = verify_ledger(ledger, keys | {signer.key_id: signer.public_key}, signer.key_id)
        assert report.holds, witness.register
        assert report.leaves == report.covered == report.countersigned > 0, witness.register
    kinds = [act.kind for act in acts_in(tmp_path)]
    assert kinds.count(ActKind.ASKED) == kinds.count(ActKind.ANSWERED) == 3


def test_a_look_up_that_waits_in_a_demo_is_sealed_in_a_real_queue_and_its_register_left_alone(tmp_path: Path) -> None:
    done, registers = demonstrate(tmp_path, "land:http-503")
    states = {one.register: one.state for one in done.data.outcomes}
    assert states["land"] is RegisterState.QUEUED
    assert states["population"] is RegisterState.ANSWERED
    assert done.view.decision is not None
    assert exit_code_of_visit(done.view.decision, done.data) is ExitCode.REGISTER_SILENT

    opener = registers.device.opener
    assert opener is not None
    with closing(Ledger(tmp_path / "ledger.db", registers.device.signer, machine="")) as ledger:
        box = OpenerBox(opener)
        with closing(Outbox(tmp_path / "outbox.db", box, registers.device.device_id, ledger)) as outbox:
            (item,) = outbox.items()
    assert (item.register, item.dossier, item.clerk, item.state) == ("land", DOSSIER, "demo", State.QUEUED)
    assert ActKind.QUEUED in [act.kind for act in acts_in(tmp_path)]
    with closing(RegisterGuard(tmp_path / "pace.db")) as guard:
        # Retry-After: 120
        assert 60 < guard.seconds_left("land") <= 120
        assert guard.seconds_left("population") == 0
    with closing(sqlite3.connect(tmp_path / "pace.db")) as pace:
        kept = [name.partition(" ")[0] for (name,) in pace.execute("SELECT name FROM pace")]
    assert kept.count("clerk") == 1, "what was asked is taken off the clerk's budget"


def test_nothing_that_a_demo_keeps_names_the_citizen(tmp_path: Path) -> None:
    done, _ = demonstrate(tmp_path, "land:http-503")
    assert done.data.inspection is not None
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(raw) > 10_000
    for secret in ("099090000001", "Nguyễn Văn Mẫu", "NGUYỄN VĂN MẪU"):
        assert secret.encode() not in raw


def test_a_demo_leaves_nothing_behind_and_touches_nothing_of_the_user(run_motcua: Run, tmp_path: Path) -> None:
    temporary, data = tmp_path / "temporary", tmp_path / "data"
    for folder in (temporary, data):
        folder.mkdir()
    home = {"TMPDIR": str(temporary), "XDG_DATA_HOME": str(data), "LC_ALL": "C.UTF-8"}
    told = ("demo", "--terminal", "--lang", "en", "--dossier", DOSSIER, "--queue", "--fault", "land:http-503")
    ran = run_motcua(*told, **home)
    assert ran.code == ExitCode.REGISTER_SILENT, ran.err
    assert {one["register"]: one["state"] for one in ran.report["registers"]}["land"] == "queued"
    assert re.search(r"record of look-ups is whole: (\d+) acts, countersigned by registers up to \1\.", ran.err), (
        ran.err
    )
    assert list(temporary.iterdir()) == []
    assert list(data.rglob("*")) == []


def test_a_card_that_is_stopped_leaves_no_word_of_a_record(motcua_here: Run) -> None:
    ran = motcua_here("demo", "--terminal", "--lang", "en", "--forgery", "csca-self-made")
    assert ran.code == ExitCode.STOP
    assert "record of look-ups" not in ran.err


def test_what_shall_wait_needs_a_dossier(run_motcua: Run) -> None:
    assert run_motcua("demo", "--terminal", "--queue").code == ExitCode.USAGE
