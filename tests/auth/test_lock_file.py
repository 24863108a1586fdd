"""One process at a time, until it lets go or ends."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from auth.lock_file import LockHeld, held

HOLD = """
import sys
from pathlib import Path
from auth.lock_file import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


class Other:
    """Hold the lock in a process of its own."""

    def __init__(self, file: Path) -> None:
        command = [sys.executable, "-c", HOLD, str(file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def __enter__(self) -> Other:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.communicate()


def test_whoever_comes_meanwhile_is_told_at_once_and_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with held(file):
        with pytest.raises(LockHeld), held(file):
            pytest.fail("both hold it")
        with pytest.raises(LockHeld), held(file):
            pytest.fail("the one who was refused let go for the other")
    with held(file):
        pass


def test_another_process_is_waited_for_no_longer_than_told(tmp_path: Path) -> None:
    with Other(tmp_path / "lock"):
        begin = time.monotonic()
        with pytest.raises(LockHeld), held(tmp_path / "lock", 0.2):
            pytest.fail("both hold it")
        assert time.monotonic() - begin >= 0.2


@pytest.mark.parametrize("patience_s", [60.0, math.inf])
def test_whoever_waits_gets_it_when_the_other_is_killed(patience_s: float, tmp_path: Path) -> None:
    got = threading.Event()

    def wait() -> None:
        with held(tmp_path / "lock", patience_s):
            got.set()

    with Other(tmp_path / "lock"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.2)
    waiting.join(30)
    assert got.is_set()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), held(tmp_path / "none" / "lock"):
        pytest.fail("there is no such folder")
