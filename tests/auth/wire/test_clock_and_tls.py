"""A server's certificate that is out of its time by this computer's clock: refused always, and the clock is told of.

The clock of a whole process is set by libfaketime, for TLS reads it in OpenSSL, where no test can reach it otherwise.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from auth.errors import CertificateOutOfTime, ClockInDoubt, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint
from auth.wire.server_time import ServerTime
from auth.wire.tls_refusals import refusal
from auth.wire.validity import Validity
from mock_registers.authority import TestAuthority

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)

AtTime = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def library() -> Path:
    """Return libfaketime; without it skip, or fail where it must be there."""
    found = sorted((ROOT / "build" / "peers").glob("usr/lib/*/faketime/libfaketime.so.1"))
    if not found:
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail("libfaketime is not unpacked under build/peers")
        pytest.skip("libfaketime is not unpacked under build/peers")
    return found[0]


@pytest.fixture
def at_time(
    library: Path,
    raw_register: Callable[..., Any],
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    authority: TestAuthority,
) -> AtTime:
    """Return what asks a register from a process whose clock shows another time, and says what that was told."""
    register = raw_register(say)
    passphrase = b"for this test only"
    signer, opener = device.signer, device.opener
    told = {
        "base_url": register.endpoint.base_url,
        "anchor": base64.b64encode(authority.anchor).decode(),
        "answer_key": _key(register.endpoint.answer_keys[0]),
        "seal_key": _key(register.endpoint.seal_keys[0]),
        "passphrase": passphrase.decode(),
        "signer": signer.to_encrypted_pem(passphrase).decode(),
        "opener": opener.to_encrypted_pem(passphrase).decode(),
        "lookup": {
            "lookup_id": lookup.lookup_id,
            "personal_number": lookup.personal_number,
            "full_name": lookup.full_name,
            "date_of_birth": lookup.date_of_birth.isoformat(),
            "purpose": lookup.purpose,
            "legal_basis": lookup.legal_basis,
            "clerk": lookup.clerk,
        },
    }

    def ask(clock: str) -> dict[str, Any]:
        before = len(register.heard)
        shown = {"LD_PRELOAD": str(library), "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        ended = subprocess.run(  # our own interpreter, and a file that stands beside this one
            [sys.executable, Path(__file__).with_name("clock_child.py")],
            input=json.dumps(told).encode(),
            capture_output=True,
            env={**os.environ, **shown, "PYTHONPATH": str(ROOT)},
            timeout=100,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode()
        said: dict[str, Any] = json.loads(ended.stdout)
        assert (len(register.heard) > before) is ("answered" in said), "who is refused hears nothing"
        return said

    return ask


def _key(key: Any) -> tuple[str, str]:
    return key.key_id, base64.b64encode(key.spki).decode()


@pytest.mark.peer
def test_a_clock_that_is_right_gets_its_answer(at_time: AtTime) -> None:
    assert at_time("+0") == {"year": NOW.year, "answered": True}


@pytest.mark.peer
@pytest.mark.parametrize(
    ("clock", "year", "why"),
    [
        ("-1d", (NOW - DAY).year, "tls-certificate-not-yet-valid"),
        ("-30d", (NOW - 30 * DAY).year, "tls-certificate-not-yet-valid"),
        ("@2000-01-01 00:00:00", 2000, "tls-certificate-not-yet-valid"),
        ("+20y", NOW.year + 20, "tls-certificate-expired"),
    ],
    ids=["a-day-behind", "a-month-behind", "without-a-battery", "twenty-years-ahead"],
)
def test_a_clock_so_wrong_that_the_certificate_is_out_of_its_time_is_told_to_be_set(
    at_time: AtTime, clock: str, year: int, why: str
) -> None:
    said = at_time(clock)
    assert abs(said["year"] - year) <= 1, "twenty years of 365 days are not quite as long"
    assert (said["code"], said["why"]) == ("register-clock-in-doubt", why)
    assert "Kiểm tra và chỉnh lại ngày giờ của máy" in said["next_step"]["vi"]
    assert "Check this computer's clock" in said["next_step"]["en"]


@pytest.fixture
def refused(
    raw_register: Callable[..., Any],
    authority: TestAuthority,
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
) -> Callable[..., RegisterUnreachable]:
    """Return what asks a server whose certificate is valid from ``begin`` to ``end``, by what ``time`` knows."""

    def ask(begin: datetime, end: datetime, time: ServerTime) -> RegisterUnreachable:
        register = raw_register(say, tls=authority.server_context(not_before=begin, not_after=end))
        client = PopulationClient(register.endpoint, replace(device, clock=time), deadline_s=5.0)
        try:
            with pytest.raises(RegisterUnreachable) as caught:
                client.find_citizen(lookup)
        finally:
            client.close()
        assert register.heard == []
        return caught.value

    return ask


EXPIRED, FUTURE = (NOW - 9 * DAY, NOW - DAY), (NOW + DAY, NOW + 9 * DAY)


def _told(ahead: timedelta) -> ServerTime:
    """Return what is known where a register has said what time it is, and the clock that TLS goes by is ``ahead``."""
    time = ServerTime(NOW.timestamp)
    time.learn((NOW - ahead).timestamp())
    return time


@pytest.mark.parametrize(
    ("validity", "time", "error"),
    [
        (EXPIRED, ServerTime(), CertificateOutOfTime),
        (FUTURE, ServerTime(), ClockInDoubt),
        (EXPIRED, _told(timedelta()), CertificateOutOfTime),
        (FUTURE, _told(timedelta()), CertificateOutOfTime),
        (EXPIRED, _told(2 * DAY), ClockInDoubt),
        (FUTURE, _told(-2 * DAY), ClockInDoubt),
        (EXPIRED, _told(-2 * DAY), CertificateOutOfTime),
        (FUTURE, _told(2 * DAY), CertificateOutOfTime),
        (EXPIRED, ServerTime((NOW + 40 * DAY).timestamp), ClockInDoubt),
        (EXPIRED, ServerTime((NOW - 9000 * DAY).timestamp), CertificateOutOfTime),
    ],
    ids=[
        "expired",
        "future",
        "expired-and-the-clock-right",
        "future-and-the-clock-right",
        "expired-and-the-clock-ahead",
        "future-and-the-clock-behind",
        "expired-and-the-clock-behind",
        "future-and-the-clock-ahead",
        "expired-as-every-anchor-is",
        "expired-before-the-battery-failed",
    ],
)
def test_whether_the_clock_or_the_certificate_is_in_doubt_is_judged_by_what_a_register_has_said(
    refused: Callable[..., RegisterUnreachable],
    validity: tuple[datetime, datetime],
    time: ServerTime,
    error: type[RegisterUnreachable],
) -> None:
    assert type(refused(*validity, time)) is error


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
A_WEEK_AGO, IN_A_WEEK = NOW - 7 * DAY, NOW + 7 * DAY


@pytest.mark.parametrize(
    ("validity", "ahead", "error"),
    [
        ((A_WEEK_AGO, NOW - HOUR), 2 * MINUTE, CertificateOutOfTime),
        ((A_WEEK_AGO, NOW - HOUR), 2 * HOUR, ClockInDoubt),
        ((A_WEEK_AGO, NOW - 3 * DAY), 2 * DAY, CertificateOutOfTime),
        ((A_WEEK_AGO, NOW - HOUR), HOUR + 30 * timedelta(seconds=1), CertificateOutOfTime),
        ((NOW - DAY, NOW - HOUR), 3 * DAY, CertificateOutOfTime),
        ((NOW + HOUR, IN_A_WEEK), -2 * MINUTE, CertificateOutOfTime),
        ((NOW + HOUR, IN_A_WEEK), -2 * HOUR, ClockInDoubt),
        ((NOW + 3 * DAY, IN_A_WEEK), -2 * DAY, CertificateOutOfTime),
        ((NOW + HOUR, NOW + DAY), -3 * DAY, CertificateOutOfTime),
    ],
    ids=[
        "ahead-by-too-little",
        "ahead-by-enough",
        "ahead-by-days-and-expired-before",
        "within-what-is-not-known",
        "expired-by-our-clock-and-not-valid-yet-by-theirs",
        "behind-by-too-little",
        "behind-by-enough",
        "behind-by-days-and-of-later",
        "not-valid-yet-by-our-clock-and-expired-by-theirs",
    ],
)
def test_a_clock_that_is_wrong_is_blamed_where_the_certificate_is_valid_at_the_right_time(
    refused: Callable[..., RegisterUnreachable],
    validity: tuple[datetime, datetime],
    ahead: timedelta,
    error: type[RegisterUnreachable],
) -> None:
    assert type(refused(*validity, _told(ahead))) is error


def test_for_the_dates_of_a_certificate_nobody_is_told_anything(
    raw_register: Callable[..., Any], authority: TestAuthority, device: DeviceCredential, lookup: Lookup
) -> None:
    """Only the second handshake comes to its end, and not one byte of a request goes out behind it."""
    said: SimpleQueue[bytes] = SimpleQueue()

    def listen(connection: Any, _stop: Any) -> None:
        try:
            said.put(connection.recv(1))
        except OSError:
            said.put(b"")

    served = authority.server_context(not_before=A_WEEK_AGO, not_after=NOW - HOUR)
    register = raw_register(talk=listen, tls=served)
    client = PopulationClient(register.endpoint, replace(device, clock=_told(2 * HOUR)), deadline_s=5.0)
    with pytest.raises(ClockInDoubt):
        client.find_citizen(lookup)
    client.close()
    assert said.get(timeout=10) == b""
    assert said.empty()


# --- where the dates are not to be had --------------------------------------------------------------------------------


@pytest.mark.parametrize(("ahead", "error"), [(2 * HOUR, CertificateOutOfTime), (2 * DAY, ClockInDoubt)])
@pytest.mark.parametrize("stranger", ["other-anchor", "other-name", "other-key", "gone"])
def test_dates_that_are_not_the_registers_count_for_nothing_and_a_clock_is_blamed_that_is_days_wrong(
    raw_register: Callable[..., Any],
    authority: TestAuthority,
    device: DeviceCredential,
    lookup: Lookup,
    stranger: str,
    ahead: timedelta,
    error: type[RegisterUnreachable],
) -> None:
    """The first handshake meets the register's certificate; whoever answers the second is somebody else, or nobody."""
    dates: dict[str, Any] = {"not_before": A_WEEK_AGO, "not_after": NOW - HOUR}
    first = authority.server_context(**dates)
    other = {
        "other-anchor": TestAuthority().server_context(**dates),
        "other-name": authority.server_context(("other.invalid",), **dates),
        "other-key": authority.server_context(**dates),
        "gone": first,
    }[stranger]
    came: list[str] = []

    def change(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> int | None:
        came.append(stranger)
        if len(came) > 1:
            if stranger == "gone":
                return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
            connection.context = other
        return None

    first.sni_callback = change
    register = raw_register(talk=lambda _connection, _stop: None, tls=first, host="localhost")
    pins = (b"\0" * 32,) if stranger == "other-key" else ()
    endpoint = replace(register.endpoint, tls_pins=pins)
    client = PopulationClient(endpoint, replace(device, clock=_told(ahead)), deadline_s=5.0)
    with pytest.raises(RegisterUnreachable) as caught:
        client.find_citizen(lookup)
    client.close()
    assert type(caught.value) is error
    assert len(came) == 2


@pytest.mark.parametrize(("ahead", "error"), [(2 * HOUR, CertificateOutOfTime), (2 * DAY, ClockInDoubt)])
def test_an_authority_out_of_its_time_is_the_fault_of_a_clock_that_is_days_wrong(
    ahead: timedelta, error: type[RegisterUnreachable]
) -> None:
    """The server's own certificate fits; which of those above it does not, the ssl module does not tell."""
    endpoint = RegisterEndpoint("population", "https://register.invalid", (), ())
    fits = Validity((NOW - DAY).timestamp(), IN_A_WEEK.timestamp())
    assert type(refusal(endpoint, "tls-certificate-expired", _told(ahead), validity=fits)) is error
