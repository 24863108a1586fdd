"""Databases filled with an invented population, for whatever is measured on one."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

from mock_registers.database import open_database
from mock_registers.filling import FillOrder, FillReport, fill
from mock_registers.migrating import upgrade

__all__ = ["databases", "filled"]

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def databases(kind: str, number: int = 1) -> Iterator[list[str]]:
    """Give the URLs of so many empty databases, "sqlite" or "postgresql"; they are gone afterwards."""
    with ExitStack() as stack:
        if kind == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield [f"sqlite:///{folder}/{place}.db" for place in range(number)]
            return
        server = stack.enter_context(_postgres().PostgresServer(ROOT))
        yield [server.url(server.create_database()) for _ in range(number)]


def filled(url: str, order: FillOrder) -> FillReport:
    """Fill a database as ordered, with a line on standard error every hundred thousand people."""
    database = open_database(url)
    try:
        upgrade(database)
        return fill(database, order, progress=lambda at: _tell(at.persons, order))
    finally:
        database.close()


def _tell(persons: int, order: FillOrder) -> None:
    if persons % 100_000 == 0:
        print(f"{persons:,} of {order.persons:,} persons", file=sys.stderr)


def _postgres() -> ModuleType:
    """Load the private server of the tests, which are no package."""
    spec = importlib.util.spec_from_file_location("benchmarks_postgres", ROOT / "tests" / "peers" / "postgres.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
