"""The trust material that an inspection leans on: what it was, and when it was last known to be current.

A list of issuers proves what it proves for ever, but an old one lacks the issuers and the revocations of today. So its
age is no check of the document: it is told in the report, and the policy says from which day on it weighs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reader.errors import DataError
from reader.inspection.decision import Decision

__all__ = [
    "TRUST_AGED",
    "TRUST_AGE_UNKNOWN",
    "TRUST_AHEAD",
    "AgeRule",
    "Material",
    "MaterialUsed",
    "fingerprint_of",
]

TRUST_AGED = "trust-aged"
TRUST_AGE_UNKNOWN = "trust-age-unknown"
TRUST_AHEAD = "trust-ahead-of-clock"

# Clocks of honest computers differ by minutes; a day more than that is a clock that nobody looks after.
_CLOCK_TOLERANCE = timedelta(days=1)


class Material(StrEnum):
    """Name the kinds of trust material; the strings are those of the policy's ``max_age``."""

    ANCHORS = "anchors"
    REVOCATION_LISTS = "revocation-lists"


@dataclass(frozen=True, slots=True)
class MaterialUsed:
    """Hold one body of trust material.

    ``fingerprint`` is SHA-256 over it in hex, ``count`` how many certificates or lists it has. ``as_of`` is the moment,
    with a time zone, for which somebody authorised said that it was current: the last time the distribution confirmed
    it, or the issue of a revocation list. None where nobody said so, as for a directory that was copied by hand.
    """

    kind: Material
    fingerprint: str
    count: int
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a moment without a zone."""
        if self.as_of is not None and self.as_of.tzinfo is None:
            raise ValueError("the moment of trust material has a time zone")

    def age(self, moment: datetime) -> timedelta | None:
        """Return how old it is at ``moment``, negative where it lies ahead; None where that is not known."""
        return None if self.as_of is None else moment - self.as_of


def fingerprint_of(parts: Iterable[str]) -> str:
    """Return SHA-256 in hex over the fingerprints of ``parts``, whatever their order."""
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AgeRule:
    """Say from how many days on trust material makes *attention* and *stop*, None for never.

    ``unknown`` is what material of unknown age amounts to, ``ahead`` what it does when it comes from the future of this
    computer's clock.
    """

    attention: int | None
    stop: int | None
    unknown: Decision
    ahead: Decision

    def __post_init__(self) -> None:
        """Refuse days that are none, and a stop that comes before the attention."""
        if any(days is not None and days < 1 for days in (self.attention, self.stop)):
            raise DataError("policy with a max_age of less than a day")
        if self.stop is not None and (self.attention is None or self.attention > self.stop):
            raise DataError("policy whose max_age stops before it calls for attention")

    def weigh(self, age: timedelta | None) -> tuple[str, Decision]:
        """Return what material of ``age`` amounts to, and why."""
        if age is None:
            return TRUST_AGE_UNKNOWN, self.unknown
        if age < -_CLOCK_TOLERANCE:
            return TRUST_AHEAD, self.ahead
        if self.stop is not None and age >= timedelta(days=self.stop):
            return TRUST_AGED, Decision.STOP
        if self.attention is not None and age >= timedelta(days=self.attention):
            return TRUST_AGED, Decision.ATTENTION
        return TRUST_AGED, Decision.PROCEED
