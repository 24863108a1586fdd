"""Which answers were promised, to whom and under which ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "promises",
        sa.Column(
            "ticket",
            sa.String(length=43).with_variant(sa.String(length=43, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("register", sa.String(length=30), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("clerk", sa.String(length=100), nullable=False),
        sa.Column("request_digest", sa.String(length=100), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ticket"),
        sa.UniqueConstraint("device_id", "register", "idempotency_key", name="uq_promises_effect"),
    )
    op.create_index(op.f("ix_promises_made_at"), "promises", ["made_at"], unique=False)
