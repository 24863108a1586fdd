"""Sealing at a desk: the act is in the ledger before a slip leaves, and a slip that cannot be recorded does not."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.device.software import SoftwareSigner
from auth.errors import LedgerUnusable
from auth.ledger import Act, Ledger, Opening
from auth.ledger.keeper import LedgerKeeper
from auth.wire.endpoint import DeviceCredential
from desk.slip import DeskSlips, MadeSlip, PreparedSlip, SealedSlip, SignedBy, SlipCounter

Bench = Any  # lives in conftest.py, which cannot be imported from here


@pytest.fixture
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


@pytest.fixture
def keeper(tmp_path: Path, signer: SoftwareSigner) -> Iterator[LedgerKeeper]:
    made = LedgerKeeper(lambda: Ledger(tmp_path / "ledger.db", signer, machine=""), (), hours=0)
    yield made
    made.close()


def seal(office: DeskSlips, prepared: PreparedSlip, pdf: bytes = b"%PDF") -> SealedSlip:
    sealed: queue.SimpleQueue[SealedSlip] = queue.SimpleQueue()
    SlipCounter(office).seal(prepared, pdf, sealed.put)
    return sealed.get(timeout=10)


def made_by(office: DeskSlips, prepared: PreparedSlip) -> PreparedSlip:
    """Return the same slip as this office would have prepared it."""
    slip = prepared.slip
    return office.prepare(replace(slip, maker=replace(slip.maker, device=office.device)))


def test_a_slip_leaves_an_act_that_names_nobody_and_commits_to_its_record(
    prepared: PreparedSlip, keeper: LedgerKeeper, signer: SoftwareSigner
) -> None:
    office = DeskSlips(DeviceCredential("desk-1", signer), keeper=keeper)
    prepared = made_by(office, prepared)
    assert seal(office, prepared).page == b"%PDF"
    ((_, leaf),) = keeper.ledger().leaves()
    act = Act.from_leaf(leaf)
    assert (act.kind.value, act.detail, act.lookup) == ("slip-made", "unsigned", prepared.slip.lookups[0])
    assert (act.purpose, act.basis) == (prepared.slip.matter.purpose, prepared.slip.matter.legal_basis)
    for personal in ("099090000001", "Nguyễn", "Cán Bộ"):
        assert personal not in leaf.decode()
    opening = keeper.ledger().opening(0)
    assert isinstance(opening, Opening)
    assert opening.opens(act.about, prepared.record)
    assert not opening.opens(act.about, prepared.record.replace(b"false", b"true", 1))


def test_where_the_ledger_cannot_be_written_no_slip_leaves_the_desk(prepared: PreparedSlip) -> None:
    def broken() -> Ledger:
        raise LedgerUnusable("disk-full")

    keeper = LedgerKeeper(broken, (), hours=0, start_seconds=60)
    try:
        sealed = seal(DeskSlips(keeper=keeper), prepared)
    finally:
        keeper.close()
    assert (sealed.page, sealed.failure) == (b"", LedgerUnusable.code)


def test_a_slip_that_says_it_is_signed_is_never_handed_out_without_a_signature(
    prepared: PreparedSlip, signer: SoftwareSigner
) -> None:
    office = DeskSlips(DeviceCredential("desk-1", signer))
    claims = replace(made_by(office, prepared), signed_by=SignedBy("desk-1", "somebody", prepared.slip.made_at))
    sealed = seal(office, claims)
    assert (sealed.page, sealed.failure) == (b"", "slip-not-signed")


def test_a_slip_that_was_prepared_with_other_keys_is_not_sealed_with_the_new_ones(
    prepared: PreparedSlip, keeper: LedgerKeeper, signer: SoftwareSigner
) -> None:
    before = DeskSlips(DeviceCredential("desk-1", SoftwareSigner.generate()), keeper=keeper)
    after = DeskSlips(DeviceCredential("desk-1", signer), keeper=keeper)
    sealed = seal(after, made_by(before, prepared))
    assert (sealed.page, sealed.failure) == (b"", "slip-not-signed")
    assert keeper.ledger().size == 0, "the page names another key's ledger"
    assert seal(after, made_by(after, prepared)).page == b"%PDF"


@pytest.mark.logs
def test_a_shell_that_fails_is_its_own_trouble(bench: Bench, make_slip: Callable[..., PreparedSlip | None]) -> None:
    bench.show()

    def fail(_: MadeSlip) -> None:
        raise RuntimeError

    bench.desk.make_slip(fail)
    assert make_slip(bench.desk) is not None
    assert bench.view.failure is None
