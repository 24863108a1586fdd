"""``motcua outbox``: look-ups that wait for a register, to be sent, decided about, given out, or taken by dossiers."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from auth.errors import LedgerMoved, OutboxUnusable
from auth.ledger import Ledger
from auth.machine import machine_mark
from auth.outbox import Event, Item, NotInTable, Outbox, OutboxBeside, Overview, State
from auth.outbox.drain import Progress
from auth.outbox.lock import in_use
from auth.outbox.standing import SignedInClerk
from auth.wire.endpoint import DeviceCredential
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.device import desk_device
from desk.device_place import ledger_file
from desk.exit_codes import ExitCode
from desk.inspection_report import program
from desk.kinds.installed import installed_kinds
from desk.registers_assembly import endpoints_of, registers_of
from desk.settings import SettingsInvalid
from desk.waiting_assembly import open_outbox, outbox_beside, outbox_file, register_guard
from desk.words.outbox_words import OUTBOX_LINES, OUTBOX_REASONS, OUTBOX_STATES

__all__ = ["outbox_app"]

IN_USE = "in-use"
_SHOWN = 50
_HELP = """Look-ups that wait for a register that was away when the citizen was here.

What waits, and must I decide anything?  motcua outbox list

Send it now, instead of when the desk does:  motcua outbox send

When a clerk's role or a purpose has changed:  motcua outbox decide NUMBER send|return

Take what was answered into its dossier; it is wiped here:  motcua outbox take DOSSIER --out FILE

When this computer was revoked:  motcua outbox export --supervisor ID --out FILE

A copy of that beside an open desk:  motcua outbox export --copy --out FILE

Each question is sealed to its register: nobody else can read it, here or in an export. `list` and `export --copy` look
at the queue beside an open desk, as it is at one moment, and change nothing. The others want its window closed: each
change of the queue has its number in the record of look-ups, and each look-up is sent once, so one program at a time
makes changes.

Exit codes: 0 done, and nothing needs anybody; 10 something needs a decision, or was lost; 5 something still waits;
2 usage; 4 the queue cannot be used.
"""

outbox_app = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
JsonFlag = Annotated[bool, typer.Option("--json", help="Write the result as JSON to standard output.")]


@outbox_app.command(name="list")
def list_(as_json: JsonFlag = False, language: LanguageOption = None, settings_file: SettingsOption = None) -> None:
    """Show what waits, since when and why, what needs a decision, and how much may be asked now."""
    session = open_session(language, "", settings_file)
    with _seen(session) as outbox:
        overview, items = outbox.overview(), outbox.items()
        if isinstance(outbox, OutboxBeside):
            _say(session, "beside", to_stderr=True)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(overview, items), ensure_ascii=False, indent=2) + "\n")
    _show(session, overview, items, to_stderr=as_json)
    raise typer.Exit(_exit_code(overview))


@outbox_app.command()
def send(as_json: JsonFlag = False, language: LanguageOption = None, settings_file: SettingsOption = None) -> None:
    """Send what can be sent now, slowly enough for the registers; Ctrl-C breaks it off between two look-ups."""
    session = open_session(language, "", settings_file)
    cancel = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: cancel.set())
    with session.catching():
        device, endpoints = desk_device(session.settings), endpoints_of(session.settings)
        # Where clerks sign in, nobody has at this command: what waits goes out while its clerk is at the desk.
        signs_in = session.settings.authorization is not None
        queue = replace(device.queue, clerks=SignedInClerk("")) if signs_in else device.queue
        registers = registers_of(session.settings, endpoints, device.credential, device.require_lookup, queue)
        try:
            waiting = registers.waiting
            if waiting is None:
                raise SettingsInvalid("registers: there is none whose look-ups can wait")
            with _alone(session):
                done, overview = waiting.send_now(cancel, lambda progress: _tell(session, progress))
        finally:
            registers.close()
    _say(session, "sent", to_stderr=as_json, **_counts(done))
    if done.why:
        _say(session, "why-ended", to_stderr=as_json, why=_reason(session, done.why))
    if as_json:
        sys.stdout.write(json.dumps({"schema": 1, "program": program(), **asdict(done)}, indent=2) + "\n")
    raise typer.Exit(_exit_code(overview))


@outbox_app.command()
def decide(
    number: Annotated[int, typer.Argument(min=1, metavar="NUMBER", help="As `motcua outbox list` shows it.")],
    what: Annotated[Literal["send", "return"], typer.Argument(metavar="send|return")],
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Send a look-up as it is after all, or return it to its dossier unsent.

    It is never sent in another clerk's name: for that, return it and look the citizen up anew.
    """
    session = open_session(language, "", settings_file)
    with _opened(session) as outbox:
        item = outbox.item(number)
        try:
            if item is None:
                raise typer.BadParameter("there is no such number", param_hint="NUMBER")
            outbox.happen(item, Event.APPROVE if what == "send" else Event.GIVE_BACK, "by-clerk")
        except NotInTable:
            _say(session, "not-to-decide", to_stderr=True, number=number)
            raise typer.Exit(ExitCode.USAGE) from None
    _say(session, f"decided-{what}", number=number)


@outbox_app.command()
def take(
    dossier: Annotated[str, typer.Argument(metavar="DOSSIER", help="Its number; ? for what lost its dossier.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, of JSON lines.")],
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write what has come to an end for a dossier, answers included, and wipe it on this computer.

    The file holds what the registers said of a citizen: only you can read it; put it into the dossier at once.
    """
    session = open_session(language, "", settings_file)
    with _opened(session) as outbox:
        numbers = []
        lines = []
        for one in outbox.look_at(dossier):
            numbers.append(one.item.number)
            answer = json.loads(one.answer) if one.answer is not None else None
            lines.append(json.dumps({**_item_json(one.item), "answer": answer}, ensure_ascii=False) + "\n")
        # Wiped only once it is written.
        session.write_moved("".join(lines), str(out))
        outbox.take(dossier, numbers=numbers)
    _say(session, "taken", count=len(numbers))


@outbox_app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, of JSON lines.")],
    supervisor: Annotated[str, typer.Option("--supervisor", metavar="ID", help="Who answers for it.")] = "",
    copy: Annotated[
        bool, typer.Option("--copy", help="Only copy it: all stays as it is, also beside an open desk.")
    ] = False,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write what a revoked or suspended computer may not send, sealed as it is, for its registers alone to open."""
    session = open_session(language, "", settings_file)
    if copy:
        if supervisor:
            raise typer.BadParameter("nobody answers for a copy: nothing leaves the queue", param_hint="--supervisor")
        with _seen(session) as seen:
            count = _write_frozen(session, seen, out)
        _say(session, "copied", count=count)
        return
    if not supervisor.strip() or len(supervisor) > 100:
        raise typer.BadParameter("up to 100 characters", param_hint="--supervisor")
    with _opened(session) as outbox:
        count = _write_frozen(session, outbox, out)
        outbox.export(supervisor)
    _say(session, "exported", count=count)


def _write_frozen(session: Session, outbox: Outbox | OutboxBeside, out: Path) -> int:
    lines = [
        json.dumps({**_item_json(item), "path": item.path, "sealed": payload.decode("ascii")}) + "\n"
        for item, payload in outbox.frozen()
    ]
    session.write_moved("".join(lines), str(out))
    return len(lines)


@outbox_app.command()
def noted(language: LanguageOption = None, settings_file: SettingsOption = None) -> None:
    """Say that you know what happened to the queue's file, and have dealt with what was lost."""
    session = open_session(language, "", settings_file)
    with _opened(session) as outbox:
        outbox.take_note()
    _say(session, "noted")


@contextmanager
def _opened(session: Session, *, changes: bool = True) -> Iterator[Outbox]:
    """Open the queue and its ledger for one command; end the command where that cannot be.

    One that ``changes`` them ends where the ledger came from another computer: no register has seen it here yet.
    """
    with session.catching():
        device = desk_device(session.settings)
        ledger = _ledger(session, device.credential)
        try:
            if changes and ledger.moved:
                raise LedgerMoved("moved")
            with _alone(session):
                outbox = open_outbox(session.settings, device.credential, ledger, device.former_opener)
            try:
                yield outbox
            finally:
                outbox.close()
        finally:
            ledger.close()


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """End the command where another program has the queue open, and say what works beside it."""
    try:
        yield
    except OutboxUnusable as error:
        if error.why != IN_USE:
            raise
        session.fail("outbox-in-use", ExitCode.CARD_TROUBLE)


@contextmanager
def _seen(session: Session) -> Iterator[Outbox | OutboxBeside]:
    """Look at the queue: as ``_opened``, or as it is now where another program has it open."""
    with session.catching():
        device = desk_device(session.settings)
        if not in_use(outbox_file(session.settings)):
            with _opened(session, changes=False) as outbox:
                yield outbox
            return
        with outbox_beside(session.settings, device.credential, device.former_opener) as beside:
            yield beside


def _ledger(session: Session, device: DeviceCredential) -> Ledger:
    path = ledger_file(session.settings, device.signer.key_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Ledger(path, device.signer, machine_mark())


def _show(session: Session, overview: Overview, items: list[Item], *, to_stderr: bool) -> None:
    counts = overview.counts
    if not items and not overview.trouble:
        _say(session, "empty", to_stderr=to_stderr)
    if items:
        ended = sum(counts.values()) - overview.waiting
        since = _when(overview.oldest) if overview.oldest is not None else "–"
        to_decide = counts.get(State.NEEDS_DECISION, 0)
        _say(session, "head", to_stderr, waiting=overview.waiting, since=since, to_decide=to_decide, ended=ended)
    for item in items[:_SHOWN]:
        why = f" ({_reason(session, item.reason)})" if item.reason else ""
        _say(
            session,
            "item",
            to_stderr,
            number=item.number,
            dossier=item.dossier,
            register=_register(session, item.register),
            state=OUTBOX_STATES[item.state].text(session.texts.language),
            why=why,
            since=_when(item.queued_at),
            attempts=item.attempts,
        )
    if len(items) > _SHOWN:
        _say(session, "more", to_stderr, count=len(items) - _SHOWN)
    if counts.get(State.NEEDS_DECISION):
        _say(session, "decide", to_stderr)
    if counts.get(State.FROZEN):
        _say(session, "frozen", to_stderr)
    if overview.trouble:
        title = session.texts.failure_of(f"outbox-{overview.trouble}").title
        _say(session, "trouble", to_stderr, title=title, lost=overview.lost)
    _show_pace(session, {item.register for item in items}, to_stderr=to_stderr)


def _show_pace(session: Session, registers: set[str], *, to_stderr: bool) -> None:
    guard = register_guard(session.settings)
    try:
        budget = guard.budget(session.settings.clerk_id or session.settings.clerk)
        _say(session, "budget", to_stderr, left=budget.left, of=budget.of)
        for register in sorted(registers):
            seconds = guard.seconds_left(register)
            if seconds > 0:
                _say(session, "resting", to_stderr, register=_register(session, register), seconds=round(seconds))
    finally:
        guard.close()


def _tell(session: Session, progress: Progress) -> None:
    """Show how far the sending is, where somebody looks on."""
    if sys.stderr.isatty():
        _say(session, "progress", to_stderr=True, newline=False, **_counts(progress))


def _say(session: Session, name: str, to_stderr: bool = False, newline: bool = True, **arguments: object) -> None:
    typer.echo(OUTBOX_LINES[name].text(session.texts.language, **arguments), err=to_stderr, nl=newline)


def _counts(progress: Progress) -> dict[str, Any]:
    return {name: count for name, count in asdict(progress).items() if name != "why"}


def _register(session: Session, name: str) -> str:
    titles = [kind.title.text(session.texts.language) for kind in installed_kinds() if kind.name == name]
    return titles[0] if titles else name


def _reason(session: Session, reason: str) -> str:
    phrase = OUTBOX_REASONS.get(reason)
    if phrase is not None:
        return phrase.text(session.texts.language)
    return session.texts.known_failure(reason) or reason


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M %d/%m/%Y")


def _exit_code(overview: Overview) -> ExitCode:
    counts = overview.counts
    if overview.trouble or counts.get(State.NEEDS_DECISION) or counts.get(State.FROZEN):
        return ExitCode.ATTENTION
    return ExitCode.REGISTER_SILENT if overview.waiting else ExitCode.PROCEED


def _item_json(item: Item) -> dict[str, object]:
    at = datetime.fromtimestamp(item.queued_at).astimezone().isoformat(timespec="seconds")
    return {
        "number": item.number,
        "lookup_id": item.lookup_id,
        "dossier": item.dossier,
        "register": item.register,
        "purpose": item.purpose,
        "clerk": item.clerk,
        "state": str(item.state),
        "reason": item.reason,
        "queued_at": at,
        "attempts": item.attempts,
        "idempotency_key": item.idempotency_key,
    }


def _as_json(overview: Overview, items: list[Item]) -> dict[str, object]:
    return {
        "schema": 1,
        "program": program(),
        "waiting": overview.waiting,
        "capacity": overview.capacity,
        "counts": {str(state): overview.counts.get(state, 0) for state in State},
        "trouble": overview.trouble,
        "lost": overview.lost,
        "items": [_item_json(item) for item in items],
    }
