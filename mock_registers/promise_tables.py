"""The table of answers that were promised: under which ticket, for which request of whom, and from when."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base, key_text

__all__ = ["PromiseRow"]


class PromiseRow(Base):
    """One promise; ``ready_at`` is in milliseconds, ``made_at`` in seconds. The answer itself is an ``AnsweredRow``."""

    __tablename__ = "promises"
    __table_args__ = (UniqueConstraint("device_id", "register", "idempotency_key", name="uq_promises_effect"),)

    ticket: Mapped[str] = mapped_column(key_text(43), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64))
    register: Mapped[str] = mapped_column(String(30))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(64))
    clerk: Mapped[str] = mapped_column(String(100))
    request_digest: Mapped[str] = mapped_column(String(100))
    ready_at: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[int] = mapped_column(BigInteger, index=True)
