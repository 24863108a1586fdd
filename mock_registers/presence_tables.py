"""The tables of a presence verifier: the challenges it gave out, which were used, and the log of all of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base, key_text

__all__ = ["IssuedRow", "LogRow", "NodeRow", "UsedRow"]


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
