"""What came for a dossier and was fetched by nobody goes after its time, whether or not anything else still waits."""

from __future__ import annotations

import uuid
from pathlib import Path

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.ledger import Ledger
from auth.ledger.keeper import LedgerKeeper
from auth.outbox import Letter, OpenerBox, Outbox, State
from auth.outbox.acts import ActLog
from auth.outbox.outbox import KEEP_S
from auth.outbox.standing import EnrolledDevice, SignedInClerk
from auth.outbox.states import Event
from auth.wire.guard import RegisterGuard
from desk.waiting import WaitingLookups, WaitingParts

NOON = 1_795_694_400.0
ANSWER = b'{"record": "of somebody"}'


def test_an_answer_that_nobody_fetched_expires_though_nothing_else_waits(tmp_path: Path) -> None:
    signer, box, now = SoftwareSigner.generate(), OpenerBox(SoftwareOpener.generate()), [NOON]

    def opened(log: ActLog) -> Outbox:
        return Outbox(tmp_path / "outbox.db", box, "desk-1", log, now=lambda: now[0])

    log = Ledger(tmp_path / "ledger.db", signer, machine="")
    outbox = opened(log)
    letter = Letter(
        lookup_id=str(uuid.uuid4()),
        dossier="H-1",
        register="population",
        path="/v1/persons:lookup",
        purpose="citizen-information",
        legal_basis="Luật Căn cước 26/2023/QH15, Điều 22",
        clerk="cb-001",
        idempotency_key=str(uuid.uuid4()),
        subject="099090000001",
        sealed=b"aGVhZA.a2V5.aXY.dGV4dA.dGFn",
    )
    sending = outbox.happen(outbox.put(letter), Event.SEND)
    outbox.happen(sending, Event.ANSWER, answer=ANSWER, expires_at=NOON + KEEP_S)
    outbox.close()
    keeper = LedgerKeeper(lambda: log, (), hours=0)
    waiting = WaitingLookups(
        WaitingParts(
            open_outbox=opened,
            keeper=keeper,
            clients={},
            guard=RegisterGuard(),
            device=EnrolledDevice(),
            clerks=SignedInClerk("cb-001"),
            device_id="desk-1",
            allows=lambda *_: True,
            now=lambda: now[0],
            round_seconds=0.01,
        )
    )
    waiting.start(lambda: None)
    assert waiting.settled(2, 30)
    assert [one.state for one in waiting._opened().items()] == [State.ANSWERED], "its time is not over yet"
    now[0] += KEEP_S + 1
    done = waiting._rounds + 2
    assert waiting.settled(done, 30)
    (item,) = waiting._opened().items()
    assert (item.state, item.answer) == (State.EXPIRED, "")
    waiting.close()
    keeper.close()
