"""The inspection of one document: what is read in which order, what is checked, and what a written policy decides.

In come a link to a card, the passwords, the anchors and a policy; out comes an ``Inspection`` with every check, its
evidence and the files as read. It stands on all floors of ``reader`` but ``pcsc``: whoever calls brings the link.

The names below are looked up when they are first used: a window that shows checks and decisions must not wait until
the chip protocols are loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reader.inspection.basis import BASIS, Basis
    from reader.inspection.checks import Check, CheckId, CheckStatus, Note, Severity
    from reader.inspection.events import (
        CheckJudged,
        FileProgress,
        IdentityRead,
        InspectionEvent,
        OnEvent,
        PortraitGrowing,
        PortraitRead,
        Step,
        StepStarted,
    )
    from reader.inspection.materials import Material, MaterialUsed
    from reader.inspection.policy import Policy
    from reader.inspection.procedure import inspect
    from reader.inspection.reasons import NOTES, REASONS, Reason
    from reader.inspection.record import Record
    from reader.inspection.rejudging import judge_again
    from reader.inspection.report import Decision, Finding, Inspection, LinkUse
    from reader.inspection.request import InspectionRequest

__all__ = [
    "BASIS",
    "NOTES",
    "REASONS",
    "Basis",
    "Check",
    "CheckId",
    "CheckJudged",
    "CheckStatus",
    "Decision",
    "FileProgress",
    "Finding",
    "IdentityRead",
    "Inspection",
    "InspectionEvent",
    "InspectionRequest",
    "LinkUse",
    "Material",
    "MaterialUsed",
    "Note",
    "OnEvent",
    "Policy",
    "PortraitGrowing",
    "PortraitRead",
    "Reason",
    "Record",
    "Severity",
    "Step",
    "StepStarted",
    "inspect",
    "judge_again",
]

_HOMES = {
    "BASIS": "basis",
    "Basis": "basis",
    "NOTES": "reasons",
    "REASONS": "reasons",
    "Check": "checks",
    "CheckId": "checks",
    "CheckJudged": "events",
    "CheckStatus": "checks",
    "Decision": "report",
    "FileProgress": "events",
    "Finding": "report",
    "IdentityRead": "events",
    "Inspection": "report",
    "InspectionEvent": "events",
    "InspectionRequest": "request",
    "LinkUse": "report",
    "Material": "materials",
    "MaterialUsed": "materials",
    "Note": "checks",
    "OnEvent": "events",
    "Policy": "policy",
    "PortraitGrowing": "events",
    "PortraitRead": "events",
    "Reason": "reasons",
    "Record": "record",
    "Severity": "checks",
    "Step": "events",
    "StepStarted": "events",
    "inspect": "procedure",
    "judge_again": "rejudging",
}


def __getattr__(name: str) -> object:
    """Load the module that holds a public name, the first time it is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
