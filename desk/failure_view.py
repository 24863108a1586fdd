"""What went wrong, as people are shown it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FailureView"]


@dataclass(frozen=True, slots=True)
class FailureView:
    """Show what went wrong: ``code`` is in the failure catalogue, which has title, cause and next step."""

    code: str
    detail: str = ""
    tries_left: int | None = None
