"""``motcua verify``: judge an evidence file on a machine that has neither the card nor a reader nor a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from auth.distribution.errors import TrustError
from desk.assembly import policy_of
from desk.cli.public_key_file import read_public_key
from desk.cli.session import LanguageOption, LogOption, PolicyOption, Session, SettingsOption, open_session
from desk.evidence import MAX_EVIDENCE_BYTES, EvidenceDamaged, EvidenceFile, read_evidence
from desk.exit_codes import ExitCode
from desk.inspection_report import Json, check_report, program
from desk.report import identity_report
from desk.settings import SettingsInvalid
from desk.terminal import console_for
from desk.trusting import desk_trust
from desk.verify_page import show_verification
from desk.verifying import Verification, verify_evidence
from reader.inspection.basis import Basis
from reader.inspection.report import Decision

__all__ = ["verify"]

_EXIT_CODES = {
    Decision.PROCEED: ExitCode.PROCEED,
    Decision.ATTENTION: ExitCode.ATTENTION,
    Decision.STOP: ExitCode.STOP,
}


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The evidence file that `motcua read --bundle` wrote.")],
    trust: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Issuer certificates (CSCA) in place of the settings'.")
    ] = None,
    device_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="PEM", help="Public key of a computer whose word you take; repeatable."),
    ] = None,
    policy: PolicyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the result as JSON to standard output.")] = False,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Judge an evidence file again: no card, no reader, no network.

    Everything that the card's own signatures prove is computed anew, as of the moment of reading. What only the
    computer that read the card could know (Chip Authentication, the protected channel, the typed number) is its word,
    and worth as much as the key that signed the file.

    Exits 0 proceed, 10 attention, 20 stop; 4 where the file is no evidence file or one bit of it was changed.
    """
    session = open_session(language, log_level, settings_file, policy, trust_directory=trust)
    keys = [read_public_key(path, "--device-key") for path in device_key or ()]
    try:
        trusted = desk_trust(session.settings)
        decides = policy_of(session.settings, trusted.policies)
        evidence = read_evidence(_read(session, file))
    except (SettingsInvalid, TrustError) as error:
        session.fail(error.code, ExitCode.USAGE, detail=str(error))
    except EvidenceDamaged as error:
        session.fail(error.code, ExitCode.CARD_TROUBLE, detail=str(error))
    as_of = trusted.freshness.confirmed
    verified = verify_evidence(evidence, trusted.material, decides, keys, trust_as_of=as_of)
    if as_json:
        text = json.dumps(verification_report(evidence, verified), ensure_ascii=False, indent=2) + "\n"
        sys.stdout.write(text)
    show_verification(console_for(sys.stderr if as_json else sys.stdout), session.texts, evidence, verified)
    raise typer.Exit(_EXIT_CODES[verified.decision])


def verification_report(evidence: EvidenceFile, verified: Verification) -> Json:
    """Return what came of an evidence file as JSON."""
    signature = evidence.signature
    return {
        "schema": 1,
        "program": program(),
        "test": verified.test,
        "decision": verified.decision.value,
        "reasons": [{"check": subject, "reason": reason} for subject, reason in verified.reasons],
        "policy": verified.policy.name,
        "policy_digest": verified.policy.digest,
        "station": {
            "state": verified.station.value,
            "device": signature.device if signature else None,
            "key_id": signature.key_id if signature else None,
        },
        "inspection": evidence.report.model_dump(mode="json"),
        "checks": [
            check_report(one.check) | {"basis": one.basis.value, "reported": one.reported or None}
            for one in verified.checks
        ],
        "transferable": [str(one.check.id) for one in verified.checks if one.basis is Basis.TRANSFERABLE],
        "inspectors_word": [str(one.check.id) for one in verified.checks if one.basis is Basis.INSPECTOR],
        "identity": identity_report(verified.identity) if verified.identity else None,
    }


def _read(session: Session, file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_EVIDENCE_BYTES + 1)
    except OSError:
        session.fail("file-not-read", ExitCode.USAGE)
