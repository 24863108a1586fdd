"""The files that operators or a publisher write themselves, each judged by its own rules.

{"format": "motcua-distrust-1", "sha256": [of certificates or of keys …]}
{"format": "motcua-register-keys-1", "register": "population", "answer_keys": [{"key_id": …, "spki": base64}],
 "seal_keys": [the same; may be left out], "tls_anchors": [certificates, DER in base64; may be left out]}
{"format": "motcua-register-lists-1", "register": "population", "lists": [base64 of revocation lists …]}
{"format": "motcua-enrolment-authorities-1", "office": "so-mau", "certificates": [DER in base64 …]}
a policy in TOML (docs/policy.md), and the first root of a TUF repository.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tuf.api.exceptions import RepositoryError as TufRepositoryError
from tuf.api.metadata import Metadata, Root

from auth.distribution.canonical import parse_json
from auth.distribution.enrolment_authorities import parse_enrolment_authorities
from auth.distribution.kinds import ObjectKind
from auth.distribution.plain_kinds import DISTRUST_FORMAT, MAX_PLAIN
from auth.distribution.proof import strong_enough
from auth.distribution.register_keys import parse_register_keys
from auth.distribution.register_lists import parse_register_lists
from reader.errors import DataError
from reader.inspection.policy import Policy

__all__ = ["PLAIN_FILES", "parse_distrust"]

MAX_DISTRUSTED = 10_000
_HEX = frozenset("0123456789abcdef")


def parse_distrust(raw: bytes) -> frozenset[str]:
    """Return the SHA-256 fingerprints that vouch for nothing any more; raise DataError."""
    said = parse_json(raw, MAX_PLAIN)
    listed = said.get("sha256")
    if set(said) != {"format", "sha256"} or said["format"] != DISTRUST_FORMAT or not isinstance(listed, list):
        raise DataError("malformed list of distrust")
    good = all(isinstance(one, str) and len(one) == 64 and _HEX.issuperset(one) for one in listed)
    if not good or len(listed) > MAX_DISTRUSTED:
        raise DataError("malformed list of distrust")
    return frozenset(listed)


def _register_keys(raw: bytes) -> str:
    return parse_register_keys(raw).register


def _register_lists(raw: bytes) -> str:
    return parse_register_lists(raw).register


def _enrolment_authorities(raw: bytes) -> str:
    return parse_enrolment_authorities(raw).office


def _policy(raw: bytes) -> str:
    try:
        return Policy.parse(raw.decode("utf-8")).name
    except UnicodeDecodeError:
        raise DataError("policy that is not UTF-8") from None


def _repository_root(raw: bytes) -> str:
    try:
        metadata = Metadata[Root].from_bytes(raw)
        metadata.signed.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
    except (TufRepositoryError, ValueError, KeyError, TypeError, AttributeError):
        raise DataError("malformed root of a repository") from None
    if not strong_enough(metadata.signed):
        raise DataError("root of a repository that one person can change")
    return "repository"


# What judges each kind; it returns the name under which a newer file takes an older one's place.
PLAIN_FILES: Mapping[ObjectKind, Callable[[bytes], str]] = {
    ObjectKind.REGISTER_KEYS: _register_keys,
    ObjectKind.REGISTER_LISTS: _register_lists,
    ObjectKind.ENROLMENT_AUTHORITIES: _enrolment_authorities,
    ObjectKind.POLICY: _policy,
    ObjectKind.REPOSITORY_ROOT: _repository_root,
}
