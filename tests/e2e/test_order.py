"""The reading in the order that serves the desk, as the events tell it (design.md 2)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mock_cards.timing import VirtualClock, with_timing
from reader.errors import Cancelled, CardRemoved, WrongPassword
from reader.inspection import (
    CheckId,
    CheckJudged,
    FileProgress,
    IdentityRead,
    InspectionEvent,
    PortraitGrowing,
    PortraitRead,
    inspect,
)
from reader.inspection.portrait_beside import PortraitBeside
from reader.iso7816 import CardLink, CommandAPDU, ResponseAPDU, atr_of
from reader.lds import Portrait

Bench = Any  # lives in conftest.py, which cannot be imported from here


class Counted:
    """Count commands and do something at one of them."""

    def __init__(self, link: CardLink, at: int = 0, act: Any = None) -> None:
        self.link, self.at, self.act, self.sent = link, at, act, 0
        self.atr = atr_of(link)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.sent += 1
        if self.sent == self.at:
            self.act()
        return self.link.transmit(command)


def events_of(bench: Bench, persona: str) -> list[InspectionEvent]:
    card = bench.build(persona)
    seen: list[InspectionEvent] = []
    inspect(card.card, bench.request(card, decode_portrait=True), on_event=seen.append)
    return seen


def test_files_come_in_the_order_of_the_design(bench: Bench) -> None:
    seen = events_of(bench, "nguyen-van-mau")
    files = list(dict.fromkeys(event.file for event in seen if isinstance(event, FileProgress)))
    assert files == ["EF.SOD", "EF.DG1", "EF.DG13", "EF.DG14", "EF.DG15", "EF.COM", "EF.DG2"]


def test_the_identity_is_told_before_a_byte_of_the_portrait_is_asked_for(bench: Bench) -> None:
    seen = events_of(bench, "nguyen-van-mau")
    told = next(place for place, event in enumerate(seen) if isinstance(event, IdentityRead))
    portrait = [place for place, event in enumerate(seen) if isinstance(event, FileProgress) and event.file == "EF.DG2"]
    shown = next(place for place, event in enumerate(seen) if isinstance(event, PortraitRead))
    assert told < portrait[0] < shown


def test_progress_ends_at_the_length_of_each_file(bench: Bench) -> None:
    last = {event.file: event for event in events_of(bench, "pham-thi-mau") if isinstance(event, FileProgress)}
    assert all(event.read == event.total for event in last.values())


def test_every_check_is_told_once(bench: Bench) -> None:
    told = [event.check.id for event in events_of(bench, "pham-thi-mau") if isinstance(event, CheckJudged)]
    assert sorted(told) == sorted(CheckId)


def test_cancel_ends_the_work_within_one_command(bench: Bench) -> None:
    whole = Counted(bench.build("pham-thi-mau").card)
    card = bench.build("pham-thi-mau")
    inspect(Counted(card.card), bench.request(card))
    for at in (1, 3, 8, 20, 50):
        card = bench.build("pham-thi-mau")
        cancel = threading.Event()
        whole = Counted(card.card, at, cancel.set)
        with pytest.raises(Cancelled):
            inspect(whole, bench.request(card), cancel=cancel)
        assert whole.sent == at


def test_a_card_pulled_at_any_command_is_a_named_error(bench: Bench) -> None:
    def pull() -> None:
        raise CardRemoved("pulled")

    for at in range(1, 91):
        card = bench.build("pham-thi-mau")
        with pytest.raises(CardRemoved):
            inspect(Counted(card.card, at, pull), bench.request(card))


def test_a_wrong_can_is_said_to_be_one_and_tried_once(bench: Bench) -> None:
    from reader.access import Can

    card = bench.build("nguyen-van-mau")
    counted = Counted(card.card)
    with pytest.raises(WrongPassword):
        inspect(counted, bench.request(card, passwords=(Can("999999"),), personal_number=""))
    # EF.CardAccess, MSE:Set AT and four GENERAL AUTHENTICATE: no second try by itself.
    assert counted.sent == 6


def test_on_a_slow_chip_the_portrait_is_seen_as_it_grows(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock of a chip at 106 kbit/s; the events keep their order, and the last one shows the whole."""
    built = bench.build("nguyen-van-mau")
    clock = VirtualClock()
    card = with_timing(built.card, "contactless-106", clock)
    told: list[InspectionEvent] = []
    look = PortraitBeside.look

    def patient(beside: PortraitBeside, got: int, total: int | None) -> Portrait | None:
        """Leave the decoder the time of a real card: this one's seconds pass at once."""
        sight = look(beside, got, total)
        if beside._sight is not None:
            beside._sight.exception(20)
        return sight

    monkeypatch.setattr(PortraitBeside, "look", patient)
    inspection = inspect(card, bench.request(built, decode_portrait=True), on_event=told.append, clock=clock.now)
    kinds = [type(event) for event in told]
    assert PortraitGrowing in kinds
    assert kinds.index(IdentityRead) < kinds.index(PortraitGrowing) < kinds.index(PortraitRead)
    assert inspection.portrait is not None
    whole = inspection.portrait
    sights = [event.portrait for event in told if isinstance(event, PortraitGrowing)]
    assert {(sight.width, sight.height) for sight in sights} == {(whole.width, whole.height)}
    assert all(sight.png != whole.png for sight in sights)
