"""The keys by which a register's answers are known, as they are distributed with the trust.

They take the place of those in a desk's settings, so that a register can change its keys without a visit to each desk.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from auth.distribution.canonical import parse_json
from auth.distribution.plain_kinds import MAX_PLAIN, REGISTER_KEYS_FORMAT
from auth.wire.endpoint import AnswerKey, RegisterEndpoint
from reader.errors import DataError

__all__ = ["parse_register_keys", "with_distributed_keys"]

MAX_ANSWER_KEYS = 20
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def parse_register_keys(raw: bytes) -> tuple[str, tuple[AnswerKey, ...]]:
    """Return a register's name and the keys by which its answers are known; raise DataError."""
    said = parse_json(raw, MAX_PLAIN)
    keys = said.get("answer_keys")
    if set(said) != {"format", "register", "answer_keys"} or said["format"] != REGISTER_KEYS_FORMAT:
        raise DataError("malformed register keys")
    name = said["register"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DataError("malformed register keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MAX_ANSWER_KEYS:
        raise DataError("malformed register keys")
    try:
        found = tuple(AnswerKey(str(key["key_id"])[:200], base64.b64decode(key["spki"], validate=True)) for key in keys)
    except (binascii.Error, KeyError, TypeError, ValueError):
        raise DataError("malformed register keys") from None
    return name, found


def with_distributed_keys(
    endpoints: Iterable[RegisterEndpoint], files: Mapping[str, bytes]
) -> tuple[RegisterEndpoint, ...]:
    """Return the endpoints with the keys that ``files`` hold by the register's name, where they hold some."""
    return tuple(
        replace(endpoint, answer_keys=parse_register_keys(files[endpoint.register])[1])
        if endpoint.register in files
        else endpoint
        for endpoint in endpoints
    )
