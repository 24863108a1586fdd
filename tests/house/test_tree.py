"""House rules that no linter knows: nothing names a machine, and files keep to a readable size."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

# Files over 400 lines, each with its reason.
LONG_FILES: dict[str, str] = {}
PACKAGES = ("reader", "auth", "desk", "gui", "mock_cards", "mock_registers")


def _python_files(root: Path) -> list[Path]:
    return [path for package in PACKAGES for path in (root / package).rglob("*.py")]


def test_no_source_file_is_longer_than_four_hundred_lines_without_a_reason(project_root: Path) -> None:
    long = {
        str(path.relative_to(project_root))
        for path in _python_files(project_root)
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
    for path in _python_files(project_root):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for mark in ("# type: ignore[", "# noqa: "):
                if mark in line and "  # " not in line.split(mark, 1)[1] and " — " not in line.split(mark, 1)[1]:
                    bare.append(f"{path.relative_to(project_root)}:{number}")
    assert bare == []


def test_nothing_that_make_builds_is_committed(project_root: Path) -> None:
    if not (project_root / ".git").exists():
        pytest.skip("not a checkout")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=project_root, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert [name for name in tracked if name.startswith((".venv/", "build/")) or name.endswith(".qm")] == []
