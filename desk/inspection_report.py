"""What a report says of the card itself: checks, findings, decision, by what it was decided, and what it cost.

``canonical`` leaves out what differs from run to run, so that two inspections of one document give the same bytes.
docs/report.md explains every key, docs/schema/inspection.schema.json is its JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version

from reader.inspection.checks import Check, CheckStatus
from reader.inspection.materials import MaterialUsed
from reader.inspection.report import Inspection

__all__ = ["RESULTS", "Json", "canonical", "check_report", "inspection_report", "program", "stable"]

Json = dict[str, object]

# The results of BSI TR-03135 for the five statuses, for systems that collect reports of many inspection systems.
RESULTS: Mapping[CheckStatus, str] = {
    CheckStatus.PASSED: "SUCCESSFUL",
    CheckStatus.FAILED: "FAILED",
    CheckStatus.INCONCLUSIVE: "UNDETERMINED",
    CheckStatus.NOT_APPLICABLE: "NOT_SUPPORTED",
    CheckStatus.UNAVAILABLE: "NOT_PERFORMED",
}

# What tells the time: two inspections of one document differ in nothing else.
_TIMES = frozenset({"timings", "inspected_at", "answered_at", "age_days", "receipt"})
_DAY_OF_JUDGEMENT = "judged-on"


def inspection_report(inspection: Inspection) -> Json:
    """Return the report of one inspection, without the citizen's data."""
    return {
        "program": program(),
        "inspected_at": inspection.moment.isoformat() if inspection.moment else None,
        "policy": inspection.policy,
        "policy_digest": inspection.policy_digest,
        "access": inspection.access,
        "checks": [check_report(check) for check in inspection.checks],
        "findings": [
            {"check": finding.check.value, "reason": str(finding.reason), "decision": finding.decision.value}
            for finding in inspection.findings
        ],
        "trust": [_material(used, inspection.moment) for used in inspection.materials],
        "timings": dict(inspection.timings),
        "apdus": inspection.link.apdus,
        "bytes": {"sent": inspection.link.sent, "received": inspection.link.received},
    }


def check_report(check: Check) -> Json:
    """Return one check as a report shows it."""
    return {
        "id": check.id.value,
        "status": check.status.value,
        "result": RESULTS[check.status],
        "reason": str(check.reason),
        "evidence": dict(check.evidence),
        "notes": [{"code": note.code, "severity": note.severity.value} for note in check.notes],
    }


@cache
def program() -> Json:
    """Return which program made a report."""
    return {"name": "motcua", "version": version("motcua")}


def _material(used: MaterialUsed, moment: datetime | None) -> Json:
    age = used.age(moment) if moment is not None else None
    return {
        "kind": used.kind.value,
        "fingerprint": used.fingerprint,
        "count": used.count,
        "as_of": used.as_of.isoformat() if used.as_of else None,
        "age_days": age.days if age is not None else None,
    }


def stable(report: object) -> object:
    """Return ``report`` without its times and without the day on which an expiry was judged."""
    if isinstance(report, Mapping):
        kept = {key: value for key, value in report.items() if key not in _TIMES}
        if isinstance(evidence := kept.get("evidence"), Mapping):
            kept["evidence"] = {name: value for name, value in evidence.items() if name != _DAY_OF_JUDGEMENT}
        return {key: stable(value) for key, value in kept.items()}
    return [stable(value) for value in report] if isinstance(report, list | tuple) else report


def canonical(value: object) -> bytes:
    """Return JSON in its one canonical form: keys in order, no spaces, UTF-8 (as RFC 8785 for what we write)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
