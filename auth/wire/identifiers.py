"""The two names of a request: the key under which it has one effect, and the trace by which operators find it.

Both are drawn at random and say nothing of the citizen, the clerk or the matter.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid

__all__ = ["idempotency_field", "new_idempotency_key", "new_traceparent", "trace_id_of"]

# draft-ietf-httpapi-idempotency-key-header-07 §2.1: a structured-field String. Ours is always a UUID.
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def new_idempotency_key() -> str:
    """Return a UUIDv7 (RFC 9562 §5.7): in the order of time, so that it is a good key of a table."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def idempotency_field(key: str) -> str:
    """Return the Idempotency-Key field for ``key``, a UUID; raise ValueError for anything else."""
    if str(uuid.UUID(key)) != key:
        raise ValueError("not a UUID in its usual form")
    return f'"{key}"'


def new_traceparent() -> str:
    """Return a traceparent that begins a trace (W3C Trace Context §3.2), sampled by nobody."""
    # Zero is no id; the chance of drawing it is not worth a loop, and 1 is as good as any.
    trace, span = secrets.randbits(128) or 1, secrets.randbits(64) or 1
    return f"00-{trace:032x}-{span:016x}-00"


def trace_id_of(traceparent: str) -> str:
    """Return the trace's id; raise ValueError for what is no traceparent of version 00."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        raise ValueError("no traceparent")
    return found.group(1)
