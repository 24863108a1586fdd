"""The clerk's post: signing in while the desk works, what a visit does meanwhile, and whose visit it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auth.errors import ClerkNotSignedIn, SignInCancelled, SignInTimeout, StepUpNeeded
from auth.purposes import purpose
from desk.clerk_post import SettingsClerk, SignedInClerk, came
from desk.lookups import plan, wants_sign_in
from desk.outcomes import LookupOutcome
from desk.present import present
from desk.registers_assembly import unconnected_registers
from desk.settings import load_settings
from desk.sign_in_view import SignInState, SignInView
from desk.view import ActionId, DeskState, FailureView, RegisterState
from desk.visit_data import Surroundings, VisitData
from reader.iso7816 import ReaderSnapshot, ServiceState


class FakeClerk:
    """A desk clerk whose sign-in ends when the test says so (``auth.clerk.desk_clerk.DeskClerk``)."""

    def __init__(self) -> None:
        self.here = ("", "")
        self.go_on = threading.Event()
        self.stopped = False
        self.ends: list[str] = []
        self.error: Exception | None = None
        self._told: Callable[[object], None] = lambda _presence: None

    @property
    def presence(self) -> Any:
        clerk_id, name = self.here
        return type("Presence", (), {"clerk_id": clerk_id, "name": name})()

    def follow(self, on_change: Callable[[object], None]) -> None:
        self._told = on_change

    def sign_in(self, way: object) -> None:
        self.here = ("", "")
        self.go_on.wait(10)
        if self.stopped:
            raise SignInCancelled("cancelled")
        if self.error is not None:
            raise self.error
        self.here = ("canbo.mau", "Nguyễn Thị Cán Bộ")
        self._told(None)

    def step_up(self, way: object) -> None:
        self.ends.append("step-up")

    def cancel(self) -> None:
        self.stopped = True
        self.go_on.set()

    def sign_out(self) -> bool:
        self.here = ("", "")
        self.ends.append("out")
        return True

    def close(self) -> None:
        self.ends.append("closed")


@pytest.fixture
def clerk() -> FakeClerk:
    return FakeClerk()


@pytest.fixture
def post(clerk: FakeClerk) -> SignedInClerk:
    # The fake stands where its Protocol-like class does.
    return SignedInClerk(clerk, lambda: lambda *_arguments: None)  # type: ignore[arg-type, return-value] # - a fake


def test_nobody_is_here_until_somebody_signed_in(post: SignedInClerk, clerk: FakeClerk) -> None:
    around = Surroundings(clerk="from the settings", clerk_id="settings")
    assert post.view == SignInView(SignInState.NOBODY)
    assert (post.among(around).clerk, post.among(around).clerk_id) == ("", "")
    post.sign_in()
    assert post.view == SignInView(SignInState.WAITING)
    clerk.go_on.set()
    post.wait()
    assert post.view == SignInView(SignInState.SIGNED_IN)
    assert post.among(around).clerk_id == "canbo.mau"
    post.close()
    assert clerk.ends == ["out", "closed"]


def test_a_second_sign_in_while_one_waits_does_nothing(post: SignedInClerk, clerk: FakeClerk) -> None:
    post.sign_in()
    post.sign_in()
    post.sign_in_again()
    clerk.go_on.set()
    post.wait()
    assert clerk.ends == []
    post.close()


def test_why_a_sign_in_failed_is_shown_until_the_next(post: SignedInClerk, clerk: FakeClerk) -> None:
    clerk.error = SignInTimeout("browser")
    clerk.go_on.set()
    post.sign_in()
    post.wait()
    assert post.view == SignInView(SignInState.NOBODY, FailureView("sign-in-timeout"))
    clerk.error = None
    post.sign_in()
    post.wait()
    assert post.view == SignInView(SignInState.SIGNED_IN)
    post.close()


def test_a_sign_in_that_waits_can_be_stopped(post: SignedInClerk) -> None:
    post.sign_in()
    post.cancel()
    post.wait()
    assert post.view == SignInView(SignInState.NOBODY, FailureView("sign-in-cancelled"))
    post.close()


def test_everybody_is_told_when_a_sign_in_begins_and_ends(post: SignedInClerk, clerk: FakeClerk) -> None:
    seen: list[SignInState] = []

    def see() -> None:
        view = post.view
        assert view is not None
        seen.append(view.state)

    post.subscribe(see)
    post.sign_in()
    clerk.go_on.set()
    post.wait()
    assert seen[0] is SignInState.WAITING
    assert seen[-1] is SignInState.SIGNED_IN
    post.close()


def test_the_clerk_of_the_settings_need_not_sign_in() -> None:
    post, around = SettingsClerk(), Surroundings(clerk="A", clerk_id="a")
    assert post.view is None
    assert post.among(around) is around


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (SignInView(SignInState.WAITING), SignInView(SignInState.SIGNED_IN), True),
        (SignInView(SignInState.WAITING), SignInView(SignInState.SIGNED_IN, FailureView("sign-in-failed")), False),
        (SignInView(SignInState.SIGNED_IN), SignInView(SignInState.SIGNED_IN), False),
        (SignInView(SignInState.WAITING), SignInView(SignInState.NOBODY), False),
        (None, None, False),
    ],
)
def test_only_who_was_waited_for_has_come(before: SignInView | None, now: SignInView | None, expected: bool) -> None:
    assert came(before, now) is expected


def test_without_a_clerk_nobody_is_asked_and_each_register_says_why(inspection: Callable[..., Any]) -> None:
    planned = plan(inspection(), unconnected_registers(), purpose("permanent-residence"), None)
    assert planned.questions == ()
    assert {(outcome.state, outcome.failure) for outcome in planned.outcomes} == {
        (RegisterState.FAILED, ClerkNotSignedIn.code)
    }
    assert wants_sign_in(planned.outcomes)


def _view(sign_in: SignInView | None, *outcomes: LookupOutcome[Any]) -> Any:
    around = Surroundings(purpose="permanent-residence", sign_in=sign_in)
    return present(DeskState.SHOWING, VisitData(outcomes=outcomes), around, ReaderSnapshot(ServiceState.RUNNING))


def test_a_page_offers_what_the_sign_in_allows() -> None:
    mine = {ActionId.SIGN_IN, ActionId.SIGN_OUT, ActionId.STOP_SIGN_IN, ActionId.SIGN_IN_AGAIN}

    def offered(sign_in: SignInView | None, *outcomes: LookupOutcome[Any]) -> set[str]:
        return set(_view(sign_in, *outcomes).actions) & {str(action) for action in mine}

    assert offered(None) == set()
    assert offered(SignInView(SignInState.NOBODY)) == {"sign-in"}
    assert offered(SignInView(SignInState.WAITING)) == {"stop-sign-in"}
    assert offered(SignInView(SignInState.SIGNED_IN)) == {"sign-in", "sign-out"}
    kind = unconnected_registers().registers[0].kind
    weak = replace(LookupOutcome(kind), state=RegisterState.FAILED, failure=StepUpNeeded.code)
    assert offered(SignInView(SignInState.SIGNED_IN), weak) == {"sign-in", "sign-out", "sign-in-again"}


def test_the_server_of_the_settings_is_named_by_its_issuer(tmp_path: Any) -> None:
    file = tmp_path / "motcua.toml"
    file.write_text('[authorization]\nissuer = "https://as.test/a"\ntls_anchors = ["no certificate"]\n')
    settings = load_settings([file])
    assert settings.authorization is not None
    with pytest.raises(ValueError, match="PEM"):
        settings.authorization.endpoint()


@pytest.mark.parametrize(
    "entry",
    [
        'issuer = "http://as.test"\ntls_anchors = ["x"]',
        'issuer = "https://as.test?x"\ntls_anchors = ["x"]',
        'issuer = "https://as.test"\ntls_anchors = []',
        'issuer = "https://as.test"\ntls_anchors = ["x"]\nkey_pins = ["short"]',
        'issuer = "https://as.test"\ntls_anchors = ["x"]\nsecret = "x"',
    ],
)
def test_a_server_that_is_not_set_as_it_must_be_is_refused(tmp_path: Any, entry: str) -> None:
    file = tmp_path / "motcua.toml"
    file.write_text(f"[authorization]\n{entry}\n")
    with pytest.raises(Exception, match="authorization"):
        load_settings([file])


class LateClerk(FakeClerk):
    """A clerk whose sign-in only begins after the cancel: what it is told before, it forgets."""

    def sign_in(self, way: Any) -> None:
        self.go_on.wait(10)
        way(None, None, threading.Event())
        self.here = ("canbo.mau", "Nguyễn Thị Cán Bộ")

    def cancel(self) -> None:
        """Forget it: no sign-in has begun here yet."""


def test_a_cancel_that_comes_before_the_sign_in_has_begun_is_not_lost() -> None:
    clerk, opened = LateClerk(), []
    # The fake stands where its Protocol-like class does.
    post = SignedInClerk(clerk, lambda: lambda *_arguments: opened.append("browser"))  # type: ignore[arg-type, return-value] # - a fake
    post.sign_in()
    post.cancel()
    clerk.go_on.set()
    post.wait()
    assert opened == []
    assert post.view == SignInView(SignInState.NOBODY, FailureView("sign-in-cancelled"))
    post.sign_in()
    post.wait()
    assert opened == ["browser"], "the next one is not cancelled with it"
