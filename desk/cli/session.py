"""What every command shares: language, settings, log, where words and JSON go, and how a command ends."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, NoReturn

import typer

from auth.whole_file import write_secret
from desk.exit_codes import ExitCode, exit_code_of_failure
from desk.language import Language
from desk.logs import LEVELS, configure_logs
from desk.settings import Settings, SettingsInvalid, load_settings, settings_files
from desk.texts import Texts
from desk.view import FailureView
from reader.errors import MotCuaError
from reader.inspection.policies import SHIPPED

# For the annotations only, and imported where they are used: the window needs neither page nor report.
if TYPE_CHECKING:
    from desk.report import Json
    from desk.terminal import TerminalPage

__all__ = [
    "JsonOption",
    "LanguageOption",
    "LogOption",
    "PolicyOption",
    "Session",
    "SettingsOption",
    "open_session",
]

LanguageOption = Annotated[
    str | None, typer.Option("--lang", metavar="vi|en", help="Language of pages and messages; by LANG otherwise.")
]
LogOption = Annotated[
    str, typer.Option("--log-level", metavar="|".join(LEVELS), help="Write a JSON log to standard error from here on.")
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Use this settings file in place of the user's.")
]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON; - is standard output.")
]


PolicyOption = Annotated[
    str | None,
    typer.Option("--policy", metavar="NAME|FILE", help=f"What decides: {', '.join(SHIPPED)}, or a policy file."),
]


@dataclass(frozen=True, slots=True)
class Session:
    """Hold what a command works with; pages go to ``page``, messages to ``messages``."""

    settings: Settings
    texts: Texts

    @property
    def page(self) -> TerminalPage:
        """Return where results are shown: standard output."""
        return _page_on(sys.stdout, self.texts)

    @property
    def messages(self) -> TerminalPage:
        """Return where messages are shown: standard error."""
        return _page_on(sys.stderr, self.texts)

    def page_beside(self, json_file: str | None) -> TerminalPage:
        """Return where results are shown when JSON goes to ``json_file``: it leaves standard output to JSON."""
        return self.messages if json_file == "-" else self.page

    def write_json(self, report: Json, json_file: str | None) -> None:
        """Write ``report`` where it was asked for, readable by this user only; end the command where that fails."""
        if json_file is not None:
            self.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", json_file)

    def write_text(self, text: str, where: str) -> None:
        """Write ``text`` to a file that this user only can read, or to standard output for ``-``."""
        if where == "-":
            sys.stdout.write(text)
            return
        try:
            # A report holds personal data, so nobody else may read it, whatever the umask says, and whoever could read
            # what lay there before.
            descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(descriptor).st_mode):
                    os.fchmod(descriptor, 0o600)
                file.write(text)
        except OSError:
            self.fail("file-not-written", ExitCode.USAGE)

    def write_moved(self, text: str, where: str) -> None:
        """Write what is about to be wiped here, to a new file that this user only can read, or to standard output.

        It is on the disk before this returns, or handed to whoever reads the output. What lies there already may be the
        only copy of what was wiped before.
        """
        try:
            if where == "-":
                sys.stdout.write(text)
                sys.stdout.flush()
                return
            if os.path.lexists(where):
                self.fail("file-exists", ExitCode.USAGE)
            write_secret(Path(where), text.encode("utf-8"))
        except OSError:
            self.fail("file-not-written", ExitCode.USAGE)

    def fail(self, code: str, exit_code: ExitCode | None = None, detail: str = "") -> NoReturn:
        """Show a failure of the catalogue on standard error and end the command."""
        self.messages.show_failure(FailureView(code))
        if detail:
            typer.echo(f"  ({detail})", err=True)
        raise typer.Exit(exit_code_of_failure(code) if exit_code is None else exit_code)

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Turn every error of our tree into its failure and exit code."""
        try:
            yield
        except SettingsInvalid as error:
            self.fail(error.code, ExitCode.USAGE, detail=str(error))
        except MotCuaError as error:
            self.fail(error.code)


def _page_on(stream: IO[str], texts: Texts) -> TerminalPage:
    from desk.terminal import TerminalPage, console_for

    return TerminalPage(console_for(stream), texts)


def open_session(
    language: str | None,
    log_level: str = "",
    settings_file: Path | None = None,
    policy: str | None = None,
    **overrides: object,
) -> Session:
    """Begin a command: read settings, choose the language, set up the log; end the command where one is wrong.

    ``policy`` is the name of a policy, shipped or from the trust store, or a file, in place of what the settings name.
    """
    if language not in (None, *Language):
        raise typer.BadParameter("vi or en", param_hint="--lang")
    if log_level and log_level not in LEVELS:
        raise typer.BadParameter(", ".join(LEVELS), param_hint="--log-level")
    configure_logs(log_level)
    by_environment = _language_of(os.environ)
    machine, user = settings_files()
    try:
        if settings_file is not None and not settings_file.is_file():
            raise SettingsInvalid("there is no such file")
        settings = load_settings((machine, settings_file or user), {"language": language, **overrides})
    except SettingsInvalid as error:
        texts = Texts(language or by_environment)
        Session(Settings(), texts).fail(error.code, ExitCode.USAGE, detail=str(error))
    if policy is not None:
        named = policy in SHIPPED or (policy.isalnum() and not Path(policy).is_file())
        chosen = {"policy": policy, "policy_file": None} if named else {"policy_file": Path(policy)}
        settings = settings.model_copy(update=chosen)
    return Session(settings, Texts(settings.language or by_environment))


def _language_of(environment: Mapping[str, str]) -> Language:
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return Language.from_locale(locale)
