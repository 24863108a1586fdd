"""``motcua trust repository``: the publisher's side, from the first root to the daily timestamp."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from auth.distribution.offered import OfferedFile
from auth.distribution.operators import MIN_THRESHOLD
from auth.distribution.publishing import Lifetimes, Publisher, RoleKeys
from desk.cli.session import LanguageOption, open_session
from desk.cli.trust.common import (
    KeyOption,
    PassphraseOption,
    load_keys,
    named_operators,
    now,
    read_files,
    refusals_as_json,
    trust_errors,
)

__all__ = ["repository_app"]

repository_app = typer.Typer(
    help="""Publish trust for many desks: a folder of signed files that any web server or USB stick can carry.

create → sign (two people) → release; then for new files: stage → sign → release; each day: refresh.
""",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Repo = Annotated[Path, typer.Argument(metavar="REPOSITORY", help="The folder.")]
MachineOption = Annotated[Path, typer.Option("--machine", metavar="FILE", help="The key of snapshot and timestamp.")]
DaysOption = Annotated[
    int, typer.Option(min=1, max=60, help="For how many days desks may take this state: 1 on a web server.")
]
_ENDINGS = {
    "authority": "cer",
    "signer": "cer",
    "master-list": "ml",
    "revocation-list": "crl",
    "deviation-list": "dl",
    "policy": "toml",
}


@repository_app.command("create")
def create(
    repository: Repo,
    root: Annotated[list[str], typer.Option(metavar="NAME=PUBLIC.pem", help="Who signs the root; repeatable.")],
    targets: Annotated[list[str], typer.Option(metavar="NAME=PUBLIC.pem", help="Who signs the files; repeatable.")],
    machine: Annotated[str, typer.Option(metavar="NAME=PUBLIC.pem", help="The key of snapshot and timestamp.")],
    threshold: Annotated[int, typer.Option(min=MIN_THRESHOLD)] = MIN_THRESHOLD,
    language: LanguageOption = None,
) -> None:
    """Draft a new repository: who signs what, and no files yet."""
    session = open_session(language)
    with trust_errors(session):
        (online,) = named_operators([machine])
        keys = RoleKeys(named_operators(root), named_operators(targets), online, threshold)
        Publisher(repository).create(keys, now())


@repository_app.command("stage")
def stage(
    repository: Repo,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="All files and folders to be published.")],
    language: LanguageOption = None,
) -> None:
    """Draft what is published next: these files, and none besides. Each certificate and list becomes one file."""
    session = open_session(language)
    offered, refused = read_files(files)
    for one in refusals_as_json(refused):
        typer.echo(f"✘ {one['subject']} — {one['reason']}", err=True)
    with trust_errors(session):
        named = {_name(one): one.raw for one in offered}
        Publisher(repository).stage(named, now())
    for name in named:
        typer.echo(f"+ {name}")


@repository_app.command("sign")
def sign(
    repository: Repo, keys: KeyOption = None, passphrases: PassphraseOption = None, language: LanguageOption = None
) -> None:
    """Sign the drafts with --key."""
    session = open_session(language)
    with trust_errors(session):
        for key in load_keys(keys, passphrases):
            typer.echo(f"{key}: {', '.join(Publisher(repository).sign(key)) or '–'}")


@repository_app.command("release")
def release(
    repository: Repo,
    machine: MachineOption,
    passphrases: PassphraseOption = None,
    days: DaysOption = 1,
    language: LanguageOption = None,
) -> None:
    """Publish the drafts once they have their signatures, with a new snapshot and timestamp."""
    session = open_session(language)
    with trust_errors(session):
        (key,) = load_keys([machine], passphrases)
        _publisher(repository, days).release(key, now())


@repository_app.command("refresh")
def refresh(
    repository: Repo,
    machine: MachineOption,
    passphrases: PassphraseOption = None,
    days: DaysOption = 1,
    language: LanguageOption = None,
) -> None:
    """Say that what is published is still current: a new snapshot and timestamp, each day."""
    session = open_session(language)
    with trust_errors(session):
        (key,) = load_keys([machine], passphrases)
        _publisher(repository, days).refresh(key, now())


@repository_app.command("rotate")
def rotate(
    repository: Repo,
    who: Annotated[str, typer.Argument(metavar="root|targets|machine")],
    add: Annotated[list[str] | None, typer.Option(metavar="NAME=PUBLIC.pem", help="A key that may sign now.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="ID", help="A key that may sign no more.")] = None,
    language: LanguageOption = None,
) -> None:
    """Draft a root with other keys; the old people sign it and the new ones."""
    session = open_session(language)
    if who not in ("root", "targets", "machine"):
        raise typer.BadParameter("root, targets or machine")
    with trust_errors(session):
        Publisher(repository).rotate(who, named_operators(add or ()), remove or (), now())


def _name(file: OfferedFile) -> str:
    """Return a name that says what the file is and which one: what a web server and a stick can carry."""
    return f"{file.kind.value}-{file.sha256[:16]}.{_ENDINGS.get(file.kind.value, 'json')}"


def _publisher(repository: Path, days: int) -> Publisher:
    lifetimes = Lifetimes()
    snapshot = max(lifetimes.snapshot, timedelta(days=days))
    return Publisher(repository, replace(lifetimes, timestamp=timedelta(days=days), snapshot=snapshot))
