"""No file takes from one that takes from it, however far round, be it late or for an annotation only."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp

PACKAGES = ("reader", "auth", "desk", "gui", "mock_cards", "mock_registers")


def test_no_imports_run_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    taken = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    circle: list[str] = []
    try:
        TopologicalSorter(taken).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert circle == []
