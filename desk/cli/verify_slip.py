"""``motcua verify`` for slips: the page, its twin beside it, and by whose certificates they are judged."""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from auth.distribution.errors import TrustError
from desk.cli.session import Session
from desk.exit_codes import ExitCode
from desk.inspection_report import Json, program
from desk.settings import Settings, SettingsInvalid
from desk.slip import SlipDamaged, SlipVerification, record_path, verify_slip
from desk.slip.record import MAX_SLIP_RECORD
from desk.terminal import DECISION_SIGNS, DECISION_STYLES, TEST_MARK, console_for
from desk.texts import Texts
from desk.trusting import desk_trust
from desk.words.slip_words import REASONS, VERIFIED
from reader.bounded_file import read_bounded_file
from reader.errors import DataError
from reader.inspection.report import Decision
from reader.trust import Certificate

__all__ = ["authorities_of", "slip_verification_report", "verify_slip_file"]

MAX_CERTIFICATE = 16_384
_EXIT_CODES = {
    Decision.PROCEED: ExitCode.PROCEED,
    Decision.ATTENTION: ExitCode.ATTENTION,
    Decision.STOP: ExitCode.STOP,
}


def verify_slip_file(session: Session, file: Path, raw: bytes, given: Sequence[Path], *, as_json: bool) -> ExitCode:
    """Judge a slip and say what came of it; end the command for a file that is no slip."""
    try:
        authorities = authorities_of(session.settings, given)
        judged = verify_slip(raw, _twin(file), authorities)
    except (SettingsInvalid, TrustError) as error:
        session.fail(error.code, ExitCode.USAGE, detail=str(error))
    except SlipDamaged as error:
        session.fail(error.code, ExitCode.CARD_TROUBLE)
    if as_json:
        report = json.dumps(slip_verification_report(judged), ensure_ascii=False, indent=2)
        sys.stdout.write(report + "\n")
    _show(console_for(sys.stderr if as_json else sys.stdout), session.texts, judged)
    return _EXIT_CODES[judged.decision]


def authorities_of(settings: Settings, given: Sequence[Path]) -> tuple[bytes, ...]:
    """Return the certificates by which slips are judged: of the settings' enrolment, of the trust store, and given.

    What the trust store says is not to be trusted is not among them, whoever names it.
    Raise SettingsInvalid for settings that hold none there, StoreDamaged, BadParameter for a file that is none.
    """
    of_settings = settings.enrolment.endpoint().certificate_anchors if settings.enrolment is not None else ()
    try:
        known = tuple(Certificate.parse(anchor).raw for anchor in of_settings)
    except DataError:
        raise SettingsInvalid("enrolment.certificate_anchors: no certificate") from None
    return desk_trust(settings).device_authorities(known, map(_certificate, given))


def slip_verification_report(judged: SlipVerification) -> Json:
    """Return what came of a slip as JSON; nothing of the citizen is in it."""
    page, head = judged.page, judged.head
    return {
        "schema": 1,
        "program": program(),
        "test": judged.test,
        "decision": judged.decision.value,
        "reasons": [reason.value for reason in judged.reasons],
        "slip": head.slip_id if head is not None else None,
        "made_at": head.made_at.isoformat() if head is not None else None,
        "record_sha256": judged.digest,
        "signature": None
        if page is None
        else {
            "device": page.certificate.device_id,
            "key_id": page.certificate.key_id,
            "issuer": page.certificate.issuer,
            "not_after": page.certificate.not_after.isoformat(),
            "signed_at": page.signed_at.isoformat() if page.signed_at is not None else None,
            "intact": page.intact,
            "whole": page.whole,
            "trusted": page.trusted,
            "revocation": "unavailable",
        },
    }


def _show(console: Console, texts: Texts, judged: SlipVerification) -> None:
    language, page, head = texts.language, judged.page, judged.head

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style))

    if judged.test:
        line(TEST_MARK.text(language), "bold")
    if head is not None:
        made = f"{head.made_at.astimezone():%H:%M %d/%m/%Y %z}"
        line(VERIFIED["slip"].text(language, slip=head.slip_id, moment=made))
        line(VERIFIED["by"].text(language, counter=head.maker.counter, clerk=head.maker.clerk))
    if page is not None:
        at = f"{page.signed_at.astimezone():%H:%M %d/%m/%Y %z}" if page.signed_at is not None else "–"
        who = page.certificate
        line(VERIFIED["device"].text(language, device=who.device_id, issuer=who.issuer, moment=at))
    line("")
    decision = judged.decision
    line(f"{DECISION_SIGNS[decision]} {VERIFIED[decision.value].text(language)}", DECISION_STYLES[decision])
    for reason in judged.reasons:
        line(f"  · {REASONS[reason.value].text(language)}")
    if page is not None:
        line(f"  · {VERIFIED['revocation'].text(language)}")


def _twin(file: Path) -> bytes | None:
    """Return the slip.json beside the page; one that cannot be read is not there."""
    try:
        return read_bounded_file(record_path(file), MAX_SLIP_RECORD)
    except DataError:
        return None


def _certificate(file: Path) -> bytes:
    try:
        raw = read_bounded_file(file, MAX_CERTIFICATE)
        der = ssl.PEM_cert_to_DER_cert(raw.decode("ascii")) if raw.lstrip().startswith(b"-----") else raw
        return Certificate.parse(der).raw
    except (DataError, ValueError):
        raise typer.BadParameter(f"{file}: no certificate", param_hint="--slip-authority") from None
