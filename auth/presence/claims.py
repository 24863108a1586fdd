"""What the two tokens of the presence proof say: the challenge before the tap, the receipt after it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from auth.presence.encoding import DIGEST_TEXT, digest
from auth.presence.levels import Mode, PresenceLevel, Reason

__all__ = [
    "CHALLENGE_BYTES",
    "CHALLENGE_KIND",
    "RECEIPT_KIND",
    "ChallengeClaims",
    "ChipProtocol",
    "IssuedClaims",
    "ReceiptClaims",
    "Target",
    "active_challenges",
    "transcript_of",
]

CHALLENGE_KIND = "cpp-challenge+jwt"
RECEIPT_KIND = "cpp-receipt+jwt"
CHALLENGE_BYTES = 8
MAX_SIGNATURES = 4

Name = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._:/-]{0,127}$")]
Digest = Annotated[str, Field(pattern=DIGEST_TEXT)]
Seconds = Annotated[int, Field(ge=0, le=1 << 40)]


class Target(StrEnum):
    """Name the first thing that is read under the new keys: always DG14, which the register holds already."""

    READ_BY_SFI = "dg14-sfi"
    SELECT_AND_READ = "dg14-select"


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ChipProtocol(_Claims):
    """Name the protocol and, where DG14 holds several keys, the key of Chip Authentication."""

    oid: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+){1,15}$", max_length=64)]
    key_id: Annotated[int, Field(ge=0, le=1 << 32)] | None = None


class IssuedClaims(_Claims):
    """Say who made them."""

    ver: Annotated[int, Field(ge=1, le=1)] = 1
    issuer: Name


class ChallengeClaims(IssuedClaims):
    """Bind a challenge to requests, device, clerk, purpose, document and key; all times in seconds since 1970.

    ``k`` counts the signatures of Active Authentication and is 0 otherwise. ``secret`` names the secret that the
    ephemeral key of Chip Authentication is derived from, ``trust`` the version of the trust list.
    """

    audiences: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)]
    device: Name
    device_key: Digest
    clerk: Name
    purpose: Name
    root: Digest
    sod: Digest
    key: Digest
    mode: Mode
    k: Annotated[int, Field(ge=0, le=MAX_SIGNATURES)]
    target: Target | None = None
    protocol: ChipProtocol | None = None
    secret: Name | None = None
    jti: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
    nonce: Digest
    issued: Seconds
    expires: Seconds
    trust: Name


class ReceiptClaims(IssuedClaims):
    """Say what came of a proof; who holds it may pass it on, with everything in it that a court would ask for.

    ``level`` is what may be believed, never more. ``transcript`` names the challenge token by its hash, ``proof`` the
    card's answers, ``terminal_key`` the ephemeral key of Chip Authentication, ``leaf`` where the challenge stands in
    the verifier's log, None where it has lost count of it.
    """

    audience: Name
    device: Name
    device_key: Digest
    clerk: Name
    transcript: Digest
    proof: Digest
    verdict: Annotated[str, Field(pattern="^(accepted|refused)$")]
    level: PresenceLevel
    reasons: Annotated[tuple[Reason, ...], Field(max_length=16)] = ()
    challenge: ChallengeClaims | None = None
    request: Digest
    terminal_key: Digest | None = None
    verified: Seconds
    trust: Name
    leaf: Annotated[int, Field(ge=1)] | None = None

    @property
    def accepted(self) -> bool:
        """Tell whether the chip answered as it had to."""
        return self.verdict == "accepted"


def transcript_of(token: str) -> bytes:
    """Return T = SHA-256("CPP1" ‖ 0 ‖ token), from which everything that the chip is asked follows."""
    return digest("CPP1", token.encode("utf-8", "backslashreplace"))


def active_challenges(transcript: bytes, k: int) -> tuple[bytes, ...]:
    """Return the ``k`` challenges of Active Authentication: consecutive pieces of eight bytes.

    Two carry 128 bits of the transcript and four all of it (ICAO 9303-11 §6.1: a challenge has eight bytes).
    """
    return tuple(transcript[CHALLENGE_BYTES * i : CHALLENGE_BYTES * (i + 1)] for i in range(k))
