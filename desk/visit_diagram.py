"""The picture of the visit, drawn from its table: docs/visit-states.md is this text, and a test holds it so."""

from __future__ import annotations

from desk.view import DeskState
from desk.visit import TABLE, Event

__all__ = ["visit_states_page"]

_HEAD = """\
# The states of a visit

Drawn from the table in `desk/visit.py` by `python -m desk.visit_diagram`; a test fails when this page and the table
part. What is done on the way stands in the list below the picture. An event that has no arrow in a state is ignored
there and counted.
"""


def visit_states_page() -> str:
    """Return the page: a mermaid state diagram, and each transition with its actions."""
    return "\n".join([_HEAD, "```mermaid", *_mermaid(), "```", "", *_list(), ""])


def _mermaid() -> list[str]:
    arrows: dict[tuple[DeskState, DeskState], list[Event]] = {}
    for (state, event), to in TABLE.items():
        arrows.setdefault((state, to.state), []).append(event)
    lines = ["stateDiagram-v2", f"    [*] --> {_id(DeskState.NO_READER)}"]
    for (source, target), events in arrows.items():
        lines.append(f"    {_id(source)} --> {_id(target)}: {', '.join(events)}")
    return lines


def _list() -> list[str]:
    lines = ["| in | on | goes to | and does |", "| --- | --- | --- | --- |"]
    for (state, event), to in TABLE.items():
        lines.append(f"| {_id(state)} | {event} | {_id(to.state)} | {', '.join(to.actions) or '—'} |")
    return lines


def _id(state: DeskState) -> str:
    return state.name


if __name__ == "__main__":
    print(visit_states_page(), end="")  # noqa: T201  # this is the command that prints the page
