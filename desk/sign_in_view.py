"""How a sign-in stands, as people are shown it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.failure_view import FailureView

__all__ = ["SignInState", "SignInView"]


class SignInState(StrEnum):
    """Say how a sign-in stands, at a desk where clerks sign in."""

    NOBODY = "nobody"
    WAITING = "waiting"
    SIGNED_IN = "signed-in"


@dataclass(frozen=True, slots=True)
class SignInView:
    """Show how the sign-in stands and why the last one failed; ``again`` says that this visit wants a new one."""

    state: SignInState
    failure: FailureView | None = None
    again: bool = False
