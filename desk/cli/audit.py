"""``motcua audit``: verify the ledger of a desk's acts, or take acts out of it for others to verify."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Annotated

import typer

from auth.device import SoftwareSigner
from auth.device.messages import key_from_text
from auth.device_key import DeviceKey
from auth.distribution.register_keys import with_distributed_keys
from auth.errors import LedgerUnusable
from auth.ledger import AuditFinding, AuditReport, LedgerReader, verify_ledger
from auth.ledger.audit import Fault
from auth.ledger.export import MAX_LINE, export_lines, verify_export
from desk.cli.presence_log import presence_log
from desk.cli.public_key_file import read_public_key
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.device_place import enrolled_here, ledger_file
from desk.exit_codes import ExitCode
from desk.inspection_report import program
from desk.settings import Settings
from desk.trust_source import TrustSource
from desk.words.audit_words import AUDIT_LINES, FAULTS
from reader.errors import DataError

__all__ = ["audit_app"]

NO_LEDGER = "no-ledger"
_SQLITE = b"SQLite format 3\x00"
_SHOWN = 20
_HELP = """The record of this desk's look-ups: that nobody has changed it, and proofs of it for others.

Is it whole?  motcua audit verify

For an inspector:  motcua audit export --out acts.jsonl

who then verifies it anywhere:  motcua audit verify acts.jsonl --device-key PEM --register-key PEM

And has a presence verifier rewritten its own?  motcua audit presence-log EVIDENCE [LATER] --out growth.json

The record names no citizen. It is signed by this computer and countersigned by the registers; what they have
countersigned cannot be changed, cut off or replaced by an older copy without showing.

Exit codes: 0 whole; 20 changed, cut off or wrongly signed; 2 usage; 4 no ledger and no export.
"""

LedgerOption = Annotated[
    Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger, in place of the settings'.")
]
DeviceKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--device-key", metavar="PEM", help="Public key of the computer whose ledger it is; else the settings'."
    ),
]

audit_app = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
audit_app.command()(presence_log)


@audit_app.command()
def verify(
    export: Annotated[
        Path | None, typer.Argument(metavar="[EXPORT]", help="What `motcua audit export` wrote; else the ledger.")
    ] = None,
    ledger: LedgerOption = None,
    device_key: DeviceKeyOption = None,
    register_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="PEM", help="Public key of a register that countersigns; repeatable; else the settings'."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the result as JSON to standard output.")] = False,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Recompute the whole record and hold every signature against it; nothing is asked of any register.

    Exits 0 where it is whole, 20 where something was changed, cut off or wrongly signed, 4 where the file is no ledger.
    """
    session = open_session(language, "", settings_file)
    if export is not None and ledger is not None:
        raise typer.BadParameter("either an export or a ledger", param_hint="--ledger")
    with session.catching():
        device = _device_key(session.settings, device_key)
        registers = _register_keys(session.settings, register_key)
    keys = {one.key_id: one.key for one in (*registers, device)}
    path = export or ledger or ledger_file(session.settings, device.key_id)
    try:
        with path.open("rb") as stream:
            begins = stream.read(len(_SQLITE))
        if begins == _SQLITE:
            with closing(LedgerReader(path)) as reader:
                report = verify_ledger(reader, keys, device.key_id)
        else:
            with path.open("rb") as stream:
                report = verify_export(_lines(stream), keys, device.key_id)
    except OSError:
        session.fail("file-not-read", ExitCode.USAGE)
    except LedgerUnusable as error:
        if error.why != "damaged":
            session.fail(NO_LEDGER, ExitCode.CARD_TROUBLE, detail=error.why)
        report = AuditReport(0, 0, 0, (AuditFinding(Fault.DAMAGED, 0),))
    except DataError:
        session.fail(NO_LEDGER, ExitCode.CARD_TROUBLE)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report, device.key_id), indent=2) + "\n")
    _show(session, report, to_stderr=as_json, register_known=bool(registers))
    raise typer.Exit(ExitCode.PROCEED if report.holds else ExitCode.STOP)


@audit_app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the acts, as JSON lines.")],
    ledger: LedgerOption = None,
    begin: Annotated[int, typer.Option("--from", min=0, metavar="N", help="Leave out the acts before number N.")] = 0,
    device_key: DeviceKeyOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write acts with the proofs that they are in the record, for `motcua audit verify FILE` to judge anywhere.

    The file names no citizen, and clerks by pseudonyms. Acts that the computer has not signed for yet are left out.
    """
    session = open_session(language, "", settings_file)
    if ledger is None:
        with session.catching():
            ledger = ledger_file(session.settings, _device_key(session.settings, device_key).key_id)
    acts = 0
    try:
        with closing(LedgerReader(ledger)) as reader, _created(session, out) as file:
            for line in export_lines(reader, begin):
                file.write(line)
                acts += line.startswith('{"number"')
    except LedgerUnusable as error:
        session.fail(NO_LEDGER, ExitCode.CARD_TROUBLE, detail=error.why)
    except OSError:
        session.fail("file-not-written", ExitCode.USAGE)
    typer.echo(AUDIT_LINES["exported"].text(session.texts.language, acts=acts), err=True)


def _created(session: Session, path: Path) -> IO[str]:
    """Open a file that only this user can read."""
    try:
        return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="\n")
    except OSError:
        session.fail("file-not-written", ExitCode.USAGE)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE + 1):
        yield line


def _device_key(settings: Settings, path: Path | None) -> DeviceKey:
    if path is not None:
        return read_public_key(path, "--device-key")
    record = enrolled_here(settings)
    if record is not None:
        return key_from_text(record.keys.public)
    signer = settings.device.credential().signer if settings.device is not None else None
    if not isinstance(signer, SoftwareSigner):
        raise typer.BadParameter("say whose ledger it is: no device is set up here", param_hint="--device-key")
    return DeviceKey.from_pem(signer.public_pem())


def _register_keys(settings: Settings, paths: list[Path] | None) -> list[DeviceKey]:
    if paths:
        return [read_public_key(path, "--register-key") for path in paths]
    if not settings.registers:
        return []
    distributed = TrustSource(settings).current().register_keys
    endpoints = with_distributed_keys((register.endpoint() for register in settings.registers), distributed)
    return [DeviceKey.from_der(key.spki) for endpoint in endpoints for key in endpoint.answer_keys]


def _as_json(report: AuditReport, device_key_id: str) -> dict[str, object]:
    return {
        "schema": 1,
        "program": program(),
        "device_key_id": device_key_id,
        "holds": report.holds,
        "acts": report.leaves,
        "first": report.first,
        "signed": report.covered,
        "countersigned": report.countersigned,
        "findings": [{"fault": one.fault.value, "where": one.where} for one in report.findings],
    }


def _show(session: Session, report: AuditReport, *, to_stderr: bool, register_known: bool) -> None:
    def line(name: str, **arguments: object) -> None:
        typer.echo(AUDIT_LINES[name].text(session.texts.language, **arguments), err=to_stderr)

    line("holds" if report.holds else "faulty")
    for finding in report.findings[:_SHOWN]:
        typer.echo(f"  · {FAULTS[finding.fault].text(session.texts.language, where=finding.where)}", err=to_stderr)
    if len(report.findings) > _SHOWN:
        typer.echo(f"  · … {len(report.findings) - _SHOWN}", err=to_stderr)
    line("counts", leaves=report.leaves, covered=report.covered, countersigned=report.countersigned)
    if report.first:
        line("begins-later", first=report.first)
    if not register_known:
        line("no-register-key")
