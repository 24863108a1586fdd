"""What a database remembers of being filled in bulk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "fills",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("seed", sa.String(100), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
    )
