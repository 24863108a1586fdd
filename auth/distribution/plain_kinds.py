"""Tell the files that operators write by their beginning.

Distrust, keys and lists of registers, authorities of enrolment offices, policies, a root.
"""

from __future__ import annotations

import json

__all__ = [
    "DISTRUST_FORMAT",
    "ENROLMENT_AUTHORITIES_FORMAT",
    "REGISTER_KEYS_FORMAT",
    "REGISTER_LISTS_FORMAT",
    "recognise_plain",
]

DISTRUST_FORMAT = "motcua-distrust-1"
REGISTER_KEYS_FORMAT = "motcua-register-keys-1"
REGISTER_LISTS_FORMAT = "motcua-register-lists-1"
ENROLMENT_AUTHORITIES_FORMAT = "motcua-enrolment-authorities-1"
MAX_PLAIN = 1024 * 1024


def recognise_plain(raw: bytes) -> str | None:
    """Return the kind of a JSON or TOML file that can be installed, None where it is none of these."""
    if len(raw) > MAX_PLAIN:
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if text.lstrip().startswith("{"):
        return _recognise_json(text)
    return "policy" if "\n[checks]" in text else None


def _recognise_json(text: str) -> str | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if said.get("format") == DISTRUST_FORMAT:
        return "distrust"
    if said.get("format") == REGISTER_KEYS_FORMAT:
        return "register-keys"
    if said.get("format") == REGISTER_LISTS_FORMAT:
        return "register-lists"
    if said.get("format") == ENROLMENT_AUTHORITIES_FORMAT:
        return "enrolment-authorities"
    signed = said.get("signed")
    return "repository-root" if isinstance(signed, dict) and signed.get("_type") == "root" else None
