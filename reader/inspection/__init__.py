"""The inspection of one document: what is read in which order, what is checked, and what a written policy decides.

In come a link to a card, the passwords, the anchors and a policy; out comes an ``Inspection`` with every check, its
evidence and the files as read. It stands on all floors of ``reader`` but ``pcsc``: whoever calls brings the link.
"""

from reader.inspection.checks import Check, CheckId, CheckStatus, Note, Severity
from reader.inspection.events import (
    CheckJudged,
    FileProgress,
    IdentityRead,
    InspectionEvent,
    OnEvent,
    PortraitRead,
    Step,
    StepStarted,
)
from reader.inspection.policy import Policy
from reader.inspection.procedure import inspect
from reader.inspection.reasons import NOTES, REASONS, Reason
from reader.inspection.report import Decision, Finding, Inspection, LinkUse
from reader.inspection.request import InspectionRequest

__all__ = [
    "NOTES",
    "REASONS",
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
    "Note",
    "OnEvent",
    "Policy",
    "PortraitRead",
    "Reason",
    "Severity",
    "Step",
    "StepStarted",
    "inspect",
]
