"""The tables of the authorization server: who the clerks are, and what they were given.

Nothing by which somebody could sign in or ask stands here as it is: passwords are hashed with a salt, and codes,
refresh tokens and request addresses are kept as SHA-256 of 256 random bits.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Float, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base

__all__ = ["ClerkRow", "CodeRow", "DeviceCodeRow", "FamilyRow", "RefreshRow", "SignInRow"]


class ClerkRow(Base):
    """One clerk; ``otp_secret`` is what the one-time codes are made from, which no hash could keep."""

    __tablename__ = "clerks"

    clerk_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool]
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    password_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    otp_secret: Mapped[bytes] = mapped_column(LargeBinary(20))
    last_otp_step: Mapped[int] = mapped_column(default=0)


class SignInRow(Base):
    """One pushed authorization request (RFC 9126) until somebody has signed in for it."""

    __tablename__ = "sign_in_requests"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(200))
    key_id: Mapped[str] = mapped_column(String(43))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires: Mapped[float] = mapped_column(Float)
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)


class FamilyRow(Base):
    """One sign-in and all the tokens that come of it; ended, none of them counts any more."""

    __tablename__ = "token_families"

    family: Mapped[str] = mapped_column(String(43), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(200))
    thumbprint: Mapped[str] = mapped_column(String(43))
    clerk_id: Mapped[str] = mapped_column(String(60))
    details: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    nonce: Mapped[str] = mapped_column(String(200))
    acr: Mapped[str] = mapped_column(String(60))
    auth_time: Mapped[int]
    expires: Mapped[float] = mapped_column(Float)
    ended: Mapped[bool] = mapped_column(default=False)


class CodeRow(Base):
    """One authorization code: good once, for one minute, with the verifier of its challenge (RFC 7636)."""

    __tablename__ = "authorization_codes"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    family: Mapped[str] = mapped_column(String(43))
    challenge: Mapped[str] = mapped_column(String(43))
    redirect_uri: Mapped[str] = mapped_column(String(500))
    expires: Mapped[float] = mapped_column(Float)
    used: Mapped[bool] = mapped_column(default=False)


class RefreshRow(Base):
    """One refresh token: good once; shown again, it ends its family (RFC 9700 §4.14.2)."""

    __tablename__ = "refresh_tokens"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    family: Mapped[str] = mapped_column(String(43), index=True)
    used: Mapped[bool] = mapped_column(default=False)


class DeviceCodeRow(Base):
    """One device code and the user code that a clerk types elsewhere (RFC 8628)."""

    __tablename__ = "device_codes"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    user_code: Mapped[str] = mapped_column(String(20), unique=True)
    device_id: Mapped[str] = mapped_column(String(200))
    key_id: Mapped[str] = mapped_column(String(43))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires: Mapped[float] = mapped_column(Float)
    interval: Mapped[int]
    polled: Mapped[float] = mapped_column(Float, default=0.0)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    family: Mapped[str] = mapped_column(String(43), default="")
