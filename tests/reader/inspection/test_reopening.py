"""A chip that was inspected is opened once more: the same document only, and closed behind whoever wanted it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mock_cards.build import BuiltCard, CardFactory
from reader.access import Can, SecureMessaging
from reader.errors import AccessFailed, Cancelled, CardRemoved, DataError, DifferentDocument, WrongPassword
from reader.files import FileId, read_file
from reader.inspection import Inspection, InspectionRequest, inspect
from reader.inspection.open_chip import OpenChip
from reader.inspection.reopening import reopen
from reader.iso7816 import CardLink, CommandAPDU, ResponseAPDU

Opened = tuple[BuiltCard, Inspection, InspectionRequest]


class Resettable:
    """Be a link whose card can be reset where it lies."""

    def __init__(self, card: BuiltCard) -> None:
        self.card = card
        self.resets = 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        return self.card.card.transmit(command)

    def reset(self) -> None:
        self.resets += 1
        self.card.card.power_on()


class Lost:
    """Be a link whose card is gone after some commands."""

    def __init__(self, link: CardLink, commands: int) -> None:
        self._link = link
        self._left = commands

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self._left -= 1
        if self._left < 0:
            raise CardRemoved("lost")
        return self._link.transmit(command)


@pytest.fixture
def inspected(factory: CardFactory, request_for: Callable[..., InspectionRequest]) -> Opened:
    """Return a card that was inspected and then reset."""
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    wanted = request_for(card)
    inspection = inspect(card.card, wanted)
    card.card.power_on()
    return card, inspection, wanted


def test_what_was_inspected_is_handed_over_open_and_closed_after_that(inspected: Opened) -> None:
    card, inspection, wanted = inspected
    seen: list[tuple[OpenChip, bytes]] = []
    reopen(
        card.card,
        wanted.passwords,
        inspection,
        lambda chip: seen.append((chip, read_file(chip.channel, FileId.DG1).data)),
    )
    ((chip, dg1),) = seen
    assert dg1 == dict(inspection.files)[FileId.DG1.label]
    assert (chip.reads_by_sfi, chip.channel.is_open) == (True, False)
    assert (chip.reopen is None) == (not hasattr(card.card, "reset"))


def test_it_can_be_reset_and_opened_again_where_the_link_can(inspected: Opened) -> None:
    card, inspection, wanted = inspected
    link = Resettable(card)
    fresh: list[SecureMessaging] = []

    def again(chip: OpenChip) -> None:
        assert chip.reopen is not None
        fresh.append(chip.reopen())
        assert not chip.channel.is_open
        assert read_file(fresh[0], FileId.DG1).complete

    reopen(link, wanted.passwords, inspection, again)
    assert link.resets == 1


def test_another_document_is_refused_before_anybody_gets_it(
    inspected: Opened, factory: CardFactory, request_for: Callable[..., InspectionRequest]
) -> None:
    _, inspection, _ = inspected
    other = factory.build("pham-thi-mau")
    other.card.power_on()
    with pytest.raises(DifferentDocument):
        reopen(other.card, request_for(other).passwords, inspection, pytest.fail)


def test_a_number_that_opens_nothing_spends_one_try_and_says_so(inspected: Opened) -> None:
    card, inspection, _ = inspected
    with pytest.raises(WrongPassword):
        reopen(card.card, (Can("000000"),), inspection, pytest.fail)


def test_an_inspection_that_read_no_security_object_names_no_document(inspected: Opened) -> None:
    card, inspection, wanted = inspected
    nameless = replace(inspection, files=tuple(file for file in inspection.files if file[0] != FileId.SOD.label))
    with pytest.raises(ValueError, match=r"EF\.SOD"):
        reopen(card.card, wanted.passwords, nameless, pytest.fail)


def test_a_cancel_ends_it_within_one_command(inspected: Opened) -> None:
    card, inspection, wanted = inspected
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        reopen(card.card, wanted.passwords, inspection, pytest.fail, cancel=cancel)


@pytest.mark.parametrize("commands", [0, 3, 8, 12])
def test_a_card_that_leaves_meanwhile_is_told(inspected: Opened, commands: int) -> None:
    card, inspection, wanted = inspected
    with pytest.raises(CardRemoved):
        reopen(Lost(card.card, commands), wanted.passwords, inspection, pytest.fail)


def test_what_goes_wrong_afterwards_closes_it_too(inspected: Opened) -> None:
    card, inspection, wanted = inspected
    seen: list[OpenChip] = []

    def fail(chip: OpenChip) -> None:
        seen.append(chip)
        raise CardRemoved("later")

    with pytest.raises(CardRemoved):
        reopen(card.card, wanted.passwords, inspection, fail)
    assert not seen[0].channel.is_open


def test_an_answer_without_sense_is_a_failed_access(inspected: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    card, inspection, wanted = inspected

    def nonsense(*_: Any, **__: Any) -> Any:
        raise DataError("bad point")

    monkeypatch.setattr("reader.inspection.reopening.open_channel", nonsense)
    with pytest.raises(AccessFailed):
        reopen(card.card, wanted.passwords, inspection, pytest.fail)
