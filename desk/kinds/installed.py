"""Find the kinds of registers that are installed, by the entry-point group ``motcua.register_kinds``."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from desk.outcomes import LookupOutcome
from desk.register_kind import POPULATION, RegisterKind
from reader.errors import MotCuaError

__all__ = ["KindUnusable", "installed_kinds", "nobody_asked"]

_GROUP = "motcua.register_kinds"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
# What a row of the comparison says beside the registers, by name, in a report.
_RESERVED = frozenset({"field", "chip", "note"})


class KindUnusable(MotCuaError):
    """Say that an installed package offers a register that no desk can use."""

    code = "register-kind-unusable"


def installed_kinds() -> tuple[RegisterKind[Any], ...]:
    """Return the kinds of all installed registers, population first; raise KindUnusable for one that is not usable."""
    found = tuple(entry_points(group=_GROUP))
    names = [entry.name for entry in found]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise KindUnusable(f"{_GROUP}: {doubled[0]}: offered twice")
    return tuple(sorted(map(_load, found), key=lambda kind: (kind.name != POPULATION, kind.order, kind.name)))


def nobody_asked() -> tuple[LookupOutcome[Any], ...]:
    """Return how the installed registers stand where nobody is looked up."""
    return tuple(LookupOutcome(kind) for kind in installed_kinds())


def _load(entry: EntryPoint) -> RegisterKind[Any]:
    try:
        kind = entry.load()
    except (ImportError, AttributeError) as error:
        raise KindUnusable(f"{_GROUP}: {entry.name}: {type(error).__name__}") from None
    if not isinstance(kind, RegisterKind) or kind.name != entry.name:
        raise KindUnusable(f"{_GROUP}: {entry.name}: no kind of this name")
    if not _NAME.fullmatch(kind.name) or kind.name in _RESERVED:
        raise KindUnusable(f"{_GROUP}: {entry.name}: no name for a register")
    return kind
