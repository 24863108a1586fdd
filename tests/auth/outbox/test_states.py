"""The table of a queued look-up, walked exhaustively: every event in every state, in the table or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product

import pytest

from auth.ledger import ActKind, Ledger
from auth.outbox import Event, Letter, NotInTable, Outbox, State
from auth.outbox.states import ENDS, LEAVES, TABLE, TOLD_AS, WAITING, after

# The shortest way into each state, written out here so that the table is held against something.
WAYS: dict[State, tuple[Event, ...]] = {
    State.QUEUED: (),
    State.SENDING: (Event.SEND,),
    State.NEEDS_DECISION: (Event.DOUBT,),
    State.ANSWERED: (Event.SEND, Event.ANSWER),
    State.REFUSED: (Event.SEND, Event.REFUSE),
    State.EXPIRED: (Event.EXPIRE,),
    State.RETURNED: (Event.GIVE_BACK,),
    State.FROZEN: (Event.FREEZE,),
}
HAPPENS = [event for event in Event if event not in (Event.PUT, Event.TAKE)]


def test_every_state_is_waiting_or_an_end_and_can_be_reached() -> None:
    assert set(State) == WAITING | ENDS == set(WAYS)
    assert not WAITING & ENDS


@pytest.mark.parametrize(("state", "event"), list(product(State, HAPPENS)))
def test_every_event_in_every_state_happens_as_the_table_says_or_not_at_all(
    outbox: Outbox, letter_of: Callable[..., Letter], ledger: Ledger, state: State, event: Event
) -> None:
    item = outbox.put(letter_of())
    for step in WAYS[state]:
        item = outbox.happen(item, step, answer=b"{}" if step is Event.ANSWER else None)
    assert item.state is state
    before = ledger.size
    if (state, event) in TABLE:
        done = outbox.happen(item, event, "why", answer=b"{}" if event is Event.ANSWER else None)
        assert done.state is TABLE[state, event]
        assert ledger.size == before + 1, "each act leaves its leaf"
        (_, leaf) = list(ledger.leaves())[-1]
        assert ActKind(json.loads(leaf)["kind"]) is LEAVES[event]
    else:
        with pytest.raises(NotInTable):
            outbox.happen(item, event, "why")
        assert outbox.item(item.number) == item
        assert ledger.size == before, "what does not happen leaves no trace"


def test_what_cannot_happen_is_told_by_state_and_event() -> None:
    with pytest.raises(NotInTable, match=r"^answer cannot happen to what is expired$"):
        after(State.EXPIRED, Event.ANSWER)


@pytest.mark.parametrize("state", list(State))
def test_only_what_has_come_to_an_end_can_be_taken_out(
    outbox: Outbox, letter_of: Callable[..., Letter], state: State
) -> None:
    item = outbox.put(letter_of())
    for step in WAYS[state]:
        item = outbox.happen(item, step, answer=b"{}" if step is Event.ANSWER else None)
    taken = outbox.take("H-1")
    assert [one.item for one in taken] == ([item] if state in ENDS else [])
    assert outbox.item(item.number) == (None if state in ENDS else item)


def test_no_way_leads_out_of_an_end_but_for_an_answer_that_nobody_fetched() -> None:
    assert {key for key in TABLE if key[0] in ENDS} == {(State.ANSWERED, Event.EXPIRE)}
    with pytest.raises(NotInTable, match="send"):
        after(State.EXPIRED, Event.SEND)


def test_wherever_an_event_leads_it_leads_to_one_state() -> None:
    """The ledger keeps the last event alone; an outbox that is rebuilt reads the state from it."""
    targets = {(event, state) for (_, event), state in TABLE.items()}
    assert len(targets) == len({event for event, _ in targets})
    assert {(event, state) for state, event in TOLD_AS.items()} <= targets | {(Event.PUT, State.QUEUED)}
    assert set(TOLD_AS) == set(State)
