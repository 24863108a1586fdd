"""The watch over a fake service: what shows when, and that nothing ends it but stop()."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from reader.iso7816 import ReaderSnapshot, ServiceState, SlotState
from reader.pcsc import PcscWatch, Result
from reader.pcsc.fake import FakeScard
from reader.pcsc.scard import PNP_READER, Flags, RawState

Seen = list[tuple[float, ReaderSnapshot]]
Watched = Callable[[float], Seen]
READER = "ACS ACR1252 1S CL Reader PICC 0"


def _slots(seen: Seen) -> list[SlotState]:
    return [snapshot.readers[0].slot for _, snapshot in seen if snapshot.readers]


def _services(seen: Seen) -> list[ServiceState]:
    return [snapshot.service for _, snapshot in seen]


def test_the_first_snapshot_comes_at_once_even_without_readers(scard: FakeScard, watched: Watched) -> None:
    assert watched(5) == [(0, ReaderSnapshot(ServiceState.RUNNING))]


def test_readers_and_cards_show_as_they_come_and_go(scard: FakeScard, watched: Watched) -> None:
    time = scard.time
    time.at(1.25, lambda: scard.plug(READER))
    time.at(2, lambda: scard.insert(READER))
    time.at(3, lambda: scard.remove(READER))
    time.at(5, lambda: scard.unplug(READER))
    seen = watched(8)
    assert _slots(seen) == [SlotState.EMPTY, SlotState.PRESENT, SlotState.EMPTY]
    assert [at for at, _ in seen] == pytest.approx([0, 1.25, 2, 3.3, 5], abs=0.002)
    assert seen[-1][1] == ReaderSnapshot(ServiceState.RUNNING)


def test_a_flicker_of_a_contactless_card_shows_nothing(scard: FakeScard, watched: Watched) -> None:
    scard.plug(READER)
    scard.insert(READER)
    for start in (1.0, 2.0, 3.0):
        scard.time.at(start, lambda: scard.remove(READER))
        scard.time.at(start + 0.2, lambda: scard.insert(READER))
    assert len(watched(6)) == 1


def test_a_quick_swap_shows_as_another_insertion(scard: FakeScard, watched: Watched) -> None:
    def swap() -> None:
        scard.remove(READER)
        scard.insert(READER)

    scard.plug(READER)
    scard.insert(READER)
    scard.time.at(1, swap)
    assert [snapshot.readers[0].insertions for _, snapshot in watched(3)] == [1, 2]


def test_a_card_taken_exclusively_shows_as_held_within_a_second(scard: FakeScard, watched: Watched) -> None:
    scard.plug(READER)
    scard.insert(READER)
    scard.time.at(1.5, lambda: scard.flag(READER, Flags.EXCLUSIVE))
    scard.time.at(4, lambda: scard.flag(READER, 0))
    seen = watched(7)
    assert _slots(seen) == [SlotState.PRESENT, SlotState.HELD, SlotState.PRESENT]
    assert seen[1][0] <= 2.5
    assert {snapshot.readers[0].insertions for _, snapshot in seen} == {1}


def test_a_mute_card_shows_as_mute(scard: FakeScard, watched: Watched) -> None:
    scard.plug(READER)
    scard.time.at(1, lambda: scard.insert(READER, b"", Flags.MUTE))
    assert _slots(watched(3)) == [SlotState.EMPTY, SlotState.MUTE]


@pytest.mark.parametrize(
    "code",
    [Result.NO_SERVICE, Result.SERVICE_STOPPED, Result.COMM_ERROR, Result.INVALID_HANDLE, Result.INTERNAL_ERROR],
)
def test_a_service_that_dies_and_comes_back_is_watched_again(scard: FakeScard, watched: Watched, code: Result) -> None:
    scard.plug(READER)
    scard.insert(READER)
    scard.time.at(2, lambda: scard.die(code=code))
    scard.time.at(30, scard.revive)
    seen = watched(40)
    assert _services(seen) == [ServiceState.RUNNING, ServiceState.STOPPED, ServiceState.RUNNING]
    assert [snapshot.readers[0].insertions for _, snapshot in seen if snapshot.readers] == [1, 2]
    assert 30 <= seen[-1][0] <= 32


def test_a_stopped_service_is_asked_with_growing_pauses(scard: FakeScard, watched: Watched) -> None:
    scard.die()
    scard.time.at(60, scard.revive)
    seen = watched(61)
    assert _services(seen) == [ServiceState.STOPPED, ServiceState.RUNNING]
    assert scard.calls.count("establish") < 40


def test_a_service_that_refuses_us_shows_as_refused(scard: FakeScard, watched: Watched) -> None:
    scard.codes["establish"] = Result.SECURITY_VIOLATION
    scard.time.at(3, scard.codes.clear)
    assert _services(watched(6)) == [ServiceState.REFUSED, ServiceState.RUNNING]


def test_every_context_that_was_given_is_given_back(scard: FakeScard, watched: Watched) -> None:
    scard.plug(READER)
    scard.time.at(2, lambda: scard.die(code=Result.COMM_ERROR))
    scard.time.at(2.1, scard.revive)
    watched(5)
    assert scard.calls.count("release") == 2
    assert scard.contexts == 0


def test_without_the_pseudo_reader_a_new_reader_shows_within_a_second(scard: FakeScard, watched: Watched) -> None:
    scard.knows_pnp = False
    scard.time.at(3.5, lambda: scard.plug(READER))
    scard.time.at(6.5, lambda: scard.insert(READER))
    seen = watched(9)
    assert _slots(seen) == [SlotState.EMPTY, SlotState.PRESENT]
    assert seen[1][0] <= 4.5
    assert len(scard.calls) < 100


def test_a_pseudo_reader_that_cries_wolf_is_not_believed_for_long(
    scard: FakeScard, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = scard.status_change

    def crying(context: int, timeout_ms: int, known: tuple[RawState, ...]) -> tuple[int, tuple[RawState, ...]]:
        code, states = honest(context, 0 if any(state.reader == PNP_READER for state in known) else timeout_ms, known)
        cried = tuple(RawState(PNP_READER, Flags.CHANGED) if state.reader == PNP_READER else state for state in states)
        return (Result.SUCCESS if cried != states else code), cried

    monkeypatch.setattr(scard, "status_change", crying)
    scard.plug(READER)
    watched(20)
    assert len(scard.calls) < 200


def test_a_reader_pulled_out_between_two_calls_does_no_harm(scard: FakeScard, watched: Watched) -> None:
    other = "Identiv uTrust 3700 F"
    scard.plug(READER)
    scard.plug(other)
    scard.time.at(1, lambda: scard.unplug(other))
    seen = watched(4)
    assert [len(snapshot.readers) for _, snapshot in seen] == [2, 1]


def test_virtual_readers_are_not_shown(scard: FakeScard, watched: Watched) -> None:
    scard.plug("Windows Hello for Business 1")
    scard.plug(READER)
    assert [reader.name for reader in watched(2)[0][1].readers] == [READER]


def test_a_reader_that_the_service_cannot_speak_to_is_not_shown(scard: FakeScard, watched: Watched) -> None:
    scard.plug(READER)
    scard.time.at(1, lambda: scard.flag(READER, Flags.UNAVAILABLE))
    assert [len(snapshot.readers) for _, snapshot in watched(4)] == [1, 0]


def test_stop_returns_at_once_and_nothing_is_shown_after_it(scard: FakeScard) -> None:
    seen: list[ReaderSnapshot] = []
    scard.end()
    watch = PcscWatch(scard, scard.time)
    watch.start(seen.append)
    assert scard.finished.wait(10)
    watch.stop()
    count = len(seen)
    assert not [thread for thread in threading.enumerate() if thread.name == "reader-watch"]
    scard.plug(READER)
    assert len(seen) == count


def test_stop_may_be_called_from_the_watch_itself_and_twice(scard: FakeScard) -> None:
    watch = PcscWatch(scard, scard.time)
    stopped = threading.Event()

    def on_change(_: ReaderSnapshot) -> None:
        watch.stop()
        stopped.set()

    watch.start(on_change)
    assert stopped.wait(10)
    watch.stop()


def test_a_watch_starts_once_and_may_start_again_after_stop(scard: FakeScard) -> None:
    scard.end()
    watch = PcscWatch(scard, scard.time)
    watch.start(lambda _: None)
    with pytest.raises(RuntimeError):
        watch.start(lambda _: None)
    watch.stop()
    again = threading.Event()
    watch.start(lambda _: again.set())
    assert again.wait(10)
    watch.stop()
