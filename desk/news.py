"""What comes to a desk with an event, and which event it is that a reading ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auth.purposes import ConsentRecord
from desk.jobs import ReadResult
from desk.outcomes import LookupOutcome
from desk.place import Place
from desk.tapped import Tapped
from desk.view import FailureView
from desk.visit import Event
from reader.errors import MrzNeeded
from reader.inspection.events import InspectionEvent
from reader.inspection.report import Decision, Inspection
from reader.lds import KeyInput

__all__ = ["News", "news_of"]


@dataclass(frozen=True, slots=True, repr=False)
class News:
    """Hold what comes with an event; which field is used follows from the event's action."""

    key: KeyInput | None = None
    told: InspectionEvent | None = None
    inspection: Inspection | None = None
    outcome: LookupOutcome[Any] | None = None
    failure: FailureView | None = None
    place: Place | None = None
    certificate: str = ""
    consent: ConsentRecord | None = None
    held: bool = False
    tapping: bool = False
    tapped: Tapped | None = None


def news_of(result: ReadResult) -> tuple[Event, News]:
    """Return the event a reading ends with, and what comes with it."""
    if result.inspection is not None:
        stopped = result.inspection.decision is Decision.STOP
        return Event.READ_STOPPED if stopped else Event.READ_DONE, News(inspection=result.inspection)
    if result.place is not None:
        return Event.READ_INTERRUPTED, News(place=result.place, failure=FailureView(result.failure))
    event = Event.OTHER_KEY_NEEDED if result.failure == MrzNeeded.code else Event.READ_FAILED
    return event, News(failure=FailureView(result.failure, tries_left=result.tries_left))
