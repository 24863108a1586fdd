"""The decision of a visit: what the inspection's policy decided, and what the population register says of the card."""

from __future__ import annotations

from auth.registers.ports import CardStatus, PopulationRecord
from desk.outcomes import LookupOutcome
from desk.presence_shown import PresenceView
from desk.view import DecisionView
from reader.inspection.report import Decision, Inspection

__all__ = ["CARD_STATUS_SUBJECT", "PRESENCE_SUBJECT", "PRESENCE_TOO_LOW", "judge"]

CARD_STATUS_SUBJECT = "register.card-status"
PRESENCE_SUBJECT = "register.presence"
PRESENCE_TOO_LOW = "presence-too-low"
_WEIGHT = {Decision.STOP: 0, Decision.ATTENTION: 1, Decision.PROCEED: 2}


def judge(
    inspection: Inspection,
    population: LookupOutcome[PopulationRecord] | None = None,
    presence: PresenceView | None = None,
) -> DecisionView:
    """Return the decision and its reasons, the weightiest first.

    A card that the population register calls anything but valid is a stop. What registers say differently of the
    citizen is the comparison's matter and never part of the decision. A way that cannot tell the status stops nobody;
    the register's line says so, and the visit ends as one without a verified answer. A no to whether the card is valid
    counts as much as a status. Less of the card's presence than the policy asks for weighs what the policy says.
    """
    reasons = [
        (str(finding.check), finding.reason)
        for finding in sorted(inspection.findings, key=lambda finding: _WEIGHT[finding.decision])
    ]
    decision = inspection.decision
    record = population.record if population is not None else None
    status = record.card_status if record is not None else None
    if status not in (None, CardStatus.VALID):
        decision = Decision.STOP
        reasons.insert(0, (CARD_STATUS_SUBJECT, f"card-{status}"))
    elif status is None and _said_invalid(population):
        decision = Decision.STOP
        reasons.insert(0, (CARD_STATUS_SUBJECT, "card-not-valid"))
    if presence is not None and not presence.enough and presence.below is not Decision.PROCEED:
        reason = (PRESENCE_SUBJECT, PRESENCE_TOO_LOW)
        reasons = [reason, *reasons] if _WEIGHT[presence.below] <= _WEIGHT[decision] else [*reasons, reason]
        decision = min(decision, presence.below, key=_WEIGHT.__getitem__)
    return DecisionView(decision, tuple(reasons))


def _said_invalid(population: LookupOutcome[PopulationRecord] | None) -> bool:
    """Tell whether the register knows this very citizen and says no to their card."""
    confirmation = population.confirmation if population is not None else None
    return confirmation is not None and confirmation.together and confirmation.card_valid is False
