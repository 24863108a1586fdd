"""TO SAY: what these tables or columns are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.drop_index(op.f('ix_device_keys_device_id'), table_name='device_keys')
    op.drop_table('device_keys')
    op.drop_index(op.f('ix_device_acts_device_id'), table_name='device_acts')
    op.drop_table('device_acts')
    op.drop_table('devices')
