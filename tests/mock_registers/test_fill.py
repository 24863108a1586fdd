"""A population in bulk: the same for the same seed, whole however it was interrupted, and found by a look-up."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update
from typer.testing import CliRunner

from mock_cards.personas import load_all
from mock_registers.cli import app
from mock_registers.database import Database, open_database
from mock_registers.database_errors import DatabaseTrouble, FillConflict
from mock_registers.fill_tables import FillRow
from mock_registers.filling import FillOrder, FillProgress, Invention, fill
from mock_registers.filling.dwellings import draw_dwellings
from mock_registers.filling.invention import MOST_PARCELS, MOST_PERSONS
from mock_registers.filling.run import PORTION
from mock_registers.filling.series import SERIES
from mock_registers.folding import fold_name
from mock_registers.housing import HousingStorage
from mock_registers.messages import Citizen
from mock_registers.storage import Storage
from mock_registers.tables import PersonRow

ORDER = FillOrder(2_000, 4_000, "test")


@pytest.fixture
def database(upgraded_url: str) -> Iterator[Database]:
    opened = open_database(upgraded_url)
    yield opened
    opened.close()


def _digest(database: Database, tables: int = len(SERIES)) -> str:
    """Return a digest of every row that a fill writes into so many tables, in the order of keys."""
    digest = hashlib.sha256()
    with database.connected() as connection:
        for series in SERIES[:tables]:
            for row in connection.execute(select(series.table).order_by(*series.table.primary_key)):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _counts(database: Database) -> list[int]:
    with database.connected() as connection:
        return [connection.execute(select(func.count()).select_from(series.table)).scalar_one() for series in SERIES]


def test_a_fill_writes_as_many_as_were_ordered(database: Database) -> None:
    report = fill(database, ORDER)
    persons, parcels, holders, dwellings, owners = _counts(database)
    assert (report.finished, report.households_before, report.households) == (True, 0, 500)
    assert (persons, parcels) == (2_000, 4_000)
    assert holders > parcels
    assert parcels > owners > dwellings > 500


def test_both_databases_hold_the_same_rows_for_the_same_seed(database: Database) -> None:
    fill(database, FillOrder(40, 80, "digest"))
    # One figure for both: whatever changes what a seed makes, or what a database makes of it, changes this.
    assert _digest(database)[:16] == "d972b97eda69f5e2"
    # People, parcels and holders are those of before there were dwellings.
    assert _digest(database, 3)[:16] == "9f3594729685fded"


def test_another_seed_makes_other_people(database: Database) -> None:
    fill(database, FillOrder(40, 80, "another"))
    assert _digest(database)[:16] != "d972b97eda69f5e2"


def test_people_are_found_by_who_they_are_and_their_parcels_with_them(upgraded_url: str) -> None:
    storage = Storage(upgraded_url)
    storage.fill(load_all())
    fill(storage.database, ORDER)
    invention = Invention(ORDER)
    held = 0
    for number in range(0, ORDER.persons, 97):
        person = invention.person(number)
        citizen = Citizen(
            personal_number=person.personal_number, full_name=person.full_name, date_of_birth=person.date_of_birth
        )
        record = storage.find_person(citizen)
        assert record is not None
        assert (record.full_name, record.old_number) == (person.full_name, person.old_number)
        own = {person.personal_number, person.old_number} - {""}
        wanted = {
            parcel.key
            for parcel in invention.household(number // 4).parcels
            for holder in parcel.holders
            if holder.number in own and fold_name(holder.full_name) == fold_name(person.full_name)
        }
        found = storage.find_holdings(citizen).parcels
        assert {f"{one.certificate_serial}/{one.map_sheet}/{one.parcel_number}" for one in found} == wanted
        held += len(found)
    assert held > 20
    # The personas are still who they were.
    man = Citizen(personal_number="099090000001", full_name="Nguyễn Văn Mẫu", date_of_birth="1990-01-15")
    assert len(storage.find_holdings(man).parcels) == 2
    storage.close()


def test_dwellings_are_found_by_their_owners(upgraded_url: str) -> None:
    storage = Storage(upgraded_url)
    fill(storage.database, ORDER)
    invention, found = Invention(ORDER), 0
    for number in range(0, ORDER.households, 7):
        household = invention.household(number)
        dwellings = [*draw_dwellings(household)]
        for person in household.members:
            wanted = {
                dwelling.key
                for dwelling in dwellings
                for owner in dwelling.owners
                if owner.number in {person.personal_number, person.old_number}
                and fold_name(owner.full_name) == fold_name(person.full_name)
            }
            citizen = Citizen(
                personal_number=person.personal_number, full_name=person.full_name, date_of_birth=person.date_of_birth
            )
            told = HousingStorage(storage).find_dwellings(citizen).dwellings
            assert {f"{one.certificate_serial}/{one.block}/{one.floor}/{one.number}" for one in told} == wanted
            found += len(told)
    assert found > 40
    storage.close()


def test_a_fill_of_before_there_were_dwellings_is_not_gone_on_with(database: Database) -> None:
    fill(database, ORDER)
    with database.transaction() as connection:
        connection.execute(update(FillRow).values(edition=1, done=100))
    with pytest.raises(FillConflict, match="another version"):
        fill(database, ORDER)
    assert fill(database, ORDER, replace=True).finished


def test_a_cancelled_fill_keeps_whole_portions_and_is_gone_on_with(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_registers.filling.run.PORTION", 100)
    cancel = threading.Event()
    told: list[FillProgress] = []

    def tell(progress: FillProgress) -> None:
        told.append(progress)
        if progress.persons == 800:
            cancel.set()

    stopped = fill(database, ORDER, progress=tell, cancel=cancel)
    assert (stopped.finished, stopped.households) == (False, 200)
    assert [progress.persons for progress in told] == [400, 800]
    assert _counts(database)[:2] == [800, 1_600]
    rest = fill(database, ORDER)
    assert (rest.finished, rest.households_before) == (True, 200)
    interrupted = _digest(database)
    fill(database, ORDER, replace=True)
    assert _digest(database) == interrupted
    again = fill(database, ORDER)
    assert (again.finished, again.households_before, again.households) == (True, 500, 500)


def test_a_fill_that_is_cancelled_in_a_portion_leaves_nothing_of_it(database: Database) -> None:
    cancel = threading.Event()
    cancel.set()
    assert fill(database, ORDER, cancel=cancel).households == 0
    assert _counts(database) == [0, 0, 0, 0, 0]


def test_a_fill_that_is_killed_is_gone_on_with(database: Database, upgraded_url: str) -> None:
    program = (
        "import sys\n"
        "from mock_registers.database import open_database\n"
        "from mock_registers.filling import FillOrder, fill, run\n"
        "run.PORTION = 20\n"
        "def tell(progress):\n"
        "    print(progress.persons, flush=True)\n"
        "    sys.stdin.readline()\n"
        "fill(open_database(sys.argv[1]), FillOrder(2_000, 4_000, 'test'), progress=tell)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for portions in (1, 4):
        with subprocess.Popen(
            [sys.executable, "-c", program, upgraded_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        ) as filling:
            assert filling.stdin is not None
            assert filling.stdout is not None
            # It waits for a line after each portion, and does the rest only if it is told to.
            filling.stdin.write("\n" * (portions - 1))
            filling.stdin.flush()
            for _ in range(portions):
                assert filling.stdout.readline()
            filling.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        with database.connected() as connection:
            done = connection.execute(select(FillRow.done)).scalar_one()
        assert 20 <= done < 500
        assert _counts(database)[:2] == [4 * done, 8 * done]
    rest = fill(database, ORDER)
    assert (rest.finished, rest.households_before) == (True, done)
    interrupted = _digest(database)
    fill(database, ORDER, replace=True)
    assert _digest(database) == interrupted


def test_another_population_is_refused_unless_it_is_to_replace(database: Database) -> None:
    fill(database, FillOrder(40, 80, "one"))
    for other in (FillOrder(40, 80, "other"), FillOrder(44, 80, "one"), FillOrder(40, 84, "one")):
        with pytest.raises(FillConflict, match="40 persons, 80 parcels, seed one"):
            fill(database, other)
    assert fill(database, FillOrder(8, 0, "other"), replace=True).finished
    assert _counts(database)[:3] == [8, 0, 0]


def test_a_second_fill_at_the_same_time_gives_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_registers.filling.run.PORTION", 100)

    def tell(progress: FillProgress) -> None:
        if progress.persons == 400:
            assert fill(database, ORDER).finished

    with pytest.raises(FillConflict, match="another fill"):
        fill(database, ORDER, progress=tell)
    assert _counts(database)[:2] == [2_000, 4_000]


def test_a_row_that_is_in_the_way_ends_the_fill_and_is_not_told(database: Database) -> None:
    taken = Invention(ORDER).person(5)
    columns = {column.name: "x" for column in PersonRow.__table__.columns}
    with database.transaction() as connection:
        connection.execute(insert(PersonRow).values({**columns, "personal_number": taken.personal_number}))
    with pytest.raises(DatabaseTrouble) as caught:
        fill(database, ORDER)
    assert caught.value.__suppress_context__
    assert taken.personal_number not in str(caught.value)
    assert _counts(database)[:3] == [1, 0, 0]
    assert fill(database, ORDER, replace=True).finished


def test_memory_stays_flat(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_registers.filling.run.PORTION", 50)
    peaks = []
    # Fills Python's own lists of free tuples, which otherwise look like memory that is kept.
    fill(database, FillOrder(2_000, 4_000, "warm"), replace=True)
    tracemalloc.start()
    try:
        for persons in (400, 2_000):
            tracemalloc.reset_peak()
            fill(database, FillOrder(persons, 2 * persons, "flat"), replace=True)
            peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize(
    ("persons", "parcels", "seed"),
    [(0, 0, "x"), (MOST_PERSONS + 1, 0, "x"), (1, -1, "x"), (1, MOST_PARCELS + 1, "x"), (1, 0, ""), (1, 0, "x" * 101)],
)
def test_what_cannot_be_is_not_ordered(persons: int, parcels: int, seed: str) -> None:
    with pytest.raises(ValueError, match=r"from|seed"):
        FillOrder(persons, parcels, seed)


@pytest.mark.parametrize(("persons", "parcels"), [(1, 0), (1, 7), (5, 3), (7, 100)])
def test_odd_orders_are_filled_to_the_last(database: Database, persons: int, parcels: int) -> None:
    fill(database, FillOrder(persons, parcels, "odd"))
    assert _counts(database)[:2] == [persons, parcels]


def test_the_command_fills_and_tells_and_refuses(database_url: str) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["fill", "--database-url", database_url, *arguments])
        return done.exit_code, done.output

    code, said = run("--persons", "200", "--parcels", "400")
    assert (code, "200 persons, 400 parcels" in said) == (0, True)
    code, said = run("--persons", "100", "--parcels", "400")
    assert (code, "fill-conflict" in said, "--replace" in said) == (1, True, True)
    assert run("--persons", "100", "--parcels", "400", "--replace")[0] == 0
    assert run("--persons", "0")[0] == 2
    assert run("--persons", "1", "--seed", "")[0] == 2


def test_the_command_stops_when_asked_and_goes_on_when_asked_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r.db'}"
    persons = 4 * PORTION * 50
    command = [sys.executable, "-W", "error", "-c", "from mock_registers.cli import main; main()", "fill"]
    arguments = ["--database-url", url, "--persons", str(persons), "--parcels", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, env=environment, text=True) as filling:
        assert filling.stderr is not None
        first = filling.stderr.readline()
        filling.send_signal(signal.SIGINT)
        rest = filling.stderr.read()
        assert filling.wait(30.0) == 130
    assert f"of {persons:,} persons" in first
    assert "s left" in first
    assert "stopped at" in rest
    database = open_database(url)
    with database.connected() as connection:
        done = connection.execute(select(FillRow.done)).scalar_one()
    assert 0 < done < persons / 4
    assert _counts(database)[:3] == [4 * done, 0, 0]
    database.close()
