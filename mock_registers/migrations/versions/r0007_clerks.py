"""Who the clerks are, and what the authorization server gave them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "authorization_codes",
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("family", sa.String(length=43), nullable=False),
        sa.Column("challenge", sa.String(length=43), nullable=False),
        sa.Column("redirect_uri", sa.String(length=500), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "clerks",
        sa.Column("clerk_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("password_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("otp_secret", sa.LargeBinary(length=20), nullable=False),
        sa.Column("last_otp_step", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clerk_id"),
    )
    op.create_table(
        "device_codes",
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("user_code", sa.String(length=20), nullable=False),
        sa.Column("device_id", sa.String(length=200), nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("polled", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("family", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("user_code"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("family", sa.String(length=43), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_refresh_tokens_family"), "refresh_tokens", ["family"], unique=False)
    op.create_table(
        "sign_in_requests",
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("device_id", sa.String(length=200), nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "token_families",
        sa.Column("family", sa.String(length=43), nullable=False),
        sa.Column("device_id", sa.String(length=200), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("clerk_id", sa.String(length=60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("nonce", sa.String(length=200), nullable=False),
        sa.Column("acr", sa.String(length=60), nullable=False),
        sa.Column("auth_time", sa.Integer(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("family"),
    )
