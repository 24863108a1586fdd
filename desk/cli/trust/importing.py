"""``motcua trust import``, ``diff``, ``sign`` and ``undo``: a change is made, looked at, signed by two, installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auth.distribution.change_file import FORMAT, MAX_CHANGE, ChangeFile
from auth.distribution.diff import TrustDiff
from auth.distribution.entry import EntryKind
from auth.distribution.errors import ChangeUnsigned, NothingToChange, StoreUnwritable
from auth.distribution.installation import Installation
from auth.distribution.proposal import Proposal, propose_import, propose_undo, review
from auth.whole_file import write_whole
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.cli.trust.common import (
    KeyOption,
    PassphraseOption,
    StoreOption,
    installation_of,
    load_keys,
    now,
    read_bounded,
    read_files,
    rows_as_json,
    say,
    show_diff,
    show_json,
    trust_errors,
)

__all__ = ["finish", "import_", "sign", "undo"]

_DEFAULT_CHANGE = Path("trust-change.json")
ToOption = Annotated[
    Path, typer.Option("--to", metavar="CHANGE", help="Where the change is written for the operators to sign.")
]


def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Files to install, or a signed change.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="SHA256", help="Remove the installed file whose digest begins so.")
    ] = None,
    to: ToOption = _DEFAULT_CHANGE,
    keys: KeyOption = None,
    passphrases: PassphraseOption = None,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Make a change out of FILES and show what it does; or install a change that two operators have signed.

    FILES are certificates, master lists, revocation and deviation lists, register keys, policies, the root of a
    repository. Nothing is installed before two operators have signed; two --key options do that at once.
    """
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    if not files and not remove:
        raise typer.BadParameter("FILE or --remove is needed")
    with trust_errors(session):
        change = _as_change(files or [])
        if change is not None:
            show_change(session, installation, change)
            finish(session, installation, _signed(change, keys, passphrases), None)
            return
        try:
            proposal = _propose(installation, files or [], remove or [])
        except NothingToChange as nothing:
            if isinstance(nothing.diff, TrustDiff):
                show_diff(session, nothing.diff)
            raise
        show_diff(session, proposal.diff)
        finish(session, installation, _signed(proposal.change, keys, passphrases), to)


def diff(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files, or a change.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON to standard output.")] = False,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Show what an import of FILES, or a change file, would change here; nothing is written."""
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        change = _as_change(files)
        try:
            found = review(installation, change) if change else _propose(installation, files, []).diff
        except NothingToChange as nothing:
            found = nothing.diff if isinstance(nothing.diff, TrustDiff) else TrustDiff()
    if as_json:
        show_json(rows_as_json(found))
    else:
        show_diff(session, found, whole=True)


def sign(
    change_file: Annotated[Path, typer.Argument(metavar="CHANGE")],
    keys: KeyOption = None,
    passphrases: PassphraseOption = None,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Look at what CHANGE does here, worked out anew from its own files, and sign it with --key."""
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        change = ChangeFile.parse(read_bounded(change_file, MAX_CHANGE))
        show_change(session, installation, change)
        if not keys:
            raise typer.BadParameter("--key is needed", param_hint="--key")
        change = _signed(change, keys, passphrases)
        _write(change_file, change)
        have, need = _standing(installation, change)
        typer.echo(say(session, "signed", have=have, need=need))


def undo(
    back_to: Annotated[int, typer.Argument(metavar="NUMBER", help="Bring back what was installed after this change.")],
    to: ToOption = _DEFAULT_CHANGE,
    keys: KeyOption = None,
    passphrases: PassphraseOption = None,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Make a change that goes back to an earlier state; it needs two signatures like any other."""
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        proposal = propose_undo(installation, back_to, now())
        show_diff(session, proposal.diff)
        finish(session, installation, _signed(proposal.change, keys, passphrases), to)


def finish(session: Session, installation: Installation, change: ChangeFile, to: Path | None) -> None:
    """Install a change that has its signatures; write one that lacks some where the next operator finds it."""
    try:
        installation.apply(change)
    except ChangeUnsigned as unsigned:
        if to is None:
            raise
        _write(to, change)
        typer.echo(say(session, "proposed", number=change.entry.number, file=to, need=unsigned.need))
        return
    typer.echo(say(session, "installed", number=change.entry.number))


def show_change(session: Session, installation: Installation, change: ChangeFile) -> None:
    """Show what a change does here, worked out anew from its own files, and who would be operator after it."""
    show_diff(session, review(installation, change))
    entry = change.entry
    if entry.kind is EntryKind.OPERATORS:
        names = ", ".join(f"{one.name} ({one.key_id})" for one in entry.operators.operators)
        typer.echo(say(session, "operators", names=names, need=entry.operators.threshold))


def _propose(installation: Installation, files: list[Path], remove: list[str]) -> Proposal:
    offered, unreadable = read_files(files)
    return propose_import(installation, offered, unreadable, now(), remove)


def _as_change(files: list[Path]) -> ChangeFile | None:
    """Return the change where the one file is one, None where the files are to be judged."""
    if len(files) != 1 or not files[0].is_file():
        return None
    raw = read_bounded(files[0])
    return ChangeFile.parse(raw) if FORMAT.encode() in raw[:MAX_CHANGE] and raw[:1] == b"{" else None


def _signed(change: ChangeFile, keys: list[Path] | None, passphrases: list[Path] | None) -> ChangeFile:
    for key in load_keys(keys, passphrases):
        change = change.sign(key)
    return change


def _standing(installation: Installation, change: ChangeFile) -> tuple[int, int]:
    """Return how many of those who have to sign have, and how many have to."""
    entry = change.entry
    if not installation.exists:
        return len(change.signed.signers(entry.operators)), len(entry.operators.operators)
    there = installation.state().operators
    return len(change.signed.signers(there)), there.threshold


def _write(path: Path, change: ChangeFile) -> None:
    try:
        write_whole(path, change.encode())
    except OSError:
        raise StoreUnwritable(path.name) from None
