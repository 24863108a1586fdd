"""A database that does not work says so: by a code, with a next step, and without anybody's password."""

from __future__ import annotations

import socket
import sqlite3
import traceback
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from typer.testing import CliRunner

from mock_cards.personas import load_persona
from mock_registers import database as opening
from mock_registers.cli import app
from mock_registers.database import IN_MEMORY, open_database
from mock_registers.database_errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseEncoding,
    DatabaseRefused,
    DatabaseTooOld,
    DatabaseTrouble,
    DatabaseUnreachable,
    DatabaseUrlInvalid,
)
from mock_registers.storage import Storage
from mock_registers.tables import PersonRow

SECRET = "hush-4711"
NUMBER, NAME = "099090000001", "Nguyễn Thị Bí Mật"


def _kinds(of: type[DatabaseTrouble] = DatabaseTrouble) -> list[type[DatabaseTrouble]]:
    return [of, *(kind for below in of.__subclasses__() for kind in _kinds(below))]


def test_every_trouble_has_a_code_of_its_own_and_a_next_step() -> None:
    kinds = _kinds()
    assert len({kind.code for kind in kinds}) == len({kind.about for kind in kinds}) == len(kinds) > 10
    for kind in kinds:
        said = str(kind("here", "this much"))
        assert said.startswith(f"{kind.code}: here: ")
        assert said.endswith(kind.next_step)
        assert "this much" in said


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://clerk:{SECRET}@host/name",
        f"nonsense:{SECRET}",
        f"postgresql+asyncpg://clerk:{SECRET}@host/name",
        f"postgresql+psycopg://clerk:{SECRET}@host:port/name",
        "",
    ],
)
def test_a_url_of_another_kind_is_wrong_usage(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid) as caught:
        open_database(url)
    assert SECRET not in str(caught.value)
    ran = CliRunner().invoke(app, ["database", "check", "--database-url", url])
    assert (ran.exit_code, SECRET in ran.output) == (2, False)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    url = f"postgresql://clerk:{SECRET}@127.0.0.1:{_closed_port()}/registers"
    for command in ("serve", "fill", "database check", "database upgrade"):
        ran = CliRunner().invoke(app, [*command.split(), "--database-url", url])
        assert ran.exit_code == 1
        assert "database-unreachable: registers at 127.0.0.1:" in ran.output
        assert SECRET not in ran.output
        assert "clerk" not in ran.output


def test_no_error_leads_to_the_password(postgres) -> None:
    name = postgres.create_database()
    for url in (
        postgres.url(name, password=SECRET),
        f"postgresql+psycopg:///{name}?host={postgres.folder}&user=sandbox&password={SECRET}",
        postgres.url("nothing_of_this_name"),
    ):
        with pytest.raises(DatabaseRefused) as caught:
            open_database(url)
        seen = [caught.value.__cause__, str(caught.value), repr(caught.value), repr(vars(caught.value))]
        assert seen[0] is None
        assert caught.value.__suppress_context__
        assert not [said for said in seen if SECRET in str(said) or postgres.password in str(said)]
        ran = CliRunner().invoke(app, ["serve", "--database-url", url])
        assert ran.exit_code == 1
        assert "database-refused" in ran.output
        assert SECRET not in ran.output
        assert postgres.password not in ran.output
    postgres.drop_database(name)


def test_help_does_not_show_the_url_of_the_environment() -> None:
    environment = {"MOCK_REGISTERS_DATABASE_URL": f"postgresql://clerk:{SECRET}@host/name"}
    for command in ("serve", "fill", "database check", "database upgrade"):
        ran = CliRunner().invoke(app, [*command.split(), "--help"], env=environment)
        assert ran.exit_code == 0
        assert SECRET not in ran.output


def test_the_url_may_come_from_the_environment(tmp_path: Path) -> None:
    environment = {"MOCK_REGISTERS_DATABASE_URL": f"sqlite:///{tmp_path / 'r.db'}"}
    assert CliRunner().invoke(app, ["database", "upgrade"], env=environment).exit_code == 0
    assert "revision" in CliRunner().invoke(app, ["database", "check"], env=environment).output


def test_a_server_of_an_old_version_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "OLDEST", {"postgresql": (99,), "sqlite": (99,)})
    with pytest.raises(DatabaseTooOld, match="it is "):
        open_database(database_url)


def test_a_database_without_vietnamese_letters_is_refused(postgres) -> None:
    name = postgres.create_database(options="ENCODING 'SQL_ASCII'")
    with pytest.raises(DatabaseEncoding, match="UTF8"):
        open_database(postgres.url(name))
    postgres.drop_database(name)


def test_files_that_are_none_or_cannot_be_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, for more than a hundred bytes " * 9)
    with pytest.raises(DatabaseDamaged):
        open_database(f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(DatabaseUnreachable):
        open_database(f"sqlite:///{tmp_path / 'absent' / 'r.db'}")
    with pytest.raises(DatabaseUnreachable):
        open_database(f"sqlite:///{tmp_path}")


def test_what_a_driver_says_of_a_person_is_not_repeated(database_url: str) -> None:
    storage = Storage(database_url)
    storage.fill([load_persona("nguyen-van-mau")])

    def write(number: str) -> None:
        with storage.database.writing() as session:
            columns = {column.name: NAME for column in PersonRow.__table__.columns}
            session.execute(insert(PersonRow).values({**columns, "personal_number": number, "sex": "F"}))

    with pytest.raises(DatabaseTrouble) as caught:
        write(NUMBER)
    storage.close()
    shown = "".join(traceback.format_exception(caught.value))
    assert "database-trouble" in shown
    for secret in (NUMBER, NAME, "INSERT INTO"):
        assert secret not in shown


def test_a_file_held_by_somebody_else_is_busy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}?timeout=0.1"
    storage = Storage(url)
    holder = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy):
        storage.replace_checkpoint("land", "device", "", "note")
    # Reading goes on meanwhile.
    assert storage.last_checkpoint("land", "device") == ""
    holder.execute("ROLLBACK")
    assert storage.replace_checkpoint("land", "device", "", "note")
    holder.close()
    storage.close()


def test_a_statement_that_takes_too_long_is_ended_by_the_server(postgres) -> None:
    name = postgres.create_database()
    database = open_database(postgres.url(name))

    def sleep() -> None:
        with database.reading() as session:
            session.execute(text("SET LOCAL statement_timeout = 20"))
            session.execute(text("SELECT pg_sleep(20)"))

    with pytest.raises(DatabaseBusy, match="57014"):
        sleep()
    with database.reading() as session:
        assert session.execute(text("SHOW statement_timeout")).scalar_one() == "5s"
    database.close()
    postgres.drop_database(name)


def test_a_server_that_went_away_is_told_and_found_again(postgres) -> None:
    name = postgres.create_database()
    storage = Storage(postgres.url(name))
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"

    def cut_in_the_middle(admin: Any) -> None:
        with storage.database.reading() as session:
            session.execute(text("SELECT 1"))
            admin.execute(ended, [name])
            session.execute(text("SELECT 1"))

    with postgres.connect() as admin:
        admin.execute(ended, [name])
        # A connection from the pool that died meanwhile is replaced before it is used.
        assert storage.last_checkpoint("land", "device") == ""
        with pytest.raises(DatabaseUnreachable):
            cut_in_the_middle(admin)
    assert storage.last_checkpoint("land", "device") == ""
    storage.close()
    postgres.drop_database(name)


def test_only_what_is_in_memory_is_asked_on_the_loop_itself(database_url: str) -> None:
    for url, workers in ((IN_MEMORY, 0), (database_url, 2 if database_url.startswith("postgresql") else 1)):
        database = open_database(url)
        assert database.workers == workers
        database.close()
