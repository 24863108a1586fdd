"""What the sandbox's tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auth.registers import Lookup
from mock_registers.database import open_database
from mock_registers.migrating import upgrade
from reader.lds.identity import CalendarDate


@pytest.fixture
def lookup() -> Lookup:
    """Return a look-up about the man with two parcels."""
    return Lookup(
        lookup_id="visit-1",
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        purpose="land-change-registration",
        legal_basis="Luật Đất đai 31/2024/QH15, Điều 133",
        clerk="cb-001",
    )


@pytest.fixture(scope="session")
def upgraded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite database with all tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("upgraded") / "registers.db"
    _upgrade(f"sqlite:///{file}")
    assert [one.name for one in file.parent.iterdir()] == [file.name], "nothing of it is in a file beside it"
    return file


@pytest.fixture(scope="session")
def upgraded_template(postgres: Any) -> str:
    """Return the name of a PostgreSQL database with all tables and nothing in them, to be copied."""
    name: str = postgres.create_database()
    _upgrade(postgres.url(name))
    return name


def _upgrade(url: str) -> None:
    database = open_database(url)
    upgrade(database)
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def upgraded_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a new database with all tables and nothing in them: like ``database_url``, migrated once."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('upgraded_file'), tmp_path / 'registers.db')}"
        return
    server = request.getfixturevalue("postgres")
    name = server.create_database(template=request.getfixturevalue("upgraded_template"))
    yield server.url(name)
    server.drop_database(name)
