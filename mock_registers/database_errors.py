"""What can be wrong with the sandbox's database: a code, what it is, and the next step, for whoever runs the sandbox.

No text here holds a password, a user's name or a value from a table: what a driver says is never repeated.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "DatabaseBusy",
    "DatabaseDamaged",
    "DatabaseEncoding",
    "DatabaseForeign",
    "DatabaseFull",
    "DatabaseNewer",
    "DatabaseOutdated",
    "DatabaseRefused",
    "DatabaseTooOld",
    "DatabaseTrouble",
    "DatabaseUnreachable",
    "DatabaseUrlInvalid",
    "FillConflict",
]


class DatabaseTrouble(Exception):
    """Stand at the root; ``place`` names the database without user and password, ``next_step`` says what to do."""

    code: ClassVar[str] = "database-trouble"
    about: ClassVar[str] = "the database does not do what it is asked"
    next_step: ClassVar[str] = "look into the database server's own log"

    def __init__(self, place: str, detail: str = "") -> None:
        said = f"{self.about} ({detail})" if detail else self.about
        super().__init__(f"{self.code}: {place}: {said}; {self.next_step}")
        self.place = place
        self.detail = detail


class DatabaseUrlInvalid(DatabaseTrouble, ValueError):
    """Say that a URL names no database that the sandbox can use."""

    code = "database-url"
    about = "this is no URL of a database that the sandbox knows"
    next_step = "use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"


class DatabaseUnreachable(DatabaseTrouble):
    """Say that nothing answers, or that the file's folder is not there."""

    code = "database-unreachable"
    about = "there is no way to the database"
    next_step = "check host and port (or the file's folder) and that the server runs"


class DatabaseRefused(DatabaseTrouble):
    """Say that the database lets this user do nothing, or not this."""

    code = "database-refused"
    about = "the database refuses"
    next_step = (
        "check user, password, the database's name and the user's rights; PGPASSWORD or a password file keeps the "
        "password off the command line"
    )


class DatabaseBusy(DatabaseTrouble):
    """Say that somebody else holds what is needed, for longer than we wait."""

    code = "database-busy"
    about = "the database is held by somebody else for too long"
    next_step = "wait for the fill or upgrade that runs, then try again"


class DatabaseFull(DatabaseTrouble):
    """Say that the disk is full."""

    code = "database-full"
    about = "there is no room left for the database"
    next_step = "make room on its disk, then try again: what was committed is whole"


class DatabaseDamaged(DatabaseTrouble):
    """Say that a file is no database, or no longer one."""

    code = "database-damaged"
    about = "the file is no database, or damaged"
    next_step = "name another file, or remove this one: the sandbox holds nothing that cannot be made again"


class DatabaseTooOld(DatabaseTrouble):
    """Say that the server is of a version that is not known to work."""

    code = "database-too-old"
    about = "the database server is too old"
    next_step = "use PostgreSQL 13 or later, SQLite 3.35 or later"


class DatabaseEncoding(DatabaseTrouble):
    """Say that the database cannot hold Vietnamese letters."""

    code = "database-encoding"
    about = "the database does not hold its text in UTF-8"
    next_step = "make it by CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"


class DatabaseNewer(DatabaseTrouble):
    """Say that a later version of this program made the tables (row L9): going back is refused."""

    code = "database-newer"
    about = "the tables were made by a later version of this program"
    next_step = "use that version, or another database; tables are never taken back to an earlier form"


class DatabaseOutdated(DatabaseTrouble):
    """Say that tables wait for an upgrade, where nobody asked for one."""

    code = "database-outdated"
    about = "the tables are of an earlier version of this program"
    next_step = "run mock-registers database upgrade"


class DatabaseForeign(DatabaseTrouble):
    """Say that the tables in the database are somebody else's."""

    code = "database-foreign"
    about = "the database holds tables of these names that are not the sandbox's"
    next_step = "name an empty database"


class FillConflict(DatabaseTrouble):
    """Say that the database holds another population than the one asked for."""

    code = "fill-conflict"
    about = "the database holds, whole or half, another population"
    next_step = "ask for that one, name an empty database, or remove it by --replace"
