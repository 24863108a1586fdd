"""``motcua desk``: the clerk's window on this machine's readers and the registers of the settings."""

from __future__ import annotations

from typing import Annotated

import typer

from desk.cli.session import LanguageOption, LogOption, SettingsOption, open_session
from desk.display import DisplayProbe
from desk.exit_codes import ExitCode

__all__ = ["desk"]


def desk(
    reader: Annotated[str | None, typer.Option(metavar="NAME", help="Use only this reader (`motcua readers`).")] = None,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Open the desk: put a card on the reader, enter or scan its number, see who it is and what the registers hold."""
    probe = DisplayProbe()
    # Imported while the probe runs.
    from desk.assembly import desk_on_pcsc
    from desk.plugins import shell
    from desk.settings import SettingsInvalid

    session = open_session(language, log_level, settings_file, reader=reader)
    with session.catching():
        run = shell("desk")
        if not probe.answer():
            session.fail("no-shell", ExitCode.USAGE)
        try:
            conducted = desk_on_pcsc(session.settings)
        except SettingsInvalid as error:
            session.fail(error.code, ExitCode.USAGE, detail=str(error))
    try:
        conducted.start()
        code = run(conducted, ["--language", session.texts.language.value], None)
    finally:
        conducted.close()
    raise typer.Exit(code)
