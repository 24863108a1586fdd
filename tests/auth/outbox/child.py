"""The desk that is killed: opens the outbox, queues, sends to a real register and takes out, saying what it was told.

Run as a program of its own, which forks a desk for each line of orders (JSON) on its standard input. A desk counts the
lines that it runs of the rooms under test, and kills itself with SIGKILL at the line it was told; 0 lets it live and
say how many lines there were.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.ledger import Ledger
from auth.outbox import Letter, OpenerBox, Outbox
from auth.outbox.drain import Drain, DrainParts
from auth.outbox.standing import EnrolledDevice, SignedInClerk
from auth.registers.population import PopulationClient
from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from auth.wire.guard import RegisterGuard

ROOMS = (f"auth{os.sep}outbox", f"auth{os.sep}ledger{os.sep}store")


class Killer:
    """Count lines and die at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        if not any(room in frame.f_code.co_filename for room in ROOMS):
            return None
        if event == "line":
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def say(what: str, **more: object) -> None:
    sys.stdout.write(json.dumps({"what": what, **more}) + "\n")
    sys.stdout.flush()


def work(orders: dict[str, Any]) -> None:
    folder, killer = Path(orders["folder"]), Killer(orders["kill_at"])
    pem = orders["pems"]
    signer = SoftwareSigner.from_encrypted_pem(pem[0].encode(), b"x")
    opener = SoftwareOpener.from_encrypted_pem(pem[1].encode(), b"x")
    keys = {name: base64.b64decode(orders[name]) for name in ("anchor", "answer_key", "seal_key")}
    endpoint = RegisterEndpoint(
        "population",
        orders["url"],
        (keys["anchor"],),
        (AnswerKey(orders["answer_key_id"], keys["answer_key"]),),
        seal_keys=(SealKey(orders["seal_key_id"], keys["seal_key"]),),
    )
    client = PopulationClient(endpoint, DeviceCredential("desk-1", signer, opener), deadline_s=20.0)
    # From here on each line may be the last.
    sys.settrace(killer.trace)
    ledger = Ledger(folder / "ledger.db", signer, machine="")
    outbox = Outbox(folder / "outbox.db", OpenerBox(opener), "desk-1", ledger)
    say("trouble", trouble=outbox.overview().trouble)
    for order in orders["letters"]:
        letter = Letter(**order | {"sealed": order["sealed"].encode()})
        say("queued", lookup=letter.lookup_id, number=outbox.put(letter).number)
    parts = DrainParts(
        outbox=outbox,
        senders={"population": client},
        guard=RegisterGuard(),
        device=EnrolledDevice(),
        clerks=SignedInClerk("cb-001"),
        device_id="desk-1",
        evidence=nullcontext,
        now=time.time,
        pause=threading.Event().wait,
    )
    Drain(parts, per_second=1000.0).run(threading.Event())
    ledger.checkpoint(datetime.now(UTC))
    for dossier in orders["take"]:
        for one in outbox.take(dossier):
            say("taken", lookup=one.item.lookup_id, answered=one.answer is not None, reason=one.item.reason)
    outbox.close()
    ledger.close()
    sys.settrace(None)
    client.close()
    say("done", lines=killer.count)


def main() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            work(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        say("ended", status=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
