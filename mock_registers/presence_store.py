"""What a presence verifier remembers, in the registers' database: a ``PresenceStore`` that nodes can share.

Its booklets lie beside it (``presence_pages``). The sandbox shares no more, but for keys that are kept
(``kept_keys``): the relay secret is each process's own.
Whoever appends to the log holds its one row until the end of the transaction, so that nodes take turns, on PostgreSQL
as on SQLite. The row is taken first: then two challenges for one device are counted one after the other too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from auth.presence import PresenceRefused, Reason
from auth.presence.log import Grown, LogState, Node, Place, Standing, append, append_after, grown
from mock_registers.asking import ask
from mock_registers.database import Database, trouble_of
from mock_registers.presence_tables import IssuedRow, LogRow, NodeRow, UsedRow

__all__ = ["DatabaseStore", "HeldRows"]

_ALL = "*"
_PLACE = 1
_TIDY_EVERY_S = 60
_LEVEL_BITS = 6
_LEVEL_MASK = (1 << _LEVEL_BITS) - 1

T = TypeVar("T")

# Made once: what a statement is made of costs more than what it does.
_STATE = select(LogRow.name, LogRow.size, LogRow.peaks).where(LogRow.place == _PLACE)
_HELD_STATE = _STATE.with_for_update()
# Whoever had to wait for the row sees it as it is then, and leaves as they were before: what is asked for was logged
# before it was given out, so that nobody can ask for a later one.
_STATE_AND_LEAF = (
    select(
        LogRow.name,
        LogRow.size,
        LogRow.peaks,
        select(func.min(NodeRow.place))
        .where(NodeRow.hash == bindparam("leaf"), NodeRow.place.bitwise_and(_LEVEL_MASK) == 0)
        .scalar_subquery(),
    )
    .where(LogRow.place == _PLACE)
    .with_for_update(of=LogRow)
)
_GROW = update(LogRow).where(LogRow.place == _PLACE).values(size=bindparam("length"), peaks=bindparam("hashes"))
_HASHES = select(NodeRow.place, NodeRow.hash).where(NodeRow.place.in_(bindparam("places", expanding=True)))
# Asked for what it wrote, it is one statement for all rows; else there is one for each.
_COMPLETE = insert(NodeRow).returning(NodeRow.place)
_FORGET = delete(IssuedRow).where(IssuedRow.expires < bindparam("now"))
_OPEN = (
    select(func.count())
    .select_from(IssuedRow)
    .where(IssuedRow.device == bindparam("device"), IssuedRow.expires >= bindparam("now"))
)
# And whether this very challenge is among them, which is so where it is said twice.
_OPEN_AND_ISSUED = select(
    func.count(),
    func.count().filter(IssuedRow.jti == bindparam("jti"), IssuedRow.root == bindparam("root")),
).where(IssuedRow.device == bindparam("device"), IssuedRow.expires >= bindparam("now"))
_ISSUE = insert(IssuedRow)
_END_EARLIER = insert(UsedRow).from_select(
    ["jti", "audience"],
    select(IssuedRow.jti, literal(_ALL)).where(
        IssuedRow.device == bindparam("device"),
        IssuedRow.root == bindparam("root"),
        ~exists().where(UsedRow.jti == IssuedRow.jti, UsedRow.audience == _ALL),
    ),
)
_USE = (
    insert(UsedRow)
    .from_select(
        ["jti", "audience"],
        select(bindparam("jti", type_=UsedRow.jti.type), bindparam("audience", type_=UsedRow.audience.type)).where(
            ~exists().where(UsedRow.jti == bindparam("jti"), UsedRow.audience.in_([bindparam("audience"), _ALL]))
        ),
    )
    .returning(UsedRow.jti)
)
_WAS_USED = select(UsedRow.jti).where(UsedRow.jti == bindparam("jti"), UsedRow.audience != _ALL).limit(1)


class DatabaseStore:
    """Remember in one database, SQLite or PostgreSQL; raise DatabaseTrouble where it does not work."""

    def __init__(self, database: Database) -> None:
        """Begin the log where there is none yet."""
        self._database = database
        self._tidy_at = 0
        with database.alone() as connection:
            if connection.execute(_STATE).first() is None:
                begun = LogState.begin()
                row = {"place": _PLACE, "name": begun.log, "size": begun.size, "peaks": begun.packed}
                connection.execute(insert(LogRow), row)

    @property
    def database(self) -> Database:
        """Return the database, for what is to be remembered together with the log, as booklets are."""
        return self._database

    def issue(self, jti: str, device: str, root: bytes, entry: bytes, *, issued: int, expires: int, most: int) -> None:
        """Log a challenge; see ``PresenceStore``."""
        row = {"jti": jti, "device": device, "root": root, "expires": expires}

        def work(connection: Connection) -> None:
            rows = HeldRows(connection)
            number, said = connection.execute(_OPEN_AND_ISSUED, row | {"now": issued}).one()
            if said:
                # The connection was cut behind the first commit: issued and logged, and not to be ended by itself.
                return
            if number >= most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            if issued >= self._tidy_at:
                connection.execute(_FORGET, {"now": issued})
                self._tidy_at = issued + _TIDY_EVERY_S
            connection.execute(_END_EARLIER, {"device": device, "root": root})
            connection.execute(_ISSUE, row)
            append(rows, (entry,))

        self._database.change(work)

    def open_of(self, device: str, now: int) -> int:
        """Return how many challenges of a device have not expired."""
        ((number,),) = self._database.ask(_OPEN, {"device": device, "now": now})
        return int(number)

    def use(self, jti: str, audience: str) -> bool:
        """Take a challenge once; see ``PresenceStore``."""
        try:
            # Said twice where a connection was cut in its middle, it finds itself: taken, and so refused.
            return bool(ask(self._database.engine, _USE, {"jti": jti, "audience": audience}))
        except IntegrityError:
            # Another node took it between our look and our word.
            return False
        except SQLAlchemyError as error:
            raise trouble_of(error, self._database.place) from None

    def was_used(self, jti: str) -> bool:
        """Tell whether some audience has taken this challenge."""
        return bool(self._database.ask(_WAS_USED, {"jti": jti}))

    def append_after(self, entry: bytes, write: Callable[[Standing], tuple[bytes, T]]) -> T:
        """Log what ``write`` makes of the log and of ``entry`` in it; see ``PresenceStore``."""
        # Done twice where a connection was cut at the very end, it leaves a receipt in the log that nobody was given.
        return self._database.change(lambda connection: append_after(_Rows(connection), entry, write))

    def grown(self, old: int, new: int | None) -> Grown | None:
        """Return how the log continues what it was; see ``PresenceStore``. What is complete never changes: no turn."""
        with self._database.connected() as connection:
            return grown(_Rows(connection), old, new)


class _Rows:
    """Reach the log's rows (``LogRows``)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state(self) -> LogState:
        name, size, peaks = self._connection.execute(_STATE).one()
        return LogState.read(name, size, peaks)

    def find(self, leaf: bytes) -> tuple[LogState, int | None]:
        name, size, peaks, place = self._connection.execute(_STATE_AND_LEAF, {"leaf": leaf}).one()
        return LogState.read(name, size, peaks), None if place is None else place >> _LEVEL_BITS

    def hashes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        if not places:
            return {}
        found = self._connection.execute(_HASHES, {"places": [_packed(*place) for place in places]})
        return {(place & _LEVEL_MASK, place >> _LEVEL_BITS): hashed for place, hashed in found}

    def grow(self, state: LogState, nodes: Sequence[Node]) -> None:
        if nodes:
            complete = [{"place": _packed(level, number), "hash": hashed} for level, number, hashed in nodes]
            self._connection.execute(_COMPLETE, complete)
        self._connection.execute(_GROW, {"length": state.size, "hashes": state.packed})


class HeldRows(_Rows):
    """Reach the log's rows alone, from now to the end of the transaction (``LogRows``)."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        name, size, peaks = connection.execute(_HELD_STATE).one()
        self._state = LogState.read(name, size, peaks)

    def state(self) -> LogState:
        """Return the log as it is, which nobody else changes until then."""
        return self._state


def _packed(level: int, number: int) -> int:
    return number << _LEVEL_BITS | level
