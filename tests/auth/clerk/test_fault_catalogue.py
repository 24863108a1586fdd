"""Rows A1, A2, A3 and A9 of the fault catalogue, from the desk through the wire to a register and back."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auth.clerk.desk_clerk import ClerkState, DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser
from auth.errors import ClerkMayNot, ClerkNotSignedIn, RegisterRefused
from auth.purposes import purpose
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire.dpop import make_proof
from auth.wire.server_time import ServerTime
from mock_registers import RegisterSandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox
from mock_registers.refusal import Refusal
from reader.lds.identity import CalendarDate

RESIDENCE = "permanent-residence"


@pytest.fixture
def lookup() -> Lookup:
    wanted = purpose(RESIDENCE)
    use = wanted.use("population")
    assert use is not None
    return Lookup(
        lookup_id="visit-1",
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        purpose=RESIDENCE,
        legal_basis=wanted.legal_basis,
        clerk="canbo.mau",
    )


@pytest.fixture
def register(sandbox: RegisterSandbox, desk: DeskClerk) -> Iterator[PopulationClient]:
    opened = PopulationClient(sandbox.endpoint("population"), sandbox.device, clerk=desk)
    yield opened
    opened.close()


@pytest.fixture
def ask(register: PopulationClient, lookup: Lookup) -> Callable[..., str]:
    """Return what looks the citizen up and returns the name that was found."""
    count = iter(range(100))

    def asked(**changes: Any) -> str:
        given = dataclasses.replace(lookup, lookup_id=f"visit-{next(count)}", **changes)
        record = register.find_citizen(given).record
        assert record is not None
        return record.full_name

    return asked


def _count(monkeypatch: pytest.MonkeyPatch, grant: str) -> list[str]:
    """Return a list that grows with each request for tokens by ``grant``."""
    counted: list[str] = []
    real = AuthorizationClient.tokens

    def tokens(self: AuthorizationClient, fields: Any, *more: Any) -> dict[str, Any]:
        if fields["grant_type"] == grant:
            counted.append(grant)
        return real(self, fields, *more)

    monkeypatch.setattr(AuthorizationClient, "tokens", tokens)
    return counted


def test_a_look_up_shows_who_asks(signed_in: DeskClerk, ask: Callable[..., str]) -> None:
    assert ask() == "Nguyễn Văn Mẫu"


def test_without_a_clerk_nothing_is_sent(desk: DeskClerk, ask: Callable[..., str]) -> None:
    with pytest.raises(ClerkNotSignedIn, match="nobody"):
        ask()


def test_a_desk_that_leaves_the_token_out_gets_no_answer(sandbox: RegisterSandbox, lookup: Lookup) -> None:
    register = PopulationClient(sandbox.endpoint("population"), sandbox.device)
    with pytest.raises(RegisterRefused, match="clerk-not-signed-in"):
        register.find_citizen(lookup)
    register.close()


def test_a_desk_cannot_put_one_clerks_name_on_anothers_question(signed_in: DeskClerk, ask: Callable[..., str]) -> None:
    with pytest.raises(RegisterRefused, match="clerk-mismatch"):
        ask(clerk="canbo.haimau")


def test_a1_a_token_that_a_register_no_longer_takes_is_renewed_once_in_silence(
    signed_in: DeskClerk,
    ask: Callable[..., str],
    authorization: AuthorizationSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renewals = _count(monkeypatch, "refresh_token")
    ask()
    real, refused = authorization.judge._expect_current, []

    def expect_current(claims: dict[str, Any], now: float) -> object:
        if claims["jti"] not in refused and len(refused) < most:
            refused.append(claims["jti"])
            raise Refusal(401, "token-expired")
        return real(claims, now)

    monkeypatch.setattr(authorization.judge, "_expect_current", expect_current)
    most = 1
    assert ask() == "Nguyễn Văn Mẫu"
    assert len(renewals) == 2
    # A register that takes no token at all is asked no third time.
    most = 100
    with pytest.raises(RegisterRefused, match="token-expired"):
        ask()
    assert len(renewals) == 3


def test_a1_a_sign_in_that_was_ended_elsewhere_ends_here_and_the_clerk_signs_in_again(
    signed_in: DeskClerk, ask: Callable[..., str], authorization: AuthorizationSandbox
) -> None:
    ask()
    session = signed_in._session
    assert session is not None
    assert session._held is not None
    family = authorization.service.store.family_of_refresh(session._held.refresh_token)
    assert family is not None
    authorization.service.store.end_family(family)
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        ask()
    assert signed_in.presence.state is ClerkState.NOBODY
    with pytest.raises(ClerkNotSignedIn):
        ask()
    signed_in.sign_in(by_browser(authorization.browser()))
    assert ask() == "Nguyễn Văn Mẫu"


def test_a1_a_refresh_token_that_was_used_before_kills_the_session_for_whoever_has_it(
    signed_in: DeskClerk, client: AuthorizationClient, ask: Callable[..., str]
) -> None:
    session = signed_in._session
    assert session is not None
    assert session._held is not None
    stolen = session._held.refresh_token
    ask()
    # Somebody copied the token before it was used, and uses it now: at this very device, or it would not even count.
    with pytest.raises(Exception, match="invalid_grant"):
        client.tokens({"grant_type": "refresh_token", "refresh_token": stolen})
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        ask()
    assert not session.alive


def test_a1_a_lost_answer_to_a_refresh_ends_the_session_and_not_more(
    signed_in: DeskClerk, ask: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token was used up and its successor never came: the next try is taken for a theft, as it must be."""
    real = AuthorizationClient.tokens

    def lost(self: AuthorizationClient, *arguments: Any) -> dict[str, Any]:
        real(self, *arguments)
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(AuthorizationClient, "tokens", lost)
        with pytest.raises(ConnectionResetError):
            ask()
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        ask()


YEAR_2000 = 946_684_800 - int(time.time())
Clocked = Callable[[Callable[[], float]], tuple[DeskClerk, PopulationClient]]


def _right_within(begun: float) -> float:
    """Return how many seconds off a clock may be that was set right since ``begun``.

    Five are not worth a change, a server's word carries whole seconds, and it is as old as its way here took.
    """
    return 6 + time.monotonic() - begun


@pytest.fixture
def clocked(sandbox: RegisterSandbox, authorization: AuthorizationSandbox) -> Iterator[Clocked]:
    """Return what makes the clerk and the population register of a computer with the clock that it is given."""
    opened: list[tuple[DeskClerk, PopulationClient]] = []

    def make(clock: Callable[[], float]) -> tuple[DeskClerk, PopulationClient]:
        device = dataclasses.replace(sandbox.device, clock=ServerTime(clock))
        desk = DeskClerk(AuthorizationClient(authorization.endpoint, device))
        opened.append((desk, PopulationClient(sandbox.endpoint("population"), device, clerk=desk)))
        return opened[-1]

    yield make
    for desk, register in opened:
        register.close()
        desk.close()


@pytest.mark.parametrize(
    "drift", [-5, 5, -10, 10, -59, 59, -61, 61, -300, 300, -86_400, 86_400, pytest.param(YEAR_2000, id="2000")]
)
def test_a2_a_clock_that_is_wrong_is_set_right_by_the_servers_time(
    clocked: Clocked, authorization: AuthorizationSandbox, lookup: Lookup, drift: float
) -> None:
    """Five seconds, a minute, a day, the year 2000: sign-in and look-up are dated by the servers' time."""
    begun = time.monotonic()
    desk, register = clocked(lambda: time.time() + drift)
    desk.sign_in(by_browser(authorization.browser()))
    assert register.find_citizen(lookup).record is not None
    assert desk.clock_offset == pytest.approx(-drift if abs(drift) > 5 else 0, abs=_right_within(begun))


def test_a2_a_clock_that_jumps_in_a_session_is_set_right_once_more(
    clocked: Clocked, authorization: AuthorizationSandbox, lookup: Lookup
) -> None:
    drift = [0.0]
    desk, register = clocked(lambda: time.time() + drift[0])
    desk.sign_in(by_browser(authorization.browser()))
    assert desk.clock_offset == 0.0
    for number, jump in enumerate((7_200.0, -90_000.0, 0.0)):
        drift[0], begun = jump, time.monotonic()
        # The first signature is hours off and refused; the register signs that, and thereby what time it is.
        assert register.find_citizen(dataclasses.replace(lookup, lookup_id=f"jump-{number}")).record is not None
        assert desk.clock_offset == pytest.approx(-jump, abs=_right_within(begun))


def test_a2_a_date_that_nobody_signed_dates_what_is_said_to_its_server_and_nothing_else(
    clocked: Clocked, authorization: AuthorizationSandbox
) -> None:
    desk, _register = clocked(lambda: time.time() - 7_200)
    client = desk._client
    client.metadata()
    assert client.now() == pytest.approx(time.time(), abs=4)
    assert desk.clock_offset == 0.0
    begun = time.monotonic()
    desk.sign_in(by_browser(authorization.browser()))
    right = pytest.approx(7_200, abs=_right_within(begun))
    assert desk.clock_offset == right, "the identity token is signed, and made for our nonce"


@pytest.mark.parametrize("drift", [-58, -10, 9])
def test_a2_small_differences_need_no_setting_right(
    sandbox: RegisterSandbox, authorization: AuthorizationSandbox, drift: int
) -> None:
    proof = make_proof(sandbox.device.signer, "POST", authorization.endpoint.issuer + "/par", int(time.time()) + drift)
    said = authorization.service.push(b"", {"dpop": proof})
    assert said.body["error"] == "use_dpop_nonce", "the time was taken, and only the nonce is missing"


def test_a3_the_first_look_up_brings_the_registers_nonce_and_the_next_has_it(
    signed_in: DeskClerk, ask: Callable[..., str], authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    real = authorization.judge.judge

    def judge(*arguments: Any) -> str:
        judged.append("asked")
        clerk = real(*arguments)
        judged.append("answered")
        return clerk

    monkeypatch.setattr(authorization.judge, "judge", judge)
    ask()
    assert judged == ["asked", "asked", "answered"]
    ask()
    assert judged[3:] == ["asked", "answered"]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("other-device", "token-invalid"),
        ("other-audience", "token-invalid"),
        ("other-purpose", "clerk-not-allowed"),
        ("token-wrong-issuer", "token-invalid"),
        ("long-token", "token-invalid"),
        ("unbound-token", "token-invalid"),
        ("expired-token", "token-expired"),
    ],
)
def test_a3_tokens_that_are_made_out_wrongly_are_taken_by_no_register(
    serve: Callable[..., RegisterSandbox], lookup: Lookup, fault: str, why: str
) -> None:
    sandbox = serve(fault)
    assert sandbox.clerks is not None
    client = AuthorizationClient(sandbox.clerks.endpoint, sandbox.device)
    desk = DeskClerk(client)
    desk.sign_in(by_browser(sandbox.clerks.browser()))
    register = PopulationClient(sandbox.endpoint("population"), sandbox.device, clerk=desk)
    with pytest.raises(RegisterRefused, match=why):
        register.find_citizen(lookup)
    register.close()
    client.close()


def test_a_device_that_was_refused_costs_the_clerk_no_session(
    signed_in: DeskClerk, ask: Callable[..., str], authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(authorization.service._gate.devices, "get", lambda _key_id: None)
        with pytest.raises(RegisterRefused, match="invalid_client"):
            signed_in.access().headers_for("population", RESIDENCE, "POST", "https://x.test/y")
    assert ask() == "Nguyễn Văn Mẫu"


def test_a9_a_role_that_was_removed_stops_the_next_look_up_and_nothing_goes_under_another_name(
    signed_in: DeskClerk, ask: Callable[..., str], authorization: AuthorizationSandbox
) -> None:
    ask()
    authorization.service.clerks.change("canbo.mau", roles=["land"])
    # The token still counts, but the register knows better.
    with pytest.raises(RegisterRefused, match="clerk-not-allowed"):
        ask()
    # And there is no new one: the clerk stays signed in for what is left.
    signed_in.access().renew(RESIDENCE)
    with pytest.raises(ClerkMayNot, match="role"):
        ask()
    assert signed_in.presence.state is ClerkState.SIGNED_IN


def test_a9_a_question_of_the_first_clerk_is_not_sent_in_the_name_of_the_next(
    signed_in: DeskClerk, ask: Callable[..., str], authorization: AuthorizationSandbox
) -> None:
    signed_in.sign_in(by_browser(authorization.browser("canbo.haimau")))
    with pytest.raises(RegisterRefused, match="clerk-mismatch"):
        ask(clerk="canbo.mau")
    assert ask(clerk="canbo.haimau") == "Nguyễn Văn Mẫu"


def test_a_clerk_who_was_suspended_is_out_with_the_next_request(
    signed_in: DeskClerk, ask: Callable[..., str], authorization: AuthorizationSandbox
) -> None:
    ask()
    authorization.service.clerks.change("canbo.mau", active=False)
    with pytest.raises(RegisterRefused, match="clerk-not-allowed"):
        ask()
    signed_in.access().renew(RESIDENCE)
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        ask()
