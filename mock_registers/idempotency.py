"""One effect for one key: a look-up that comes again is answered again, word for word, and not looked up again.

draft-ietf-httpapi-idempotency-key-header-07 §2.6. The answer is kept sealed as it was; who signs it anew binds it to
the request that asks for it this time. An answer and the access it stands for are written in one transaction, so
that neither is there without the other, whenever the process ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mock_registers.gate import Admitted
from mock_registers.idempotency_tables import AccessRow, AnsweredRow
from mock_registers.refusal import Refusal

__all__ = ["KEPT_S", "LEASE_S", "Answered", "Given"]

# A desk that was offline for a week sends its look-ups again on the eighth day.
KEPT_S = 9 * 86_400
# Who began and did not finish within this time is gone: nothing was written, so another may begin anew.
LEASE_S = 60
_TIDY_EVERY_S = 3_600


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

    def accesses(self, personal_number: str) -> int:
        """Return how often this register let somebody see the citizen's record: the effects there were."""
        with Session(self._engine) as session:
            query = select(func.count()).select_from(AccessRow)
            mine = query.where(AccessRow.register == self._register, AccessRow.personal_number == personal_number)
            return session.scalar(mine) or 0

    def _begin(self, admitted: Admitted, now: int) -> bytes | None:
        """Take the key for this request; return the answer where it was given before."""
        self._tidy()
        fresh = {**self._key(admitted), "fingerprint": admitted.fingerprint, "begun_at": now, "answer": None}
        try:
            # Without a session and its bookkeeping of objects: this is for every look-up.
            with self._engine.begin() as connection:
                connection.execute(insert(AnsweredRow), fresh)
            return None
        except IntegrityError:
            return self._known(admitted, now)

    def _known(self, admitted: Admitted, now: int) -> bytes | None:
        with Session(self._engine) as session, session.begin():
            row = session.get(AnsweredRow, tuple(self._key(admitted).values()))
            if row is None:
                raise Refusal(409, "request-in-progress")
            if row.fingerprint != admitted.fingerprint:
                raise Refusal(422, "idempotency-key-reused")
            if row.answer is not None:
                return row.answer
            # Taken over only from what was seen here, so that of two who find it forsaken one goes on.
            forsaken = update(AnsweredRow).filter_by(**self._key(admitted), begun_at=row.begun_at, answer=None)
            if now - row.begun_at < LEASE_S or session.execute(forsaken.values(begun_at=now)).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult, which its type does not say
                raise Refusal(409, "request-in-progress")
            return None

    def _finish(self, admitted: Admitted, begun: int, sealed: bytes) -> bool:
        """Keep the answer with the access that it is; False where this request is no longer the one that gives it.

        Raise Refusal (422) where the key stands for another access, whose answer was forgotten since.
        """
        lookup = admitted.lookup
        access = AccessRow(
            **self._key(admitted),
            personal_number=lookup.citizen.personal_number,
            clerk=lookup.clerk,
            purpose=lookup.purpose,
            lookup_id=lookup.lookup_id,
            at=int(self._now()),
        )
        with Session(self._engine) as session, session.begin():
            mine = update(AnsweredRow).filter_by(**self._key(admitted), begun_at=begun, answer=None)
            if session.connection().execute(mine.values(answer=sealed)).rowcount != 1:
                return False
            before = session.get(AccessRow, (self._register, admitted.device.device_id, admitted.idempotency_key))
            if before is None:
                session.add(access)
            elif (before.personal_number, before.lookup_id) != (access.personal_number, access.lookup_id):
                raise Refusal(422, "idempotency-key-reused")
            return True

    def _abandon(self, admitted: Admitted, begun: int) -> None:
        """Let another begin anew, unless another has taken over already."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(AnsweredRow).filter_by(**self._key(admitted), begun_at=begun, answer=None))

    def _tidy(self) -> None:
        """Forget what nobody sends again, once an hour."""
        now = self._now()
        if now - self._tidied < _TIDY_EVERY_S:
            return
        self._tidied = now
        with Session(self._engine) as session, session.begin():
            session.execute(delete(AnsweredRow).where(AnsweredRow.begun_at < int(now) - KEPT_S))

    def _key(self, admitted: Admitted) -> dict[str, str]:
        return {
            "device_id": admitted.device.device_id,
            "register": self._register,
            "idempotency_key": admitted.idempotency_key,
        }
