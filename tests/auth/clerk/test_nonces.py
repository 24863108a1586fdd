"""Row A3: a nonce belongs to the server that gave it (RFC 9449 §8 and §9), and no register is shown another's."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from auth.clerk.desk_clerk import DeskClerk
from auth.clerk.nonces import ServerNonces
from auth.clerk.session_access import SessionAccess
from auth.purposes import purpose
from auth.registers import Lookup
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from mock_registers import RegisterSandbox
from reader.lds.identity import CalendarDate

LAND = "land-change-registration"
WAIT_S = 10.0


def _shown(desk: DeskClerk, register: str) -> str | None:
    proof = desk.access().headers_for(register, LAND, "POST", f"https://127.0.0.1:1/{register}")["dpop"]
    payload = proof.split(".")[1]
    nonce = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).get("nonce")
    return None if nonce is None else str(nonce)


def test_each_register_is_shown_the_nonce_that_it_gave_itself(signed_in: DeskClerk) -> None:
    access = signed_in.access()
    access.take_note("population", {"dpop-nonce": "of-population"})
    assert _shown(signed_in, "land") is None
    access.take_note("land", {"dpop-nonce": "of-land"})
    assert (_shown(signed_in, "population"), _shown(signed_in, "land")) == ("of-population", "of-land")
    access.take_note("land", {"dpop-nonce": "of-land-2"})
    access.take_note("land", {})
    assert (_shown(signed_in, "population"), _shown(signed_in, "land")) == ("of-population", "of-land-2")


def _lookup(number: int) -> Lookup:
    return Lookup(
        lookup_id=f"visit-{number}",
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        purpose=LAND,
        legal_basis=purpose(LAND).legal_basis,
        clerk="canbo.mau",
    )


@pytest.fixture
def finds(sandbox: RegisterSandbox, desk: DeskClerk) -> Iterator[list[Callable[[Lookup], Any]]]:
    """Return how two registers are asked, each of which knows its own nonces only."""
    population = PopulationClient(sandbox.endpoint("population"), sandbox.device, clerk=desk)
    land = LandClient(sandbox.endpoint("land"), sandbox.device, clerk=desk)
    with closing(population), closing(land):
        yield [population.find_citizen, land.find_holdings]


def test_two_registers_asked_at_once_both_answer_though_both_want_their_nonce_first(
    signed_in: DeskClerk, finds: list[Callable[[Lookup], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have refused, each with its nonce, before either request goes again: the way it is when a visit begins."""
    real, both, came, ends = SessionAccess.take_note, threading.Barrier(2), set[str](), list[object]()

    def take_note(self: SessionAccess, register: str, headers: Any) -> None:
        real(self, register, headers)
        if "dpop-nonce" in headers and register not in came:
            came.add(register)
            both.wait(WAIT_S)

    monkeypatch.setattr(SessionAccess, "take_note", take_note)

    def ask(find: Callable[[Lookup], Any], number: int) -> None:
        try:
            ends.append(find(_lookup(number)).record is not None)
        except Exception as error:
            ends.append(str(error))

    threads = [threading.Thread(target=ask, args=(find, number)) for number, find in enumerate(finds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ends, came) == ([True, True], {"population", "land"})


def test_after_the_first_time_no_register_refuses_for_want_of_a_nonce(
    signed_in: DeskClerk, finds: list[Callable[[Lookup], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, over and over: with a nonce for all of them each would be refused each time."""
    refused: list[str] = []
    real = SessionAccess.take_note

    def take_note(self: SessionAccess, register: str, headers: Any) -> None:
        if "dpop-nonce" in headers:
            refused.append(register)
        real(self, register, headers)

    monkeypatch.setattr(SessionAccess, "take_note", take_note)
    for number in range(3):
        for find in finds:
            assert find(_lookup(number)).record is not None
    assert refused == ["population", "land"]


def test_with_the_clerk_every_nonce_goes(signed_in: DeskClerk) -> None:
    access = signed_in.access()
    access.take_note("land", {"dpop-nonce": "of-land"})
    signed_in.sign_out()
    assert signed_in._nonces.of("land") is None


@pytest.mark.parametrize("nonce", ["", "n" * 257, "số", "n\r\nx: y", "\x00"])
def test_a_nonce_that_is_none_changes_nothing(nonce: str) -> None:
    nonces = ServerNonces()
    nonces.take_note("land", {"dpop-nonce": "before"})
    nonces.take_note("land", {"dpop-nonce": nonce})
    assert nonces.of("land") == "before"


def test_of_ever_so_many_servers_those_are_remembered_that_spoke_last() -> None:
    nonces = ServerNonces()
    for number in range(100):
        nonces.take_note(f"register-{number}", {"dpop-nonce": f"n{number}"})
        nonces.take_note("land", {"dpop-nonce": f"land-{number}"})
    kept = [number for number in range(100) if nonces.of(f"register-{number}") is not None]
    assert kept == list(range(69, 100))
    assert nonces.of("land") == "land-99"
