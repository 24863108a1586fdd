"""``motcua read``: read and inspect one card on a PC/SC reader; nobody is looked up."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from auth.distribution.errors import TrustError
from auth.wire.endpoint import DeviceCredential
from desk.assembly import policy_of, surroundings_of
from desk.card_back import wait_for_card
from desk.cli.session import JsonOption, LanguageOption, LogOption, PolicyOption, Session, SettingsOption, open_session
from desk.evidence import write_evidence
from desk.exit_codes import ExitCode, exit_code_of_failure, exit_code_of_visit
from desk.inspecting import inspector, materials_of
from desk.jobs import ReadJob, ReadResult, run_read
from desk.kinds.installed import nobody_asked
from desk.place import Place
from desk.ports import Inspector
from desk.present import present
from desk.progress import progress_of
from desk.report import visit_report
from desk.settings import SettingsInvalid
from desk.trusting import DeskTrust, desk_trust, trust_view
from desk.view import DeskState, FailureView
from desk.visit_data import VisitData
from desk.words.evidence_words import REMARKS
from reader.errors import DataError, NoCard, NoReader, PCSCError
from reader.files import SecretsByName
from reader.genuine import PassphraseNeeded, TerminalCredentials
from reader.inspection.events import FileProgress, InspectionEvent
from reader.inspection.report import Inspection
from reader.iso7816 import CardTerminal, ReaderSnapshot, ServiceState, SlotState, TracingTerminal
from reader.lds import LAND_QR_SCANNED, KeyInput, parse_key_input
from reader.pcsc import PcscTerminal, PcscWatch, is_emulated, list_readers

__all__ = ["read"]

_SECRET = "- reads it from standard input, where other users of this computer cannot see it."


def read(
    can: Annotated[str | None, typer.Option(help=f"The 12 digits of the card, or the last six. {_SECRET}")] = None,
    mrz: Annotated[
        str | None, typer.Option(help=f"The lines on the back, or NUMBER YYMMDD YYMMDD (birth, expiry). {_SECRET}")
    ] = None,
    qr: Annotated[str | None, typer.Option(help=f"The text of the card's QR code. {_SECRET}")] = None,
    reader: Annotated[
        str | None, typer.Option(metavar="NAME", help="The reader, or part of its name; else the first with a card.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Issuer certificates (CSCA) in place of the settings'.")
    ] = None,
    policy: PolicyOption = None,
    rights: Annotated[
        Path | None,
        typer.Option(
            "--terminal-credentials",
            metavar="DIR",
            help="CV certificates and private key by which the chip lets this desk read fingerprints and irises.",
        ),
    ] = None,
    json_file: JsonOption = None,
    bundle_file: Annotated[
        str | None,
        typer.Option(
            "--bundle",
            metavar="FILE",
            help="Write an evidence file that `motcua verify` judges again elsewhere. It holds data and portrait.",
        ),
    ] = None,
    trace_file: Annotated[
        str | None,
        typer.Option(
            "--trace",
            metavar="FILE",
            help="Write each command with its time and size, secrets and personal data replaced by names.",
        ),
    ] = None,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Read the card on a reader and judge it. One of --can, --mrz and --qr opens the chip.

    Exits 0 proceed, 10 attention, 20 stop; 3 PC/SC trouble, 4 card trouble. Without issuer certificates the result is
    attention at best: nobody can then say who signed the data. A card that is lost in the middle may be put back: the
    reading goes on where it stopped.
    """
    session = open_session(language, log_level, settings_file, policy, reader=reader, trust_directory=trust)
    key = _key(session, can, mrz, qr)
    credentials = _credentials(rights) if rights is not None else None
    try:
        device = session.settings.device.credential() if bundle_file and session.settings.device else None
        trusted = desk_trust(session.settings)
        decides = policy_of(session.settings, trusted.policies)
        inspect = inspector(
            trusted.material, decides, materials_of(trusted.material, trusted.freshness.confirmed), terminal=credentials
        )
    except (SettingsInvalid, TrustError) as error:
        session.fail(error.code, ExitCode.USAGE, detail=str(error))
    test = trusted.material.anchors.has_test_anchor
    terminal = TracingTerminal(
        PcscTerminal(on_held=lambda _: session.messages.say(session.texts.waiting())), SecretsByName
    )
    try:
        name = _choose_reader(session.settings.reader)
        test = test or is_emulated(name)
        result = _read_on(session, terminal, inspect, name, Place(key))
    except PCSCError as error:
        result = ReadResult(failure=error.code)
    if trace_file is not None:
        session.write_text("".join(trace.to_text() for trace in terminal.traces), trace_file)
    if result.inspection is None:
        failure = FailureView(result.failure, tries_left=result.tries_left)
        session.write_json(visit_report(VisitData(outcomes=nobody_asked()), failure, test=test), json_file)
        session.messages.show_failure(failure)
        raise typer.Exit(exit_code_of_failure(failure.code))
    if bundle_file is not None:
        _write_evidence(session, result.inspection, device, bundle_file)
    raise typer.Exit(
        _tell(
            session,
            VisitData(outcomes=nobody_asked()).with_inspection(result.inspection),
            json_file,
            trusted,
            test=test,
        )
    )


def _read_on(session: Session, terminal: CardTerminal, inspect: Inspector, reader: str, place: Place) -> ReadResult:
    """Read the card; where it is lost in the middle, ask for it back and go on, as long as the settings say."""
    patience = session.settings.card_back_seconds
    seen = VisitData(outcomes=nobody_asked())

    def note(event: InspectionEvent) -> None:
        nonlocal seen
        if isinstance(event, FileProgress):
            seen = seen.with_event(event)

    while True:
        result = run_read(ReadJob(1, reader, place), terminal, inspect, note)
        if result.place is None or not patience:
            return result
        session.messages.show_card_lost(progress_of(seen.files))
        if not wait_for_card(PcscWatch(), reader, patience):
            return result
        place = result.place


def _tell(session: Session, data: VisitData, json_file: str | None, trusted: DeskTrust, *, test: bool) -> int:
    now = datetime.now().astimezone()
    session.write_json(visit_report(data, test=test, trust_expired=trusted.freshness.expired(now)), json_file)
    fresh = trust_view(trusted.freshness, now)
    around = replace(surroundings_of(session.settings, test=test), purpose="", trust=fresh)
    view = present(DeskState.SHOWING, data, around, ReaderSnapshot(ServiceState.RUNNING))
    session.page_beside(json_file).show(view)
    return exit_code_of_visit(view.decision, data) if view.decision else ExitCode.CARD_TROUBLE


def _write_evidence(session: Session, inspection: Inspection, device: DeviceCredential | None, where: str) -> None:
    """Write the evidence file, and say what it holds and who vouches for it."""
    session.write_text(write_evidence(inspection, device).decode(), where)
    for remark in ("written",) if device else ("written", "unsigned"):
        typer.echo(REMARKS[remark].text(session.texts.language), err=True)


def _key(session: Session, can: str | None, mrz: str | None, qr: str | None) -> KeyInput:
    given = {option: text for option, text in (("--can", can), ("--mrz", mrz), ("--qr", qr)) if text is not None}
    if len(given) != 1:
        raise typer.BadParameter("give one of --can, --mrz and --qr")
    ((option, text),) = given.items()
    try:
        return parse_key_input(sys.stdin.read(4096) if text == "-" else text)
    except DataError as error:
        if error.what == LAND_QR_SCANNED:
            session.fail("land-certificate-scanned", ExitCode.USAGE)
        raise typer.BadParameter(error.what, param_hint=option) from None


def _credentials(directory: Path) -> TerminalCredentials:
    """Load the terminal's credentials, asking for the passphrase of an encrypted key."""
    try:
        try:
            return TerminalCredentials.load(directory)
        except PassphraseNeeded as error:
            passphrase = typer.prompt(error.what, hide_input=True, err=True)
            return TerminalCredentials.load(directory, passphrase.encode())
    except DataError as error:
        raise typer.BadParameter(error.what, param_hint="--terminal-credentials") from None


def _choose_reader(wanted: str) -> str:
    """Return the reader of that name, else the one whose name holds it, else the first with a card."""
    readers = list_readers()
    if wanted:
        names = [reader.name for reader in readers]
        for name in (*(n for n in names if n == wanted), *(n for n in names if wanted in n)):
            return name
        raise NoReader
    if not readers:
        raise NoReader
    for reader in readers:
        if reader.slot is not SlotState.EMPTY:
            return reader.name
    raise NoCard
