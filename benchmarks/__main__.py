"""Run the benchmarks: ``python -m benchmarks [NAME …]`` prints a table and writes build/bench/NAME.json."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "build" / "bench"
NOT_BENCHMARKS = {"__init__", "__main__", "clock", "figure", "inspection_request", "population", "sandbox_desks"}


def main(wanted: list[str]) -> int:
    """Run all benchmarks, or those named, one after another."""
    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in wanted or known:
        figures: list[Figure] = importlib.import_module(f"benchmarks.{name}").figures()
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / f"{name}.json").write_text(json.dumps({"figures": [figure.as_json() for figure in figures]}, indent=1))
        Console().print(_table(name, figures))
    return 0


def _table(name: str, figures: list[Figure]) -> Table:
    table = Table(title=name, title_justify="left")
    for column in ("figure", "value", "unit", "goal", "holds"):
        table.add_column(column)
    for figure in figures:
        goal = f"{'≥' if figure.at_least else '≤'} {figure.goal:g}" if figure.goal else "–"
        table.add_row(figure.name, f"{figure.value:,.6g}", figure.unit, goal, "yes" if figure.holds else "NO")
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
