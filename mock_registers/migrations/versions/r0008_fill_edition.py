"""Which tables the population of a database was written into."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; what is there was written before there were dwellings."""
    op.add_column("fills", sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
