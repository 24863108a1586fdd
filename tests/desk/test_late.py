"""What the window does not wait for: loaded a moment later, once, and told by name where it cannot be."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from desk.assembly import desk_on_pcsc
from desk.late import LateInspector
from desk.settings import Settings, SettingsInvalid
from desk.view import DeskState

Bench = Any  # the fixture's class lives in conftest.py, which cannot be imported from here

HEAVY = ("reader.access", "reader.trust", "reader.inspection.procedure", "httpx2", "structlog", "rich.console")


def test_the_inspector_is_made_once_and_only_when_wanted() -> None:
    made: list[str] = []

    def make() -> Any:
        made.append("made")
        return lambda link, key, on_event, cancel, known, keep, afterwards: (link, known)

    late = LateInspector(make)
    assert not made
    late.prepare()
    link: Any = object()
    key: Any = object()
    assert late(link, key, lambda _: None, threading.Event()) == (link, None)
    assert made == ["made"]


def test_what_cannot_be_loaded_is_told_when_the_desk_has_begun(bench: Bench) -> None:
    def fail() -> None:
        raise SettingsInvalid("trust_directory")

    object.__setattr__(bench.desk._parts, "prepare", fail)
    bench.watch.plug()
    bench.wait_for(DeskState.WAIT_CARD)
    bench.clock.let_pass(2)
    assert bench.wait_for(DeskState.FAULT).failure.code == "settings-invalid"


def test_the_window_waits_for_none_of_the_heavy_parts() -> None:
    asked = "import sys, desk.cli.window, desk.assembly, desk.texts; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "desk.runner" in loaded
    assert [module for module in HEAVY if module in loaded] == []


def test_a_desk_whose_policy_cannot_be_loaded_reads_no_card(tmp_path: Any) -> None:
    desk = desk_on_pcsc(Settings(policy_file=tmp_path / "missing"))
    try:
        with pytest.raises(SettingsInvalid):
            desk._parts.prepare()
    finally:
        desk.close()
