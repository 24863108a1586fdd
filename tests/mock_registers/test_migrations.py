"""Tables: what the migrations make is what the code declares, from every beginning, and never backwards (row L9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import mock_registers
from mock_cards.personas import load_persona
from mock_registers.database import IN_MEMORY, open_database
from mock_registers.database_errors import DatabaseForeign, DatabaseNewer, DatabaseOutdated, DatabaseTrouble
from mock_registers.messages import Citizen
from mock_registers.migrating import check, head, upgrade
from mock_registers.migrations import writing
from mock_registers.migrations.writing import main, missing
from mock_registers.schema import _FILES
from mock_registers.storage import Storage

MAN = Citizen(personal_number="099090000001", full_name="Nguyễn Văn Mẫu", date_of_birth="1990-01-15")


@pytest.fixture
def database(database_url: str):
    opened = open_database(database_url)
    yield opened
    opened.close()


def _begin_as_before_migrations(database) -> None:
    """Make the tables as the sandbox did before it knew migrations, with a person and two parcels."""
    script = Path(__file__).with_name("before_migrations.sql").read_text(encoding="utf-8")
    with database.transaction() as connection:
        for statement in script.partition("\n\n")[2].split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql(
            "INSERT INTO persons VALUES ('099090000001', '099123456', 'nguyenvanmau', 'Nguyễn Văn Mẫu', '1990-01-15', "
            "'M', 'Việt Nam', 'valid', 'Kinh', 'Không', '', 'Thôn Đông', '', '', '', '', NULL, NULL)"
        )
        for number, holder in (("1", "099090000001"), ("2", "099123456")):
            values = {"number": number, "holder": holder}
            connection.execute(
                text(
                    "INSERT INTO parcels VALUES (:number, 'AB 1', '1', :number, 'Xã Mẫu', '', '', '1', 'ONT', "
                    "'Đất ở', '', '', '', 'verified', NULL, '[[1.5, 2.5]]')"
                ),
                values,
            )
            connection.execute(
                text("INSERT INTO holders VALUES (:number, 0, :holder, 'nguyenvanmau', 'NGUYEN VAN MAU', NULL, '')"),
                values,
            )


def test_what_the_migrations_make_is_what_the_code_declares(database) -> None:
    upgrade(database)
    body = missing(database)
    assert not body, (
        f"a revision after {head()} is missing (python -m mock_registers.migrations NAME writes it):\n\n{body}"
    )


def test_a_table_without_its_migration_is_told_with_the_migration(database) -> None:
    upgrade(database)
    with database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE fills")
        connection.exec_driver_sql("DROP INDEX ix_persons_old_number")
    told = missing(database)
    assert "op.create_table('fills'" in told
    assert "ix_persons_old_number" in told
    assert "#" not in told


def test_the_missing_migration_is_written_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(writing, "_FOLDER", tmp_path)
    assert main([]) == main(["Two Words"]) == main(["a", "b"]) == 2
    # None is missing here.
    assert main(["name"]) == 1
    assert "already" in capsys.readouterr().err
    monkeypatch.setattr(writing, "missing", lambda _database: "op.drop_table('fills')")
    assert main(["name"]) == 0
    (written,) = tmp_path.iterdir()
    assert written.name == f"r{int(head()) + 1:04d}_name.py"
    text_of = written.read_text(encoding="utf-8")
    compile(text_of, written.name, "exec")
    assert f'down_revision = "{head()}"' in text_of
    assert "op.drop_table('fills')" in text_of


def test_every_file_of_tables_is_in_the_list() -> None:
    house = Path(mock_registers.__file__).parent.parent
    there = {
        ".".join(path.relative_to(house).with_suffix("").parts)
        for path in (house / "mock_registers").rglob("*tables.py")
    }
    assert there == {module.__name__ for module in _FILES}, "add it to mock_registers/schema.py"


def test_revisions_are_one_line_and_come_with_the_package(database) -> None:
    revisions = []
    for number in range(1, int(head()) + 1):
        revisions.append(upgrade(database, f"{number:04d}"))
    assert revisions == [
        (f"{number - 1:04d}" if number > 1 else "", f"{number:04d}") for number in range(1, len(revisions) + 1)
    ]
    assert upgrade(database) == (head(), head())
    assert check(database) == head()


def test_a_database_from_before_migrations_is_adopted_with_all_that_is_in_it(database, database_url: str) -> None:
    _begin_as_before_migrations(database)
    with pytest.raises(DatabaseOutdated, match="mock-registers database upgrade"):
        check(database)
    storage = Storage(database_url)
    found = storage.find_person(MAN)
    parcels = storage.find_holdings(MAN).parcels
    storage.fill([load_persona("h-mut-nie-kcor")])
    storage.close()
    assert found is not None
    assert found.residence == "Thôn Đông"
    assert [(parcel.parcel_number, parcel.boundary) for parcel in parcels] == [
        ("1", ((1.5, 2.5),)),
        ("2", ((1.5, 2.5),)),
    ]
    assert check(database) == head()
    assert missing(database) == ""


def test_a_database_of_a_version_before_checkpoints_gets_them(database) -> None:
    _begin_as_before_migrations(database)
    with database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE checkpoints")
    upgrade(database)
    assert missing(database) == ""


def test_tables_of_a_later_version_are_refused_and_left_alone(database, database_url: str) -> None:
    upgrade(database)
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for refused in (lambda: upgrade(database), lambda: check(database), lambda: Storage(database_url)):
        with pytest.raises(DatabaseNewer, match="never taken back"):
            refused()
    with database.connected() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_somebody_elses_tables_are_refused_and_left_alone(database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE persons (id INTEGER PRIMARY KEY)")
    with pytest.raises(DatabaseForeign, match="persons"):
        upgrade(database)
    with pytest.raises(DatabaseForeign):
        check(database)
    with database.connected() as connection:
        assert inspect(connection).get_table_names() == ["persons"]


def test_an_empty_database_is_behind() -> None:
    database = open_database(IN_MEMORY)
    with pytest.raises(DatabaseOutdated, match="revision none"):
        check(database)
    database.close()


def test_an_upgrade_that_fails_changes_nothing(database) -> None:
    upgrade(database, "0001")
    with database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE fills (foreign_to_us INTEGER)")
    with pytest.raises(DatabaseTrouble):
        upgrade(database)
    with database.transaction() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"
        connection.exec_driver_sql("DROP TABLE fills")
    upgrade(database)
    assert missing(database) == ""


def test_programs_that_start_at_once_upgrade_once(database_url: str) -> None:
    databases = [open_database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ways = [done.result(timeout=60) for done in [pool.submit(upgrade, database) for database in databases]]
    assert {after for _, after in ways} == {head()}
    assert sorted(before for before, _ in ways if before != head()) == [""]
    for database in databases:
        assert check(database) == head()
        database.close()
