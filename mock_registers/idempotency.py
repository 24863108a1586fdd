"""One effect for one key: a look-up that comes again is answered again, word for word, and not looked up again.

draft-ietf-httpapi-idempotency-key-header-07 §2.6. The answer is kept sealed as it was; who signs it anew binds it to
the request that asks for it this time. An answer and the access it stands for are written in one transaction, so
that neither is there without the other, whenever the process ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from mock_registers.asking import ask, say
from mock_registers.gate import Admitted, Unread
from mock_registers.idempotency_tables import AccessRow, AnsweredRow
from mock_registers.refusal import Refusal

__all__ = ["KEPT_S", "LEASE_S", "Answered", "Given"]

# A desk that was offline for a week sends its look-ups again on the eighth day.
KEPT_S = 9 * 86_400
# Who began and did not finish within this time is gone: nothing was written, so another may begin anew.
LEASE_S = 60
_TIDY_EVERY_S = 3_600

# Said for every look-up, so they are put together once: the key's columns, and what must still stand under it.
_OF_KEY = (
    AnsweredRow.device_id == bindparam("of_device"),
    AnsweredRow.register == bindparam("of_register"),
    AnsweredRow.idempotency_key == bindparam("of_key"),
)
_BEGUN_THEN = (*_OF_KEY, AnsweredRow.begun_at == bindparam("begun"), AnsweredRow.answer.is_(None))
_BEGIN = insert(AnsweredRow)
_KNOWN = select(AnsweredRow.fingerprint, AnsweredRow.begun_at, AnsweredRow.answer).where(*_OF_KEY)
_TAKE_OVER = update(AnsweredRow).where(*_BEGUN_THEN).values(begun_at=bindparam("now"))
_ANSWER = update(AnsweredRow).where(*_BEGUN_THEN).values(answer=bindparam("sealed"))
_ABANDON = delete(AnsweredRow).where(*_BEGUN_THEN)
_ACCESS = select(AccessRow.personal_number, AccessRow.lookup_id, AccessRow.clerk).where(
    AccessRow.register == bindparam("of_register"),
    AccessRow.device_id == bindparam("of_device"),
    AccessRow.idempotency_key == bindparam("of_key"),
)
# Both databases can leave a row alone that is there; SQLAlchemy has it under each one's own name.
_WRITE_ACCESS = {
    "sqlite": sqlite.insert(AccessRow).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
    "postgresql": postgresql.insert(AccessRow).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
}
# On PostgreSQL both are one statement, which an access that is there already undoes as a whole. SQLite has no such one.
_ACCESS_COLUMNS = AccessRow.__table__.columns
_ANSWER_AND_ACCESS = insert(AccessRow).from_select(
    [column.name for column in _ACCESS_COLUMNS],
    select(*(bindparam(f"new_{column.name}", type_=column.type) for column in _ACCESS_COLUMNS)).select_from(
        _ANSWER.returning(AnsweredRow.device_id).cte("mine")
    ),
)


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """Hold a sealed answer; ``again`` where it is the one of an earlier request under the same key."""

    sealed: bytes
    again: bool


class Answered:
    """Remember what one register answered, in the registers' database."""

    def __init__(self, register: str, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._register = register
        self._engine = engine
        self._now = now
        self._tidied = 0.0

    def once(self, admitted: Admitted, answer: Callable[[], bytes]) -> Given:
        """Return the sealed answer to ``admitted``: the one of last time, or what ``answer()`` gives.

        Raise Refusal (409) while another request under the key is being worked on, (422) where it came with another
        content under the same key.
        """
        begun = int(self._now())
        known = self._begin(admitted, begun)
        if known is not None:
            return Given(known, again=True)
        try:
            sealed = answer()
            finished = self._finish(admitted, begun, sealed)
        except BaseException:
            self._abandon(admitted, begun)
            raise
        if finished:
            return Given(sealed, again=False)
        # It took so long that another took over: theirs is the answer, once there is one.
        overtaken_by = self._known(admitted, begun)
        if overtaken_by is None:
            raise Refusal(409, "request-in-progress")
        return Given(overtaken_by, again=True)

    def again(self, unread: Unread) -> bytes | None:
        """Return the sealed answer that was given to the same bytes before; None where none was, or to another clerk.

        What was begun and forsaken is given up then: nothing came of it, nothing will, and the key is free for the
        message that is sealed anew. Raise Refusal (409) while they are being worked on, (422) where another content
        came under the same key.
        """
        key = self._key(unread)
        found = ask(self._engine, _KNOWN, key)
        if not found:
            return None
        (known,) = found
        if known.fingerprint != unread.fingerprint:
            raise Refusal(422, "idempotency-key-reused")
        if known.answer is None:
            if int(self._now()) - known.begun_at < LEASE_S or not self._abandon(unread, known.begun_at):
                raise Refusal(409, "request-in-progress")
            return None
        accesses = ask(self._engine, _ACCESS, key)
        mine = any(unread.clerk in (None, access.clerk) for access in accesses)
        return bytes(known.answer) if mine else None

    def accesses(self, personal_number: str) -> int:
        """Return how often this register let somebody see the citizen's record: the effects there were."""
        query = select(func.count()).select_from(AccessRow)
        mine = query.where(AccessRow.register == self._register, AccessRow.personal_number == personal_number)
        ((number,),) = ask(self._engine, mine)
        return int(number)

    def _begin(self, admitted: Admitted, now: int) -> bytes | None:
        """Take the key for this request; return the answer where it was given before."""
        self._tidy()
        fresh = {
            "device_id": admitted.device.device_id,
            "register": self._register,
            "idempotency_key": admitted.idempotency_key,
            "fingerprint": admitted.fingerprint,
            "begun_at": now,
            "answer": None,
        }
        try:
            # Said twice where a connection was cut in its middle, it finds itself: a request in progress.
            say(self._engine, _BEGIN, fresh)
            return None
        except IntegrityError:
            return self._known(admitted, now)

    def _known(self, admitted: Admitted, now: int) -> bytes | None:
        found = ask(self._engine, _KNOWN, self._key(admitted))
        if not found:
            raise Refusal(409, "request-in-progress")
        (known,) = found
        if known.fingerprint != admitted.fingerprint:
            raise Refusal(422, "idempotency-key-reused")
        if known.answer is not None:
            return bytes(known.answer)
        # Taken over only from what was seen here, so that of two who find it forsaken one goes on.
        forsaken = {**self._key(admitted), "begun": known.begun_at, "now": now}
        if now - known.begun_at < LEASE_S or say(self._engine, _TAKE_OVER, forsaken) != 1:
            raise Refusal(409, "request-in-progress")
        return None

    def _finish(self, admitted: Admitted, begun: int, sealed: bytes) -> bool:
        """Keep the answer with the access that it is; False where this request is no longer the one that gives it.

        Raise Refusal (422) where the key stands for another access, whose answer was forgotten since.
        """
        lookup, key = admitted.lookup, self._key(admitted)
        access = {
            "register": self._register,
            "device_id": admitted.device.device_id,
            "idempotency_key": admitted.idempotency_key,
            "personal_number": lookup.citizen.personal_number,
            "clerk": lookup.clerk,
            "purpose": lookup.purpose,
            "lookup_id": lookup.lookup_id,
            "at": int(self._now()),
        }
        answer = {**key, "begun": begun, "sealed": sealed}
        if self._engine.dialect.name == "postgresql":
            new = {f"new_{name}": value for name, value in access.items()}
            try:
                # Said twice where a connection was cut in its middle, it finds the answer given: then that one counts.
                return say(self._engine, _ANSWER_AND_ACCESS, {**answer, **new}) == 1
            except IntegrityError:
                # There was an access under this key before; whether it is the same one is seen below.
                pass
        with self._engine.begin() as connection:
            if connection.execute(_ANSWER, answer).rowcount != 1:
                return False
            if connection.execute(_WRITE_ACCESS[connection.dialect.name], access).rowcount != 1:
                before = connection.execute(_ACCESS, key).one()
                if (before.personal_number, before.lookup_id) != (access["personal_number"], access["lookup_id"]):
                    raise Refusal(422, "idempotency-key-reused")
            return True

    def _abandon(self, admitted: Admitted | Unread, begun: int) -> bool:
        """Let another begin anew; False where another has taken over already, or the answer was given."""
        return say(self._engine, _ABANDON, {**self._key(admitted), "begun": begun}) == 1

    def _tidy(self) -> None:
        """Forget what nobody sends again, once an hour."""
        now = self._now()
        if now - self._tidied < _TIDY_EVERY_S:
            return
        self._tidied = now
        say(self._engine, delete(AnsweredRow).where(AnsweredRow.begun_at < int(now) - KEPT_S))

    def _key(self, admitted: Admitted | Unread) -> dict[str, object]:
        return {
            "of_device": admitted.device.device_id,
            "of_register": self._register,
            "of_key": admitted.idempotency_key,
        }
