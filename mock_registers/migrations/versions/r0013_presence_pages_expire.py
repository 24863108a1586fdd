"""The pages of booklets by when they expire, since what expired long ago is forgotten."""

from __future__ import annotations

from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_presence_pages_expires", "presence_pages", ["expires"], unique=False)
