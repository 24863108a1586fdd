"""What time it is: learned from what a register signed about our own request, and from nothing else (row A2)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from auth.errors import AnswerNotTrusted, RegisterUnreachable, RequestRejected
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint
from auth.wire.client import WireClient
from auth.wire.profile import POPULATION_PATH
from auth.wire.server_time import ServerTime
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers import RegisterSandbox
from mock_registers.answers import plain_refusal, sign_answer
from mock_registers.keys import SandboxKey
from mock_registers.refusal import Refusal

NOW, DAY = 1_800_000_000.0, 86_400.0
YEAR_2000 = 946_684_800.0
BODY, PURPOSE = b'{"lookup_id": "a", "purpose": "p", "legal_basis": "b"}', "land-change-registration"
Say = Callable[[HttpRequest, SandboxKey], bytes]


def test_a_small_difference_is_none() -> None:
    clock = ServerTime(lambda: NOW)
    for said in (NOW - 5, NOW, NOW + 5):
        assert not clock.learn(said)
    assert (clock.offset, clock.noticed, clock.trusted, clock.now()) == (0.0, False, True, NOW)


@pytest.mark.parametrize(
    ("ahead", "noticed", "trusted"),
    [
        (6, False, True),
        (59, False, True),
        (61, True, True),
        (300, True, True),
        (DAY, True, True),
        (DAY + 1, True, False),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_how_wrong_it_is_says_who_must_know_and_what_it_may_judge(
    ahead: float, noticed: bool, trusted: bool, sign: int
) -> None:
    clock = ServerTime(lambda: NOW + sign * ahead)
    assert clock.learn(NOW)
    assert (clock.now(), clock.wrong_by) == (NOW, sign * ahead)
    assert (clock.noticed, clock.trusted) == (noticed, trusted)


def test_a_clock_that_was_set_right_is_right_with_the_next_word() -> None:
    local = [NOW - 7_200]
    clock = ServerTime(lambda: local[0])
    assert clock.learn(NOW)
    local[0] = NOW
    assert clock.learn(NOW)
    assert (clock.offset, clock.noticed) == (0.0, False)


@pytest.mark.parametrize("year", [1970, 2000, 2025, 2100, 9999])
def test_no_register_makes_this_desk_work_in_another_century(year: int) -> None:
    clock = ServerTime(lambda: NOW)
    assert not clock.learn(datetime(year, 6, 1, tzinfo=UTC).timestamp())
    assert clock.now() == NOW


def test_a_clock_without_a_battery_is_known_to_be_wrong_before_anybody_says_so() -> None:
    clock = ServerTime(lambda: YEAR_2000)
    assert (clock.noticed, clock.trusted) == (True, False)
    assert datetime.fromtimestamp(clock.now(), UTC).year == 2026, "and the earliest that it can be"
    assert clock.learn(NOW)
    assert (clock.now(), clock.trusted) == (NOW, False)


@pytest.mark.parametrize("year", [2038, 2050])
def test_a_date_that_does_not_fit_into_32_bits_is_a_date(year: int) -> None:
    moment = datetime(year, 1, 19, 3, 14, 8, tzinfo=UTC).timestamp()
    clock = ServerTime(lambda: moment - 3_600)
    assert clock.learn(moment)
    assert clock.now() == moment


# --- over the line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drift", [-5, 5, 59, -59, 61, -61, 300, -300, DAY, -DAY, YEAR_2000 - 1_795_000_000])
def test_a2_a_look_up_is_answered_however_wrong_the_clock_is(
    sandbox: RegisterSandbox, lookup: Lookup, drift: float
) -> None:
    device = replace(sandbox.device, clock=ServerTime(lambda: time.time() + drift))
    register = PopulationClient(sandbox.endpoint("population"), device)
    found = register.find_citizen(lookup)
    register.close()
    assert found.record is not None
    assert device.clock.offset == pytest.approx(-drift if abs(drift) > 5 else 0, abs=6)
    assert abs(found.answered_at.timestamp() - time.time()) < 10


@pytest.fixture
def ask(device: DeviceCredential) -> Iterator[Callable[[RegisterEndpoint], object]]:
    opened: list[WireClient] = []

    def asked(endpoint: RegisterEndpoint) -> object:
        opened.append(WireClient(endpoint, device))
        return opened[-1].ask(POPULATION_PATH, BODY, PURPOSE)

    yield asked
    for client in opened:
        client.close()


def _refusing(wire_bytes: Callable[[HttpAnswer], bytes], name: str, **other: Any) -> Say:
    def say(request: HttpRequest, key: SandboxKey) -> bytes:
        return wire_bytes(sign_answer(request, plain_refusal(request, Refusal(401, name)), key, **other))

    return say


AN_HOUR_AGO = timedelta(hours=-1)


def test_a2_a_date_that_nobody_signed_teaches_nothing(raw_register, device: DeviceCredential, ask) -> None:
    date = format_datetime(datetime.now(UTC) + AN_HOUR_AGO, usegmt=True).encode()
    register = raw_register(lambda _request, _key: b"HTTP/1.1 401 -\r\ndate: %b\r\ncontent-length: 0\r\n\r\n" % date)
    with pytest.raises(RegisterUnreachable):
        ask(register.endpoint)
    assert (device.clock.offset, len(register.heard)) == (0.0, 1)


def test_a2_the_word_of_a_stranger_teaches_nothing(raw_register, device: DeviceCredential, wire_bytes, ask) -> None:
    created, stranger = datetime.now(UTC) + AN_HOUR_AGO, SandboxKey()
    say = _refusing(wire_bytes, "signature-out-of-time", created=created)
    register = raw_register(lambda request, _key: say(request, stranger))
    with pytest.raises(AnswerNotTrusted, match="unknown-key"):
        ask(register.endpoint)
    assert device.clock.offset == 0.0


def test_a2_a_word_about_one_request_teaches_once_and_never_again(
    raw_register, device: DeviceCredential, wire_bytes, ask
) -> None:
    created, kept = datetime.now(UTC) + AN_HOUR_AGO, []
    say = _refusing(wire_bytes, "signature-out-of-time", created=created)

    def replay(request: HttpRequest, key: SandboxKey) -> bytes:
        kept.append(say(request, key))
        return kept[0]

    register = raw_register(replay)
    with pytest.raises(AnswerNotTrusted, match="signature-wrong"):
        ask(register.endpoint)
    assert len(register.heard) == 2, "the first was ours; what it taught is asked by, and that is all"
    assert device.clock.offset == pytest.approx(-3_600, abs=6)


@pytest.mark.parametrize("name", ["purpose-not-allowed", "maintenance"])
def test_a2_any_other_word_must_come_in_its_time(
    raw_register, device: DeviceCredential, wire_bytes, ask, name: str
) -> None:
    register = raw_register(_refusing(wire_bytes, name, created=datetime.now(UTC) + AN_HOUR_AGO))
    with pytest.raises(AnswerNotTrusted, match="signature-out-of-time"):
        ask(register.endpoint)
    assert device.clock.offset == 0.0


def test_a2_a_register_that_is_never_content_is_asked_twice_and_no_more(
    raw_register, device: DeviceCredential, wire_bytes, ask
) -> None:
    register = raw_register(
        _refusing(wire_bytes, "signature-out-of-time", created=datetime.now(UTC) + timedelta(hours=2))
    )
    with pytest.raises(RequestRejected, match="signature-out-of-time"):
        ask(register.endpoint)
    assert len(register.heard) == 2
    assert len({request.headers["idempotency-key"] for request in register.heard}) == 1
    assert len({request.body for request in register.heard}) == 1, "the same envelope, signed anew"
