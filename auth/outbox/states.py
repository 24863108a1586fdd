"""How a queued look-up may stand, and what may happen to it then: one table, walked by the tests.

Each event leaves its leaf in the ledger; what is not in the table does not happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from auth.ledger.act import ActKind

__all__ = ["ENDS", "LEAVES", "TABLE", "TOLD_AS", "WAITING", "Event", "NotInTable", "State", "after"]


class State(StrEnum):
    """Name how a queued look-up stands."""

    QUEUED = "queued"
    SENDING = "sending"
    NEEDS_DECISION = "needs-decision"
    ANSWERED = "answered"
    REFUSED = "refused"
    EXPIRED = "expired"
    RETURNED = "returned"
    FROZEN = "frozen"


class Event(StrEnum):
    """Name what happens to one: ``PUT`` begins it, ``TAKE`` ends it."""

    PUT = "put"
    SEND = "send"
    RETRY = "retry"
    ANSWER = "answer"
    REFUSE = "refuse"
    DOUBT = "doubt"
    APPROVE = "approve"
    GIVE_BACK = "give-back"
    FREEZE = "freeze"
    THAW = "thaw"
    EXPORT = "export"
    EXPIRE = "expire"
    TAKE = "take"


TABLE: Mapping[tuple[State, Event], State] = {
    (State.QUEUED, Event.SEND): State.SENDING,
    (State.QUEUED, Event.DOUBT): State.NEEDS_DECISION,
    (State.QUEUED, Event.GIVE_BACK): State.RETURNED,
    (State.QUEUED, Event.FREEZE): State.FROZEN,
    (State.QUEUED, Event.EXPIRE): State.EXPIRED,
    (State.SENDING, Event.RETRY): State.QUEUED,
    (State.SENDING, Event.ANSWER): State.ANSWERED,
    (State.SENDING, Event.REFUSE): State.REFUSED,
    (State.SENDING, Event.DOUBT): State.NEEDS_DECISION,
    (State.SENDING, Event.FREEZE): State.FROZEN,
    (State.NEEDS_DECISION, Event.APPROVE): State.QUEUED,
    (State.NEEDS_DECISION, Event.GIVE_BACK): State.RETURNED,
    (State.NEEDS_DECISION, Event.FREEZE): State.FROZEN,
    (State.NEEDS_DECISION, Event.EXPIRE): State.EXPIRED,
    # An answer that nobody fetched is personal data without a purpose: it goes too.
    (State.ANSWERED, Event.EXPIRE): State.EXPIRED,
    # What a revoked device may not send does not expire: somebody must decide where it goes.
    (State.FROZEN, Event.THAW): State.QUEUED,
    (State.FROZEN, Event.EXPORT): State.RETURNED,
}

# Whoever is one of these holds back the later ones of its dossier.
WAITING = frozenset({State.QUEUED, State.SENDING, State.NEEDS_DECISION, State.FROZEN})
# These can be taken out by the dossier, and then are gone.
ENDS = frozenset({State.ANSWERED, State.REFUSED, State.EXPIRED, State.RETURNED})

LEAVES: Mapping[Event, ActKind] = {
    Event.PUT: ActKind.QUEUED,
    Event.SEND: ActKind.SENT,
    Event.RETRY: ActKind.NOT_ANSWERED,
    Event.ANSWER: ActKind.ANSWERED,
    Event.REFUSE: ActKind.NOT_ANSWERED,
    Event.DOUBT: ActKind.HELD,
    Event.APPROVE: ActKind.RELEASED,
    Event.GIVE_BACK: ActKind.RETURNED,
    Event.FREEZE: ActKind.HELD,
    Event.THAW: ActKind.RELEASED,
    Event.EXPORT: ActKind.EXPORTED,
    Event.EXPIRE: ActKind.EXPIRED,
    Event.TAKE: ActKind.TAKEN,
}


# By which event a ledger that begins anew is told how a look-up stands.
TOLD_AS: Mapping[State, Event] = {
    State.QUEUED: Event.PUT,
    State.SENDING: Event.SEND,
    State.NEEDS_DECISION: Event.DOUBT,
    State.ANSWERED: Event.ANSWER,
    State.REFUSED: Event.REFUSE,
    State.EXPIRED: Event.EXPIRE,
    State.RETURNED: Event.GIVE_BACK,
    State.FROZEN: Event.FREEZE,
}


class NotInTable(ValueError):
    """Say that an event cannot happen to a look-up that stands so."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} cannot happen to what is {state}")


def after(state: State, event: Event) -> State:
    """Return how a look-up stands after ``event``; raise NotInTable where it cannot happen."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise NotInTable(state, event) from None
