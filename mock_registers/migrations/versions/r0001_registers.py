"""The population and the land register, and the checkpoints that they countersigned.

A database from before there were revisions has these tables already, so what is there is left as it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make what is not there."""
    op.create_table(
        "persons",
        sa.Column("personal_number", sa.String(12), primary_key=True),
        sa.Column("old_number", sa.String(12), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("date_of_birth", sa.String(10), nullable=False),
        sa.Column("sex", sa.String(1), nullable=False),
        sa.Column("nationality", sa.String(100), nullable=False),
        sa.Column("card_status", sa.String(20), nullable=False),
        sa.Column("ethnicity", sa.String(100), nullable=False),
        sa.Column("religion", sa.String(100), nullable=False),
        sa.Column("place_of_origin", sa.String(500), nullable=False),
        sa.Column("residence", sa.String(500), nullable=False),
        sa.Column("residence_before", sa.String(500), nullable=False),
        sa.Column("father", sa.String(200), nullable=False),
        sa.Column("mother", sa.String(200), nullable=False),
        sa.Column("spouse", sa.String(200), nullable=False),
        sa.Column("issue_date", sa.String(10)),
        sa.Column("expiry", sa.String(10)),
        if_not_exists=True,
    )
    op.create_index("ix_persons_old_number", "persons", ["old_number"], if_not_exists=True)
    op.create_table(
        "parcels",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("certificate_serial", sa.String(20), nullable=False),
        sa.Column("map_sheet", sa.String(20), nullable=False),
        sa.Column("parcel_number", sa.String(20), nullable=False),
        sa.Column("commune", sa.String(300), nullable=False),
        sa.Column("commune_before", sa.String(300), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("area_m2", sa.String(20), nullable=False),
        sa.Column("land_type", sa.String(10), nullable=False),
        sa.Column("land_type_name", sa.String(100), nullable=False),
        sa.Column("term", sa.String(100), nullable=False),
        sa.Column("form_of_use", sa.String(100), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("quality", sa.String(20), nullable=False),
        sa.Column("issued", sa.String(10)),
        sa.Column("boundary", sa.JSON(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "holders",
        sa.Column("parcel_key", sa.String(120), sa.ForeignKey("parcels.key"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("date_of_birth", sa.String(10)),
        sa.Column("address", sa.String(500), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_holders_number_name", "holders", ["number", "name_key"], if_not_exists=True)
    op.create_table(
        "checkpoints",
        sa.Column("register", sa.String(30), primary_key=True),
        sa.Column("device_key", sa.String(64), primary_key=True),
        sa.Column("note", sa.String(16_384), nullable=False),
        if_not_exists=True,
    )
