"""What the documents say is held against the tree: links lead somewhere, commands and targets exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import desk.cli
import mock_cards.cli
import mock_registers.cli

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/clerk.md",
    "docs/tester.md",
    "docs/terminal-credentials.md",
    "docs/figures.md",
    "docs/checks.md",
    "docs/operator.md",
    "docs/people-and-papers.md",
    "docs/policy.md",
    "docs/presence.md",
    "docs/purposes.md",
    "docs/registers.md",
    "docs/report.md",
]
PROGRAMS = {"motcua": desk.cli.main, "mock-cards": mock_cards.cli.main, "mock-registers": mock_registers.cli.main}
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"`(motcua|mock-cards|mock-registers) ([a-z]+)")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(project_root: Path, name: str) -> None:
    document = project_root / name
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_make_target_in_the_readme_exists(project_root: Path) -> None:
    makefile = (project_root / "Makefile").read_text(encoding="utf-8")
    wanted = set(re.findall(r"`?make ([a-z]+)", (project_root / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "test"} <= wanted
    assert [target for target in sorted(wanted) if f"\n{target}:" not in makefile] == []


def test_every_command_in_the_documents_answers_help(project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = set()
    for name in DOCUMENTS:
        named |= set(COMMAND.findall((project_root / name).read_text(encoding="utf-8")))
    assert {("motcua", "demo"), ("motcua", "enrol"), ("mock-registers", "serve")} <= named
    for program, verb in sorted(named):
        # In this process: that the programs are installed under these names is for tests/e2e to show.
        with pytest.raises(SystemExit) as ended:
            PROGRAMS[program]([verb, "--help"])
        shown = capsys.readouterr()
        assert ended.value.code == 0, f"{program} {verb}: {shown.err}"
        assert f"{program} {verb}" in shown.out
