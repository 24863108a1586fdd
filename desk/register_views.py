"""From what came of the registers to what is shown: how each stands, what it holds, and where two contradict.

An alert of an entry is said in its register's line too, which is seen before any list is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from desk.certificate import same_certificate
from desk.crossings import Crossing, crossings
from desk.language import Phrase
from desk.outcomes import LookupOutcome
from desk.register_kind import RegisterKind, SectionKind
from desk.section_view import AlertView, ItemView, SectionView
from desk.view import RegisterView

__all__ = ["register_views", "section_views"]

_SAME_CERTIFICATE = Phrase("Cùng giấy chứng nhận với", "Same certificate as in")


def section_views(outcomes: Iterable[LookupOutcome[Any]]) -> tuple[SectionView, ...]:
    """Return what each register holds, empty until it has answered; one that knows only the person is left out."""
    told = tuple(outcomes)
    crossed = crossings(told)
    return tuple(
        _section_view(outcome, section, crossed) for outcome in told if (section := outcome.kind.section) is not None
    )


def _section_view(outcome: LookupOutcome[Any], section: SectionKind[Any], crossed: tuple[Crossing, ...]) -> SectionView:
    """Return what one register holds, without the columns that the purpose does not ask for."""
    record = outcome.record
    asked = section.asked(record) if section.asked is not None and record is not None else None
    shown = [
        number
        for number, column in enumerate(section.columns)
        if asked is None or not column.field or column.field in asked
    ]
    return SectionView(
        outcome.register,
        section.heading,
        tuple(section.columns[number] for number in shown),
        tuple(replace(item, cells=tuple(item.cells[number] for number in shown)) for item in _items(outcome, crossed)),
        section.nothing,
    )


def register_views(outcomes: Iterable[LookupOutcome[Any]], certificate: str = "") -> tuple[RegisterView, ...]:
    """Return how each register stands, and whether a scanned ``certificate`` is among what it holds."""
    told = tuple(outcomes)
    crossed = crossings(told)
    return tuple(_register_view(outcome, certificate, crossed) for outcome in told)


def _items(outcome: LookupOutcome[Any], crossed: tuple[Crossing, ...]) -> tuple[ItemView, ...]:
    section, record = outcome.kind.section, outcome.record
    if section is None or record is None:
        return ()
    return tuple(_crossed(section.item(listed), outcome.kind, crossed) for listed in section.listed(record))


def _crossed(item: ItemView, kind: RegisterKind[Any], crossed: tuple[Crossing, ...]) -> ItemView:
    """Return ``item`` with what another register has on the same certificate."""
    details, alerts = item.details, item.alerts
    for crossing in crossed:
        if not same_certificate(item.certificate, crossing.serial) or kind not in (crossing.one, crossing.other):
            continue
        other = crossing.other if kind is crossing.one else crossing.one
        if crossing.same_people:
            details = (*details, (_SAME_CERTIFICATE, other.title))
        else:
            alerts = (*alerts, _contradiction(other))
    return replace(item, details=details, alerts=alerts)


def _contradiction(other: RegisterKind[Any]) -> AlertView:
    vi, en = other.title.vi, other.title.en
    return AlertView(
        Phrase(f"khác người với {vi}", f"other people than in {en}"),
        Phrase(
            f"Trên cùng giấy chứng nhận, {vi} ghi những người khác.",
            f"On the same certificate {en} names other people.",
        ),
    )


def _register_view(outcome: LookupOutcome[Any], certificate: str, crossed: tuple[Crossing, ...]) -> RegisterView:
    # The day goes without saying: no answer is believed that was not signed within a minute of now.
    at = outcome.answered_at.astimezone().strftime("%H:%M:%S") if outcome.answered_at else ""
    held = _holds(outcome, certificate)
    return RegisterView(
        outcome.register,
        outcome.kind.title,
        outcome.state,
        outcome.failure,
        at,
        certificate=certificate if held is not None else "",
        certificate_held=bool(held),
        notes=tuple(str(note) for note in outcome.notes),
        alerts=tuple(alert.title for item in _items(outcome, crossed) for alert in item.alerts),
        confirmed=outcome.confirmation.answers if outcome.confirmation is not None else (),
        stage=outcome.stage or "",
    )


def _holds(outcome: LookupOutcome[Any], certificate: str) -> bool | None:
    """Tell whether a scanned certificate is in a signed answer; None where the register has no say in that."""
    if not certificate or not outcome.verified or outcome.record is None:
        return None
    among = any(same_certificate(entry.serial, certificate) for entry in outcome.kind.certified(outcome.record))
    return among if among or outcome.kind.every_certificate else None
