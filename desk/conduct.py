"""A visit conducted without a window: puts the emulated card on, types its printed number, waits for the result."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass

from auth.purposes import ConsentHow
from desk.ports import OnView
from desk.runner import Desk
from desk.sandbox_ports import CardSandbox, SandboxCard
from desk.view import ActionId, DeskState, DeskView, FailureView, RegisterState
from desk.visit_data import VisitData
from reader.errors import MrzNeeded

__all__ = ["AskCitizen", "Conducted", "conduct_visit", "nobody_agrees"]

AskCitizen = Callable[[DeskView], tuple[str, ConsentHow] | None]
"""Return in which language and how the citizen agreed, None where they do not."""


@dataclass(frozen=True, slots=True, repr=False)
class Conducted:
    """Hold the last view of a visit and what the desk held then; ``failure`` where there was no result."""

    view: DeskView
    data: VisitData
    failure: FailureView | None = None


def nobody_agrees(_view: DeskView) -> None:
    """Agree to nothing: consent is never a default."""


def conduct_visit(
    desk: Desk,
    sandbox: CardSandbox,
    card: SandboxCard,
    on_view: OnView,
    patience_s: float,
    ask_citizen: AskCitizen = nobody_agrees,
    *,
    queue_what_waits: bool = False,
) -> Conducted:
    """Start ``desk``, conduct one visit with an emulated card and return what came of it.

    ``on_view`` sees every view; ``ask_citizen`` is asked once where a purpose needs consent. With ``queue_what_waits``
    a look-up whose register is away is queued, as by the clerk's button.
    Raise ValueError for a card that there is not, TimeoutError when ``patience_s`` seconds pass without a new view.
    """
    views: queue.SimpleQueue[DeskView] = queue.SimpleQueue()
    desk.subscribe(views.put)
    desk.start()
    number = sandbox.insert(card)
    keys = {"": number, MrzNeeded.code: sandbox.printed_mrz}
    asked = False
    queued: dict[str, str] | None = None
    while True:
        try:
            view = views.get(timeout=patience_s)
        except queue.Empty:
            raise TimeoutError from None
        on_view(view)
        if view.state is DeskState.NEED_KEY and _enter(desk.enter_key, keys, view):
            continue
        if view.state is DeskState.CONSENT and not asked:
            asked = True
            _record(desk, view, ask_citizen(view))
        if view.state is DeskState.SHOWING:
            if queue_what_waits and queued is None and ActionId.QUEUE_LOOKUPS in view.actions:
                queued = _failures(desk.data)
                desk.queue_lookups()
            elif queued is None or _all_queued(desk.data, queued):
                return Conducted(view, desk.data)
        if view.failure is not None and view.state in (DeskState.FAULT, DeskState.NEED_KEY):
            return Conducted(view, desk.data, view.failure)


def _failures(data: VisitData) -> dict[str, str]:
    """Return why which register has not answered."""
    failed = (one for one in data.outcomes if one.state is RegisterState.FAILED and one.lookup is not None)
    return {one.register: one.failure for one in failed}


def _all_queued(data: VisitData, failed: dict[str, str]) -> bool:
    """Tell whether each of those look-ups was queued, or could not be, which is another failure."""
    return all(one.failure != failed.get(one.register, "another") for one in data.outcomes)


def _record(desk: Desk, view: DeskView, agreed: tuple[str, ConsentHow] | None) -> None:
    if agreed is None:
        desk.refuse_consent()
    else:
        desk.give_consent(view.purpose, *agreed)


def _enter(enter_key: Callable[[str], None], keys: dict[str, str], view: DeskView) -> bool:
    """Type what the page asks for, each kind of key once; tell whether there was something to type."""
    key = keys.pop(view.failure.code if view.failure else "", "")
    if key:
        enter_key(key)
    return bool(key)
