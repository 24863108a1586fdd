"""The tables of a presence verifier: challenges and pages that it gave out, which were used, and the log of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base, key_text

__all__ = ["IssuedRow", "LogRow", "NodeRow", "PageCounterRow", "PageRow", "PageTakenRow", "UsedRow"]


class IssuedRow(Base):
    """One challenge that may still be answered. Times are in seconds."""

    __tablename__ = "presence_issued"

    jti: Mapped[str] = mapped_column(key_text(22), primary_key=True)
    device: Mapped[str] = mapped_column(key_text(128), index=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires: Mapped[int] = mapped_column(BigInteger, index=True)


class UsedRow(Base):
    """One challenge that a register has taken, or that none may take any more."""

    __tablename__ = "presence_used"

    jti: Mapped[str] = mapped_column(key_text(22), primary_key=True)
    audience: Mapped[str] = mapped_column(key_text(128), primary_key=True)


class PageRow(Base):
    """One page of a booklet; once it was tapped for, with the device's counter and the root of the requests."""

    __tablename__ = "presence_pages"
    __table_args__ = (
        Index("ix_presence_pages_device_key", "device_key", "expires"),
        Index("ix_presence_pages_expires", "expires"),
    )

    jti: Mapped[str] = mapped_column(key_text(22), primary_key=True)
    device_key: Mapped[str] = mapped_column(key_text(64))
    expires: Mapped[int] = mapped_column(BigInteger)
    counter: Mapped[int | None] = mapped_column(BigInteger)
    root: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class PageTakenRow(Base):
    """One page that a register has taken."""

    __tablename__ = "presence_pages_taken"

    jti: Mapped[str] = mapped_column(key_text(22), primary_key=True)
    audience: Mapped[str] = mapped_column(key_text(128), primary_key=True)


class PageCounterRow(Base):
    """How far a device's counter was when a register last took a page of it."""

    __tablename__ = "presence_page_counters"

    device_key: Mapped[str] = mapped_column(key_text(64), primary_key=True)
    audience: Mapped[str] = mapped_column(key_text(128), primary_key=True)
    counter: Mapped[int] = mapped_column(BigInteger)


class LogRow(Base):
    """The log as it is now: its name, its length, and the hashes of the subtrees it is made of. There is one."""

    __tablename__ = "presence_log"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(key_text(22))
    size: Mapped[int] = mapped_column(BigInteger)
    peaks: Mapped[bytes] = mapped_column(LargeBinary)


class NodeRow(Base):
    """One complete subtree of the log; ``place`` is its number among those of its level, times 64, and its level.

    In one column, since both databases find many values of one at once by its index, and pairs not all of them do.
    """

    __tablename__ = "presence_nodes"

    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
