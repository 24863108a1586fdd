"""What the commands of ``motcua trust`` share: the store, files, keys and passphrases, and tables of differences."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.table import Table

from auth.distribution.diff import DiffRow, TrustDiff
from auth.distribution.errors import ChangeUnsigned, OperatorKeyRefused
from auth.distribution.installation import Installation
from auth.distribution.kinds import Action
from auth.distribution.offered import OfferedFile, RefusedItem, offered_files
from auth.distribution.operators import MAX_PEM, Operator, OperatorKey
from desk.cli.session import Session
from desk.terminal import console_for
from desk.trusting import store_path
from desk.words.trust_words import ACTIONS, KINDS, REFUSALS, TRUST_LINES
from reader.bounded_file import read_bounded_file
from reader.errors import DataError, MotCuaError

__all__ = [
    "REFUSED",
    "KeyOption",
    "PassphraseOption",
    "StoreOption",
    "installation_of",
    "load_keys",
    "named_operators",
    "now",
    "read_files",
    "refusals_as_json",
    "rows_as_json",
    "say",
    "show_diff",
    "show_json",
    "trust_errors",
]

REFUSED = 1
MAX_FILE = 128 * 1024 * 1024
_SHOWN_ROWS = 40

StoreOption = Annotated[
    Path | None, typer.Option("--store", metavar="FOLDER", help="The trust store, in place of this machine's.")
]
KeyOption = Annotated[
    list[Path] | None, typer.Option("--key", metavar="FILE", help="An operator's key file; repeatable.")
]
PassphraseOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", help="A file with the passphrase of the key in the same place; else asked."
    ),
]


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def installation_of(session: Session) -> Installation:
    """Return the store that the settings or ``--store`` name."""
    return Installation(store_path(session.settings))


@contextmanager
def trust_errors(session: Session) -> Iterator[None]:
    """Turn every error of our tree into its failure; exit 1: nothing was installed."""
    try:
        yield
    except MotCuaError as error:
        detail = f"{error.have}/{error.need}" if isinstance(error, ChangeUnsigned) else ""
        _fail(session, error.code, detail)


def _fail(session: Session, code: str, detail: str) -> NoReturn:
    session.fail(code, REFUSED, detail=detail)  # type: ignore[arg-type]  # any exit code; the enum names a visit's


def read_files(paths: Iterable[Path]) -> tuple[tuple[OfferedFile, ...], tuple[RefusedItem, ...]]:
    """Cut the files, and those of folders, into what stands in them; raise BadParameter for one that is not there."""
    offered: list[OfferedFile] = []
    refused: list[RefusedItem] = []
    for path in paths:
        for file in sorted(entry for entry in path.iterdir() if entry.is_file()) if path.is_dir() else (path,):
            found, unreadable = offered_files(file.name, read_bounded(file))
            offered += found
            refused += unreadable
    return tuple(offered), tuple(refused)


def read_bounded(path: Path, limit: int = MAX_FILE) -> bytes:
    """Read a file of at most ``limit`` bytes; raise BadParameter where it cannot be read or is larger."""
    try:
        return read_bounded_file(path, limit)
    except DataError as error:
        raise typer.BadParameter(f"{path}: {error.what}") from None


def load_keys(keys: Sequence[Path] | None, passphrases: Sequence[Path] | None) -> list[OperatorKey]:
    """Unlock key files, each by its passphrase file or by asking at the terminal; raise OperatorKeyRefused."""
    loaded = []
    files = list(passphrases or ())
    for place, path in enumerate(keys or ()):
        secret = read_bounded(files[place], 1_024).strip() if place < len(files) else ask_passphrase(f"{path.name}: ")
        loaded.append(OperatorKey.from_pem(read_bounded(path, MAX_PEM), secret))
    return loaded


def ask_passphrase(prompt: str) -> bytes:
    """Ask at the terminal without echo; raise OperatorKeyRefused where there is no terminal to ask at."""
    if not sys.stdin.isatty():
        raise OperatorKeyRefused("no terminal to ask for a passphrase")
    return getpass.getpass(prompt).encode()


def named_operators(said: Iterable[str]) -> tuple[Operator, ...]:
    """Read ``NAME=PUBLIC.pem`` arguments; raise BadParameter for another form, OperatorKeyRefused for a bad key."""
    found = []
    for one in said:
        name, equals, path = one.partition("=")
        if not equals or not name or not path:
            raise typer.BadParameter(f"{one}: NAME=PUBLIC.pem is needed")
        found.append(Operator.from_pem(name, read_bounded(Path(path), MAX_PEM)))
    return tuple(found)


def say(session: Session, line: str, **arguments: object) -> str:
    """Return a line of ``TRUST_LINES`` in the session's language."""
    return TRUST_LINES[line].text(session.texts.language, **arguments)


def show_diff(session: Session, diff: TrustDiff, *, whole: bool = False) -> None:
    """Print a difference: the numbers of each country, and the rows that people have to look at."""
    language = session.texts.language
    console = console_for(sys.stdout)
    if diff.countries:
        table = Table(box=None, pad_edge=False)
        table.add_column("")
        for action in Action:
            table.add_column(ACTIONS[action].text(language), justify="right")
        for country, counts in diff.countries.items():
            table.add_row(country or "–", *(str(counts[action] or "·") for action in Action))
        console.print(table)
    rows = diff.rows if whole else diff.rows[:_SHOWN_ROWS]
    for row in rows:
        console.print(_line(session, row))
    if len(rows) < len(diff.rows):
        console.print(f"… +{len(diff.rows) - len(rows)}")


def _line(session: Session, row: DiffRow) -> str:
    language = session.texts.language
    sign = {Action.ADDED: "+", Action.REMOVED: "−", Action.CHANGED: "~", Action.REFUSED: "✘"}[row.action]
    words = [sign, row.country or "–", row.subject]
    if row.kind is not None:
        words.append(f"({KINDS[row.kind].text(language)})")
    if row.fingerprint:
        words.append(row.fingerprint[:16])
    if row.reason:
        reason = REFUSALS[row.reason].text(language) if row.reason in REFUSALS else row.reason
        words.append(f"— {reason}")
    return " ".join(words)


def rows_as_json(diff: TrustDiff) -> dict[str, Any]:
    """Return a difference for other programs."""
    return {
        "countries": {
            country: {action.value: number for action, number in counts.items()}
            for country, counts in diff.countries.items()
        },
        **{
            action.value: [
                {
                    "kind": row.kind.value if row.kind else None,
                    "country": row.country,
                    "subject": row.subject,
                    "sha256": row.fingerprint,
                    "source": row.source,
                }
                for row in diff.of(action)
            ]
            for action in (Action.ADDED, Action.CHANGED, Action.REMOVED)
        },
        "refused": [
            {"subject": row.subject, "reason": row.reason, "country": row.country, "source": row.source}
            for row in diff.of(Action.REFUSED)
        ],
    }


def refusals_as_json(refused: Iterable[RefusedItem]) -> list[dict[str, str]]:
    """Return refusals for other programs."""
    return [
        {"subject": item.subject, "reason": item.reason, "country": item.country, "source": item.source}
        for item in refused
    ]


def show_json(content: dict[str, Any]) -> None:
    """Write JSON to standard output."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
