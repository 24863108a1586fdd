"""Bring a database's tables to the form that this version of the program knows, or tell that they are not.

Two programs that start on one database take turns: the second finds nothing left to do. Each upgrade is one
transaction, so that a program that is killed in it leaves the tables as they were.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from mock_registers.database import Database
from mock_registers.database_errors import DatabaseForeign, DatabaseNewer, DatabaseOutdated

__all__ = ["check", "head", "upgrade"]

_FOLDER = Path(__file__).resolve().parent / "migrations"
# What the tables of the first revision are known by; a database without revisions is adopted only with these.
_FIRST = {
    "persons": {"personal_number", "name_key", "residence_before", "card_status"},
    "parcels": {"key", "certificate_serial", "boundary", "quality"},
    "holders": {"parcel_key", "position", "number", "name_key"},
    "checkpoints": {"register", "device_key", "note"},
}


def upgrade(database: Database, revision: str = "") -> tuple[str, str]:
    """Run the migrations that are missing, up to ``revision`` or the last; return the revisions before and after.

    The revision before is "" for a database without any. Raise DatabaseNewer for tables of a later version (row L9),
    DatabaseForeign for tables that are somebody else's, DatabaseTrouble where the database does not do it.
    """
    with database.connected() as connection:
        before = _revision(connection, database.place)
    wanted = revision or head()
    if before == wanted:
        return before, before
    with database.alone() as connection:
        # Asked again under the lock: another program may just have done it.
        before = _revision(connection, database.place)
        if not before:
            _refuse_foreign(connection, database.place)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, wanted)
        after = _revision(connection, database.place)
    return before, after


def check(database: Database) -> str:
    """Return the database's revision if it is the last one.

    Raise DatabaseNewer, DatabaseForeign or DatabaseOutdated where it is not.
    """
    with database.connected() as connection:
        revision = _revision(connection, database.place)
        if not revision:
            _refuse_foreign(connection, database.place)
    if revision != head():
        raise DatabaseOutdated(database.place, f"revision {revision or 'none'}, the last is {head()}")
    return revision


def head() -> str:
    """Return the last revision that this version of the program knows."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise RuntimeError("the migrations are not installed")
    return revision


def _config() -> Config:
    config = Config()
    # Read as a template: a percent sign in the path would be taken for the beginning of a name.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: Connection, place: str) -> str:
    """Return the revision of the tables, "" for none; raise DatabaseNewer for one that nobody here knows."""
    revisions = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in _scripts().walk_revisions()}
    if any(revision not in known for revision in revisions):
        raise DatabaseNewer(place)
    return revisions[0] if revisions else ""


def _refuse_foreign(connection: Connection, place: str) -> None:
    found = inspect(connection)
    for name in set(found.get_table_names()) & set(_FIRST):
        if not _FIRST[name] <= {column["name"] for column in found.get_columns(name)}:
            raise DatabaseForeign(place, name)
