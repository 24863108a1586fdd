"""One statement, which is a transaction of its own: sent without a beginning and an end around it.

Most of what a look-up asks of the database is one statement by one key. A transaction around it would take three times
as long as itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Engine, Executable, Row
from sqlalchemy.exc import DBAPIError

__all__ = ["WHOLE", "ask", "say", "say_again_if_cut"]

WHOLE = "whole"
"""The execution option of a connection that says one statement: nothing is begun for it."""

T = TypeVar("T")


def ask(engine: Engine, statement: Executable, values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
    """Return all rows of one SELECT; raise SQLAlchemyError."""

    def asked() -> Sequence[Row[Any]]:
        with engine.connect().execution_options(**{WHOLE: True}) as connection:
            return connection.execute(statement, values).all()

    return say_again_if_cut(asked)


def say(engine: Engine, statement: Executable, values: Mapping[str, object] | None = None) -> int:
    """Return how many rows one INSERT, UPDATE or DELETE touched; raise SQLAlchemyError.

    It must be one that may come twice: where the connection was cut after it arrived, it is said once more.
    """

    def said() -> int:
        with engine.connect().execution_options(**{WHOLE: True}, preserve_rowcount=True) as connection:
            return connection.execute(statement, values).rowcount

    return say_again_if_cut(said)


def say_again_if_cut(work: Callable[[], T]) -> T:
    """Return what ``work`` returns, the second time where the connection turned out to be dead the first time.

    SQLAlchemy has then given up every other connection of before as well, so the second time there is a new one.
    """
    try:
        return work()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return work()
