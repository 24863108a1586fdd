"""TO SAY: what these tables or columns are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dwellings",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("certificate_serial", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("project", sa.String(length=300), nullable=False),
        sa.Column("block", sa.String(length=60), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("commune", sa.String(length=300), nullable=False),
        sa.Column("commune_before", sa.String(length=300), nullable=False),
        sa.Column("floor_area_m2", sa.String(length=20), nullable=False),
        sa.Column("ownership_form", sa.String(length=20), nullable=False),
        sa.Column("ownership_term", sa.String(length=10), nullable=True),
        sa.Column("issued", sa.String(length=10), nullable=True),
        sa.Column("quality", sa.String(length=20), nullable=False),
        sa.Column("encumbrances", sa.JSON(), nullable=False),
        sa.Column("transactions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "owners",
        sa.Column("dwelling_key", sa.String(length=160), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("date_of_birth", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["dwelling_key"],
            ["dwellings.key"],
        ),
        sa.PrimaryKeyConstraint("dwelling_key", "position"),
    )
    op.create_index("ix_owners_number_name", "owners", ["number", "name_key"], unique=False)
