"""The tables by which a look-up has one effect: what was answered under which key, and who looked at whom."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base

__all__ = ["AccessRow", "AnsweredRow"]


class AnsweredRow(Base):
    """One request that was let in: the sealed answer to it, none while it is being worked on. Times are in seconds."""

    __tablename__ = "answered"

    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    register: Mapped[str] = mapped_column(String(30), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[int] = mapped_column(BigInteger, index=True)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)


class AccessRow(Base):
    """One look at one citizen's record, as the register tells that citizen when asked: the effect of a look-up."""

    __tablename__ = "accesses"

    register: Mapped[str] = mapped_column(String(30), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    personal_number: Mapped[str] = mapped_column(String(12), index=True)
    clerk: Mapped[str] = mapped_column(String(100))
    purpose: Mapped[str] = mapped_column(String(64))
    lookup_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[int] = mapped_column(BigInteger)
