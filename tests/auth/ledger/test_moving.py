"""Row L7: a ledger on another computer looks nobody up before every register has signed that it goes on there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerMoved, RegisterTimeout
from auth.ledger import Act, ActKind, Ledger, LedgerReader
from auth.ledger.countersigning import RegisterWitness, anchor
from auth.ledger.keeper import LedgerKeeper
from auth.merkle import SignedCheckpoint
from auth.wire import DeviceCredential
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers

PATIENCE = 60.0


class Faltering(RegisterWitness):
    """A register of the sandbox that can still be asked what it saw, and is gone when it is to sign."""

    gone = False

    def countersign(self, signed: SignedCheckpoint, proof: tuple[bytes, ...]) -> SignedCheckpoint:
        if self.gone:
            raise RegisterTimeout("land", "deadline")
        return super().countersign(signed, proof)


@pytest.fixture
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


@pytest.fixture
def witnesses(signer: SoftwareSigner) -> Iterator[list[Faltering]]:
    public, opener = load_pem_public_key(signer.public_pem()), SoftwareOpener.generate()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    device = DeviceCredential("desk-1", signer, opener)
    with (
        ExitStack() as opened,
        serve_registers([EnrolledDevice("desk-1", signer.key_id, public, opener.public_key)]) as served,
    ):
        yield [opened.enter_context(closing(Faltering(endpoint, device))) for endpoint in served[:2]]


@pytest.fixture
def file(tmp_path: Path, signer: SoftwareSigner, witnesses: list[Faltering]) -> Path:
    """A ledger that was used "here", and that both registers have seen."""
    with closing(Ledger(tmp_path / "ledger.db", signer, "here")) as ledger:
        ledger.append(Act(ActKind.ASKED, datetime.now(UTC)))
        for witness in witnesses:
            anchor(ledger, witness, datetime.now(UTC))
    return tmp_path / "ledger.db"


def may_look_up(keeper: LedgerKeeper) -> bool:
    """Begin a look-up, after which the registers are asked again in any case."""
    try:
        with keeper.lookup():
            return True
    except LedgerMoved:
        return False


def announced(file: Path) -> list[str]:
    with closing(LedgerReader(file)) as ledger:
        acts = [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]
    return [act.detail for act in acts if act.kind is ActKind.MOVED]


def test_nobody_is_looked_up_before_every_register_has_signed_that_it_goes_on_here(
    file: Path, signer: SoftwareSigner, witnesses: list[Faltering]
) -> None:
    witnesses[1].gone = True
    keeper = LedgerKeeper(lambda: Ledger(file, signer, "there"), witnesses, start_seconds=0)
    for rounds in (1, 2):
        assert keeper.settled(rounds, PATIENCE)
        assert announced(file) == ["there"], "said once, however often the registers are asked"
        if rounds == 2:
            witnesses[1].gone = False
        assert not may_look_up(keeper)
    assert keeper.settled(3, PATIENCE)
    assert may_look_up(keeper)
    keeper.close()
    assert announced(file) == ["there"]


def test_what_was_announced_and_not_signed_for_is_at_home_nowhere(
    file: Path, signer: SoftwareSigner, witnesses: list[Faltering]
) -> None:
    """The program ends between the two, and the folder may be carried back meanwhile."""
    witnesses[1].gone = True
    keeper = LedgerKeeper(lambda: Ledger(file, signer, "there"), witnesses, start_seconds=0)
    assert keeper.settled(1, PATIENCE)
    keeper.close()
    for machine in ("there", "here"):
        with closing(Ledger(file, signer, machine)) as ledger:
            assert ledger.moved, machine


def test_where_it_was_settled_nobody_need_be_asked_again(
    file: Path, signer: SoftwareSigner, witnesses: list[Faltering]
) -> None:
    keeper = LedgerKeeper(lambda: Ledger(file, signer, "there"), witnesses, start_seconds=0)
    assert keeper.settled(1, PATIENCE)
    keeper.close()
    for machine, moved in (("there", False), ("here", True)):
        with closing(Ledger(file, signer, machine)) as ledger:
            assert ledger.moved is moved
    assert announced(file) == ["there"]


def test_a_checkpoint_of_any_moment_is_countersigned_when_it_is_first_offered(
    file: Path, signer: SoftwareSigner, witnesses: list[Faltering]
) -> None:
    """A register sends back the seconds that were signed, no fraction of one."""
    moment = datetime(2026, 11, 26, 12, 0, 0, 250_000, tzinfo=UTC)
    with closing(Ledger(file, signer, "here")) as ledger:
        ledger.append(Act(ActKind.ASKED, moment))
        anchor(ledger, witnesses[0], moment)
        assert ledger.waiting_since(witnesses[0].keys) is None


def test_nothing_opens_it_to_write_without_saying_on_which_computer(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with pytest.raises(TypeError, match="machine"):
        Ledger(file, SoftwareSigner.generate())  # type: ignore[call-arg]  # what is left out is what is tested
    assert not file.exists()
