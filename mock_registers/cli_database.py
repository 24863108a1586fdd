"""The commands about the sandbox's database: ``mock-registers database upgrade|check`` and ``mock-registers fill``.

What migrates is imported by the commands that do: Alembic takes a tenth of a second, and to serve needs none of it
where the database is in memory.
"""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from mock_registers.database import Database, open_database
from mock_registers.database_errors import DatabaseTrouble, DatabaseUrlInvalid
from mock_registers.filling import FillOrder, FillProgress, fill
from mock_registers.filling.invention import MOST_PARCELS, MOST_PERSONS

__all__ = ["URL_VARIABLE", "database_commands", "fill_command"]

URL_VARIABLE = "MOCK_REGISTERS_DATABASE_URL"
_EVERY_S = 2.0
# As shells count a program that SIGINT ended.
_STOPPED = 130

Url = Annotated[
    str,
    typer.Option(
        "--database-url",
        envvar=URL_VARIABLE,
        show_default=False,
        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME; passwords are better kept in PGPASSWORD.",
    ),
]

database_commands = typer.Typer(
    name="database", no_args_is_help=True, help="Bring the tables of a database up to date, or see whether they are."
)


@database_commands.command(name="upgrade")
def upgrade_command(database_url: Url) -> None:
    """Make or change the tables as this version of the program needs them; what is in them stays."""
    from mock_registers.migrating import upgrade

    with _opened(database_url) as database:
        before, after = upgrade(database)
        same = before == after
        typer.echo(f"{database.place}: revision {after}" + ("" if same else f", was {before or 'none'}"))


@database_commands.command(name="check")
def check_command(database_url: Url) -> None:
    """Say which revision the tables have; end with 1 where that is not the one this version of the program needs."""
    from mock_registers.migrating import check

    with _opened(database_url) as database:
        typer.echo(f"{database.place}: revision {check(database)}")


def fill_command(
    database_url: Url,
    persons: Annotated[int, typer.Option(min=1, max=MOST_PERSONS, help="How many people.")] = MOST_PERSONS,
    parcels: Annotated[int, typer.Option(min=0, max=MOST_PARCELS, help="How many parcels.")] = MOST_PARCELS,
    seed: Annotated[str, typer.Option(help="Any text: the same text makes the same people.")] = "motcua",
    replace: Annotated[bool, typer.Option("--replace", help="Remove whatever population is there before.")] = False,
) -> None:
    """Fill a database with invented people, parcels and dwellings.

    Everybody is under the province code 099 that no province has. Names, dates, numbers, parents and spouses fit one
    another; where the registers are to disagree they do at the rates told in docs/tester.md. Ctrl+C stops; the same
    command again goes on from there. A million people, two million parcels and the dwellings on them take some minutes
    and 3 GB.
    """
    from mock_registers.migrating import upgrade

    with _opened(database_url) as database:
        upgrade(database)
        order = _order(persons, parcels, seed)
        report = fill(database, order, replace=replace, progress=_Teller(order), cancel=_asked_to_stop())
        if not report.finished:
            typer.echo(f"mock-registers: stopped at {report.households} of {order.households} households", err=True)
            raise typer.Exit(_STOPPED)
        typer.echo(f"{database.place}: {persons:,} persons, {parcels:,} parcels, {report.seconds:.0f} s")


@contextmanager
def _opened(database_url: str) -> Iterator[Database]:
    """Give a database; end the command with the words of what is wrong with it: 2 for the URL, 1 for all else."""
    try:
        database = open_database(database_url)
        try:
            yield database
        finally:
            database.close()
    except DatabaseTrouble as trouble:
        typer.echo(f"mock-registers: {trouble}", err=True)
        raise typer.Exit(2 if isinstance(trouble, DatabaseUrlInvalid) else 1) from None


def _order(persons: int, parcels: int, seed: str) -> FillOrder:
    try:
        return FillOrder(persons, parcels, seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


class _Teller:
    """Tell how far a fill is, on standard error: after its first portion, then every few seconds."""

    def __init__(self, order: FillOrder) -> None:
        self._order = order
        self._told = -math.inf

    def __call__(self, progress: FillProgress) -> None:
        now = time.monotonic()
        if now - self._told < _EVERY_S or progress.persons == self._order.persons:
            return
        self._told = now
        order = self._order
        sys.stderr.write(
            f"{progress.persons:,} of {order.persons:,} persons, {progress.parcels:,} of {order.parcels:,} parcels, "
            f"{progress.left:.0f} s left\n"
        )
        sys.stderr.flush()


def _asked_to_stop() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set from now on."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
