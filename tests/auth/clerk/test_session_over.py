"""What is over is over: a session is nobody's from its last second, and a sign-in that is refused counts nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from auth.clerk import desk_clerk
from auth.clerk.desk_clerk import ClerkPresence, ClerkState, DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.session import ClerkSession
from auth.clerk.ways import by_browser
from auth.errors import ClerkNotSignedIn, RegisterUnreachable, SignInFailed
from mock_registers import RegisterSandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox

HOURS_8 = 8 * 3600.0
RESIDENCE = "permanent-residence"
URL = "https://127.0.0.1:1/population/v1/persons:lookup"


def test_a_session_whose_time_is_over_is_nobodys_before_anything_is_asked(
    client: AuthorizationClient, authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(desk_clerk, "ClerkSession", partial(ClerkSession, clock=lambda: now[0]))
    desk = DeskClerk(client)
    desk.sign_in(by_browser(authorization.browser(), seconds=20))
    desk.access().headers_for("population", RESIDENCE, "POST", URL)
    session = desk._session
    assert session is not None
    now[0] = HOURS_8 - 60
    assert (desk.presence.state, bool(desk.purposes)) == (ClerkState.SIGNED_IN, True)
    now[0] = HOURS_8
    assert desk.presence == ClerkPresence(ClerkState.NOBODY)
    assert desk.purposes == ()
    assert session._held is None, "the tokens are gone, the access tokens with them"
    with pytest.raises(ClerkNotSignedIn, match="expired"):
        desk.access().headers_for("population", RESIDENCE, "POST", URL)


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the answers of the token endpoint, each as it may be changed by the test before anybody reads it."""
    answers: list[dict[str, Any]] = []
    real = AuthorizationClient.tokens

    def tokens(client: AuthorizationClient, *arguments: Any) -> dict[str, Any]:
        answers.append(real(client, *arguments))
        return answers[-1]

    monkeypatch.setattr(AuthorizationClient, "tokens", tokens)
    return answers


def _counts(authorization: AuthorizationSandbox, answer: dict[str, Any]) -> bool:
    store = authorization.service.store
    family = store.family(store.family_of_refresh(answer["refresh_token"]) or "")
    assert family is not None
    return not family.ended


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("wrong-nonce", "identity-nonce"),
        ("foreign-key", "identity-wrong-signature"),
        ("expired-keys", "identity-unknown-key"),
    ],
)
def test_a_sign_in_that_the_desk_refuses_counts_no_more_at_the_server(
    serve: Callable[..., RegisterSandbox], brought: list[dict[str, Any]], fault: str, why: str
) -> None:
    sandbox = serve(fault)
    assert sandbox.clerks is not None
    client = AuthorizationClient(sandbox.clerks.endpoint, sandbox.device)
    desk = DeskClerk(client)
    with pytest.raises(SignInFailed, match=why):
        desk.sign_in(by_browser(sandbox.clerks.browser(), seconds=20))
    assert [_counts(sandbox.clerks, answer) for answer in brought] == [False]
    client.close()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"token_type": "Bearer"}, "tokens-not-bound"),
        ({"expires_in": 0}, "tokens-malformed"),
        ({"access_token": ""}, "tokens-malformed"),
        ({"id_token": None}, "identity-malformed"),
        ({"authorization_details": []}, "no-purpose"),
    ],
)
def test_whatever_the_desk_refuses_of_an_answer_the_server_is_told(
    desk: DeskClerk,
    authorization: AuthorizationSandbox,
    brought: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    why: str,
) -> None:
    _changed(monkeypatch, change)
    with pytest.raises(SignInFailed, match=why):
        desk.sign_in(by_browser(authorization.browser(), seconds=20))
    assert [_counts(authorization, answer) for answer in brought] == [False]


def _changed(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    noted = AuthorizationClient.tokens
    monkeypatch.setattr(AuthorizationClient, "tokens", lambda *arguments: {**noted(*arguments), **change})


def test_why_a_sign_in_was_refused_is_told_also_where_the_server_cannot_be(
    desk: DeskClerk,
    authorization: AuthorizationSandbox,
    brought: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(*_arguments: object) -> None:
        raise RegisterUnreachable("authorization", "no-connection")

    monkeypatch.setattr(AuthorizationClient, "revoke", unreachable)
    _changed(monkeypatch, {"id_token": "none"})
    with pytest.raises(SignInFailed, match="identity-malformed"):
        desk.sign_in(by_browser(authorization.browser(), seconds=20))
    assert [_counts(authorization, answer) for answer in brought] == [True]


def test_a_token_that_is_none_is_not_shown_to_the_server_either(
    desk: DeskClerk, authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AuthorizationClient, "revoke", lambda *_arguments: pytest.fail("nothing to give back"))
    _changed(monkeypatch, {"refresh_token": "ngắn, và không phải thẻ"})
    with pytest.raises(SignInFailed, match="tokens-malformed"):
        desk.sign_in(by_browser(authorization.browser(), seconds=20))


def test_a_renewal_that_cannot_be_read_ends_the_session_here_and_at_the_server(
    signed_in: DeskClerk,
    authorization: AuthorizationSandbox,
    brought: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _changed(monkeypatch, {"token_type": "Bearer"})
    with pytest.raises(ClerkNotSignedIn, match="untrusted"):
        signed_in.access().headers_for("population", RESIDENCE, "POST", URL)
    assert signed_in.presence.state is ClerkState.NOBODY
    assert [_counts(authorization, answer) for answer in brought] == [False]
