"""A clerk leaves while something is under way: nothing is waited for, handed out, or sent in the next one's name."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auth.clerk import session_access
from auth.clerk.desk_clerk import ClerkState, DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser
from auth.errors import ClerkNotSignedIn
from auth.purposes import purpose
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire.exchange import HttpsExchange
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers import RegisterSandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox
from reader.lds.identity import CalendarDate

RESIDENCE = "permanent-residence"
URL = "https://127.0.0.1:1/population/v1/persons:lookup"
WAIT_S = 10.0


def _ask(desk: DeskClerk) -> str:
    return desk.access().headers_for("population", RESIDENCE, "POST", URL)["authorization"]


def _clerk_of(authorization: str) -> str:
    payload = authorization.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


@pytest.fixture
def register(sandbox: RegisterSandbox, desk: DeskClerk) -> Iterator[PopulationClient]:
    opened = PopulationClient(sandbox.endpoint("population"), sandbox.device, clerk=desk)
    yield opened
    opened.close()


def _lookup(clerk: str, number: int) -> Lookup:
    return Lookup(
        lookup_id=f"visit-{number}",
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        purpose=RESIDENCE,
        legal_basis=purpose(RESIDENCE).legal_basis,
        clerk=clerk,
    )


@pytest.mark.parametrize("next_one", ["canbo.haimau", "canbo.mau", ""])
def test_a9_what_was_refused_meanwhile_is_not_sent_again_in_the_name_of_who_came(
    signed_in: DeskClerk,
    register: PopulationClient,
    authorization: AuthorizationSandbox,
    monkeypatch: pytest.MonkeyPatch,
    next_one: str,
) -> None:
    """The next clerk, nobody, or the same clerk signed in anew: the exchange was of a sign-in that is over."""
    assert register.find_citizen(_lookup("canbo.mau", 0)).record is not None
    real, sent = HttpsExchange.send, list[str]()

    def send(self: HttpsExchange, request: HttpRequest, *more: Any) -> HttpAnswer:
        if self.register == "population":
            sent.append(_clerk_of(request.headers["authorization"]))
            if len(sent) == 1:
                signed_in.sign_out()
                if next_one:
                    signed_in.sign_in(by_browser(authorization.browser(next_one), seconds=20))
        return real(self, request, *more)

    monkeypatch.setattr(HttpsExchange, "send", send)
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        register.find_citizen(_lookup("canbo.mau", 1))
    assert sent == ["canbo.mau"]
    assert signed_in.presence.clerk_id == next_one, "whoever came is not touched by it"
    if next_one:
        assert register.find_citizen(_lookup(next_one, 2)).record is not None


class _Slow:
    """Hold the answer of the token endpoint back until it is let through; note what is given back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.under_way, self.through = threading.Event(), threading.Event()
        self.brought: list[str] = []
        self.revoked: list[str] = []
        tokens, revoke = AuthorizationClient.tokens, AuthorizationClient.revoke

        def slow(client: AuthorizationClient, *arguments: Any) -> dict[str, Any]:
            answer = tokens(client, *arguments)
            self.brought.append(answer["refresh_token"])
            self.under_way.set()
            assert self.through.wait(WAIT_S)
            return answer

        def noted(client: AuthorizationClient, refresh_token: str, *more: Any) -> None:
            self.revoked.append(refresh_token)
            revoke(client, refresh_token, *more)

        monkeypatch.setattr(AuthorizationClient, "tokens", slow)
        monkeypatch.setattr(AuthorizationClient, "revoke", noted)


def _in_a_thread(act: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    came: list[object] = []

    def run() -> None:
        try:
            came.append(act())
        except ClerkNotSignedIn as error:
            came.append(error.why)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, came


def test_signing_out_waits_for_no_renewal_and_what_that_brings_is_given_back(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, session = _Slow(monkeypatch), signed_in._session
    assert session is not None
    first, of_first = _in_a_thread(lambda: _ask(signed_in))
    assert slow.under_way.wait(WAIT_S)
    waiting, of_waiting = _in_a_thread(lambda: _ask(signed_in))
    # Were a renewal waited for, this would not come back: nobody lets its answer through.
    leaving, told = _in_a_thread(signed_in.sign_out)
    leaving.join(WAIT_S)
    assert (told, session.alive, signed_in.presence.state) == ([True], False, ClerkState.NOBODY)
    assert len(slow.revoked) == 1
    slow.through.set()
    for thread in (first, waiting):
        thread.join(WAIT_S)
    # Whether the second one was in time to wait for the first is nobody's to say; it got nothing either way.
    assert of_first == ["ended"]
    assert of_waiting in (["ended"], ["nobody"])
    assert slow.revoked[1:] == slow.brought, "of what came too late the server is told too"


def test_a_desk_that_closes_gives_back_what_is_about_to_come(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = _Slow(monkeypatch)
    asking, came = _in_a_thread(lambda: _ask(signed_in))
    assert slow.under_way.wait(WAIT_S)
    leaving, _ = _in_a_thread(signed_in.close)
    while not slow.revoked:
        leaving.join(0.01)
        assert leaving.is_alive(), "closed over a renewal whose token nobody then gives back"
    slow.through.set()
    for thread in (asking, leaving):
        thread.join(WAIT_S)
    assert (came, slow.revoked[1:]) == (["ended"], slow.brought)


def test_a_renewed_token_that_cannot_be_used_here_is_given_back_too(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = _Slow(monkeypatch)
    slow.through.set()
    tokens = AuthorizationClient.tokens
    monkeypatch.setattr(AuthorizationClient, "tokens", lambda *said: {**tokens(*said), "token_type": "Bearer"})
    with pytest.raises(ClerkNotSignedIn, match="untrusted"):
        _ask(signed_in)
    assert slow.brought[0] in slow.revoked


def test_a_renewal_that_ends_as_ever_is_one_for_all_who_wait(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = _Slow(monkeypatch)
    first, of_first = _in_a_thread(lambda: _ask(signed_in))
    assert slow.under_way.wait(WAIT_S)
    second, of_second = _in_a_thread(lambda: _ask(signed_in))
    slow.through.set()
    for thread in (first, second):
        thread.join(WAIT_S)
    assert of_first == of_second
    assert (len(slow.brought), slow.revoked) == (1, [])


def test_who_signs_out_while_a_proof_is_made_is_asked_for_no_more(
    signed_in: DeskClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = session_access.make_proof

    def slowly(*arguments: Any, **more: Any) -> str:
        signed_in.sign_out()
        return real(*arguments, **more)

    monkeypatch.setattr(session_access, "make_proof", slowly)
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        _ask(signed_in)


def test_an_access_that_outlived_its_session_tells_nobody_of_the_next_ones(
    signed_in: DeskClerk, authorization: AuthorizationSandbox
) -> None:
    access = signed_in.access()
    signed_in.sign_in(by_browser(authorization.browser("canbo.haimau"), seconds=20))
    told: list[ClerkState] = []
    signed_in.follow(lambda presence: told.append(presence.state))
    with pytest.raises(ClerkNotSignedIn, match="ended"):
        access.headers_for("population", RESIDENCE, "POST", URL)
    assert told == []
