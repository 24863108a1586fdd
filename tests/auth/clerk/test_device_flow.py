"""Signing in at a kiosk: a code on its screen, a clerk at another machine, and patience in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from auth.clerk.desk_clerk import ClerkState, DeskClerk
from auth.clerk.device_flow import DevicePrompt, _read_codes
from auth.clerk.server import AuthorizationClient, OAuthRefused
from auth.clerk.ways import by_code
from auth.errors import AnswerNotTrusted, RegisterUnreachable, SignInCancelled, SignInRefused, SignInTimeout
from mock_registers import RegisterSandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox

ISSUER = "https://as.test/authorization"


class Waiting:
    """The time between two questions, in which something may happen."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self.acts = list(acts)
        self.waited: list[float] = []

    def __call__(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return bool(self.acts and self.acts.pop(0)() == "cancel")


def _nothing() -> None:
    return None


def test_a_clerk_signs_in_on_another_machine(desk: DeskClerk, authorization: AuthorizationSandbox) -> None:
    browser, shown = authorization.browser(), list[DevicePrompt]()
    pause = Waiting(_nothing, lambda: browser.sign_in(shown[0].complete))
    assert desk.sign_in(by_code(shown.append, pause=pause)).clerk_id == "canbo.mau"
    assert shown[0].complete == f"{shown[0].address}?user_code={shown[0].user_code}"


def test_asking_too_often_is_asked_less_often_from_then_on(
    serve: Callable[..., RegisterSandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = serve("always-slow-down")
    assert sandbox.clerks is not None
    client = AuthorizationClient(sandbox.clerks.endpoint, sandbox.device)
    pause = Waiting(*[_nothing] * 3, lambda: "cancel")
    with pytest.raises(SignInCancelled):
        DeskClerk(client).sign_in(by_code(lambda _prompt: None, pause=pause))
    assert pause.waited == [5, 10, 15, 20]
    client.close()


def test_a_sign_in_that_is_cancelled_elsewhere_is_refused(desk: DeskClerk, authorization: AuthorizationSandbox) -> None:
    browser, shown = authorization.browser(), list[DevicePrompt]()
    pause = Waiting(lambda: browser.sign_in(shown[0].complete, act="cancel"))
    with pytest.raises(SignInRefused, match="access_denied"):
        desk.sign_in(by_code(shown.append, pause=pause))
    assert desk.presence.state is ClerkState.NOBODY


def test_a_sign_in_can_be_cancelled_at_the_kiosk(desk: DeskClerk) -> None:
    with pytest.raises(SignInCancelled):
        desk.sign_in(by_code(lambda _prompt: desk.cancel()))


def test_a_sign_in_ends_at_its_deadline_or_with_its_code(desk: DeskClerk, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    with monkeypatch.context() as patch:
        patch.setattr("auth.clerk.device_flow.monotonic", lambda: monotonic() + passed[-1])
        with pytest.raises(SignInTimeout):
            desk.sign_in(by_code(lambda _prompt: passed.append(601.0), pause=lambda _seconds: False))

    def expired(*_arguments: object) -> dict[str, Any]:
        raise OAuthRefused("expired_token")

    monkeypatch.setattr(AuthorizationClient, "tokens", expired)
    with pytest.raises(SignInTimeout):
        desk.sign_in(by_code(lambda _prompt: None, pause=lambda _seconds: False))


def test_a_network_that_is_gone_for_a_moment_costs_patience_only(
    desk: DeskClerk, authorization: AuthorizationSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, real, asked = authorization.browser(), AuthorizationClient.tokens, []

    def tokens(self: AuthorizationClient, *arguments: Any) -> dict[str, Any]:
        asked.append(1)
        if len(asked) == 1:
            raise RegisterUnreachable("authorization", "no-connection")
        return real(self, *arguments)

    monkeypatch.setattr(AuthorizationClient, "tokens", tokens)
    pause = Waiting()
    assert desk.sign_in(by_code(lambda prompt: browser.sign_in(prompt.complete), pause=pause)).clerk_id == "canbo.mau"
    assert pause.waited == [5, 10]


@pytest.mark.parametrize(
    "changes",
    [
        {"device_code": None},
        {"user_code": 7},
        {"user_code": "A" * 501},
        {"user_code": "A\nB"},
        {"verification_uri": "https://elsewhere.test/device"},
        {"verification_uri_complete": "https://as.test.evil/authorization/device"},
        {"interval": "5"},
        {"interval": True},
    ],
)
def test_codes_of_another_make_are_not_shown(changes: dict[str, object]) -> None:
    answer = {"device_code": "d" * 43, "user_code": "AB-CD", "verification_uri": f"{ISSUER}/device", **changes}
    with pytest.raises(AnswerNotTrusted):
        _read_codes(answer, ISSUER)


def test_the_longest_patience_that_a_server_may_ask_for_is_a_minute() -> None:
    answer = {"device_code": "d" * 43, "user_code": "AB-CD", "verification_uri": f"{ISSUER}/device"}
    assert _read_codes({**answer, "interval": 86_400}, ISSUER)[1] == 60
    assert _read_codes({**answer, "interval": 0}, ISSUER)[1] == 1
    assert _read_codes(answer, ISSUER)[1] == 5


def test_a_wait_can_be_cancelled_from_another_thread(desk: DeskClerk) -> None:
    with pytest.raises(SignInCancelled):
        desk.sign_in(by_code(lambda _prompt: threading.Timer(0.05, desk.cancel).start()))
