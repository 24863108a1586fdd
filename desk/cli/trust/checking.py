"""``motcua trust check``: judge a file without importing it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from auth.distribution.diff import TrustDiff
from auth.distribution.errors import NothingToChange, TrustError
from auth.distribution.judgement import FileJudgement, JudgedItem, judge_file
from auth.distribution.kinds import Action, ObjectKind
from auth.distribution.proposal import propose_import
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.cli.trust.common import (
    REFUSED,
    StoreOption,
    installation_of,
    now,
    read_bounded,
    read_files,
    refusals_as_json,
    rows_as_json,
    say,
    show_json,
)
from desk.trusting import desk_trust
from desk.view import FailureView
from desk.words.trust_words import KINDS, REFUSALS
from reader.errors import MotCuaError
from reader.trust import AnchorStore

__all__ = ["check"]

_CERTIFICATES = (ObjectKind.AUTHORITY, ObjectKind.SIGNER)
_SHOWN = 40


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    anchor: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Judge under these certificates, beside those installed; repeatable."),
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Judge under the certificates of a folder, not of the store.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON to standard output.")] = False,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Judge a certificate, a master list, a revocation or deviation list, or a bundle of them; nothing is installed.

    Tells what stands in it, who signed it and under which anchor, for how long it is good, what cannot be used and
    why, and what an import would change here. Exits 1 where something is refused.
    """
    session = open_session(language, "", settings_file, trust_store=store, trust_directory=trust)
    raw = read_bounded(file)
    anchors = _anchors(session, anchor or [])
    judgement = judge_file(file.name, raw, anchors)
    change = _would_change(session, file)
    if as_json:
        show_json(_as_json(file, judgement, change))
    else:
        _show(session, judgement, change)
    if judgement.refused:
        raise typer.Exit(REFUSED)


def _anchors(session: Session, extra: list[Path]) -> AnchorStore:
    """Return what is installed here with what was handed over; a store that cannot be read is told and passed over."""
    try:
        installed = desk_trust(session.settings).material.anchors
    except MotCuaError as error:
        session.messages.show_failure(FailureView(error.code))
        installed = AnchorStore()
    handed = AnchorStore.of(file.raw for file in read_files(extra)[0] if file.kind is ObjectKind.AUTHORITY)
    return installed.with_anchors(handed.anchors)


def _would_change(session: Session, file: Path) -> TrustDiff | None:
    """Return what an import would change, None where there is no store that could be changed."""
    offered, unreadable = read_files([file])
    installation = installation_of(session)
    if not installation.exists:
        return None
    try:
        return propose_import(installation, offered, unreadable, now()).diff
    except NothingToChange as nothing:
        return nothing.diff if isinstance(nothing.diff, TrustDiff) else TrustDiff()
    except TrustError:
        return None


def _as_json(file: Path, judgement: FileJudgement, change: TrustDiff | None) -> dict[str, Any]:
    return {
        "schema": 1,
        "file": file.name,
        "certificates": judgement.certificates,
        "countries": judgement.countries,
        "refused": refusals_as_json(judgement.refused),
        "items": [_item(item) for item in judgement.items],
        "changes": None if change is None else rows_as_json(change),
    }


def _item(item: JudgedItem) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "country": item.country,
        "subject": item.subject,
        "sha256": item.sha256,
        "verdict": item.verdict,
        "signer": item.signer,
        "anchor": item.anchor,
        "begin": _iso(item.begin),
        "end": _iso(item.end),
        "entries": item.entries,
    }


def _show(session: Session, judgement: FileJudgement, change: TrustDiff | None) -> None:
    language = session.texts.language
    for item in judgement.items[:_SHOWN]:
        typer.echo(f"{item.country or '–'} {item.subject} ({KINDS[item.kind].text(language)}) {item.sha256[:16]}")
        verdict = REFUSALS[item.verdict].text(language) if item.verdict in REFUSALS else item.verdict
        typer.echo(f"  {'✔' if item.verdict in _GOOD else '?'} {verdict}")
        if item.anchor:
            signed = say(session, "signed-by", signer=item.signer or "–", anchor=item.anchor, date=_day(item.begin))
            typer.echo(f"  {signed}")
        if item.end is not None:
            typer.echo(f"  {say(session, 'valid', begin=_day(item.begin), end=_day(item.end))}")
        if item.entries:
            typer.echo(f"  {say(session, 'entries', count=item.entries)}")
    if len(judgement.items) > _SHOWN:
        typer.echo(f"… +{len(judgement.items) - _SHOWN}")
    typer.echo(f"{judgement.certificates} {say(session, 'certificates')}")
    for refused in judgement.refused:
        reason = REFUSALS[refused.reason].text(language) if refused.reason in REFUSALS else refused.reason
        typer.echo(f"✘ {refused.country or '–'} {refused.subject} — {reason}")
    if change is not None:
        numbers = {action.value: len(change.of(action)) for action in Action}
        typer.echo(say(session, "would-change", **numbers))


_GOOD = ("trusted", "self-signed", "unsigned")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _day(moment: datetime | None) -> str:
    return "–" if moment is None else moment.date().isoformat()
