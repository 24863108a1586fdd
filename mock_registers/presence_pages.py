"""The pages of a presence verifier's booklets, in the registers' database: a ``PageStore`` that nodes can share.

Whoever counts pages or takes one holds the one row of the log, as whoever appends to it does: so of two nodes that
count one device's pages, or take one page, the second sees what the first did, on PostgreSQL as on SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from auth.presence import Page, PresenceRefused, Reason
from auth.presence.log import append
from auth.presence.page_store import FORGOTTEN_AFTER_S, FORGOTTEN_AT_ONCE, PageUse
from mock_registers.presence_store import DatabaseStore, HeldRows
from mock_registers.presence_tables import PageCounterRow, PageRow, PageTakenRow

__all__ = ["DatabasePages"]

_HELD = select(func.count()).where(
    PageRow.device_key == bindparam("device_key"), PageRow.expires >= bindparam("now"), PageRow.counter.is_(None)
)
_GIVEN = select(PageRow.jti).where(PageRow.jti == bindparam("page"))
_GIVE = insert(PageRow)
_TAP = select(PageRow.counter, PageRow.root).where(PageRow.jti == bindparam("page"))
_TAPPED = (
    update(PageRow)
    .where(PageRow.jti == bindparam("page"))
    .values({PageRow.counter: bindparam("count"), PageRow.root: bindparam("requests")})
)
_WAS_TAKEN = select(PageTakenRow.jti).where(
    PageTakenRow.jti == bindparam("page"), PageTakenRow.audience == bindparam("register")
)
_TAKE = insert(PageTakenRow)
_LAST = select(PageCounterRow.counter).where(
    PageCounterRow.device_key == bindparam("device"), PageCounterRow.audience == bindparam("register")
)
_FORGET_LAST = delete(PageCounterRow).where(
    PageCounterRow.device_key == bindparam("device"), PageCounterRow.audience == bindparam("register")
)
_COUNT = insert(PageCounterRow)
_EXPIRED = (
    select(PageRow.jti).where(PageRow.expires < bindparam("before")).order_by(PageRow.expires).limit(FORGOTTEN_AT_ONCE)
)
_FORGET_TAKEN = delete(PageTakenRow).where(PageTakenRow.jti.in_(bindparam("gone", expanding=True)))
_FORGET = delete(PageRow).where(PageRow.jti.in_(bindparam("gone", expanding=True)))


class DatabasePages:
    """Remember in the database of a ``DatabaseStore``, SQLite or PostgreSQL; raise DatabaseTrouble where it fails."""

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store
        self._database = store.database

    @property
    def store(self) -> DatabaseStore:
        """Return in whose database this is."""
        return self._store

    def give(self, device_key: str, pages: Sequence[Page], *, now: int, expires: int, most: int) -> None:
        """Count and log pages that are given out; see ``PageStore``."""
        given = [{"jti": page.jti, "device_key": device_key, "expires": expires} for page in pages]

        def work(connection: Connection) -> None:
            rows = HeldRows(connection)
            if connection.execute(_GIVEN, {"page": pages[0].jti}).first() is not None:
                # The connection was cut behind the first commit: counted and logged, all of them.
                return
            held = connection.execute(_HELD, {"device_key": device_key, "now": now}).scalar_one()
            if held + len(pages) > most:
                raise PresenceRefused(Reason.TOO_MANY_OPEN)
            connection.execute(_GIVE, given)
            append(rows, [page.entry for page in pages])
            _forget(connection, now - FORGOTTEN_AFTER_S)

        self._database.change(work)

    def use(self, use: PageUse) -> None:
        """Take a page once for a register; see ``PageStore``."""
        # Said twice where a connection was cut behind the commit, it finds itself: taken, and so refused.
        self._database.change(lambda connection: _use(connection, use))


def _forget(connection: Connection, before: int) -> None:
    """Forget pages that expired earlier, and who took them: both, for one that is known must not look untaken."""
    if gone := connection.execute(_EXPIRED, {"before": before}).scalars().all():
        connection.execute(_FORGET_TAKEN, {"gone": gone})
        connection.execute(_FORGET, {"gone": gone})


def _use(connection: Connection, use: PageUse) -> None:
    jti, device_key, audience, counter, root = use
    HeldRows(connection)
    if connection.execute(_WAS_TAKEN, {"page": jti, "register": audience}).first() is not None:
        raise PresenceRefused(Reason.ALREADY_USED)
    tap = connection.execute(_TAP, {"page": jti}).first()
    if tap is None:
        raise PresenceRefused(Reason.TOKEN_INVALID)
    if tuple(tap) not in ((None, None), (counter, root)):
        raise PresenceRefused(Reason.ALREADY_USED)
    of_device = {"device": device_key, "register": audience}
    last = connection.execute(_LAST, of_device).scalar_one_or_none()
    if last is not None and counter <= last:
        raise PresenceRefused(Reason.COUNTER_BACK)
    connection.execute(_TAPPED, {"page": jti, "count": counter, "requests": root})
    connection.execute(_TAKE, {"jti": jti, "audience": audience})
    connection.execute(_FORGET_LAST, of_device)
    connection.execute(_COUNT, {"device_key": device_key, "audience": audience, "counter": counter})
