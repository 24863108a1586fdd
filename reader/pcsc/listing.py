"""Readers and what lies on them at this moment, without a watch."""

from __future__ import annotations

from reader.iso7816 import ReaderState, SlotState
from reader.pcsc.codes import Result, raise_for
from reader.pcsc.scard import RawState, Scard, StatusAnswer, SystemScard, short_context
from reader.pcsc.slots import is_emulated, is_passed_over, is_usable, slot_of

__all__ = ["current_states", "list_readers"]


def list_readers(scard: Scard | None = None) -> tuple[ReaderState, ...]:
    """Return the readers there are, in the service's order, without virtual ones of the operating system.

    ``insertions`` is 1 where a card lies on the reader. No reader gives an empty tuple; raise ServiceUnavailable,
    AccessRefused or ReaderTrouble where the service does not answer.
    """
    scard = scard or SystemScard()
    with short_context(scard) as (code, context):
        raise_for(code, "establish context")
        code, names = scard.list_readers(context)
        if code == Result.NO_READERS_AVAILABLE:
            return ()
        raise_for(code, "list readers")
        code, states = current_states(scard, context, tuple(name for name in names if not is_passed_over(name)))
        raise_for(code, "reader states")
        return tuple(_reader_state(raw) for raw in states if is_usable(raw))


def current_states(scard: Scard, context: int, readers: tuple[str, ...]) -> StatusAnswer:
    """Ask for the states of ``readers`` without waiting."""
    if not readers:
        return Result.SUCCESS, ()
    code, states = scard.status_change(context, 0, tuple(RawState(reader) for reader in readers))
    return (Result.SUCCESS if code == Result.TIMEOUT else code), states


def _reader_state(raw: RawState) -> ReaderState:
    slot = slot_of(raw.state)
    return ReaderState(raw.reader, slot, raw.atr, int(slot is not SlotState.EMPTY), is_emulated(raw.reader))
