"""Finding and reading profile files; a file may begin with another one's lines and change some (``like``)."""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mock_cards.chip.profiles.model import ProfileFile
from mock_cards.profile import ChipProfile

__all__ = ["ProfileError", "all_profiles", "profile_by_name"]

_SUFFIX = ".toml"
_LARGEST = 64 * 1024
_LIKE = "like"
_DEEPEST = 4


class ProfileError(ValueError):
    """Say what is wrong with a profile file: which line of thought, never a stack of a library."""


def profile_by_name(name: str) -> ChipProfile:
    """Return the profile ``name``, or that of the file ``name`` where it ends in ``.toml``.

    Raise KeyError where there is none, ProfileError where the file says what no chip can be.
    """
    if name.endswith(_SUFFIX):
        path = Path(name)
        if not path.is_file():
            raise KeyError(name)
        return _profile(path.stem, _read(path))
    return _shipped(name)


@lru_cache(maxsize=1)
def all_profiles() -> tuple[ChipProfile, ...]:
    """Return every profile that comes with this program, by name."""
    files = (file.name for file in resources.files(__package__).iterdir() if file.name.endswith(_SUFFIX))
    return tuple(_shipped(name.removesuffix(_SUFFIX)) for name in sorted(files))


@lru_cache(maxsize=64)
def _shipped(name: str) -> ChipProfile:
    return _profile(name, _table(name))


def _table(name: str) -> dict[str, Any]:
    if not name.replace("-", "").isalnum():
        raise KeyError(name)
    file = resources.files(__package__).joinpath(name + _SUFFIX)
    if not file.is_file():
        raise KeyError(name)
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _LARGEST:
        raise ProfileError(f"{path.name}: a profile has at most 64 KiB")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name}: {error}") from None


def _profile(name: str, table: dict[str, Any]) -> ChipProfile:
    # By way of JSON, whose arrays the strict models take for tuples.
    try:
        return ProfileFile.model_validate_json(json.dumps(_whole(table), default=str)).profile(name)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProfileError(f"{name}: {where}: {first['msg']}" if where else f"{name}: {first['msg']}") from None


def _whole(table: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """Put ``table`` over the profile it is like; tables are merged, everything else is replaced."""
    own = dict(table)
    base = own.pop(_LIKE, None)
    if base is None:
        return own
    if not isinstance(base, str) or depth >= _DEEPEST:
        raise ProfileError("like: names a profile that is like none of these in turn")
    try:
        return _merged(_whole(_table(base), depth + 1), own)
    except KeyError:
        raise ProfileError(f"like: no profile of the name {base}") from None


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        before = result.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            result[key] = _merged(before, value)
        else:
            result[key] = value
    return result
