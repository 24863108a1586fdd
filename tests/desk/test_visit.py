"""Nothing of a citizen outlives their visit: proved by walking every (state, data held) pair that can be reached.

The walk plays an adversary: at any moment the reader, the card, the clerk, the clock, the card worker and the look-ups
may do whatever they are able to do then. Data are what the desk holds; jobs are what may still deliver data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from desk.view import DeskState
from desk.visit import TABLE, Action, Event, Transition, transition
from desk.visit_diagram import visit_states_page

Table = Mapping[tuple[DeskState, Event], Transition]

KEY, CHIP, ANSWERS, FAILURE, PLACE = "key", "chip data", "answers", "failure", "place"
CERTIFICATE, CONSENT = "certificate", "consent"
CITIZEN_DATA = frozenset({KEY, CHIP, ANSWERS, PLACE, CERTIFICATE, CONSENT})
SHOWS_SOMEBODY = (
    DeskState.READING,
    DeskState.CONSENT,
    DeskState.PROVING,
    DeskState.LOOKUP,
    DeskState.SHOWING,
)
# Here a visit is held and nobody is shown: until the same document has answered, or the clerk goes on, or in vain.
COVERED = (DeskState.CARD_WANTED,)
AWAITED = (DeskState.CARD_LOST, *COVERED)
ENDS_A_VISIT = (
    Event.CARD_OUT,
    Event.READER_LOST,
    Event.CANCEL,
    Event.NEXT,
    Event.IDLE,
    Event.WAITED_IN_VAIN,
    Event.BROKEN,
)


@dataclass(frozen=True)
class Node:
    """What there is at one moment: the state, the data held, the jobs whose answers count, and what lies around."""

    state: DeskState = DeskState.NO_READER
    held: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()
    reader: bool = False
    card: str = "none"
    worker_busy: bool = False
    other_purpose: bool = False


# Walked dozens of times, with one thing of the table taken out each time; what is outside of the table stays the same.
@cache
def events_at(node: Node) -> tuple[Event, ...]:
    """Return what may happen at this moment."""
    return tuple(possible_events(node))


def possible_events(node: Node) -> Iterator[Event]:
    """Say what may happen at this moment, seen from outside."""
    if node.reader:
        yield Event.READER_LOST
        yield from {
            "none": (Event.CARD_IN, Event.CARD_UNREADABLE),
            "readable": (Event.CARD_OUT,),
            "unreadable": (Event.UNREADABLE_GONE,),
        }[node.card]
    else:
        yield Event.READER_FOUND
    yield Event.CERTIFICATE_SCANNED
    yield from (Event.KEY_ENTERED, Event.KEY_REFUSED, Event.CANCEL, Event.NEXT, Event.IDLE, Event.LOOK_UP_AGAIN)
    yield from (Event.BROKEN, Event.CONSENT_GIVEN, Event.CONSENT_REFUSED, Event.PURPOSE_CHANGED, Event.WITHOUT_PROOF)
    if node.state is DeskState.WIPED:
        yield Event.SETTLED
    if node.state in AWAITED:
        yield from (Event.LOOK_AGAIN, Event.WAITED_IN_VAIN)
    if node.worker_busy:
        yield Event.WORKER_FREE
    if "reading" in node.jobs:
        yield from (Event.DATA_READ, Event.READ_DONE, Event.READ_STOPPED, Event.READ_FAILED, Event.OTHER_KEY_NEEDED)
        yield Event.READ_INTERRUPTED
    if "look-ups" in node.jobs:
        # Whether the registers are asked or the citizen or the card is first depends on the purpose, which may be any.
        yield from (Event.ANSWER_ARRIVED, Event.LOOKUP_DONE, Event.CONSENT_NEEDED, Event.PROOF_WANTED)
    if "proof" in node.jobs:
        yield from (Event.DATA_READ, Event.PROOF_DONE, Event.PROOF_LOST, Event.OTHER_DOCUMENT)


@cache
def after_surroundings(node: Node, event: Event) -> Node:
    """Change what lies around as the event says; the clerk may choose another purpose at any time."""
    changes: dict[Event, dict[str, object]] = {
        Event.READER_FOUND: {"reader": True},
        Event.READER_LOST: {"reader": False, "card": "none"},
        Event.CARD_IN: {"card": "readable"},
        Event.CARD_UNREADABLE: {"card": "unreadable"},
        Event.CARD_OUT: {"card": "none"},
        Event.UNREADABLE_GONE: {"card": "none"},
        Event.PURPOSE_CHANGED: {"other_purpose": True},
        Event.WORKER_FREE: {"worker_busy": False},
        Event.READ_DONE: {"worker_busy": False, "jobs": node.jobs - {"reading"}},
        Event.READ_STOPPED: {"worker_busy": False, "jobs": node.jobs - {"reading"}},
        Event.READ_FAILED: {"worker_busy": False, "jobs": node.jobs - {"reading"}},
        Event.OTHER_KEY_NEEDED: {"worker_busy": False, "jobs": node.jobs - {"reading"}},
        Event.READ_INTERRUPTED: {"worker_busy": False, "jobs": node.jobs - {"reading"}},
        Event.LOOKUP_DONE: {"jobs": node.jobs - {"look-ups"}},
        Event.CONSENT_NEEDED: {"jobs": node.jobs - {"look-ups"}},
        Event.PROOF_WANTED: {"jobs": node.jobs - {"look-ups"}},
        Event.PROOF_DONE: {"worker_busy": False, "jobs": node.jobs - {"proof"}},
        Event.PROOF_LOST: {"worker_busy": False, "jobs": node.jobs - {"proof"}},
        Event.OTHER_DOCUMENT: {"worker_busy": False, "jobs": node.jobs - {"proof"}},
    }
    return replace(node, **changes.get(event, {}))  # type: ignore[arg-type]  # the table above names fields of Node


@cache
def after_action(node: Node, action: Action) -> Node:
    """Change what is held, and which jobs count, as the action does."""
    held, jobs = node.held, node.jobs
    changes: dict[Action, dict[str, object]] = {
        Action.WIPE: {"held": frozenset(), "jobs": frozenset(), "other_purpose": False},
        Action.KEEP_KEY: {"held": held | {KEY}},
        Action.START_READING: {"held": held - {KEY}, "jobs": jobs | {"reading"}, "worker_busy": True},
        Action.KEEP_CERTIFICATE: {"held": held | {CERTIFICATE}},
        Action.HOLD_PLACE: {"held": frozenset({PLACE}) | (held & {CERTIFICATE})},
        Action.GO_ON_READING: {"held": held - {PLACE}, "jobs": jobs | {"reading"}, "worker_busy": True},
        Action.KEEP_DATA: {"held": held | {CHIP}},
        Action.KEEP_ANSWER: {"held": held | {ANSWERS}},
        Action.KEEP_CONSENT: {"held": held | {CONSENT}},
        Action.FORGET_CONSENT: {"held": held - {CONSENT}},
        # Without a card there is nothing to begin; what follows of that is in ``follow_ups``.
        Action.PROVE: {"jobs": jobs | {"proof"}, "worker_busy": True} if node.card == "readable" else {},
        Action.ASK_NOBODY: {"held": held - {ANSWERS}},
        Action.PUT_AWAY: {"held": held - {ANSWERS} if node.other_purpose else held},
        # From here on the page is of the purpose in use.
        Action.LOOK_UP: {"jobs": jobs | {"look-ups"}, "other_purpose": False},
        Action.SHOW_FAILURE: {"held": held | {FAILURE}},
        Action.FORGET_FAILURE: {"held": held - {FAILURE}},
    }
    return replace(node, **changes.get(action, {}))  # type: ignore[arg-type]  # the table above names fields of Node


def follow_ups(node: Node, actions: tuple[Action, ...]) -> Iterator[Event]:
    """Name the events that actions post themselves; the runner handles them before anything from outside."""
    if Action.LOOK_AT_READER in actions and node.reader and node.card != "none":
        yield Event.CARD_IN if node.card == "readable" else Event.CARD_UNREADABLE
    if Action.OFFER_KEY in actions and KEY in node.held:
        yield Event.KEY_ENTERED
    if Action.PROVE in actions and node.card != "readable":
        yield Event.PROOF_LOST
    if Action.RETURN in actions and "reading" not in node.jobs and node.card == "readable":
        yield Event.GO_ON


def step(table: Table, node: Node, event: Event) -> Node:
    """Let ``event`` happen, with all that follows of itself."""
    node = after_surroundings(node, event)
    to = table.get((node.state, event))
    if to is None:
        return node
    node = replace(node, state=to.state)
    for action in to.actions:
        node = after_action(node, action)
    for event_after in follow_ups(node, to.actions):
        node = step(table, node, event_after)
    return node


def leak(before: Node, event: Event, after: Node) -> str:
    """Say what of a citizen outlived the visit, if anything did."""
    if after.state not in SHOWS_SOMEBODY + COVERED and after.held & {CHIP, ANSWERS}:
        return f"{before.state} on {event}: {after.state} shows nobody and holds {sorted(after.held)}"
    if PLACE in after.held and (after.state is not DeskState.CARD_LOST or after.held - {PLACE, FAILURE, CERTIFICATE}):
        return f"{before.state} on {event}: {after.state} holds {sorted(after.held)} beside the place of a reading"
    if before.other_purpose and not after.other_purpose and ANSWERS in after.held:
        return f"{before.state} on {event}: answers to another purpose stand under the one in use"
    if after.state in AWAITED:
        return ""
    if event in ENDS_A_VISIT and after.held & CITIZEN_DATA:
        return f"{before.state} on {event}: still held {sorted(after.held & CITIZEN_DATA)}"
    if event in ENDS_A_VISIT and after.jobs:
        return f"{before.state} on {event}: answers of {sorted(after.jobs)} would still be taken"
    # A card that lies there unreadable is a failure of this moment, told anew after each wipe.
    told_anew = after.card == "unreadable"
    says_what_is_new = (Event.CARD_IN, Event.KEY_ENTERED, Event.NEXT, Event.CANCEL, Event.IDLE)
    if event in says_what_is_new and FAILURE in after.held and not told_anew:
        return f"{before.state} on {event}: the last citizen's failure is still shown"
    # What was entered before the card came is meant for it; a card that is back finds what the first visit knew of.
    known = {DeskState.WAIT_CARD: {KEY, CERTIFICATE}, DeskState.CARD_LOST: {CERTIFICATE}}.get(before.state, set())
    if before.state in COVERED and after.state not in COVERED and event is Event.CARD_IN:
        return f"{before.state} on {event}: {after.state} shows somebody before the same document has answered"
    if event is Event.CARD_IN and after.held - known:
        return f"{before.state} on {event}: the new card finds {sorted(after.held)}"
    return ""


def walk(table: Table) -> tuple[dict[Node, tuple[Node, Event] | None], list[str]]:
    """Reach every node there is; return how each was reached, and every leak with its path."""
    reached: dict[Node, tuple[Node, Event] | None] = {Node(): None}
    leaks: list[str] = []
    waiting = [Node()]
    while waiting:
        node = waiting.pop()
        for event in events_at(node):
            after = step(table, node, event)
            found = leak(node, event, after)
            if found:
                leaks.append(found)
            if after not in reached:
                reached[after] = (node, event)
                waiting.append(after)
    return reached, leaks


@cache
def walked() -> tuple[dict[Node, tuple[Node, Event] | None], list[str]]:
    """Return the walk of the desk's own table."""
    return walk(TABLE)


def test_no_citizens_data_survives_into_the_next_visit() -> None:
    reached, leaks = walked()
    assert leaks == []
    assert {node.state for node in reached} == set(DeskState), "every state is reached"


# A key is held only while no readable card lies there, so no card can leave then.
# Only where a card is awaited back can one wait in vain; its number was entered long before.
MEETINGS = [
    (e, d)
    for e in ENDS_A_VISIT
    for d in sorted(CITIZEN_DATA)
    if (e, d) != (Event.CARD_OUT, KEY) and (e, d) != (Event.WAITED_IN_VAIN, KEY)
]


@pytest.mark.parametrize(("event", "data"), MEETINGS)
def test_each_kind_of_data_meets_each_end_of_a_visit_somewhere_in_the_walk(event: Event, data: str) -> None:
    """The walk would prove nothing if it never held the data when the visit ends."""
    reached, _ = walked()
    assert any(data in node.held and event in events_at(node) for node in reached)


# A fault in the program wipes everywhere, whether or not the table says that something can be held there.
WIPES = [pair for pair, to in TABLE.items() if Action.WIPE in to.actions and pair[1] is not Event.BROKEN]


@pytest.mark.parametrize("pair", WIPES, ids=lambda pair: f"{pair[0]}-{pair[1]}" if isinstance(pair, tuple) else "")
def test_the_walk_finds_the_leak_when_a_wipe_is_taken_out(pair: tuple[DeskState, Event]) -> None:
    actions = tuple(action for action in TABLE[pair].actions if action is not Action.WIPE)
    mutilated = {**TABLE, pair: Transition(TABLE[pair].state, actions)}
    _, leaks = walk(mutilated)
    assert leaks


LOOKS_UP = [pair for pair, to in TABLE.items() if Action.LOOK_UP in to.actions]


@pytest.mark.parametrize("pair", LOOKS_UP, ids=lambda pair: f"{pair[0]}-{pair[1]}" if isinstance(pair, tuple) else "")
def test_answers_are_put_away_before_anybody_is_asked_for_another_purpose(pair: tuple[DeskState, Event]) -> None:
    actions = TABLE[pair].actions
    assert actions.index(Action.PUT_AWAY) == actions.index(Action.LOOK_UP) - 1


def test_the_walk_finds_the_answers_of_another_purpose_when_they_are_not_put_away() -> None:
    pair = (DeskState.SHOWING, Event.LOOK_UP_AGAIN)
    mutilated = {**TABLE, pair: Transition(TABLE[pair].state, (Action.LOOK_UP,))}
    _, leaks = walk(mutilated)
    assert any("another purpose" in leak for leak in leaks)


@pytest.mark.parametrize("state", [DeskState.LOOKUP, DeskState.SHOWING])
def test_nobody_is_asked_because_another_purpose_was_chosen(state: DeskState) -> None:
    assert transition(state, Event.PURPOSE_CHANGED) == Transition(state)


THE_READING_HAS_ENDED = (
    Event.READ_DONE,
    Event.READ_STOPPED,
    Event.READ_FAILED,
    Event.OTHER_KEY_NEEDED,
    Event.OTHER_DOCUMENT,
)
SPEAKS_TO_A_CARD = (DeskState.READING, DeskState.CARD_LOST, DeskState.PROVING, DeskState.CARD_WANTED)


def test_every_wipe_during_a_reading_cancels_it() -> None:
    for (state, event), to in TABLE.items():
        if Action.WIPE in to.actions and state in SPEAKS_TO_A_CARD and event not in THE_READING_HAS_ENDED:
            assert Action.CANCEL_READING in to.actions, (state, event)


def test_a_busy_or_showing_desk_can_always_be_left() -> None:
    for state in (*SPEAKS_TO_A_CARD, DeskState.CONSENT, DeskState.LOOKUP, DeskState.SHOWING, DeskState.FAULT):
        for event in (Event.CANCEL, Event.NEXT, Event.IDLE, Event.READER_LOST):
            assert transition(state, event) is not None, (state, event)


def test_a_covered_visit_is_shown_again_only_by_its_own_document_or_by_the_clerks_word() -> None:
    reached, _ = walked()
    shown = set()
    for node in (node for node in reached if node.state in COVERED):
        for event in events_at(node):
            after = step(TABLE, node, event)
            if after.state in SHOWS_SOMEBODY and after.held & CITIZEN_DATA:
                shown.add(event)
    assert shown == {Event.PROOF_DONE, Event.WITHOUT_PROOF}


def test_nobody_is_asked_once_the_citizen_has_taken_the_consent_back() -> None:
    """What the card still proves then changes nothing: only a new look-up asks anybody."""
    to = transition(DeskState.PROVING, Event.CONSENT_REFUSED)
    assert to is not None
    assert (to.state, Action.LOOK_UP in to.actions) == (DeskState.SHOWING, False)
    assert {Action.CANCEL_READING, Action.FORGET_CONSENT, Action.ASK_NOBODY} == set(to.actions)
    for event in (Event.PROOF_DONE, Event.PROOF_LOST, Event.OTHER_DOCUMENT):
        assert transition(DeskState.SHOWING, event) is None


def test_an_event_without_a_meaning_in_a_state_is_told_as_none() -> None:
    assert transition(DeskState.NO_READER, Event.READ_DONE) is None


def test_the_page_in_docs_is_drawn_from_the_table(project_root: Path) -> None:
    page = (project_root / "docs" / "visit-states.md").read_text(encoding="utf-8")
    assert page == visit_states_page()
