"""A pause that a register asked for: kept, broken off at once, and no fault of anybody's where it takes longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auth.errors import RegisterUnreachable
from auth.wire.errand import CALLED_BACK, Recall
from auth.wire.exchange import HttpsExchange
from auth.wire.profile import CONTENT_TYPE


@pytest.fixture
def exchange(raw_register: Callable[..., Any]) -> Iterator[HttpsExchange]:
    opened = HttpsExchange(raw_register(lambda _request, _key: b"").endpoint, CONTENT_TYPE)
    yield opened
    opened.close()


def test_it_lasts_as_long_as_it_was_asked_for(exchange: HttpsExchange) -> None:
    began = time.monotonic()
    exchange.pause(0.2, Recall())
    assert time.monotonic() - began >= 0.2


def test_a_computer_that_is_held_up_meanwhile_goes_on(exchange: HttpsExchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop that slept, or a disk that was busy: nothing of that speaks against the register."""
    sleep = asyncio.sleep

    async def held_up(seconds: float) -> None:
        time.sleep(seconds + 1.3)
        await sleep(0.05)

    monkeypatch.setattr("auth.wire.exchange.asyncio.sleep", held_up)
    exchange.pause(0.1, Recall())


def test_called_back_before_it_begins_it_is_none(exchange: HttpsExchange) -> None:
    recall = Recall()
    recall.call()
    with pytest.raises(RegisterUnreachable, match=CALLED_BACK):
        exchange.pause(60.0, recall)
