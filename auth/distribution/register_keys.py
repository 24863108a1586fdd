"""The keys by which a register's answers are known and to which look-ups are sealed, distributed with the trust.

They take the place of those in a desk's settings, so that a register can change its keys without a visit to each desk.
While it changes one, both stand there: for answers in any order, for look-ups the one to seal to first. The same goes
for the certificates under which it is reached. The service that enrols desks has a file of its own, named "enrolment".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cryptography.x509 import load_der_x509_certificate

from auth.distribution.canonical import parse_json
from auth.distribution.plain_kinds import MAX_PLAIN, REGISTER_KEYS_FORMAT
from auth.wire.endpoint import AnswerKey, RegisterEndpoint, SealKey
from auth.wire.profile import MAX_KEY_ID
from reader.errors import DataError

__all__ = ["RegisterKeys", "parse_register_keys", "register_name", "with_distributed_keys"]

MAX_KEYS = 20
_OPTIONAL = frozenset({"seal_keys", "tls_anchors"})
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


@dataclass(frozen=True, slots=True)
class RegisterKeys:
    """Hold a register's name, its keys and its certificates (DER); without ``seal_keys`` those of the settings stay.

    So do those without ``tls_anchors``.
    """

    register: str
    answer_keys: tuple[AnswerKey, ...]
    seal_keys: tuple[SealKey, ...] = ()
    tls_anchors: tuple[bytes, ...] = ()


def parse_register_keys(raw: bytes) -> RegisterKeys:
    """Return the keys that a file tells; raise DataError."""
    said = parse_json(raw, MAX_PLAIN)
    if set(said) - _OPTIONAL != {"format", "register", "answer_keys"} or said["format"] != REGISTER_KEYS_FORMAT:
        raise DataError("malformed register keys")
    name = register_name(said["register"])
    answer_keys = tuple(AnswerKey(*key) for key in _keys(said["answer_keys"]))
    seal_keys = tuple(SealKey(*key) for key in _keys(said["seal_keys"])) if "seal_keys" in said else ()
    anchors = _anchors(said["tls_anchors"]) if "tls_anchors" in said else ()
    return RegisterKeys(name, answer_keys, seal_keys, anchors)


def register_name(said: object) -> str:
    """Return the name of a register; raise DataError for what cannot be one."""
    if not isinstance(said, str) or not _NAME.fullmatch(said):
        raise DataError("malformed name of a register")
    return said


def with_distributed_keys(
    endpoints: Iterable[RegisterEndpoint], files: Mapping[str, bytes]
) -> tuple[RegisterEndpoint, ...]:
    """Return the endpoints with the keys that ``files`` hold by the register's name, where they hold some."""
    return tuple(
        _with_keys(endpoint, parse_register_keys(files[endpoint.register])) if endpoint.register in files else endpoint
        for endpoint in endpoints
    )


def _with_keys(endpoint: RegisterEndpoint, keys: RegisterKeys) -> RegisterEndpoint:
    return replace(
        endpoint,
        answer_keys=keys.answer_keys,
        seal_keys=keys.seal_keys or endpoint.seal_keys,
        tls_anchors=keys.tls_anchors or endpoint.tls_anchors,
    )


def _anchors(said: object) -> tuple[bytes, ...]:
    """Return certificates, DER in base64; that each is one is held here, where a wrong one still harms nobody."""
    if not isinstance(said, list) or not 0 < len(said) <= MAX_KEYS:
        raise DataError("malformed register certificates")
    try:
        found = tuple(base64.b64decode(one, validate=True) for one in said)
        for one in found:
            load_der_x509_certificate(one)
    except (binascii.Error, TypeError, ValueError):
        raise DataError("malformed register certificates") from None
    return found


def _keys(said: object) -> list[tuple[str, bytes]]:
    if not isinstance(said, list) or not 0 < len(said) <= MAX_KEYS:
        raise DataError("malformed register keys")
    try:
        return [(str(key["key_id"])[:MAX_KEY_ID], base64.b64decode(key["spki"], validate=True)) for key in said]
    except (binascii.Error, KeyError, TypeError, ValueError):
        raise DataError("malformed register keys") from None
