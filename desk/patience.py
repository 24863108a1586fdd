"""Asking again by itself: a look-up whose try was lost on the way is tried again, while a citizen stands there.

At most three tries, each of them begun within twenty seconds, and all of it within the total that one look-up may take
anyway. Each try goes the whole way: it is let out by the register's breaker and the clerk's budget, leaves its trace in
the ledger, and carries its own signature and proof; the sealed bytes and the key of the effect are those of the first,
so that the register looks up once. A gateway of today has no such key; it is asked again for what is a read by its own
design (``auth.registers.population_soap``). Only what was lost on the way is tried again: never a register's word, an
answer that was not believed, or a try that spent the time there was. The desk is told how far it is, and can call it
back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from auth.errors import RegisterError, RegisterRefused, RegisterResting, RegisterUnreachable, RequestRejected
from auth.registers.ports import Answer, Lookup
from auth.wire.backoff import next_wait
from auth.wire.breaker import SHORT_PAUSE_S
from auth.wire.errand import Errand, Recall, Stage
from auth.wire.profile import IN_PROGRESS, PROMISE_FORGOTTEN, TOO_MANY_REQUESTS

__all__ = ["TRIES", "WITHIN_S", "Patience", "patiently", "worth_another_try"]

T = TypeVar("T")
TRIES = 3
WITHIN_S = 20.0
_FIRST_WAIT_S = 0.3
_LONGEST_WAIT_S = 3.0
# The breaker counts the pause from a moment later than the register asked for it, and by another clock.
_AFTER_A_PAUSE_S = 0.1
# What is left after the pause must be enough for an answer to come at all.
_LEAST_LEFT_S = 0.5
_LOST = frozenset(
    {
        "connection-broken",
        "connection-refused",
        "http-502",
        "http-503",
        "name-not-found",
        "no-connection",
        PROMISE_FORGOTTEN,
    }
)


def worth_another_try(error: RegisterError) -> bool:
    """Tell whether a try was lost in a way that may be over in a moment, and that is nobody's word on the matter."""
    if isinstance(error, RequestRejected):
        # The try before was not lost after all: it is being worked on, and is answered when it is done.
        return error.why == IN_PROGRESS
    if isinstance(error, RegisterResting) or not isinstance(error, RegisterUnreachable):
        return False
    return error.why in _LOST and (error.retry_after_s or 0.0) <= SHORT_PAUSE_S


@dataclass(frozen=True, slots=True, repr=False)
class Patience:
    """Hold what ends all look-ups of a visit at once, and who is told which register's look-up is how far."""

    recall: Recall
    tell: Callable[[str, Stage], object] = lambda _register, _stage: None
    draw: Callable[[], float] = random.random

    def ask(
        self, register: str, seconds: float, find: Callable[..., Answer[T]], lookup: Lookup, *beside: Any
    ) -> Answer[T]:
        """Return the answer of ``find``, asked within ``seconds`` in all; raise what the last try that was made did."""
        errand = replace(Errand.of(seconds), recall=self.recall, tell=partial(self.tell, register))
        begin_by = errand.at_most(WITHIN_S)
        wait, lost = 0.0, None
        for tries_left in reversed(range(TRIES)):
            try:
                return find(lookup, *beside, errand)
            except RegisterError as error:
                if lost is not None and _was_not_made(error):
                    raise lost from None
                lost = error
                if not tries_left or not worth_another_try(error):
                    raise
                wait = next_wait(wait, self.draw, base_s=_FIRST_WAIT_S, cap_s=_LONGEST_WAIT_S)
                wait = max(wait, (error.retry_after_s or 0.0) + _AFTER_A_PAUSE_S)
                if begin_by.left < wait + _LEAST_LEFT_S:
                    raise
            errand.tell(Stage.AGAIN)
            if self.recall.wait(wait):
                raise lost
        raise AssertionError("the last try returns or raises")


def patiently(
    patience: Patience | None, register: str, seconds: float, find: Callable[..., Answer[T]], *beside: Any
) -> Callable[[Lookup], Answer[T]]:
    """Return ``find`` with ``patience``; without it, or for a client that has no ``seconds``, as it is."""
    if patience is None or not seconds:
        return lambda lookup: find(lookup, *beside)
    return lambda lookup: patience.ask(register, seconds, find, lookup, *beside)


def _was_not_made(error: RegisterError) -> bool:
    """Tell whether the breaker or the clerk's budget held a try back."""
    over_budget = isinstance(error, RegisterRefused) and error.why == TOO_MANY_REQUESTS and not error.retryable
    return over_budget or isinstance(error, RegisterResting)
