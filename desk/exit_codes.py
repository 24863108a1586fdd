"""The exit codes of a visit or a read: public, and the first that applies is taken."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from desk.view import DecisionView, RegisterState
from reader.inspection.report import Decision

if TYPE_CHECKING:
    from desk.visit_data import VisitData

__all__ = ["ExitCode", "exit_code_of_failure", "exit_code_of_visit"]


class ExitCode(IntEnum):
    """Name the exit codes."""

    PROCEED = 0
    USAGE = 2
    PCSC_TROUBLE = 3
    CARD_TROUBLE = 4
    REGISTER_SILENT = 5
    ATTENTION = 10
    STOP = 20


def exit_code_of_failure(code: str) -> ExitCode:
    """Return the exit code for a failure that left no report."""
    return ExitCode.PCSC_TROUBLE if code.startswith("pcsc-") else ExitCode.CARD_TROUBLE


def exit_code_of_visit(decision: DecisionView, data: VisitData) -> ExitCode:
    """Return the exit code for a visit or read that came to a decision.

    A register that was asked, or should have been, and gave no verified answer turns proceed into 5; so does one whose
    answer is waited for.
    """
    if decision.decision is Decision.STOP:
        return ExitCode.STOP
    if decision.decision is Decision.ATTENTION:
        return ExitCode.ATTENTION
    unanswered = (RegisterState.FAILED, RegisterState.ASKING, RegisterState.QUEUED)
    if any(outcome.state in unanswered or outcome.answered != outcome.verified for outcome in data.outcomes):
        return ExitCode.REGISTER_SILENT
    return ExitCode.PROCEED
