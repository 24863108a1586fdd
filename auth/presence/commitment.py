"""Commit: which requests one tap of the card is for, fixed before any challenge exists.

Were the challenge known first, a desk could vary its request until the challenge derived from both is one that the
chip has signed before. So the requests are serialised once, their digests are sent, and only then the register draws.
One commitment may name several registers: each sees its own request and merely the digests of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from auth.presence.encoding import digest
from reader.errors import DataError

__all__ = ["MAX_REQUESTS", "Commitment", "commit", "request_digest"]

MAX_REQUESTS = 8
DIGEST_BYTES = 32
_AUDIENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,127}")


def request_digest(audience: str, body: bytes) -> bytes:
    """Return r = SHA-256("CPP1-req" ‖ 0 ‖ audience ‖ 0 ‖ body) of one serialised request; DataError for no audience."""
    if not _AUDIENCE.fullmatch(audience):
        raise DataError("audience with characters that no register's name has")
    return digest("CPP1-req", audience.encode("ascii"), b"\0", body)


@dataclass(frozen=True, slots=True)
class Commitment:
    """Hold the digest of each request by audience, sorted by audience."""

    digests: tuple[tuple[str, bytes], ...]

    def __post_init__(self) -> None:
        """Refuse none, too many, one audience twice, another order, or what is no digest."""
        audiences = [audience for audience, _ in self.digests]
        if not 1 <= len(audiences) <= MAX_REQUESTS or audiences != sorted(set(audiences)):
            raise DataError("a commitment names one to eight audiences, each once, in order")
        if not all(_AUDIENCE.fullmatch(audience) and len(value) == DIGEST_BYTES for audience, value in self.digests):
            raise DataError("a commitment holds SHA-256 digests by audience")

    @classmethod
    def of(cls, digests: Mapping[str, bytes]) -> Commitment:
        """Take digests in any order."""
        return cls(tuple(sorted(digests.items())))

    @property
    def audiences(self) -> tuple[str, ...]:
        """Return the registers that are asked."""
        return tuple(audience for audience, _ in self.digests)

    @property
    def root(self) -> bytes:
        """Return R = SHA-256("CPP1-set" ‖ 0 ‖ (audience ‖ 0 ‖ r)…), which the challenge is bound to."""
        return digest("CPP1-set", *(audience.encode("ascii") + b"\0" + value for audience, value in self.digests))

    def covers(self, audience: str, body: bytes) -> bool:
        """Tell whether ``body`` is the request that was committed to for ``audience``."""
        return (audience, request_digest(audience, body)) in self.digests


def commit(requests: Mapping[str, bytes]) -> Commitment:
    """Commit to serialised requests by audience; raise DataError for none, more than eight, or a malformed audience."""
    return Commitment.of({audience: request_digest(audience, body) for audience, body in requests.items()})
