"""Rows written in the place of those that are there under the same keys."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mock_registers.tables import Base

__all__ = ["put_rows"]


def put_rows(session: Session, key: InstrumentedAttribute[str], rows: Iterable[Base]) -> None:
    """Write ``rows`` of one table by its primary key; of two with one key the later counts.

    Which are there is asked once, not row by row: a sandbox that starts is empty, and starts in half the time.
    """
    last = {getattr(row, key.key): row for row in rows}
    there = set(session.scalars(select(key).where(key.in_(last))))
    for value, row in last.items():
        if value in there:
            session.merge(row)
        else:
            session.add(row)
    session.flush()
