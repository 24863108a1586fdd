"""No look-up reads a whole table: every statement that is really sent is explained by the database that runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from auth.presence import Page
from auth.presence.page_store import FORGOTTEN_AFTER_S
from mock_registers.filling import FillOrder, Invention, fill
from mock_registers.filling.series import SERIES
from mock_registers.housing import HousingStorage
from mock_registers.messages import Citizen
from mock_registers.presence_pages import DatabasePages
from mock_registers.presence_store import DatabaseStore
from mock_registers.storage import Storage

FILLED = {series.table.name for series in SERIES}
ORDER = FillOrder(2_000, 4_000, "plans")


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    opened = Storage(database_url)
    assert fill(opened.database, ORDER).finished
    yield opened
    opened.close()


def _statements(storage: Storage, citizen: Citizen) -> list[tuple[str, Any]]:
    """Do everything that a look-up can do, and return what was sent to the database for it."""
    sent: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(storage.database.engine, "before_cursor_execute", listen)
    assert storage.find_person(citizen) is not None
    assert storage.find_holdings(citizen).parcels
    assert storage.someone_else(citizen) != citizen
    assert HousingStorage(storage).find_dwellings(citizen).dwellings == ()
    assert storage.last_checkpoint("land", "device") == ""
    assert storage.replace_checkpoint("land", "device", "", "note")
    assert storage.replace_checkpoint("land", "device", "note", "later")
    _presence(storage)
    event.remove(storage.database.engine, "before_cursor_execute", listen)
    return [(statement, values) for statement, values in sent if not statement.startswith(("SET", "INSERT", "BEGIN"))]


def _presence(storage: Storage) -> None:
    """Do what a verifier does for a challenge and its receipts."""
    store = DatabaseStore(storage.database)
    store.issue("jti", "device", b"root", b"entry", issued=1, expires=60, most=2)
    assert store.open_of("device", 1) == 1
    assert store.use("jti", "land")
    assert store.was_used("jti")
    assert store.append_after(b"entry", lambda standing: (b"receipt", standing)).index == 0
    assert store.append_after(b"entry", lambda standing: (b"another", standing)).path
    assert store.grown(1, None) is not None
    pages = DatabasePages(store)
    pages.give("key", [Page("page", b"page")], now=1, expires=60, most=2)
    pages.use(("page", "key", "land", 7, b"root"))
    pages.give("key", [Page("later", b"later")], now=61 + FORGOTTEN_AFTER_S, expires=10**6, most=2)


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _scanned(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """Return what a statement reads from one end to the other."""
    if connection.dialect.name == "postgresql":
        # A table of a few rows is one page, and read whole; of such it is asked whether there would be another way.
        few = not any(f"FROM {table}" in statement for table in FILLED)
        connection.exec_driver_sql(f"SET LOCAL enable_seqscan = {'off' if few else 'on'}")
        explained = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, parameters).scalar_one()
        plans = explained if isinstance(explained, list) else json.loads(explained)
        return [
            f"{node['Node Type']} on {node['Relation Name']}"
            for plan in plans
            for node in _nodes(plan["Plan"])
            if node["Node Type"] == "Seq Scan"
        ]
    rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
    return [str(row[-1]) for row in rows if str(row[-1]).startswith("SCAN") and "USING INDEX" not in str(row[-1])]


def test_every_way_in_goes_through_an_index(storage: Storage) -> None:
    owner = next(
        holder
        for number in range(50)
        for parcel in Invention(ORDER).household(number).parcels
        for holder in parcel.holders
        if len(holder.number) == 12 and holder.full_name != holder.full_name.upper() and "Sai" not in holder.full_name
    )
    citizen = Citizen(personal_number=owner.number, full_name=owner.full_name, date_of_birth="1900")
    statements = _statements(storage, citizen)
    tables = " ".join(statement for statement, _ in statements)
    asked = (
        "persons",
        "parcels",
        "holders",
        "dwellings",
        "checkpoints",
        "presence_log",
        "presence_nodes",
        "presence_pages",
    )
    assert all(f"FROM {table}" in tables for table in asked)
    assert "DELETE FROM presence_pages" in tables, "a page was old enough to be forgotten"
    with storage.database.connected() as connection:
        scanned = {statement: _scanned(connection, statement, values) for statement, values in statements}
    assert {statement: found for statement, found in scanned.items() if found} == {}


def test_a_statement_without_an_index_would_be_found(storage: Storage) -> None:
    with storage.database.connected() as connection:
        for statement in ("SELECT * FROM persons WHERE mother = 'x'", "SELECT * FROM checkpoints WHERE note = 'x'"):
            assert _scanned(connection, statement, ()) != []
