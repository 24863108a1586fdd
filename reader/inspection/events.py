"""What an inspection tells while it runs: steps, progress, the identity before the portrait, each check as judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reader.inspection.checks import Check
from reader.lds.identity import Identity
from reader.lds.portrait import Portrait

__all__ = [
    "CheckJudged",
    "FileProgress",
    "IdentityRead",
    "InspectionEvent",
    "OnEvent",
    "PortraitGrowing",
    "PortraitRead",
    "Step",
    "StepStarted",
]


class Step(StrEnum):
    """Name the steps of an inspection, in their order."""

    ACCESS = "access"
    IDENTITY = "identity"
    CHIP = "chip"
    PORTRAIT = "portrait"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Say that a step began."""

    step: Step


@dataclass(frozen=True, slots=True)
class FileProgress:
    """Say how many bytes of a file have arrived; ``total`` is 0 until its header is known."""

    file: str
    read: int
    total: int


@dataclass(frozen=True, slots=True)
class IdentityRead:
    """Hand over the citizen's data: read, not yet proven."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class CheckJudged:
    """Hand over one finished check."""

    check: Check


@dataclass(frozen=True, slots=True)
class PortraitGrowing:
    """Hand over a first sight of the portrait: what has come of it, not whole and not proven by any hash."""

    portrait: Portrait


@dataclass(frozen=True, slots=True)
class PortraitRead:
    """Hand over the decoded portrait."""

    portrait: Portrait


InspectionEvent = StepStarted | FileProgress | IdentityRead | CheckJudged | PortraitGrowing | PortraitRead
OnEvent = Callable[[InspectionEvent], None]
