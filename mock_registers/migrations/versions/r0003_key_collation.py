"""On PostgreSQL, keys are compared byte by byte.

A number or a folded name has no order in any language; by the server's locale its index would be slower to build, and
wrong after the next upgrade of the system's locales. SQLite compares so in any case.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0003"
down_revision = "0002"

_KEYS = (
    ("persons", "personal_number", 12),
    ("persons", "old_number", 12),
    ("persons", "name_key", 200),
    ("parcels", "key", 120),
    ("holders", "parcel_key", 120),
    ("holders", "number", 30),
    ("holders", "name_key", 200),
)


def upgrade() -> None:
    """Change the columns, and with them their indices."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, length in _KEYS:
        op.alter_column(table, column, type_=sa.String(length, collation="C"))
