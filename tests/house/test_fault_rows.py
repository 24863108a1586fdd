"""Every row of the fault catalogue stands in ``fault_rows.toml``, with the tests that show each part of it.

A part that no test shows stands there too, with the reason; which parts these are is counted here, so that none comes
or goes in silence.
"""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
CATALOGUE = tomllib.loads((Path(__file__).with_name("fault_rows.toml")).read_text(encoding="utf-8"))
LAST = {"N": 11, "A": 12, "L": 10, "P": 11}
NOT_SHOWN = ["L7"]
PARTS = [(row, part) for row, parts in CATALOGUE.items() for part in parts]


@cache
def _tests_in(file: str) -> dict[str, ast.FunctionDef]:
    """Return the tests that pytest collects of a file: of the module itself and of its classes."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")]
    nodes = [*tree.body, *(inner for node in classes for inner in node.body)]
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_row_is_there_in_its_order() -> None:
    assert list(CATALOGUE) == [f"{kind}{number}" for kind, last in LAST.items() for number in range(1, last + 1)]


@pytest.mark.parametrize(("row", "part"), PARTS, ids=[f"{row}: {part['part']}" for row, part in PARTS])
def test_what_a_row_expects_is_shown_by_tests_or_says_why_not(row: str, part: dict[str, Any]) -> None:
    assert ("shown_by" in part) is not ("not_shown" in part), row
    if "not_shown" in part:
        assert len(part["not_shown"]) > 40, "a reason, and no word"
        return
    assert part["shown_by"], "by one at least"
    for shown in part["shown_by"]:
        file, _, name = shown.partition("::")
        assert Path(file).name.startswith("test_"), shown
        assert name in _tests_in(file), shown
        marks = [ast.unparse(mark) for mark in _tests_in(file)[name].decorator_list]
        assert not any("mark.skip" in mark and "skipif" not in mark for mark in marks), shown


def test_no_part_is_left_out_in_silence() -> None:
    assert [row for row, part in PARTS if "not_shown" in part] == NOT_SHOWN
    assert len({(row, part["part"]) for row, part in PARTS}) == len(PARTS)
