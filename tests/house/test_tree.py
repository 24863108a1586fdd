"""House rules that no linter knows: nothing names a machine, and files keep to a readable size."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

# Files over 400 lines, each with its reason. Tests cannot import from one another, so that a fake or a helper that all
# tests of one subject use would have to be written again in each part.
LONG_FILES: dict[str, str] = {
    "docs/screens/scenes.py": "every state of the desk, and the invented people in them as registers would tell them",
    "tests/e2e/test_fourth_register.py": "a whole register of another maker, from its package to page and queue",
    "tests/auth/distribution/test_update.py": "one repository and its attacks, by folder and over the web alike",
    "tests/auth/ledger/test_anchoring.py": "one ledger, its witness and their fakes",
    "tests/auth/registers/test_population_soap.py": "one gateway, its answers, faults and hostile XML",
    "tests/desk/conftest.py": "the fakes of one desk, which know each other",
    "tests/desk/test_runner.py": "one state machine, walked from no reader to closed",
    "tests/e2e/test_presence_step.py": "one tap and every way it goes, with the office that it is made at",
    "tests/peers/libeac.py": "the binding of one C library",
    "tests/reader/access/test_channel.py": "one opening, by class: PACE, BAC and the way between them",
    "tests/reader/files/test_reading.py": "one reading, by class: lengths, limits, ends and budgets",
    "tests/reader/trust/test_required_verdicts.py": "the required verdicts of passive authentication, in their order",
}
PACKAGES = ("reader", "auth", "desk", "gui", "mock_cards", "mock_registers")
# Put together, so that this file does not find itself.
MARKS = ("# type: " + "ignore[", "# no" + "qa: ")
BESIDE = ("tests", "benchmarks", "docs", ".ci")


def _python_files(root: Path, folders: tuple[str, ...] = PACKAGES) -> list[Path]:
    return [path for folder in folders for path in (root / folder).rglob("*.py")]


def test_no_source_file_is_longer_than_four_hundred_lines_without_a_reason(project_root: Path) -> None:
    long = {
        str(path.relative_to(project_root))
        for path in _python_files(project_root, PACKAGES + BESIDE)
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    }
    assert long == set(LONG_FILES)


def test_every_folder_of_the_house_says_what_it_is_for(project_root: Path) -> None:
    silent = [
        str(path.relative_to(project_root))
        for path in _python_files(project_root)
        if path.name == "__init__.py" and not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


def test_every_folder_with_code_is_a_package(project_root: Path) -> None:
    folders = {path.parent for path in _python_files(project_root)}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_every_exception_from_the_linters_carries_its_reason(project_root: Path) -> None:
    bare = []
    for path in _python_files(project_root, PACKAGES + BESIDE):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for mark in MARKS:
                if mark in line and not any(dash in line.split(mark, 1)[1] for dash in ("  # ", " — ", " - ")):
                    bare.append(f"{path.relative_to(project_root)}:{number}")
    assert bare == []


def test_nothing_that_make_builds_is_committed(project_root: Path) -> None:
    if not (project_root / ".git").exists():
        pytest.skip("not a checkout")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=project_root, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert [name for name in tracked if name.startswith((".venv/", "build/")) or name.endswith(".qm")] == []
