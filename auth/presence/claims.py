"""What the tokens of the presence proof say: a challenge or a page of a booklet before the tap, a receipt after it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from auth.presence.encoding import DIGEST_TEXT, digest
from auth.presence.levels import Mode, PresenceLevel, Reason

__all__ = [
    "CHALLENGE_BYTES",
    "CHALLENGE_KIND",
    "CLERK_TEXT",
    "LOG_TEXT",
    "MAX_COUNTER",
    "MAX_SIGNATURES",
    "MOST_PAGES",
    "NAME_TEXT",
    "PAGE_KIND",
    "RECEIPT_KIND",
    "ChallengeClaims",
    "ChipProtocol",
    "IssuedClaims",
    "PageClaims",
    "ReceiptClaims",
    "Target",
    "TreeHead",
    "active_challenges",
    "page_transcript",
    "transcript_of",
]

CHALLENGE_KIND = "cpp-challenge+jwt"
PAGE_KIND = "cpp-offline+jwt"
RECEIPT_KIND = "cpp-receipt+jwt"
CHALLENGE_BYTES = 8
MAX_SIGNATURES = 4
MOST_PAGES = 200
MAX_COUNTER = (1 << 63) - 1
_COUNTER_BYTES = 8
LOG_TEXT = r"^[A-Za-z0-9_-]{22}$"

# What devices, purposes, registers and verifiers are known by here: ids, never what people are called.
NAME_TEXT = r"^[0-9A-Za-z][0-9A-Za-z._:/-]{0,127}$"
# A clerk is known by what sign-in servers make of people: a number, an e-mail address, a directory's name, base64.
CLERK_TEXT = r"^[!-~]{1,100}$"

Name = Annotated[str, Field(pattern=NAME_TEXT)]
Clerk = Annotated[str, Field(pattern=CLERK_TEXT)]
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
    clerk: Clerk
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


class PageClaims(IssuedClaims):
    """Be one page of a booklet: a challenge that a device may use once without the verifier, before it expires.

    It is for one device and its key, and for no request yet: the request goes into the transcript at the tap. The chip
    signs all four pieces of that, since nobody counts the tries that a desk makes before it chooses its page.
    """

    device: Name
    device_key: Digest
    booklet: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
    number: Annotated[int, Field(ge=1, le=MOST_PAGES)]
    k: Annotated[int, Field(ge=MAX_SIGNATURES, le=MAX_SIGNATURES)] = MAX_SIGNATURES
    jti: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}$")]
    nonce: Digest
    issued: Seconds
    expires: Seconds
    trust: Name


class TreeHead(_Claims):
    """Say how long a verifier's log was and which root stood over it (RFC 6962 §3.5); ``log`` names it for good."""

    log: Annotated[str, Field(pattern=LOG_TEXT)]
    size: Annotated[int, Field(ge=0, le=1 << 53)]
    root: Digest


class ReceiptClaims(IssuedClaims):
    """Say what came of a proof; who holds it may pass it on, with everything in it that a court would ask for.

    ``level`` is what may be believed, never more. ``person`` tells whether the card was held against the person whom
    the request names, and is theirs, not expired, and neither lost nor cancelled. ``transcript`` names what the chip
    answered to by its hash, ``proof`` the card's answers, ``terminal_key`` the ephemeral key of Chip Authentication,
    ``leaf`` where the challenge stands in the verifier's log, counted from 1, None where it never was. ``tree`` is the
    log that the receipt was appended to, right behind its last leaf; receipts of former versions have none, and do not
    say that a person was looked at. A proof without the verifier's presence has a ``page`` and the device's ``counter``
    in the place of a ``challenge``.
    """

    audience: Name
    device: Name
    device_key: Digest
    clerk: Clerk
    transcript: Digest
    proof: Digest
    verdict: Annotated[str, Field(pattern="^(accepted|refused)$")]
    level: PresenceLevel
    person: bool = False
    reasons: Annotated[tuple[Reason, ...], Field(max_length=16)] = ()
    challenge: ChallengeClaims | None = None
    page: PageClaims | None = None
    counter: Annotated[int, Field(ge=0, le=MAX_COUNTER)] | None = None
    request: Digest
    terminal_key: Digest | None = None
    verified: Seconds
    trust: Name
    leaf: Annotated[int, Field(ge=1)] | None = None
    tree: TreeHead | None = None

    @property
    def accepted(self) -> bool:
        """Tell whether the chip answered as it had to."""
        return self.verdict == "accepted"


def transcript_of(token: str) -> bytes:
    """Return T = SHA-256("CPP1" ‖ 0 ‖ token), from which everything that the chip is asked follows."""
    return digest("CPP1", token.encode("utf-8", "backslashreplace"))


def page_transcript(token: str, root: bytes, counter: int) -> bytes:
    """Return T = SHA-256("CPP1-off" ‖ 0 ‖ token ‖ R ‖ counter) of a page; the counter as eight bytes, big-endian."""
    return digest("CPP1-off", token.encode("utf-8", "backslashreplace"), root, counter.to_bytes(_COUNTER_BYTES, "big"))


def active_challenges(transcript: bytes, k: int) -> tuple[bytes, ...]:
    """Return the ``k`` challenges of Active Authentication: consecutive pieces of eight bytes.

    Two carry 128 bits of the transcript and four all of it (ICAO 9303-11 §6.1: a challenge has eight bytes).
    """
    return tuple(transcript[CHALLENGE_BYTES * i : CHALLENGE_BYTES * (i + 1)] for i in range(k))
