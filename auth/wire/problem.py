"""A signed problem document (RFC 9457): who says no, for what reason, and whether asking again may help.

``origin`` decides what a refusal is. Only the register's own is its word on the matter; "client" means that what we
sent was at fault, "gateway" that something before the register could not serve us. What is not signed is neither.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from auth.errors import AnswerNotTrusted, RegisterError, RegisterRefused, RegisterUnreachable, RequestRejected
from auth.wire.profile import MAX_RETRY_AFTER_S, PROBLEM_BASE, REFUSALS

__all__ = ["Origin", "Problem", "read_problem", "retry_after"]

_MAX_PROBLEM_BYTES = 8_192
_TRACE = re.compile(r"[0-9a-f]{32}")


class Origin(StrEnum):
    """Name who speaks in a problem document."""

    CLIENT = "client"
    GATEWAY = "gateway"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold a problem that was verified; ``name`` is one of ``REFUSALS`` or "refused", never a register's free text."""

    name: str
    origin: Origin
    retryable: bool
    trace_id: str

    def error(self, register: str, retry_after_s: float | None) -> RegisterError:
        """Return the error that it is."""
        kinds: dict[Origin, type[RegisterError]] = {
            Origin.REGISTRY: RegisterRefused,
            Origin.CLIENT: RequestRejected,
            Origin.GATEWAY: RegisterUnreachable,
        }
        return kinds[self.origin](
            register, self.name, retry_after_s=retry_after_s, retryable=self.retryable, trace_id=self.trace_id
        )


def read_problem(register: str, body: bytes) -> Problem:
    """Read a problem document whose signature was verified; raise AnswerNotTrusted for what is none of ours."""
    said = _load(body)
    try:
        origin = Origin(said["origin"])
        kind, retryable, trace = said["type"], said["retryable"], said["trace_id"]
    except (KeyError, ValueError, TypeError):
        raise AnswerNotTrusted(register, "problem-malformed") from None
    if not isinstance(kind, str) or not isinstance(retryable, bool) or not isinstance(trace, str):
        raise AnswerNotTrusted(register, "problem-malformed")
    name = kind.removeprefix(PROBLEM_BASE)
    return Problem(name if name in REFUSALS else "refused", origin, retryable, trace if _TRACE.fullmatch(trace) else "")


def retry_after(field: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After field says, as seconds or as a date (RFC 9110 §10.2.3); None for neither.

    It is a hint and may come from anybody on the way: it makes nobody wait longer than MAX_RETRY_AFTER_S.
    """
    text = (field or "").strip()
    # ASCII digits only, and few enough of them to be a number of seconds.
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(min(int(text), MAX_RETRY_AFTER_S))
    if not text or len(text) > 40:
        return None
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    left = (when - (now or datetime.now(UTC))).total_seconds()
    return min(max(left, 0.0), float(MAX_RETRY_AFTER_S))


def _load(body: bytes) -> dict[str, Any]:
    if len(body) > _MAX_PROBLEM_BYTES:
        return {}
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
