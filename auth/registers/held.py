"""What answers about holdings have in common: things that people hold, each under the serial of a certificate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.registers.lookups import note_of_more
from auth.registers.ports import Answer, Lookup
from auth.registers.text import same_serial
from auth.wire.client import SignedAnswer

__all__ = ["HeldMessage", "holdings_of"]

HoldingsT_co = TypeVar("HoldingsT_co", covariant=True)
HoldingsT = TypeVar("HoldingsT")


class HeldMessage(Protocol[HoldingsT_co]):
    """Be a register's message of all that a citizen holds in it."""

    @property
    def personal_number(self) -> str:
        """Return whose holdings these are."""
        ...

    @property
    def old_numbers(self) -> tuple[str, ...]:
        """Return under which old numbers the register looked as well."""
        ...

    def held(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Return of each thing the serial of its certificate and the numbers of all who hold it."""
        ...

    def answers(self, asked: tuple[str, ...]) -> bool:
        """Tell whether each asked field was told, be it as empty."""
        ...

    def exceeds(self, asked: tuple[str, ...], own: frozenset[str]) -> bool:
        """Tell whether more was told than was asked for."""
        ...

    def holdings(self, asked: tuple[str, ...], own: frozenset[str]) -> HoldingsT_co:
        """Return it as the value that crosses floors, without what was not asked for."""
        ...


def holdings_of(
    register: str,
    lookup: Lookup,
    signed: SignedAnswer,
    found: HeldMessage[HoldingsT] | None,
    receipt: tuple[str, str],
    *,
    of_another: str,
) -> Answer[HoldingsT]:
    """Return the answer to ``lookup`` with what was asked for and nothing else; ``receipt`` with its proof of the log.

    Raise AnswerForAnother for holdings of another personal number, for a thing that none of the citizen's numbers holds
    (``of_another`` is then the reason) or under another certificate than was asked about, and AnswerNotTrusted where an
    asked field was left out.
    """
    if found is None:
        return Answer(register, None, signed.key_id, signed.created, (), *receipt)
    own = _own_numbers(register, lookup, found, of_another)
    if not found.answers(lookup.fields):
        raise AnswerNotTrusted(register, "answer-incomplete")
    notes = note_of_more(register, lookup, more=found.exceeds(lookup.fields, own))
    return Answer(register, found.holdings(lookup.fields, own), signed.key_id, signed.created, notes, *receipt)


def _own_numbers(register: str, lookup: Lookup, found: HeldMessage[object], of_another: str) -> frozenset[str]:
    """Return the citizen's own numbers, once each thing is theirs and was asked about."""
    if found.personal_number != lookup.personal_number:
        raise AnswerForAnother(register, "another-personal-number")
    own = frozenset({lookup.personal_number, lookup.old_number, *found.old_numbers} - {""})
    for serial, holders in found.held():
        if own.isdisjoint(holders):
            raise AnswerForAnother(register, of_another)
        if lookup.certificate and not same_serial(serial, lookup.certificate):
            raise AnswerForAnother(register, "another-certificate")
    return own
