"""What a presence verifier gave out, what was used of it, and the log of all of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "presence_issued",
        sa.Column(
            "jti", sa.String(length=22).with_variant(sa.String(length=22, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "device",
            sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("jti"),
    )
    op.create_index(op.f("ix_presence_issued_device"), "presence_issued", ["device"], unique=False)
    op.create_index(op.f("ix_presence_issued_expires"), "presence_issued", ["expires"], unique=False)
    op.create_table(
        "presence_log",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "name", sa.String(length=22).with_variant(sa.String(length=22, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_table(
        "presence_nodes",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_index(op.f("ix_presence_nodes_hash"), "presence_nodes", ["hash"], unique=False)
    op.create_table(
        "presence_used",
        sa.Column(
            "jti", sa.String(length=22).with_variant(sa.String(length=22, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "audience",
            sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("jti", "audience"),
    )
