"""A server's certificate that is out of its time by this computer's clock: refused always, and the clock is told of.

The clock of a whole process is set by libfaketime, for TLS reads it in OpenSSL, where no test can reach it otherwise.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.errors import CertificateOutOfTime, ClockInDoubt, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from auth.wire.server_time import ServerTime
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


def _told(wrong_by: timedelta) -> ServerTime:
    """Return what is known where a register has said what time it is, and our clock is ahead by ``wrong_by``."""
    time = ServerTime((NOW + wrong_by).timestamp)
    time.learn(NOW.timestamp())
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
