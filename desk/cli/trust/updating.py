"""``motcua trust update``: take what a repository publishes, from its web server or a folder."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from auth.distribution.errors import RepositoryUnknown
from auth.distribution.fetchers import BoundedFetcher, FolderFetcher, WebFetcher
from auth.distribution.update import update as update_from
from auth.errors import RegisterUnreachable
from desk.cli.session import LanguageOption, LogOption, Session, SettingsOption, open_session
from desk.cli.trust.common import StoreOption, installation_of, now, read_files, say, show_diff, trust_errors

__all__ = ["update"]


def update(
    source: Annotated[
        str, typer.Option("--from", metavar="URL|FOLDER", help="Where the repository is, else by the settings.")
    ] = "",
    tls_anchor: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A certificate under which the web server is known; repeatable."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long it may take in all.")] = 120.0,
    store: StoreOption = None,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Bring the store to what the repository publishes; where anything does not hold, the store stays as it was.

    The repository's root must have been installed first (motcua trust import root.json, two signatures).
    """
    session = open_session(language, log_level, settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        fetcher = _fetcher(session, source, tls_anchor or [], seconds)
        with closing(fetcher) if isinstance(fetcher, WebFetcher) else nullcontext():
            done = update_from(installation, fetcher, now())
    show_diff(session, done.diff)
    if done.entry is None:
        typer.echo(say(session, "current"))
    else:
        typer.echo(say(session, "installed", number=done.entry.number))


def _fetcher(session: Session, source: str, tls_anchors: list[Path], seconds: float) -> BoundedFetcher:
    settings = session.settings.trust_repository
    anchors = tuple(file.raw for file in read_files(tls_anchors)[0]) or (settings.anchors() if settings else ())
    address = source or (settings.base_url if settings else "")
    if not address:
        raise RepositoryUnknown("no address")
    if "://" not in address:
        return FolderFetcher(Path(address), seconds)
    try:
        return WebFetcher(address, anchors, seconds)
    except RegisterUnreachable as error:
        raise typer.BadParameter(f"--from: {error.why}") from None
