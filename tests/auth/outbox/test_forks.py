"""Row L7: files of two forks of one folder, mixed as a tool mixes them that keeps the newest of each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.errors import LedgerUnusable
from auth.ledger import Act, ActKind, Ledger
from auth.machine import machine_mark
from auth.outbox import Letter, Outbox, State

Open = Callable[..., Outbox]
Letters = Callable[..., Letter]


def work(open_outbox: Open, letter_of: Letters, folder: Path, signer: SoftwareSigner, acts: str) -> list[str]:
    """Go on in ``folder``: p queues a look-up, a is an act of another kind; return the dossiers that wait there."""
    log = Ledger(folder / "ledger.db", signer, machine="")
    outbox = open_outbox(file=folder / "outbox.db", log=log)
    for number, act in enumerate(acts):
        if act == "p":
            outbox.put(letter_of(f"{folder.name}-{number}"))
        else:
            log.append(Act(ActKind.ASKED, datetime.now(UTC)))
    waiting = [item.dossier for item in outbox.items()]
    outbox.close()
    log.close()
    return waiting


def opened_or_why(open_outbox: Open, file: Path, log: Ledger) -> Outbox | str:
    try:
        return open_outbox(file=file, log=log)
    except LedgerUnusable as error:
        return error.why


@pytest.mark.logs  # what is put aside is worth an error in the log
@pytest.mark.parametrize("here", ["p", "pp", "ap", "pa", "aa", "ppp"])
@pytest.mark.parametrize("there", ["p", "pp", "ap", "pa", "ppp"])
def test_a_queue_and_a_ledger_of_two_forks_are_told_and_nothing_that_both_knew_is_lost(
    open_outbox: Open, letter_of: Letters, tmp_path: Path, signer: SoftwareSigner, here: str, there: str
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    common = work(open_outbox, letter_of, one, signer, "pap")
    shutil.copytree(one, other)
    work(open_outbox, letter_of, one, signer, here)
    queued = work(open_outbox, letter_of, other, signer, there)
    for name in ("outbox.db", "outbox.db-wal"):
        (one / name).unlink(missing_ok=True)
    shutil.copy(other / "outbox.db", one)

    log = Ledger(one / "ledger.db", signer, machine="")
    before = log.size
    outbox = opened_or_why(open_outbox, one / "outbox.db", log)
    if isinstance(outbox, str):
        assert outbox == "shorter-than-outbox", "evidence fails closed"
        return
    trouble, waiting = outbox.overview().trouble, [item.dossier for item in outbox.items(State.QUEUED)]
    assert waiting[: len(common)] == common
    if trouble:
        assert trouble in ("forked", "rolled-back")
        assert waiting == common, "what the other fork queued was put aside, and is not sent from here"
    else:
        # Nothing of the queue stands in this ledger since both parted, and one act of it is missing: as when a program
        # was killed between the two. The ledger takes it.
        assert (here.strip("a"), there.count("p"), there[0]) == ("", 1, "p")
        assert waiting == queued
        assert log.size == before + 1
    outbox.close()
    log.close()


def test_a_computer_is_told_apart_by_a_mark_from_which_nobody_learns_its_id(tmp_path: Path) -> None:
    one, other, none = tmp_path / "one", tmp_path / "other", tmp_path / "none"
    one.write_text("0123456789abcdef0123456789abcdef\n")
    other.write_text("fedcba9876543210fedcba9876543210\n")
    none.write_text("uninitialized\n")
    marks = [machine_mark((none, file)) for file in (one, other)]
    assert marks[0] != marks[1]
    assert marks[0] == machine_mark((tmp_path / "gone", one, other)), "the first that there is"
    assert all(len(mark) == 32 and "0123456789" not in mark for mark in marks)
    assert machine_mark((none, tmp_path / "gone")) == "", "where there is none nobody is told apart"


def test_a_ledger_of_a_computer_without_a_mark_is_not_said_to_have_moved(tmp_path: Path, signer) -> None:
    file = tmp_path / "ledger.db"
    for machine, moved in (("", False), ("here", False), ("", False), ("here", False), ("there", True)):
        ledger = Ledger(file, signer, machine)
        assert ledger.moved is moved
        ledger.close()
