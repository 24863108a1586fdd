"""``motcua readers``: the readers as PC/SC sees them."""

from __future__ import annotations

import typer

from desk.cli.session import LanguageOption, LogOption, open_session
from reader.errors import NoReader
from reader.pcsc import list_readers

__all__ = ["readers"]


def readers(language: LanguageOption = None, log_level: LogOption = "") -> None:
    """List the card readers and what lies on them; exit 3 where there is none or PC/SC does not answer."""
    session = open_session(language, log_level)
    with session.catching():
        found = list_readers()
        if not found:
            raise NoReader
    for reader in found:
        typer.echo(f"{reader.name}: {session.texts.slot(reader.slot)}")
