"""While a register is asked, the card is spoken to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from auth.presence.waiting import EVERY_S, GIVE_UP_S, ask_beside_card
from reader.errors import Cancelled, CardRemoved
from reader.iso7816 import CommandAPDU, LinkDecorator, ResponseAPDU

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any


class Telling(LinkDecorator):
    """Tell when so many commands have gone to the card."""

    def __init__(self, link: Any, count: int) -> None:
        super().__init__(link)
        self.left = count
        self.reached = threading.Event()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        answer = self._link.transmit(command)
        self.left -= 1
        if self.left <= 0:
            self.reached.set()
        return answer


def test_the_card_is_kept_awake_and_can_prove_itself_afterwards(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("vietnam-2021")
    telling = Telling(desk.session.channel, 3)

    def ask() -> Any:
        assert telling.reached.wait(30)
        return desk.offer(register)

    offer = ask_beside_card(ask, telling, every_s=0.01)
    assert telling.left <= 0
    assert desk.judged(register, desk.prover(register).prove(offer)).accepted


def test_a_quick_answer_costs_the_card_nothing(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2021")
    before = desk.apdus
    assert ask_beside_card(lambda: "answer", desk.session.channel, every_s=30) == "answer"
    assert desk.apdus == before


@pytest.mark.parametrize("error", [TimeoutError, ValueError])
def test_what_the_question_raises_is_raised(error: type[Exception]) -> None:
    def ask() -> None:
        raise error("no answer")

    class Unused:
        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            raise AssertionError("the card is not spoken to")

    with pytest.raises(error, match="no answer"):
        ask_beside_card(ask, Unused(), every_s=30)


def test_a_card_that_has_gone_ends_the_waiting() -> None:
    gone = threading.Event()

    class Gone:
        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            gone.set()
            raise CardRemoved("gone")

    with pytest.raises(CardRemoved):
        ask_beside_card(lambda: gone.wait(30), Gone(), every_s=0.01)


def test_a_verifier_that_says_nothing_is_given_up(desk_with: Callable[..., Desk]) -> None:
    desk, let_go = desk_with("vietnam-2021"), threading.Event()
    with pytest.raises(TimeoutError):
        ask_beside_card(lambda: let_go.wait(30), desk.session.channel, every_s=30, give_up_s=0.05)
    let_go.set()
    assert desk.session.channel.is_open, "the card was left as it is"


def test_a_cancel_is_heeded_while_nobody_answers() -> None:
    cancel, let_go = threading.Event(), threading.Event()

    class Unused:
        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            raise AssertionError("the card is not spoken to")

    cancel.set()
    with pytest.raises(Cancelled):
        ask_beside_card(lambda: let_go.wait(30), Unused(), every_s=30, cancel=cancel)
    let_go.set()


def test_a_card_is_spoken_to_often_enough_and_waited_for_no_longer_than_it_can_be_held() -> None:
    assert EVERY_S < 5, "PC/SC on Windows resets a card after five seconds without a command"
    assert EVERY_S < GIVE_UP_S <= 8
