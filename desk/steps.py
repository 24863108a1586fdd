"""The five steps at the left of the desk: how far each is, told from the state and the data alone."""

from __future__ import annotations

from desk.view import DeskState, StepId, StepState, StepView
from desk.visit_data import VisitData

__all__ = ["steps_of"]

_PENDING, _RUNNING, _DONE, _FAILED = StepState.PENDING, StepState.RUNNING, StepState.DONE, StepState.FAILED


def steps_of(state: DeskState, data: VisitData) -> tuple[StepView, ...]:
    """Return how far each step is."""
    card, read, verify, lookup, result = _states(state, data)
    return (
        StepView(StepId.CARD, card),
        StepView(StepId.READ, read),
        StepView(StepId.VERIFY, verify),
        StepView(StepId.LOOKUP, lookup),
        StepView(StepId.RESULT, result),
    )


def _states(state: DeskState, data: VisitData) -> tuple[StepState, StepState, StepState, StepState, StepState]:
    match state:
        case DeskState.WAIT_CARD:
            return _RUNNING, _PENDING, _PENDING, _PENDING, _PENDING
        case DeskState.NEED_KEY:
            return _DONE, _PENDING, _PENDING, _PENDING, _PENDING
        case DeskState.READING:
            return _DONE, _RUNNING, _RUNNING if data.checks else _PENDING, _PENDING, _PENDING
        case DeskState.CARD_LOST:
            return _RUNNING, _PENDING, _PENDING, _PENDING, _PENDING
        case DeskState.CARD_WANTED:
            return _RUNNING, _DONE, _DONE, _PENDING, _PENDING
        case DeskState.LOOKUP | DeskState.CONSENT | DeskState.PROVING:
            return _DONE, _DONE, _DONE, _RUNNING, _PENDING
        case DeskState.SHOWING:
            return _DONE, _DONE, _DONE, _lookup_step(data), _DONE
        case DeskState.FAULT:
            return _DONE, _FAILED, _PENDING, _PENDING, _PENDING
        case DeskState.NO_READER | DeskState.STOPPING | DeskState.WIPED:
            return _PENDING, _PENDING, _PENDING, _PENDING, _PENDING


def _lookup_step(data: VisitData) -> StepState:
    """Tell how the look-ups went: failed where an answer that was wanted did not come, pending where none was made."""
    if any(outcome.state == "failed" for outcome in data.outcomes):
        return _FAILED
    return _DONE if any(outcome.answered for outcome in data.outcomes) else _PENDING
