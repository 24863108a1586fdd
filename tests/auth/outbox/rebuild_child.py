"""A desk that opens a damaged outbox and is killed at the line it was told.

Run as a program of its own, with the signer's key on the first line of its input; it forks a desk for each line of
orders (JSON) after that. A desk counts the lines that it runs of the files under test and kills itself with SIGKILL at
the one it was told; 0 lets it live. With ``room`` no file of it may grow beyond so many bytes.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import OutboxUnusable
from auth.ledger import Ledger
from auth.outbox import OpenerBox, Outbox

UNDER_TEST = tuple(f"outbox{os.sep}{name}.py" for name in ("opening", "rebuild", "salvage", "swap"))


class Killer:
    """Count lines and die at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        if not frame.f_code.co_filename.endswith(UNDER_TEST):
            return None
        if event == "line":
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def open_once(orders: dict[str, Any], signer: SoftwareSigner, opener: SoftwareOpener) -> dict[str, object]:
    """Open the outbox in the folder and close it; return how many lines that took, and why it could not be opened."""
    folder, killer = Path(orders["folder"]), Killer(orders["kill_at"])
    ledger = Ledger(folder / "ledger.db", signer, machine="")
    if orders["room"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders["room"], resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    sys.settrace(killer.trace)
    try:
        Outbox(folder / "outbox.db", OpenerBox(opener), "desk-1", ledger).close()
        why = ""
    except OutboxUnusable as error:
        why = error.why
    sys.settrace(None)
    ledger.close()
    return {"lines": killer.count, "why": why}


def main() -> None:
    pems = json.loads(sys.stdin.readline())
    signer = SoftwareSigner.from_encrypted_pem(pems[0].encode(), b"x")
    opener = SoftwareOpener.from_encrypted_pem(pems[1].encode(), b"x")
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            sys.stdout.write(json.dumps(open_once(json.loads(line), signer, opener)) + "\n")
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if status:
            sys.stdout.write(json.dumps({"ended": os.waitstatus_to_exitcode(status)}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
