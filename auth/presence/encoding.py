"""How values of the presence proof are written: base64url without padding, and JSON in one form only.

Both readers take back only what the writers would have written, so that no two texts mean the same evidence.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from reader.errors import DataError

__all__ = ["DIGEST_TEXT", "canonical", "digest", "from_text", "parse_canonical", "to_text"]

# SHA-256 in base64url: 43 characters, of which the last carries four bits.
DIGEST_TEXT = r"^[A-Za-z0-9_-]{43}$"


def digest(label: str, *parts: bytes) -> bytes:
    """Return SHA-256 over ``label``, a zero byte and ``parts``: a hash that means one thing only."""
    return hashlib.sha256(label.encode("ascii") + b"\0" + b"".join(parts)).digest()


def to_text(raw: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648 §5, RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """Read base64url without padding; raise DataError for padding, foreign characters and stray last bits."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise DataError("malformed base64url") from None
    if to_text(raw) != text:
        raise DataError("malformed base64url")
    return raw


def canonical(content: Any) -> bytes:
    """Return the one encoding of ``content``: keys sorted, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse_canonical(raw: bytes, limit: int) -> dict[str, Any]:
    """Read a JSON object of at most ``limit`` bytes in that encoding; raise DataError for any other writing of it."""
    if len(raw) > limit:
        raise DataError(f"JSON of more than {limit} bytes")
    try:
        said = json.loads(raw.decode("utf-8"))
        same = isinstance(said, dict) and canonical(said) == raw
    except (ValueError, RecursionError):
        raise DataError("malformed JSON") from None
    if not same:
        raise DataError("JSON in another form than the one it is signed in")
    parsed: dict[str, Any] = said
    return parsed
