"""The slip of a visit that a command conducted: made, drawn, sealed and written where it was asked for."""

from __future__ import annotations

import queue
from pathlib import Path

import typer

from desk.cli.session import Session
from desk.exit_codes import ExitCode
from desk.plugins import slip_printer
from desk.ports import DeskControls
from desk.slip import PreparedSlip, SealedSlip, SlipNotWritten, file_slip, record_path, slip_page
from desk.words.slip_words import SLIP

__all__ = ["write_slip"]

PATIENCE_SECONDS = 60.0


def write_slip(session: Session, desk: DeskControls, file: Path) -> None:
    """Write the slip of what ``desk`` shows to ``file``, its slip.json beside it; end the command where that fails."""
    made: queue.SimpleQueue[PreparedSlip | None] = queue.SimpleQueue()
    sealed: queue.SimpleQueue[SealedSlip] = queue.SimpleQueue()
    desk.make_slip(made.put)
    try:
        prepared = made.get(timeout=PATIENCE_SECONDS)
        if prepared is None:
            session.fail("no-slip", ExitCode.CARD_TROUBLE)
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
