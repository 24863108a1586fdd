"""A desk and its register with a line of real packets between them; orders and what came of them are lines of JSON.

Run as a program in a network of its own (``unshare --net``); its one word is the network that this must not be. Each
order lays a line to a new register and has the desk look somebody up. Where no answer comes the look-up has to wait,
the line is mended, and what waits is sent.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from packet_line import HERE, Line, PacketLine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.device_opener import SoftwareOpener
from auth.purposes import shipped_registry
from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from desk.lookups import ask, make_lookup
from desk.outcomes import LookupOutcome
from desk.ports import Registers
from desk.queueing import can_wait, queue_one
from desk.registers_assembly import registers_of
from desk.settings import Settings
from mock_cards.personas import load_persona
from mock_registers.app import make_app, make_registers
from mock_registers.authority import TestAuthority
from mock_registers.faults import REGISTERS
from mock_registers.gate import EnrolledDevice
from mock_registers.keys import SandboxKey
from mock_registers.server import LoopbackServer
from mock_registers.storage import Storage
from reader.lds import CalendarDate, Identity, Sex

# For what waited, once the line is good: a busy machine is no part of what is shown.
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Served:
    """A register on this machine, where the desk finds it on the line, and as whom it is asked."""

    endpoint: RegisterEndpoint
    device: DeviceCredential
    address: str
    port: int


@dataclass(frozen=True)
class Answering:
    """Tell of each answer before it is sent."""

    app: ASGIApp
    on_answer: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            self.on_answer()
            await send(message)

        await self.app(scope, receive, send_on)


@contextmanager
def serving(address: str, here: str, database: Path, on_answer: Callable[[], None]) -> Iterator[Served]:
    """Serve the registers on ``here`` to desks that call ``address``; the sandbox itself serves loopback only.

    ``on_answer`` is called before a register says what it has made up its mind to say.
    """
    key, desk_opener = SandboxKey(), SoftwareOpener.generate()
    device = EnrolledDevice("desk-1", key.key_id, key.public_key, desk_opener.public_key)
    keys = {name: SandboxKey() for name in REGISTERS}
    openers = {name: (SoftwareOpener.generate(),) for name in REGISTERS}
    authority, storage = TestAuthority(), Storage(f"sqlite:///{database}")
    storage.fill([load_persona("nguyen-van-mau")])
    family = socket.AF_INET6 if ":" in here else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY on what it accepts.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((here, 0))
        port = listener.getsockname()[1]
        origin = f"https://[{address}]:{port}" if ":" in address else f"https://{address}:{port}"
        registers = make_registers(storage, keys, {device.key_id: device}, {}, openers)
        app = make_app(registers, origin)
        app.add_middleware(Answering, on_answer=on_answer)
        server = LoopbackServer(app, listener, authority.server_context((address,)))
        server.start()
        answers, opens = keys["population"], openers["population"][0]
        endpoint = RegisterEndpoint(
            "population",
            f"{origin}/population",
            (authority.anchor,),
            (AnswerKey(answers.key_id, answers.spki),),
            seal_keys=(SealKey(opens.key_id, opens.spki),),
        )
        try:
            yield Served(endpoint, DeviceCredential("desk-1", key, desk_opener), address, port)
        finally:
            server.stop()
            storage.close()


def look_up(registers: Registers) -> LookupOutcome[Any]:
    """Have the desk ask about a citizen, as after a card was read."""
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    register = registers.of("population")
    assert register.find is not None
    lookup = make_lookup(identity, shipped_registry().purpose("land-change-registration"), "cb-001")
    return ask(register.kind, register.find, lookup)


def conduct(order: Mapping[str, Any], number: int, line: PacketLine, folder: Path) -> dict[str, Any]:
    """Return what came of one look-up over the line of ``order``, and of the queue where it had to wait."""
    here = HERE[order["family"]]
    address = f"{here[:-1]}{number:x}" if ":" in here else f"{here[:-1]}{number}"
    settings = Settings(ledger=folder / "ledger.db", ledger_hours=0, clerk_id="cb-001")
    with serving(address, here, folder / "registers.db", partial(line.answering, address)) as served:
        line.lay(address, served.port, Line(**order["line"]))
        with desk(settings, served, order["seconds"]) as registers:
            started = time.monotonic()
            outcome = look_up(registers)
            said: dict[str, Any] = {
                "took": time.monotonic() - started,
                "state": outcome.state.name,
                "failure": outcome.failure,
                "fates": line.fates(address),
                "effects": effects(folder),
            }
            line.lay(address, served.port, Line())
            waits = can_wait(outcome, registers.can_wait)
            if waits:
                said["state"] = queue_one(registers.waiting, outcome, "H-2026-7").state.name
        if waits:
            with desk(settings, served, PATIENCE_S) as registers:
                assert registers.waiting is not None
                progress, _ = registers.waiting.send_now(threading.Event(), lambda _: None)
                said["answered_later"] = progress.answered
        return said | {"effects_in_all": effects(folder)}


@contextmanager
def desk(settings: Settings, served: Served, seconds: float) -> Iterator[Registers]:
    """Open the registers of a desk whose look-ups have so many seconds."""
    timed = settings.model_copy(update={"lookup_seconds": seconds})
    registers = registers_of(timed, (served.endpoint,), served.device)
    try:
        yield registers
    finally:
        registers.close()


def effects(folder: Path) -> int:
    """Return how often the register let somebody look."""
    with closing(sqlite3.connect(folder / "registers.db")) as database:
        return int(database.execute("SELECT count(*) FROM accesses").fetchone()[0])


def main() -> None:
    """Say whether there is a line here; then do what is ordered, until nothing is."""
    if os.readlink("/proc/self/ns/net") == sys.argv[1]:
        say({"cannot": "this is no network of one's own"})
        return
    try:
        line = PacketLine()
    except (OSError, subprocess.CalledProcessError) as error:
        say({"cannot": f"no TUN device in a network of one's own: {error}"})
        return
    say({"cannot": ""})
    with tempfile.TemporaryDirectory(prefix="motcua-line-") as place:
        for number, text in enumerate(sys.stdin, 2):
            order = json.loads(text)
            folder = Path(place) / str(number)
            folder.mkdir()
            say(conduct(order, number, line, folder))


def say(what: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
