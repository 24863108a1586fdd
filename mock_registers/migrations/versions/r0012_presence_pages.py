"""The pages of a presence verifier's booklets, which were taken, and how far each device's counter was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "presence_page_counters",
        sa.Column(
            "device_key",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_key", "audience"),
    )
    op.create_table(
        "presence_pages",
        sa.Column(
            "jti", sa.String(length=22).with_variant(sa.String(length=22, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "device_key",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=True),
        sa.Column("root", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("jti"),
    )
    op.create_index("ix_presence_pages_device_key", "presence_pages", ["device_key", "expires"], unique=False)
    op.create_table(
        "presence_pages_taken",
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
