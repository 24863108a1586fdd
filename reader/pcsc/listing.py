"""Readers and what lies on them at this moment, without a watch."""

from __future__ import annotations

from reader.iso7816 import ReaderState, SlotState
from reader.pcsc.codes import Result, raise_for
from reader.pcsc.scard import RawState, Scard, StatusAnswer, SystemScard, short_context
from reader.pcsc.slots import is_emulated, is_passed_over, is_usable, slot_of

__all__ = ["current_states", "list_readers", "reader_names", "reader_states"]


def list_readers(scard: Scard | None = None) -> tuple[ReaderState, ...]:
    """Return the readers there are, in the service's order, without virtual ones of the operating system.

    ``insertions`` is 1 where a card lies on the reader. No reader gives an empty tuple; raise ServiceUnavailable,
    AccessRefused or ReaderTrouble where the service does not answer.
    """
    scard = scard or SystemScard()
    code, names = reader_names(scard)
    raise_for(code, "list readers")
    code, states = reader_states(scard, tuple(name for name in names if not is_passed_over(name)))
    raise_for(code, "reader states")
    return tuple(_reader_state(raw) for raw in states if is_usable(raw))


def reader_names(scard: Scard) -> tuple[int, tuple[str, ...]]:
    """Ask for all readers in a context of its own; no reader at all is an empty tuple."""
    with short_context(scard) as (code, context):
        if code != Result.SUCCESS:
            return code, ()
        answer, names = scard.list_readers(context)
        return (Result.SUCCESS, ()) if answer == Result.NO_READERS_AVAILABLE else (answer, names)


def reader_states(scard: Scard, readers: tuple[str, ...]) -> StatusAnswer:
    """Ask for the states of ``readers`` in a context of its own."""
    with short_context(scard) as (code, context):
        return current_states(scard, context, readers) if code == Result.SUCCESS else (code, ())


def current_states(scard: Scard, context: int, readers: tuple[str, ...]) -> StatusAnswer:
    """Ask for the states of ``readers`` without waiting."""
    if not readers:
        return Result.SUCCESS, ()
    code, states = scard.status_change(context, 0, tuple(RawState(reader) for reader in readers))
    return (Result.SUCCESS if code == Result.TIMEOUT else code), states


def _reader_state(raw: RawState) -> ReaderState:
    slot = slot_of(raw.state)
    return ReaderState(raw.reader, slot, raw.atr, int(slot is not SlotState.EMPTY), is_emulated(raw.reader))
