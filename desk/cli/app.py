"""The commands of ``motcua`` and what ``--help`` teaches."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

import typer

from desk.cli import demo, diagnose, read, readers, window

__all__ = ["app", "main"]

_HELP = """Một Cửa: read, prove and look up Vietnam's chip ID card at a one-stop desk.

Try it without hardware:  motcua demo

At a desk with a reader:  motcua desk

When something does not work:  motcua diagnose

Exit codes of demo and read, the first that applies: 2 usage; 3 PC/SC trouble; 4 card trouble, no report could be
made; 20 stop; 10 attention; 5 proceed, but a register gave no verified answer; 0 proceed.

Pages and messages speak Vietnamese or English by LANG or --lang.
"""

app = typer.Typer(
    help=_HELP, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
)
app.command("desk")(window.desk)
app.command("demo")(demo.demo)
app.command("read")(read.read)
app.command("readers")(readers.readers)
app.command("diagnose")(diagnose.diagnose)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends by SystemExit."""
    for stream in (sys.stdout, sys.stderr):
        _speak_vietnamese(stream)
    app(args=list(arguments) if arguments is not None else None, prog_name="motcua")


def _speak_vietnamese(stream: TextIO) -> None:
    """Have a stream of an old code page take every letter, be it as a question mark, rather than break off."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="replace")
