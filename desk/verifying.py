"""Judging an evidence file: what can be computed anew is, what only the inspector could know is told as that.

The decision is made by this desk's policy, never by one that the file names: a file decides nothing about itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auth.device_key import DeviceKey
from desk.evidence import EvidenceFile
from desk.inspecting import materials_of
from reader.inspection.basis import BASIS, Basis
from reader.inspection.checks import Check, CheckStatus
from reader.inspection.gathered import is_test
from reader.inspection.policy import Policy
from reader.inspection.rejudging import gather_again, judge_gathered
from reader.inspection.report import Decision
from reader.lds.identity import Identity
from reader.trust import TrustMaterial

__all__ = ["REPORT_SUBJECT", "STATION_SUBJECT", "ReJudged", "Station", "Verification", "verify_evidence"]

STATION_SUBJECT = "evidence.station"
REPORT_SUBJECT = "evidence.report"
REPORT_DIFFERS = "report-differs"
_WEIGHT = {Decision.PROCEED: 0, Decision.ATTENTION: 1, Decision.STOP: 2}


_EXPLAINED_BY_DEVIATIONS = {CheckStatus.FAILED.value, CheckStatus.INCONCLUSIVE.value}


class Station(StrEnum):
    """Tell whose word the inspector's word is."""

    KNOWN = "signed-by-known-device"
    UNKNOWN = "device-key-unknown"
    UNSIGNED = "not-signed"
    FORGED = "station-signature-invalid"


_STATION_DECISIONS = {
    Station.KNOWN: Decision.PROCEED,
    Station.UNKNOWN: Decision.ATTENTION,
    Station.UNSIGNED: Decision.ATTENTION,
    Station.FORGED: Decision.STOP,
}


@dataclass(frozen=True, slots=True)
class ReJudged:
    """Hold one check as it comes out here, what it rests on, and the status that the station reported."""

    check: Check
    basis: Basis
    reported: str

    @property
    def contradicts(self) -> bool:
        """Tell whether the report says something else than the files do, whatever anybody trusts.

        A deviation that only one side knows of turns a failure into a question; that is no contradiction.
        """
        told = {self.reported, self.check.status.value}
        return self.basis is Basis.FILES and len(told) > 1 and not told <= _EXPLAINED_BY_DEVIATIONS


@dataclass(frozen=True, slots=True, repr=False)
class Verification:
    """Hold what came of an evidence file; ``reasons`` are (subject, code) pairs, the weightiest first."""

    decision: Decision
    reasons: tuple[tuple[str, str], ...]
    station: Station
    checks: tuple[ReJudged, ...]
    identity: Identity | None
    policy: Policy
    test: bool = False

    def __repr__(self) -> str:
        """Show the decision only."""
        return f"Verification({self.decision})"


def verify_evidence(
    evidence: EvidenceFile,
    trust: TrustMaterial,
    policy: Policy,
    device_keys: Sequence[DeviceKey] = (),
    now: datetime | None = None,
    trust_as_of: datetime | None = None,
) -> Verification:
    """Judge ``evidence`` by ``trust`` and ``policy`` as of its inspection; ``device_keys`` are stations one knows.

    ``trust_as_of`` is when the anchors were last known to be current, ``now`` when their age is judged.
    """
    record = evidence.record
    gathered = gather_again(record, trust, record.moment)
    checks = judge_gathered(gathered, record)
    reported = {entry.id: entry.status for entry in evidence.report.checks}
    again = tuple(ReJudged(check, BASIS[check.id], reported.get(check.id, "")) for check in checks)
    _, findings = policy.decide(checks, materials_of(trust, trust_as_of), now or datetime.now().astimezone())
    reasons = [(finding.decision, (str(finding.check), str(finding.reason))) for finding in findings]
    station = station_of(evidence, device_keys)
    if station is not Station.KNOWN:
        reasons.append((_STATION_DECISIONS[station], (STATION_SUBJECT, station.value)))
    if any(one.contradicts for one in again):
        reasons.append((Decision.STOP, (REPORT_SUBJECT, REPORT_DIFFERS)))
    reasons.sort(key=lambda reason: -_WEIGHT[reason[0]])
    return Verification(
        decision=reasons[0][0] if reasons else Decision.PROCEED,
        reasons=tuple(reason for _, reason in reasons),
        station=station,
        checks=again,
        identity=gathered.identity,
        policy=policy,
        test=is_test(gathered, trust.anchors),
    )


def station_of(evidence: EvidenceFile, device_keys: Sequence[DeviceKey]) -> Station:
    """Tell who signed the file; a signature under a key that nobody gave us says nothing."""
    if evidence.signature is None:
        return Station.UNSIGNED
    named = [key for key in device_keys if key.key_id == evidence.signature.key_id]
    if not named:
        return Station.UNKNOWN
    return Station.KNOWN if evidence.signed_by(named[0]) else Station.FORGED
