"""Which devices were enrolled, by which keys they are known, and what was done with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "devices",
        sa.Column(
            "device_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("office", sa.String(length=100), nullable=False),
        sa.Column("counter", sa.String(length=100), nullable=False),
        sa.Column("software", sa.String(length=100), nullable=False),
        sa.Column("attestation", sa.String(length=8192), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("wipe_order", sa.String(length=64), nullable=False),
        sa.Column("wipe_at", sa.BigInteger(), nullable=False),
        sa.Column("wipe_ledger", sa.String(length=10), nullable=False),
        sa.Column("acknowledgement", sa.String(length=4096), nullable=False),
        sa.PrimaryKeyConstraint("device_id"),
        sa.UniqueConstraint("place"),
    )
    op.create_table(
        "device_acts",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "device_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["devices.device_id"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(op.f("ix_device_acts_device_id"), "device_acts", ["device_id"], unique=False)
    op.create_table(
        "device_keys",
        sa.Column(
            "key_id",
            sa.String(length=43).with_variant(sa.String(length=43, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "device_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("signing", sa.String(length=200), nullable=False),
        sa.Column("opening", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["devices.device_id"],
        ),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_index(op.f("ix_device_keys_device_id"), "device_keys", ["device_id"], unique=False)
