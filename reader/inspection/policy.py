"""The policy: a written table that makes a decision of checks, so that no code decides about a citizen's card.

It says, for every check and every status, whether the clerk may proceed, must pay attention or has to stop; the same
for warnings, for a document of which no proof against copying succeeded, and for trust material that has grown old. It
is a TOML file, every key of which docs/policy.md explains. What a file leaves out, or says too much of, is refused when
it is loaded: a gap must not come to light at the counter.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from reader.errors import DataError
from reader.inspection.checks import Check, CheckId, CheckStatus
from reader.inspection.materials import TRUST_AGE_UNKNOWN, TRUST_AGED, TRUST_AHEAD, AgeRule, Material, MaterialUsed
from reader.inspection.policies import SHIPPED
from reader.inspection.presence_rule import PresenceRule, parse_presence
from reader.inspection.reasons import NOTES, REASONS
from reader.inspection.report import Decision, Finding
from reader.verdict import Note, Severity

__all__ = [
    "MISSING_CHECK",
    "NO_CHIP_PROOF",
    "POLICY_REASONS",
    "Policy",
]

MAX_POLICY_BYTES = 64 * 1024

MISSING_CHECK = "check-missing"
NO_CHIP_PROOF = "no-chip-proof"
# What only a policy says; every other reason of a finding is a check's own.
POLICY_REASONS = (MISSING_CHECK, NO_CHIP_PROOF, TRUST_AGED, TRUST_AGE_UNKNOWN, TRUST_AHEAD)

# The check that leans on each kind of trust material: a finding about the material's age is told under its name.
_LEANS_ON = {Material.ANCHORS: CheckId.CHAIN, Material.REVOCATION_LISTS: CheckId.REVOCATION}
_PROOFS = (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION, CheckId.CHIP_MAPPING)
_TOP = {
    "name",
    "about",
    "bac_after_pace_failure",
    "warning",
    "without_chip_proof",
    "max_age",
    "notes",
    "exceptions",
    "checks",
}
_EXCEPTION = {"check", "status", "reason", "decision", "because"}
_AGE = {"attention", "stop", "unknown", "ahead"}
_NEVER = "never"
_WEIGHT = {Decision.PROCEED: 0, Decision.ATTENTION: 1, Decision.STOP: 2}


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold a whole policy: every check with every status has an entry in ``table``.

    ``exceptions`` weigh single reasons otherwise than their status. ``warning`` is what a note of severity warning
    amounts to, ``notes`` what single ones of them do; ``without_chip_proof`` what it amounts to when none of Chip
    Authentication, Active Authentication and Chip Authentication Mapping passed; ``max_age`` weighs the age of trust
    material. ``bac_after_pace_failure`` lets BAC step in where an offered PACE failed. ``presence`` says by purpose how
    much of the card's presence a register must have been shown. ``text`` is the file it was read from.
    """

    name: str
    table: Mapping[tuple[CheckId, CheckStatus], Decision]
    warning: Decision
    without_chip_proof: Decision
    max_age: Mapping[Material, AgeRule]
    exceptions: Mapping[tuple[CheckId, CheckStatus, str], Decision] = field(default_factory=dict)
    notes: Mapping[str, Decision] = field(default_factory=dict)
    bac_after_pace_failure: bool = False
    presence: Mapping[str, PresenceRule] = field(default_factory=dict)
    text: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse a table with gaps, and one that lets anybody proceed past a failed check or past a warning."""
        if Decision.PROCEED in (self.warning, *self.notes.values()):
            raise DataError("policy that proceeds though there is a warning")
        for check in CheckId:
            for status in CheckStatus:
                if (check, status) not in self.table:
                    raise DataError(f"policy without an entry for {check} {status}")
            if self.table[check, CheckStatus.FAILED] is Decision.PROCEED:
                raise DataError(f"policy that proceeds though {check} failed")
        for (check, status, _), decision in self.exceptions.items():
            if status is CheckStatus.FAILED and decision is Decision.PROCEED:
                raise DataError(f"policy that proceeds though {check} failed")
        for material in Material:
            if material not in self.max_age:
                raise DataError(f"policy without a max_age for {material}")

    @classmethod
    def shipped(cls, name: str = "operational") -> Policy:
        """Return a policy that comes with the program; raise DataError for a name that there is not."""
        if name not in SHIPPED:
            raise DataError("no such policy")
        file = resources.files("reader.inspection.policies").joinpath(f"{name}.toml")
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
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Parse a policy; raise DataError for a key that is not known, missing, or of the wrong kind."""
        if len(text.encode()) > MAX_POLICY_BYTES:
            raise DataError(f"policy of more than {MAX_POLICY_BYTES} bytes")
        try:
            said = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            raise DataError("policy that is not TOML") from None
        # A policy that was written before there was such a table asks for no presence.
        presence = parse_presence(said.pop("presence", {}))
        _require_keys(said, _TOP, "policy")
        name, about, fallback = said["name"], said["about"], said["bac_after_pace_failure"]
        if not (isinstance(name, str) and isinstance(about, str) and isinstance(fallback, bool)):
            raise DataError("policy whose name, about or bac_after_pace_failure is of the wrong kind")
        return cls(
            name=name,
            table=_table(said["checks"]),
            warning=_decision(said["warning"]),
            without_chip_proof=_decision(said["without_chip_proof"]),
            max_age=_max_age(said["max_age"]),
            exceptions=_exceptions(said["exceptions"]),
            notes=_notes(said["notes"]),
            bac_after_pace_failure=fallback,
            presence=presence,
            text=text,
        )

    @property
    def digest(self) -> str:
        """Return SHA-256 over the policy's text in hex: two reports with one digest were decided alike."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def decide(
        self, checks: Iterable[Check], materials: Iterable[MaterialUsed] = (), moment: datetime | None = None
    ) -> tuple[Decision, tuple[Finding, ...]]:
        """Return the decision and every reason why it is not better; a check that is missing means stop.

        ``materials`` are what the checks leaned on and ``moment`` is when: without them the age of trust material is
        not known.
        """
        seen: dict[CheckId, list[Check]] = {}
        for check in checks:
            seen.setdefault(check.id, []).append(check)
        findings: list[Finding] = []
        for id in CheckId:
            if id not in seen:
                findings.append(Finding(id, MISSING_CHECK, Decision.STOP))
            for check in seen.get(id, ()):
                findings.extend(self._findings_of(check))
        if not any(check.status is CheckStatus.PASSED for id in _PROOFS for check in seen.get(id, ())):
            findings.append(Finding(CheckId.CHIP_AUTHENTICATION, NO_CHIP_PROOF, self.without_chip_proof))
        findings.extend(self._findings_of_age(tuple(materials), moment))
        telling = tuple(finding for finding in findings if finding.decision is not Decision.PROCEED)
        worst = max((finding.decision for finding in telling), key=_WEIGHT.__getitem__, default=Decision.PROCEED)
        return worst, telling

    def weigh(self, check: Check) -> Decision:
        """Return what the outcome of one check amounts to, its notes left aside."""
        exception = self.exceptions.get((check.id, check.status, str(check.reason)))
        return self.table[check.id, check.status] if exception is None else exception

    def weigh_note(self, note: Note) -> Decision:
        """Return what a note amounts to: nothing, unless it is a warning."""
        if note.severity is not Severity.WARNING:
            return Decision.PROCEED
        return self.notes.get(note.code, self.warning)

    def _findings_of(self, check: Check) -> list[Finding]:
        found = [Finding(check.id, check.reason, self.weigh(check))]
        return found + [Finding(check.id, note.code, self.weigh_note(note)) for note in check.notes]

    def _findings_of_age(self, materials: tuple[MaterialUsed, ...], moment: datetime | None) -> list[Finding]:
        """Weigh every body of trust material; a kind of which nothing is told is of unknown age."""
        found: list[Finding] = []
        for kind in Material:
            ages = [used.age(moment) for used in materials if used.kind is kind and moment is not None]
            weighed = [self.max_age[kind].weigh(age) for age in ages or [None]]
            found += [Finding(_LEANS_ON[kind], reason, decision) for reason, decision in weighed]
        return found


def _table(said: object) -> dict[tuple[CheckId, CheckStatus], Decision]:
    checks = _require_keys(said, set(CheckId), "checks")
    table: dict[tuple[CheckId, CheckStatus], Decision] = {}
    for check in CheckId:
        row = _require_keys(checks[check], set(CheckStatus), check)
        table |= {(check, status): _decision(row[status]) for status in CheckStatus}
    return table


def _max_age(said: object) -> dict[Material, AgeRule]:
    rows = _require_keys(said, set(Material), "max_age")
    rules: dict[Material, AgeRule] = {}
    for material in Material:
        row = _require_keys(rows[material], _AGE, f"max_age.{material}")
        rules[material] = AgeRule(
            attention=_days(row["attention"]),
            stop=_days(row["stop"]),
            unknown=_decision(row["unknown"]),
            ahead=_decision(row["ahead"]),
        )
    return rules


def _days(said: object) -> int | None:
    if said == _NEVER:
        return None
    if isinstance(said, bool) or not isinstance(said, int):
        raise DataError(f"policy with a max_age that is neither days nor {_NEVER!r}")
    return said


def _exceptions(said: object) -> dict[tuple[CheckId, CheckStatus, str], Decision]:
    """Read the list of exceptions, each of which has to be about a reason there is, and to say why it is made."""
    if not isinstance(said, list):
        raise DataError("exceptions: a list is needed")
    found: dict[tuple[CheckId, CheckStatus, str], Decision] = {}
    for entry in said:
        row = _require_keys(entry, _EXCEPTION, "exceptions")
        try:
            check, status = CheckId(row["check"]), CheckStatus(row["status"])
        except ValueError:
            raise DataError("exception for a check or a status that there is not") from None
        key = (check, status, row["reason"])
        if key[2] not in REASONS[check].get(status, ()):
            raise DataError(f"exception for a reason that {check} {status} does not have")
        if key in found:
            raise DataError(f"two exceptions for one reason of {check} {status}")
        if not (isinstance(row["because"], str) and row["because"].strip()):
            raise DataError(f"exception for {check} {status} that does not say why")
        found[key] = _decision(row["decision"])
    return found


def _notes(said: object) -> dict[str, Decision]:
    """Read what single warnings amount to."""
    if not isinstance(said, dict):
        raise DataError("notes: a table is needed")
    warnings = {code for code, severities in NOTES.items() if Severity.WARNING in severities}
    if not set(said) <= warnings:
        raise DataError("notes: a note that there is not, or that is never a warning")
    return {code: _decision(word) for code, word in said.items()}


def _require_keys(said: object, keys: set[str] | set[CheckId] | set[CheckStatus] | set[Material], where: str) -> Any:
    wanted = {str(key) for key in keys}
    if not isinstance(said, Mapping):
        raise DataError(f"{where}: a table is needed")
    unknown, missing = sorted(set(said) - wanted), sorted(wanted - set(said))
    if unknown or missing:
        raise DataError(f"{where}: unknown {unknown or 'nothing'}, missing {missing or 'nothing'}")
    return said


def _decision(said: object) -> Decision:
    try:
        return Decision(said)  # type: ignore[arg-type]  # whatever TOML held; anything but a decision's string raises
    except ValueError:
        raise DataError("policy with a word that is none of proceed, attention, stop") from None
