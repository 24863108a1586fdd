"""A computer that sleeps, a service that ends itself when idle, a system that resets cards: recorded codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.place import Place, is_interruption
from reader.errors import MotCuaError
from reader.iso7816 import CommandAPDU, ReaderSnapshot, ServiceState, SlotState
from reader.lds import KeyInput, KeyInputKind
from reader.pcsc import PcscTerminal, Result
from reader.pcsc.fake import FakeScard

Watched = Callable[[float], list[tuple[float, ReaderSnapshot]]]
READER = "Identiv uTrust 3700 F CL Reader 0"
NIGHT = 8 * 3600.0


def slots(seen: list[tuple[float, ReaderSnapshot]]) -> list[SlotState | None]:
    return [snapshot.readers[0].slot if snapshot.readers else None for _, snapshot in seen]


def test_linux_takes_the_reader_off_the_bus_and_brings_it_back(scard: FakeScard, watched: Watched) -> None:
    """What lay there before the sleep is a new card after it: nobody saw it lie there."""

    def wake() -> None:
        scard.plug(READER)
        scard.insert(READER)

    scard.plug(READER)
    scard.insert(READER)
    scard.time.at(2, lambda: scard.unplug(READER))
    scard.time.at(NIGHT, wake)
    seen = watched(NIGHT + 5)
    assert slots(seen) == [SlotState.PRESENT, None, SlotState.PRESENT]
    assert [snapshot.readers[0].insertions for _, snapshot in seen if snapshot.readers] == [1, 2]


@pytest.mark.parametrize("code", [Result.SYSTEM_CANCELLED, Result.SERVICE_STOPPED, Result.INVALID_HANDLE])
def test_windows_ends_every_wait_and_the_watch_begins_anew(scard: FakeScard, watched: Watched, code: Result) -> None:
    scard.plug(READER)
    scard.insert(READER)
    scard.time.at(2, lambda: scard.die(code=code))
    scard.time.at(NIGHT, scard.revive)
    seen = watched(NIGHT + 5)
    services = [snapshot.service for _, snapshot in seen]
    assert services == [ServiceState.RUNNING, ServiceState.STOPPED, ServiceState.RUNNING]
    assert slots(seen)[-1] is SlotState.PRESENT
    assert seen[-1][0] <= NIGHT + 2.1


def test_a_service_that_ended_itself_when_idle_is_back_at_the_next_call(scard: FakeScard, watched: Watched) -> None:
    """pcscd --auto-exit under socket activation: the first call after its end starts it again."""
    scard.plug(READER)
    scard.time.at(60, lambda: scard.die(code=Result.NO_SERVICE))
    scard.time.at(60.01, scard.revive)
    seen = watched(65)
    assert slots(seen)[-1] is SlotState.EMPTY
    assert seen[-1][0] <= 60.2
    assert scard.contexts == 0


@pytest.mark.parametrize(
    ("code", "name", "goes_on"),
    [
        (Result.RESET_CARD, "card-reset", True),  # Windows after five idle seconds, or an antivirus that looks at cards
        (Result.REMOVED_CARD, "card-removed", True),  # contact lost while asleep
        (Result.SYSTEM_CANCELLED, "pcsc-no-service", False),  # the service was stopped for the sleep
        (Result.READER_UNAVAILABLE, "pcsc-reader-gone", False),  # the reader lost its power
    ],
)
def test_a_reading_across_a_sleep_ends_by_name_and_goes_on_where_it_can(
    scard: FakeScard, code: Result, name: str, goes_on: bool
) -> None:
    scard.plug(READER)
    scard.insert(READER)
    with PcscTerminal(scard).connect(READER) as link:
        assert link.transmit(CommandAPDU(0, 0xB0, 0, 0, ne=1)).sw == 0x9000
        scard.codes["transmit"] = code
        with pytest.raises(MotCuaError) as caught:
            link.transmit(CommandAPDU(0, 0xB0, 0, 1, ne=1))
    assert caught.value.code == name
    assert is_interruption(caught.value.code, Place(KeyInput(KeyInputKind.CAN, "000001"))) is goes_on
    assert scard.contexts == 0


def test_several_readers_sleep_and_wake_each_for_itself(scard: FakeScard, watched: Watched) -> None:
    other = "ACS ACR1252 Dual Reader 0"
    for reader in (READER, other):
        scard.plug(reader)
        scard.insert(reader)
    scard.time.at(2, lambda: scard.unplug(READER))
    scard.time.at(NIGHT, lambda: scard.plug(READER))
    seen = watched(NIGHT + 5)
    held = [{state.name: state.slot for state in snapshot.readers} for _, snapshot in seen]
    assert all(slots[other] is SlotState.PRESENT for slots in held)
    assert held[-1][READER] is SlotState.EMPTY
    assert {state.insertions for _, snapshot in seen for state in snapshot.readers if state.name == other} == {1}
