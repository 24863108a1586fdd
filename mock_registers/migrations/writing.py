"""Write the revision that is missing after tables were declared: ``python -m mock_registers.migrations NAME``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from mock_registers.database import IN_MEMORY, Database, open_database
from mock_registers.migrating import head, upgrade
from mock_registers.schema import METADATA

__all__ = ["main", "missing"]

_FOLDER = Path(__file__).resolve().parent / "versions"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_REVISION = '''"""TO SAY: what these tables or columns are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    """Make the tables."""
    {body}
'''


def missing(database: Database) -> str:
    """Return the body of the migration that would make the database what the code declares; "" where it is that."""
    with database.connected() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": METADATA})
        operations = produce_migrations(context, METADATA).upgrade_ops
        if operations is None or operations.is_empty():
            return ""
        lines = render_python_code(operations, migration_context=context).splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("#")).strip()


def main(arguments: Sequence[str]) -> int:
    """Write the next revision under the name given; end with 1 where none is missing, 2 for wrong usage."""
    if len(arguments) != 1 or not _NAME.fullmatch(arguments[0]):
        sys.stderr.write("usage: python -m mock_registers.migrations name_in_small_letters\n")
        return 2
    database = open_database(IN_MEMORY)
    try:
        upgrade(database)
        body = missing(database)
    finally:
        database.close()
    if not body:
        sys.stderr.write("the migrations make what the code declares already\n")
        return 1
    before = head()
    revision = f"{int(before) + 1:04d}"
    file = _FOLDER / f"r{revision}_{arguments[0]}.py"
    file.write_text(_REVISION.format(revision=revision, before=before, body=body), encoding="utf-8")
    sys.stdout.write(f"{file}: say what it is for, then ruff format and check\n")
    return 0
