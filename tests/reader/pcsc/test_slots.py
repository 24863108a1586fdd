"""What lies on a reader, made of flags and times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.iso7816 import SlotState
from reader.pcsc.scard import Flags, RawState
from reader.pcsc.slots import FLICKER_SECONDS, SlotHistory, is_passed_over, slot_of

ATR = bytes.fromhex("3B8880010000000000000000 09")
OTHER_ATR = bytes.fromhex("3B8E800180")


def _raw(flags: int, count: int = 0, atr: bytes = b"") -> RawState:
    return RawState("reader", flags | count << 16, atr)


def _card(count: int, atr: bytes = ATR) -> RawState:
    return _raw(Flags.PRESENT, count, atr)


@pytest.mark.parametrize(
    ("flags", "slot"),
    [
        (Flags.EMPTY, SlotState.EMPTY),
        (Flags.PRESENT, SlotState.PRESENT),
        (Flags.PRESENT | Flags.INUSE, SlotState.PRESENT),
        (Flags.PRESENT | Flags.EXCLUSIVE, SlotState.HELD),
        (Flags.PRESENT | Flags.EXCLUSIVE | Flags.INUSE, SlotState.HELD),
        (Flags.PRESENT | Flags.MUTE, SlotState.MUTE),
        (Flags.EMPTY | Flags.EXCLUSIVE, SlotState.EMPTY),
    ],
)
def test_flags_become_slot_states(flags: int, slot: SlotState) -> None:
    assert slot_of(flags) is slot


def test_a_card_put_on_counts_once_and_shows_its_atr() -> None:
    history = SlotHistory("reader")
    history.feed(_raw(Flags.EMPTY), 0)
    history.feed(_card(1), 1)
    history.feed(_card(1), 2)
    assert (history.state.slot, history.state.atr, history.state.insertions) == (SlotState.PRESENT, ATR, 1)


def test_a_card_that_is_back_within_300_ms_was_never_away() -> None:
    history = SlotHistory("reader")
    history.feed(_card(1), 0)
    before = history.state
    history.feed(_raw(Flags.EMPTY, 2), 1)
    assert history.state == before
    history.feed(_card(3), 1 + FLICKER_SECONDS - 0.001)
    assert history.state == before
    assert history.settles_at is None


def test_a_card_that_is_back_after_300_ms_is_a_new_insertion() -> None:
    history = SlotHistory("reader")
    history.feed(_card(1), 0)
    history.feed(_raw(Flags.EMPTY, 2), 1)
    history.feed(_card(3), 1 + FLICKER_SECONDS)
    assert history.state.insertions == 2


def test_another_atr_within_300_ms_is_another_card() -> None:
    history = SlotHistory("reader")
    history.feed(_card(1), 0)
    history.feed(_raw(Flags.EMPTY, 2), 1)
    history.feed(_card(3, OTHER_ATR), 1.1)
    assert (history.state.insertions, history.state.atr) == (2, OTHER_ATR)


def test_a_removal_shows_when_it_has_lasted() -> None:
    history = SlotHistory("reader")
    history.feed(_card(1), 0)
    history.feed(_raw(Flags.EMPTY, 2), 1)
    assert history.settles_at == 1 + FLICKER_SECONDS
    history.settle(1 + FLICKER_SECONDS)
    assert (history.state.slot, history.state.atr) == (SlotState.EMPTY, b"")


def test_a_swap_that_only_the_event_count_betrays_is_a_new_insertion() -> None:
    history = SlotHistory("reader")
    history.feed(_card(1), 0)
    history.feed(_card(3), 1)
    assert history.state.insertions == 2


def test_the_event_count_may_wrap_round() -> None:
    history = SlotHistory("reader")
    history.feed(_card(0xFFFF), 0)
    history.feed(_card(1), 1)
    assert history.state.insertions == 2


def test_a_card_that_speaks_after_having_been_mute_is_the_same_card() -> None:
    history = SlotHistory("reader")
    history.feed(_raw(Flags.PRESENT | Flags.MUTE, 1), 0)
    history.feed(_card(1), 1)
    assert (history.state.slot, history.state.insertions) == (SlotState.PRESENT, 1)


def test_a_lost_reader_is_empty_at_once_and_its_card_counts_anew() -> None:
    history = SlotHistory("reader")
    history.feed(_card(1), 0)
    history.lose()
    assert history.state.slot is SlotState.EMPTY
    history.feed(_card(0), 0.1)
    assert history.state.insertions == 2


@pytest.mark.parametrize("name", ["Windows Hello for Business 1", "Microsoft Virtual Smart Card 0"])
def test_virtual_readers_of_the_system_are_passed_over(name: str) -> None:
    assert is_passed_over(name)


@pytest.mark.parametrize("name", ["ACS ACR1252 1S CL Reader PICC 0", "Virtual PCD 00 00", "Identiv uTrust 3700 F"])
def test_real_readers_and_the_emulator_are_not_passed_over(name: str) -> None:
    assert not is_passed_over(name)


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.floats(0, 2), st.binary(max_size=33)), max_size=30))
def test_insertions_never_shrink_and_an_empty_slot_has_no_atr(events: list[tuple[int, float, bytes]]) -> None:
    history = SlotHistory("reader")
    now, insertions = 0.0, 0
    for state, pause, atr in events:
        now += pause
        history.feed(RawState("reader", state, atr), now)
        assert history.state.insertions >= insertions
        assert history.state.slot is not SlotState.EMPTY or not history.state.atr
        insertions = history.state.insertions
