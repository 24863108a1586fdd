"""The policy: a written table that makes a decision of checks, so that no code decides about a citizen's card.

A policy is a TOML file. It says, for every check and every status, whether the clerk may proceed, must pay attention or
has to stop; it says the same for warnings, and for a document of which no proof against copying succeeded. What a
policy leaves out, or says too much of, is refused when it is loaded: a gap must not come to light at the counter.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from reader.errors import DataError
from reader.inspection.checks import Check, CheckId, CheckStatus
from reader.inspection.report import Decision, Finding
from reader.verdict import Severity

__all__ = ["MISSING_CHECK", "NO_CHIP_PROOF", "Policy"]

MAX_POLICY_BYTES = 64 * 1024
MISSING_CHECK = "check-missing"
NO_CHIP_PROOF = "no-chip-proof"

_TOP = {"name", "about", "bac_after_pace_failure", "warning", "without_chip_proof", "checks"}
_PROOFS = (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION)
_WEIGHT = {Decision.PROCEED: 0, Decision.ATTENTION: 1, Decision.STOP: 2}


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold a whole policy: every check with every status has an entry in ``table``.

    ``warning`` is what a note of severity warning amounts to; ``without_chip_proof`` what it amounts to when neither
    Chip nor Active Authentication passed. ``bac_after_pace_failure`` lets BAC step in where an offered PACE failed.
    """

    name: str
    table: Mapping[tuple[CheckId, CheckStatus], Decision]
    warning: Decision
    without_chip_proof: Decision
    bac_after_pace_failure: bool = False

    def __post_init__(self) -> None:
        """Refuse a table with gaps, and one that lets anybody proceed past a failed check or past a warning."""
        if self.warning is Decision.PROCEED:
            raise DataError("policy that proceeds though there is a warning")
        for check in CheckId:
            for status in CheckStatus:
                if (check, status) not in self.table:
                    raise DataError(f"policy without an entry for {check} {status}")
            if self.table[check, CheckStatus.FAILED] is Decision.PROCEED:
                raise DataError(f"policy that proceeds though {check} failed")

    @classmethod
    def shipped(cls, name: str = "operational") -> Policy:
        """Return a policy that comes with the program; raise DataError for a name that there is not."""
        if not name.isalnum():
            raise DataError("no such policy")
        file = resources.files("reader.inspection.policies").joinpath(f"{name}.toml")
        if not file.is_file():
            raise DataError("no such policy")
        return cls.parse(file.read_text(encoding="utf-8"))

    @classmethod
    def load(cls, path: Path) -> Policy:
        """Read a policy file of at most 64 KiB; raise DataError where it cannot be read or is not a whole policy."""
        try:
            with path.open("rb") as stream:
                raw = stream.read(MAX_POLICY_BYTES + 1)
            text = raw.decode("utf-8")
        except (OSError, UnicodeDecodeError):
            raise DataError("policy file that cannot be read") from None
        if len(raw) > MAX_POLICY_BYTES:
            raise DataError(f"policy of more than {MAX_POLICY_BYTES} bytes")
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Parse a policy; raise DataError for a key that is not known, missing, or of the wrong kind."""
        try:
            said = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            raise DataError("policy that is not TOML") from None
        _require_keys(said, _TOP, "policy")
        name, about, fallback = said["name"], said["about"], said["bac_after_pace_failure"]
        if not (isinstance(name, str) and isinstance(about, str) and isinstance(fallback, bool)):
            raise DataError("policy whose name, about or bac_after_pace_failure is of the wrong kind")
        return cls(
            name=name,
            table=_table(said["checks"]),
            warning=_decision(said["warning"]),
            without_chip_proof=_decision(said["without_chip_proof"]),
            bac_after_pace_failure=fallback,
        )

    def decide(self, checks: Iterable[Check]) -> tuple[Decision, tuple[Finding, ...]]:
        """Return the decision and every reason why it is not better; a check that is missing means stop."""
        findings: list[Finding] = []
        seen: dict[CheckId, list[Check]] = {}
        for check in checks:
            seen.setdefault(check.id, []).append(check)
        for id in CheckId:
            if id not in seen:
                findings.append(Finding(id, MISSING_CHECK, Decision.STOP))
            for check in seen.get(id, ()):
                findings.extend(self._findings_of(check))
        if not any(check.status is CheckStatus.PASSED for id in _PROOFS for check in seen.get(id, ())):
            findings.append(Finding(CheckId.CHIP_AUTHENTICATION, NO_CHIP_PROOF, self.without_chip_proof))
        telling = tuple(finding for finding in findings if finding.decision is not Decision.PROCEED)
        worst = max((finding.decision for finding in telling), key=_WEIGHT.__getitem__, default=Decision.PROCEED)
        return worst, telling

    def _findings_of(self, check: Check) -> list[Finding]:
        found = [Finding(check.id, check.reason, self.table[check.id, check.status])]
        warnings = (note for note in check.notes if note.severity is Severity.WARNING)
        return found + [Finding(check.id, note.code, self.warning) for note in warnings]


def _table(said: object) -> dict[tuple[CheckId, CheckStatus], Decision]:
    checks = _require_keys(said, {str(check) for check in CheckId}, "checks")
    statuses = {str(status) for status in CheckStatus}
    table: dict[tuple[CheckId, CheckStatus], Decision] = {}
    for check in CheckId:
        row = _require_keys(checks[check], statuses, check)
        table |= {(check, status): _decision(row[status]) for status in CheckStatus}
    return table


def _require_keys(said: object, keys: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise DataError(f"{where}: a table is needed")
    unknown, missing = sorted(set(said) - keys), sorted(keys - set(said))
    if unknown or missing:
        raise DataError(f"{where}: unknown {unknown or 'nothing'}, missing {missing or 'nothing'}")
    return said


def _decision(said: object) -> Decision:
    try:
        return Decision(said)  # type: ignore[arg-type]  # whatever TOML held; anything but a decision's string raises
    except ValueError:
        raise DataError("policy with a word that is none of proceed, attention, stop") from None
