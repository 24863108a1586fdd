"""The slip of a visit that a command conducted: made, drawn, sealed and written where it was asked for."""

from __future__ import annotations

import queue
from pathlib import Path

import typer

from desk.cli.session import Session
from desk.exit_codes import ExitCode
from desk.plugins import slip_printer
from desk.ports import DeskControls
from desk.slip import (
    MadeSlip,
    SealedSlip,
    SlipNameTaken,
    SlipNotWritten,
    file_slip,
    page_path,
    record_path,
    refuse_taken,
    slip_page,
)
from desk.words.slip_words import SLIP

__all__ = ["refuse_clash", "write_slip"]

PATIENCE_SECONDS = 60.0


def refuse_clash(slip: Path | None, json_file: str | None) -> None:
    """Raise a usage error where the visit's JSON and one of a slip's two files would be the same file."""
    if slip is None or json_file is None or json_file == "-":
        return
    page = page_path(slip)
    if Path(json_file).resolve() in (page.resolve(), record_path(page).resolve()):
        raise typer.BadParameter("the slip puts a file of its own there", param_hint="--json")


def write_slip(session: Session, desk: DeskControls, file: Path) -> None:
    """Write the slip of what ``desk`` shows to ``file``, its slip.json beside it; end the command where that fails."""
    made: queue.SimpleQueue[MadeSlip] = queue.SimpleQueue()
    sealed: queue.SimpleQueue[SealedSlip] = queue.SimpleQueue()
    try:
        # Before it is sealed: what is recorded as made should be there.
        refuse_taken(file)
    except SlipNameTaken as error:
        session.fail(error.code, ExitCode.USAGE)
    desk.make_slip(made.put)
    try:
        answer = made.get(timeout=PATIENCE_SECONDS)
        prepared = answer.prepared
        if prepared is None:
            session.fail(answer.failure, ExitCode.CARD_TROUBLE)
        with session.catching():
            pdf = slip_printer()(slip_page(prepared, session.texts))
        desk.seal_slip(prepared, pdf, sealed.put)
        done = sealed.get(timeout=PATIENCE_SECONDS)
    except queue.Empty:
        session.fail("slip-not-signed", ExitCode.CARD_TROUBLE)
    if done.failure:
        session.fail(done.failure, ExitCode.CARD_TROUBLE)
    try:
        written = file_slip(file, done.page, prepared.record)
    except SlipNotWritten as error:
        session.fail(error.code, ExitCode.USAGE)
    said = SLIP["written" if prepared.signed_by is not None else "written-unsigned"]
    typer.echo(said.text(session.texts.language, page=written, record=record_path(written)), err=True)
