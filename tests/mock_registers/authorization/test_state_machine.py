"""A sign-in walked through every order of events: what is open in each state, and that nothing else ever is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mock_registers.authorization import ClerkLogin

EVENTS = ("sign-in", "redeem", "refresh", "refresh-old", "revoke", "cancel")


@dataclass(frozen=True)
class Model:
    """What must be so: of one request, its code, and the refresh tokens that came of it; two stand for more."""

    page_open: bool = True
    code: str = "none"
    tokens: int = 0
    ended: bool = False

    def after(self, event: str) -> tuple[bool, Model]:
        """Return whether the event succeeds, and the state after it."""
        match event:
            case "sign-in":
                return self.page_open, replace(self, page_open=False, code="fresh") if self.page_open else self
            case "cancel":
                return self.page_open, replace(self, page_open=False)
            case "redeem" if self.code == "none":
                return False, self
            case "redeem" if self.code == "used":
                return False, replace(self, ended=True)
            case "redeem":
                return not self.ended, replace(self, code="used", tokens=0 if self.ended else 1)
            case "refresh":
                fine = self.tokens > 0 and not self.ended
                return fine, replace(self, tokens=2) if fine else self
            case "refresh-old":
                return False, replace(self, ended=self.ended or self.tokens > 1)
            case _:
                return True, replace(self, ended=self.ended or self.tokens > 0)


@dataclass
class Real:
    """The same on the server itself."""

    desk: Any
    clerk: ClerkLogin
    brought: Callable[[Any], dict[str, str]]
    page: Any = None
    code: str = "none-such"
    tokens: list[str] = field(default_factory=list)

    def do(self, event: str) -> bool:
        match event:
            case "sign-in" | "cancel":
                back = self.desk.type(self.page, self.clerk, act=event)
                if back.status_code == 303 and event == "sign-in":
                    self.code = self.brought(back)["code"]
                return bool(back.status_code == 303)
            case "redeem":
                return self._take(self.desk.redeem(self.code))
            case "refresh":
                return self._take(self.desk.refresh(self.tokens[-1] if self.tokens else "none-such"))
            case "refresh-old":
                return self._take(self.desk.refresh(self.tokens[0] if len(self.tokens) > 1 else "none-such"))
            case _:
                token = self.tokens[-1] if self.tokens else "none-such"
                return bool(self.desk.send("revoke", {"token": token}).status == 200)

    def _take(self, said: Any) -> bool:
        if said.status == 200:
            self.tokens.append(said.body["refresh_token"])
        return bool(said.status == 200)


def _ways() -> dict[Model, tuple[str, ...]]:
    """Return every state that can be reached, with a shortest way to it."""
    ways: dict[Model, tuple[str, ...]] = {Model(): ()}
    open_ends = [Model()]
    while open_ends:
        model = open_ends.pop(0)
        for event in EVENTS:
            after = model.after(event)[1]
            if after not in ways:
                ways[after] = (*ways[model], event)
                open_ends.append(after)
    return ways


WAYS = _ways()


def test_the_states_of_a_sign_in_are_these() -> None:
    assert len(WAYS) == 7


@pytest.mark.parametrize("model", WAYS, ids=lambda model: "-".join(WAYS[model]) or "pushed")
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_in_every_state_does_what_the_model_says(
    desk: Any, clerk: ClerkLogin, pages: Any, model: Model, event: str
) -> None:
    real = Real(desk, clerk, pages.brought, desk.page(desk.push()))
    now = Model()
    for step in WAYS[model]:
        expected, now = now.after(step)
        assert real.do(step) is expected
    expected, after = model.after(event)
    assert real.do(event) is expected
    # What the event led to is seen by what is possible then, and only then.
    assert real.do("refresh") is after.after("refresh")[0]
