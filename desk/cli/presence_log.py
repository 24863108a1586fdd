"""``motcua audit presence-log``: have a presence verifier show that its log continues what evidence was logged in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from auth.errors import RegisterError
from auth.merkle import Checkpoint
from auth.presence import LogGrowth, LogStanding, PresenceRefused, Reason, ReceiptClaims, judge_growth, logged_under
from auth.presence.tokens import Issuers
from auth.registers.presence import PRESENCE, PresenceClient, issuers_of
from auth.wire.endpoint import RegisterEndpoint
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.device import desk_device
from desk.evidence import MAX_EVIDENCE_BYTES
from desk.exit_codes import ExitCode
from desk.presence_page import logged_lines
from desk.settings import Settings, SettingsInvalid

__all__ = ["presence_log"]

Logged = tuple[ReceiptClaims, Checkpoint]


def presence_log(
    evidence: Annotated[Path, typer.Argument(metavar="EVIDENCE", help="Evidence of a card's presence.")],
    later: Annotated[
        Path | None, typer.Argument(metavar="[LATER]", help="Later evidence by the same verifier; else its log of now.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Keep the verifier's word, for `motcua verify`.")
    ] = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Ask the presence verifier of the settings how its log went on after it gave a receipt, and check its word.

    A verifier that has rewritten its log, or that shows one to you and another to somebody else, cannot prove that the
    later continues the earlier. What it answers is signed: kept with --out, whatever it is worth, `motcua verify
    EVIDENCE --log-growth FILE` checks it again where there is no network.

    Exits 0 where the log continues, 20 where it does not, 5 where the verifier gave no answer; 2 usage.
    """
    session = open_session(language, "", settings_file)
    with session.catching():
        endpoint = _verifier(session.settings)
        device = desk_device(session.settings).credential
        issuers = issuers_of(endpoint)
        older, *newer = sorted(
            (_logged(session, path, issuers) for path in (evidence, later) if path is not None),
            key=lambda one: one[1].size,
        )
        client = PresenceClient(endpoint, device)
        try:
            growth = client.growth(older[1].size, newer[0][1].size if newer else None)
            # Before it is judged: the signed word of a verifier that has rewritten its log is what proves that.
            _keep(session, growth, out)
            standing = LogStanding(older[1], _judged(growth, older, newer, issuers))
        except PresenceRefused as refused:
            _refuse(session, refused.reason)
        except RegisterError as error:
            session.fail(error.code, ExitCode.REGISTER_SILENT)
        finally:
            client.close()
    for line in logged_lines(session.texts, older[0].leaf, standing):
        typer.echo(line)


def _keep(session: Session, growth: LogGrowth, out: Path | None) -> None:
    if out is not None:
        session.write_text(growth.to_bytes().decode("utf-8"), str(out))
        typer.echo(session.texts.presence_words("growth-kept", file=out), err=True)


def _judged(growth: LogGrowth, older: Logged, newer: list[Logged], issuers: Issuers) -> Checkpoint:
    """Return what the log has grown to; the later evidence must have been logged in that and no other."""
    if growth.old != older[1].size:
        raise PresenceRefused(Reason.LOG_GROWTH_ELSEWHERE)
    for _, checkpoint in newer:
        judge_growth(growth, checkpoint, issuers)
    return judge_growth(growth, older[1], issuers)


def _logged(session: Session, path: Path, issuers: Issuers) -> Logged:
    try:
        with path.open("rb") as file:
            return logged_under(file.read(MAX_EVIDENCE_BYTES + 1), issuers)
    except OSError:
        session.fail("file-not-read", ExitCode.USAGE)
    except PresenceRefused as refused:
        _refuse(session, refused.reason)


def _refuse(session: Session, reason: Reason) -> NoReturn:
    said = session.texts.presence_words("refused", reason=session.texts.presence_reason(reason.value))
    typer.echo(said, err=True)
    raise typer.Exit(ExitCode.STOP)


def _verifier(settings: Settings) -> RegisterEndpoint:
    for register in settings.registers:
        if register.register_name == PRESENCE:
            return register.endpoint()
    raise SettingsInvalid("registers: no presence verifier is set")
