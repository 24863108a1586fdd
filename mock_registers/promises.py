"""Answers that were promised with a 202: a ticket for each effect, and the answer for whoever it was promised to.

A ticket is drawn at random and says nothing. It gives the answer to nobody but the device that was promised it, for the
same purpose and clerk, under the same key, and for the very request that was taken; to anybody else it is unknown, and
so is one that never was. What was promised is kept as long as the answer is, so that a desk which went offline finds it
whether it fetches it or sends the look-up again.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from auth.wire.promise import TICKET
from mock_registers.gate import Admitted, AskedFor
from mock_registers.idempotency import KEPT_S
from mock_registers.idempotency_tables import AnsweredRow
from mock_registers.promise_tables import PromiseRow

__all__ = ["Promised", "Promises"]

_TICKET_BYTES = 32
_TIDY_EVERY_S = 3_600


@dataclass(frozen=True, slots=True)
class Promised:
    """Hold what stands under a ticket: for which request, and in how many seconds its answer may be given."""

    ticket: str
    request_digest: str
    wait_s: float


class Promises:
    """Remember what one register promised, in the registers' database."""

    def __init__(self, register: str, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._register = register
        self._engine = engine
        self._now = now
        self._tidied = 0.0

    def make(self, admitted: Admitted, request_digest: str, in_s: float) -> Promised:
        """Promise the answer to ``admitted`` in ``in_s`` seconds; what was promised under its key before stays so."""
        self._tidy()
        row = {
            **self._effect(admitted.device.device_id, admitted.idempotency_key),
            "ticket": secrets.token_urlsafe(_TICKET_BYTES),
            "purpose": admitted.lookup.purpose,
            "clerk": admitted.lookup.clerk,
            "request_digest": request_digest,
            "ready_at": int((self._now() + in_s) * 1000),
            "made_at": int(self._now()),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(PromiseRow), row)
        except IntegrityError:
            pass
        with Session(self._engine) as session:
            known = select(PromiseRow).filter_by(**self._effect(admitted.device.device_id, admitted.idempotency_key))
            return self._promised(session.scalars(known).one())

    def find(self, ticket: str, asked: AskedFor) -> tuple[Promised, bytes] | None:
        """Return what was promised to whoever asks, with the sealed answer; None where nothing was, to them."""
        if not TICKET.fullmatch(ticket):
            return None
        with Session(self._engine) as session:
            row = session.get(PromiseRow, ticket)
            if row is None or not self._is_for(row, asked):
                return None
            answered = session.get(AnsweredRow, (row.device_id, row.register, row.idempotency_key))
            if answered is None or answered.answer is None:
                return None
            return self._promised(row), answered.answer

    def _is_for(self, row: PromiseRow, asked: AskedFor) -> bool:
        theirs = (self._register, asked.device.device_id, asked.idempotency_key, asked.purpose)
        if (row.register, row.device_id, row.idempotency_key, row.purpose) != theirs:
            return False
        # Where nobody judges clerks there is no name to hold against the one that the look-up told.
        if asked.clerk is not None and asked.clerk != row.clerk:
            return False
        return hmac.compare_digest(row.request_digest.encode(), asked.request_digest.encode())

    def _promised(self, row: PromiseRow) -> Promised:
        return Promised(row.ticket, row.request_digest, max(row.ready_at / 1000 - self._now(), 0.0))

    def _effect(self, device_id: str, key: str) -> dict[str, str]:
        return {"device_id": device_id, "register": self._register, "idempotency_key": key}

    def _tidy(self) -> None:
        """Forget what nobody fetches any more, once an hour."""
        now = self._now()
        if now - self._tidied < _TIDY_EVERY_S:
            return
        self._tidied = now
        with Session(self._engine) as session, session.begin():
            session.execute(delete(PromiseRow).where(PromiseRow.made_at < int(now) - KEPT_S))
