"""Row A2, what an identity token may teach of the time: only that it was made just now, borne out by its server."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from auth.clerk import signing_in
from auth.clerk.desk_clerk import ClerkState, DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser, by_code
from auth.errors import SignInFailed
from auth.wire.oauth import ID_JWT
from auth.wire.server_time import ServerTime
from mock_registers import RegisterSandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox
from mock_registers.authorization.tokens import TokenMaker

YEAR_2000 = 946_684_800 - int(time.time())
DRIFTS = [0, -7_200, 86_400, pytest.param(YEAR_2000, id="2000")]
At = Callable[[float], DeskClerk]


@pytest.fixture
def at(sandbox: RegisterSandbox, authorization: AuthorizationSandbox) -> Iterator[At]:
    """Return what makes a desk whose own clock is wrong by so many seconds."""
    opened: list[DeskClerk] = []

    def made(drift: float) -> DeskClerk:
        device = dataclasses.replace(sandbox.device, clock=ServerTime(lambda: time.time() + drift))
        opened.append(DeskClerk(AuthorizationClient(authorization.endpoint, device)))
        return opened[-1]

    yield made
    for desk in opened:
        desk.close()


@pytest.fixture
def dated(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have identity tokens dated otherwise than when they are made."""
    real = TokenMaker._sign

    def otherwise(**by: float) -> None:
        def sign(self: TokenMaker, kind: str, claims: dict[str, Any]) -> str:
            moved = {name: claims[name] + seconds for name, seconds in by.items()} if kind == ID_JWT else {}
            return real(self, kind, {**claims, **moved})

        monkeypatch.setattr(TokenMaker, "_sign", sign)

    return otherwise


def _clock(desk: DeskClerk) -> ServerTime:
    return desk._client.device.clock


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("age", [120, 86_000])
def test_a2_a_token_that_was_not_made_just_now_is_refused_and_sets_no_clock(
    at: At, dated: Callable[..., None], authorization: AuthorizationSandbox, drift: float, age: float
) -> None:
    """By its own word it was made two minutes or almost a day ago, and is good still: only ``Date`` is against it."""
    dated(iat=-age, auth_time=-age)
    desk = at(drift)
    with pytest.raises(SignInFailed, match="identity-out-of-time"):
        desk.sign_in(by_browser(authorization.browser(), seconds=20))
    assert (desk.presence.state, _clock(desk).offset, _clock(desk).known) == (ClerkState.NOBODY, 0.0, False)


def test_a2_no_token_was_made_before_its_clerk_signed_in(
    at: At, dated: Callable[..., None], authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two times in it are told apart without any other clock."""
    _without_date(monkeypatch)
    dated(iat=-86_000)
    desk = at(0)
    with pytest.raises(SignInFailed, match="identity-out-of-time"):
        desk.sign_in(by_browser(authorization.browser(), seconds=20))
    assert not _clock(desk).known


def _without_date(monkeypatch: pytest.MonkeyPatch) -> None:
    real = AuthorizationClient._take_note

    def take_note(self: AuthorizationClient, headers: Mapping[str, str]) -> None:
        real(self, {name: value for name, value in headers.items() if name != "date"})

    monkeypatch.setattr(AuthorizationClient, "_take_note", take_note)


def test_a2_a_server_that_gives_no_date_signs_clerks_in_and_sets_no_clock(
    at: At, dated: Callable[..., None], authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_date(monkeypatch)
    dated(iat=-86_000, auth_time=-86_000)
    desk = at(0)
    assert desk.sign_in(by_browser(authorization.browser(), seconds=20)).state is ClerkState.SIGNED_IN
    assert (_clock(desk).offset, _clock(desk).known) == (0.0, False)


@pytest.mark.parametrize("drift", DRIFTS)
def test_a2_at_a_kiosk_too_a_token_made_just_now_sets_the_clock_right(
    at: At, authorization: AuthorizationSandbox, drift: float
) -> None:
    begun = time.monotonic()
    desk = at(drift)
    way = by_code(lambda prompt: authorization.browser().sign_in(prompt.complete), pause=lambda _seconds: False)
    desk.sign_in(way)
    assert desk.clock_offset == pytest.approx(-drift, abs=6 + time.monotonic() - begun)


def test_a2_a_token_endpoint_that_takes_its_time_is_given_it(
    at: At, dated: Callable[..., None], authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was two minutes on its way, so a token that is as old was made when it was asked for."""
    monkeypatch.setattr(signing_in, "monotonic", lambda: time.monotonic() - 120)
    dated(iat=-120, auth_time=-120)
    assert at(0).sign_in(by_browser(authorization.browser(), seconds=300)).state is ClerkState.SIGNED_IN
