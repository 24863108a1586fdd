"""How a look-up is handed to a register's client: as it is, with a proof, and on an errand that can call it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from desk.register_kind import RegisterKind

# For the annotations only: a window must not wait for the wire.
if TYPE_CHECKING:
    from auth.registers.ports import Answer, Connection, Lookup
    from auth.registers.proofs import CarriesProof, Worded
    from auth.wire.errand import Errand

__all__ = ["ask_carrying", "ask_on"]


def ask_on(
    ask: Callable[[Any, Lookup], Answer[Any]], connection: Connection, lookup: Lookup, errand: Errand | None = None
) -> Answer[Any]:
    """Put the question of a kind to its client; with ``errand`` the look-up ends with that."""
    return ask(_on_errand(connection, errand), lookup)


def ask_carrying(
    kind: RegisterKind[Any], connection: CarriesProof, lookup: Lookup, worded: Worded, errand: Errand | None = None
) -> Answer[Any]:
    """Put the question as it was ``worded``, with the proof of the card's presence that was made for it."""
    return kind.ask(_on_errand(connection.carrying(worded), errand), lookup)


def _on_errand(connection: Any, errand: Errand | None) -> Any:
    """Return ``connection``, its look-up ending with ``errand``; Any: what a kind asks is of the kind's own type."""
    return connection if errand is None else connection.sent_on(errand)
