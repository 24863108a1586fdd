"""The commands of ``motcua`` and what ``--help`` teaches."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, TextIO

import typer

__all__ = ["app_for", "main"]

_HELP = """Một Cửa: read, prove and look up Vietnam's chip ID card at a one-stop desk.

Try it without hardware:  motcua demo

At a desk with a reader:  motcua desk

To have the registers know this computer:  motcua enrol

To judge an evidence file of another desk:  motcua verify FILE

Has anybody changed the record of look-ups:  motcua audit verify

What waits for a register that was away:  motcua outbox list

Can a clerk sign in here, and for what:  motcua login

When something does not work:  motcua diagnose

Exit codes of demo and read, the first that applies: 2 usage; 3 PC/SC trouble; 4 card trouble, no report could be
made; 20 stop; 10 attention; 5 proceed, but a register gave no verified answer; 0 proceed.

Pages and messages speak Vietnamese or English by LANG or --lang.
"""

# Where each command is; the module of one that is not asked for is not loaded.
_COMMANDS = {
    "desk": "desk.cli.window",
    "demo": "desk.cli.demo",
    "read": "desk.cli.read",
    "readers": "desk.cli.readers",
    "verify": "desk.cli.verify",
    "login": "desk.cli.login",
    "diagnose": "desk.cli.diagnose",
    "enrol": "desk.cli.enrol",
}
_GROUPS = {"trust": "desk.cli.trust.app", "audit": "desk.cli.audit", "outbox": "desk.cli.outbox"}


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"motcua {version('motcua')}")
        raise typer.Exit


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line with the command that ``arguments`` begin with, or with all where they name none."""
    app = typer.Typer(
        help=_HELP, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    # With a callback, a command stays a command where it is the only one.
    app.callback()(_motcua)
    known = {**_COMMANDS, **_GROUPS}
    wanted = {name: module for name, module in known.items() if list(arguments[:1]) == [name]}
    if list(arguments[:1]) == ["--version"]:
        return app
    for name, module in (wanted or known).items():
        if name in _GROUPS:
            app.add_typer(getattr(import_module(module), f"{name}_app"), name=name)
        else:
            app.command(name)(getattr(import_module(module), name))
    return app


def _motcua(
    shown: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Say which version this is.")
    ] = False,
) -> None:
    """Take what stands before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends by SystemExit."""
    # What is left at the end goes with the process. Without this Python first looks through all of it for what refers
    # to itself, which took a command up to a quarter of its time.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        _speak_vietnamese(stream)
    given = list(sys.argv[1:] if arguments is None else arguments)
    app_for(given)(args=given, prog_name="motcua")


def _speak_vietnamese(stream: TextIO) -> None:
    """Have a stream of an old code page take every letter, be it as a question mark, rather than break off."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="replace")
