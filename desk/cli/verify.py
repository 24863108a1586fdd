"""``motcua verify``: judge an evidence file on a machine that has neither the card nor a reader nor a network."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from auth.device_key import DeviceKey
from auth.distribution.errors import TrustError
from auth.presence.tokens import Issuers
from auth.registers.presence import PRESENCE, issuers_of
from desk.assembly import policy_of
from desk.cli.growth_file import read_growth_file
from desk.cli.public_key_file import read_public_key
from desk.cli.session import LanguageOption, LogOption, PolicyOption, Session, SettingsOption, open_session
from desk.cli.verify_slip import verify_slip_file
from desk.evidence import MAX_EVIDENCE_BYTES, EvidenceDamaged, EvidenceFile, read_evidence
from desk.exit_codes import ExitCode
from desk.inspection_report import Json, check_report, program
from desk.presence_page import show_presence
from desk.presence_verifying import (
    PresenceVerification,
    is_presence_evidence,
    presence_verification_report,
    verify_presence,
)
from desk.report import identity_report
from desk.settings import Settings, SettingsInvalid
from desk.slip import MAX_SLIP_PAGE, is_slip_page
from desk.terminal import console_for
from desk.trusting import desk_trust
from desk.verify_page import show_verification
from desk.verifying import Verification, verify_evidence
from reader.inspection.basis import Basis
from reader.inspection.report import Decision

__all__ = ["verifiers_of", "verify"]

_EXIT_CODES = {
    Decision.PROCEED: ExitCode.PROCEED,
    Decision.ATTENTION: ExitCode.ATTENTION,
    Decision.STOP: ExitCode.STOP,
}


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="An evidence file, of `motcua read --bundle` or of a card's presence, or a slip (PDF)."
        ),
    ],
    trust: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Issuer certificates (CSCA) in place of the settings'.")
    ] = None,
    device_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="PEM", help="Public key of a computer whose word you take; repeatable."),
    ] = None,
    verifier_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PEM",
            help="Public key of a presence verifier whose word you take, besides those of the settings; repeatable.",
        ),
    ] = None,
    revealed: Annotated[
        str, typer.Option(metavar="HEX", help="The key of one challenge, where its verifier has revealed it.")
    ] = "",
    log_growth: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="How the verifier's log went on: what `motcua audit presence-log` wrote."),
    ] = None,
    slip_authority: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PEM",
            help="Certificate of an authority that certifies devices, besides those of settings and trust; repeatable.",
        ),
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

    Evidence of a card's presence (cpp-evidence/1) is judged by the keys of the verifiers that the settings name, and of
    those given here. It holds the proof that the verifier has logged it; without a network that proof is checked too.

    A slip is judged by who signed it, and with the .json of the same name beside it; a test never exits 0.

    Exits 0 proceed, 10 attention, 20 stop; 4 where the file is no such file, or an evidence file with one bit changed.
    """
    session = open_session(language, log_level, settings_file, policy, trust_directory=trust)
    keys = [read_public_key(path, "--device-key") for path in device_key or ()]
    raw = _read(session, file)
    if is_slip_page(raw):
        raise typer.Exit(verify_slip_file(session, file, raw, slip_authority or (), as_json=as_json))
    growth = read_growth_file(log_growth, "--log-growth") if log_growth is not None else None
    try:
        trusted = desk_trust(session.settings)
        if is_presence_evidence(raw):
            issuers = verifiers_of(session.settings, verifier_key or ())
            judged = verify_presence(raw, issuers, trusted.material, _scalar(revealed), growth)
            raise typer.Exit(_tell_presence(session, judged, as_json=as_json))
        decides = policy_of(session.settings, trusted.policies)
        evidence = read_evidence(raw)
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


def verifiers_of(settings: Settings, given: Sequence[str]) -> Issuers:
    """Return the presence verifiers of the settings and those given as [NAME=]PEM, with their keys."""
    issuers: dict[str, dict[str, DeviceKey]] = {}
    for register in settings.registers:
        if register.register_name == PRESENCE:
            for name, keys in issuers_of(register.endpoint()).items():
                issuers.setdefault(name, {}).update(keys)
    for text in given:
        name, _, file = text.rpartition("=")
        key = read_public_key(Path(file), "--verifier-key")
        issuers.setdefault(name or PRESENCE, {})[key.key_id] = key
    return issuers


def _scalar(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text, 16)
    except ValueError:
        raise typer.BadParameter("hexadecimal digits", param_hint="--revealed") from None


def _tell_presence(session: Session, judged: PresenceVerification, *, as_json: bool) -> ExitCode:
    if as_json:
        text = json.dumps(presence_verification_report(judged), ensure_ascii=False, indent=2)
        sys.stdout.write(text + "\n")
    show_presence(console_for(sys.stderr if as_json else sys.stdout), session.texts, judged)
    return _EXIT_CODES[judged.decision]


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
            return stream.read(max(MAX_EVIDENCE_BYTES, MAX_SLIP_PAGE) + 1)
    except OSError:
        session.fail("file-not-read", ExitCode.USAGE)
