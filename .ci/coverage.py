"""Measure which lines and branches of the judging rooms the tests about them run; it fails where one is not run.

Usage: .venv/bin/python .ci/coverage.py [ROOM …], such as `inspection`. What another room's tests happen to run does
not count. Code that no test can reach is removed, not excluded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "build" / "coverage"
FLOOR = 100

ROOMS = ("reader/inspection", "reader/genuine", "reader/trust")


def measure(room: str) -> bool:
    """Run the tests of a room and tell whether they reach all of it; what is missing is printed."""
    DATA.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "COVERAGE_FILE": str(DATA / room.replace("/", "-"))}
    coverage = [sys.executable, "-m", "coverage"]
    tests = ["-m", "pytest", "-q", "-m", "not soak", "-p", "no:cacheprovider", f"tests/{room}"]
    run = [*coverage, "run", "--branch", f"--source={room}", *tests]
    ended = subprocess.run(run, cwd=ROOT, env=environment, check=False)  # noqa: S603  # our own interpreter and paths
    if ended.returncode != 0:
        return False
    report = [*coverage, "report", "--show-missing", "--skip-covered", f"--fail-under={FLOOR}"]
    return subprocess.run(report, cwd=ROOT, env=environment, check=False).returncode == 0  # noqa: S603  # as above


def main(names: list[str]) -> int:
    """Measure the rooms named, or all."""
    wanted = [room for room in ROOMS if not names or any(name in room for name in names)]
    held = [measure(room) for room in wanted]
    return 0 if held and all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
