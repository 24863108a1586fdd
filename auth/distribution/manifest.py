"""What a repository publishes: one list of its files, itself a target, so that a desk takes all of them or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auth.distribution.canonical import parse_json
from auth.distribution.errors import RepositoryUntrusted
from reader.errors import DataError

__all__ = ["MANIFEST", "MAX_FILES", "MAX_TARGET", "MAX_TOTAL", "manifest_of", "parse_manifest"]

MANIFEST = "manifest.json"
FORMAT = "motcua-trust-manifest-1"
MAX_MANIFEST = 1024 * 1024
MAX_FILES = 4_096
MAX_TARGET = 16 * 1024 * 1024
MAX_TOTAL = 64 * 1024 * 1024
_PUNCTUATION = frozenset(".-_")


def manifest_of(names: Iterable[str]) -> dict[str, Any]:
    """Return the manifest of files; raise RepositoryUntrusted for a name that a web server or a stick could mangle."""
    return {"format": FORMAT, "files": sorted(_checked(name) for name in names)}


def parse_manifest(raw: bytes) -> tuple[str, ...]:
    """Return the names in a manifest; raise RepositoryUntrusted where it is none."""
    try:
        said = parse_json(raw, MAX_MANIFEST)
    except DataError:
        raise RepositoryUntrusted("manifest") from None
    names = said.get("files")
    if said.get("format") != FORMAT or not isinstance(names, list) or len(names) > MAX_FILES:
        raise RepositoryUntrusted("manifest")
    if len(set(map(str, names))) != len(names):
        raise RepositoryUntrusted("manifest")
    return tuple(_checked(name) for name in names)


def _checked(name: Any) -> str:
    """Return a plain file name: letters, digits, dot, hyphen, underscore; no folders and nothing hidden."""
    plain = (
        isinstance(name, str)
        and name.isascii()
        and 0 < len(name) <= 100
        and name[0].isalnum()
        and all(letter.isalnum() or letter in _PUNCTUATION for letter in name)
    )
    if not plain or name == MANIFEST:
        raise RepositoryUntrusted("file name")
    return str(name)
