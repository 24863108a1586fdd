"""What answers about holdings have in common: things that people hold, each under the serial of a certificate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, Self, TypeVar

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.registers.lookups import check_act, note_of_more
from auth.registers.messages import LookupAnswer
from auth.registers.sought import Sought
from auth.registers.told import Told

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

    def only(self, asked: tuple[str, ...], own: frozenset[str]) -> Self:
        """Return it as it may be kept, without what was not asked for."""
        ...

    def holdings(self, asked: tuple[str, ...], own: frozenset[str]) -> HoldingsT_co:
        """Return it as the value that crosses floors, without what was not asked for."""
        ...


def holdings_of(
    register: str, asked: Sought, answer: LookupAnswer[Any], found: HeldMessage[HoldingsT] | None, *, of_another: str
) -> Told[HoldingsT]:
    """Return what ``answer``, whose record is ``found``, tells: what was asked for and nothing else.

    Raise AnswerForAnother for holdings of another personal number, for a thing that none of the citizen's numbers holds
    (``of_another`` is then the reason) or under another certificate than was asked about, and AnswerNotTrusted for
    another act or where an asked field was left out.
    """
    check_act(register, asked, answer)
    receipt = answer.receipt, answer.receipt_log
    if found is None:
        return Told(None, answer, (), *receipt)
    own = _own_numbers(register, asked, found, of_another)
    if asked.certain and not found.answers(asked.fields):
        raise AnswerNotTrusted(register, "answer-incomplete")
    notes = note_of_more(register, asked, more=found.exceeds(asked.fields, own))
    kept = answer.model_copy(update={"record": found.only(asked.fields, own)})
    return Told(found.holdings(asked.fields, own), kept, notes, *receipt)


def _own_numbers(register: str, asked: Sought, found: HeldMessage[object], of_another: str) -> frozenset[str]:
    """Return the citizen's own numbers among the holders', once each thing is theirs and was asked about."""
    about = asked.about
    if not about.is_person(found.personal_number):
        raise AnswerForAnother(register, "another-personal-number")
    numbers = {number for _, holders in found.held() for number in holders}
    own = frozenset(number for number in numbers if about.is_person(number) or about.is_old_number(number))
    own |= frozenset(found.old_numbers) - {""}
    for serial, holders in found.held():
        if own.isdisjoint(holders):
            raise AnswerForAnother(register, of_another)
        if not about.is_certificate(serial):
            raise AnswerForAnother(register, "another-certificate")
    return own
