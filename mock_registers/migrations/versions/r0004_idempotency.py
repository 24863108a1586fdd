"""What was answered under which idempotency key, and who looked at whose record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accesses",
        sa.Column("register", sa.String(length=30), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("personal_number", sa.String(length=12), nullable=False),
        sa.Column("clerk", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("lookup_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("register", "device_id", "idempotency_key"),
    )
    op.create_index(op.f("ix_accesses_personal_number"), "accesses", ["personal_number"], unique=False)
    op.create_table(
        "answered",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("register", sa.String(length=30), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("device_id", "register", "idempotency_key"),
    )
    op.create_index(op.f("ix_answered_begun_at"), "answered", ["begun_at"], unique=False)
