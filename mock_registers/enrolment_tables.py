"""The tables about devices: one row a device, one a pair of its keys, one for everything that was done with it."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mock_registers.tables import Base, key_text

__all__ = ["DeviceActRow", "DeviceCertificateRow", "DeviceKeysRow", "DeviceRow", "OfficeAuthorityRow"]


class DeviceRow(Base):
    """One device; ``place`` is its place in status lists. Times are in seconds."""

    __tablename__ = "devices"

    device_id: Mapped[str] = mapped_column(key_text(64), primary_key=True)
    place: Mapped[int] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(20))
    proven: Mapped[bool]
    office: Mapped[str] = mapped_column(String(100))
    counter: Mapped[str] = mapped_column(String(100))
    software: Mapped[str] = mapped_column(String(100))
    attestation: Mapped[str] = mapped_column(String(8_192))
    asked_at: Mapped[int] = mapped_column(BigInteger)
    wipe_order: Mapped[str] = mapped_column(String(64), default="")
    wipe_at: Mapped[int] = mapped_column(BigInteger, default=0)
    wipe_ledger: Mapped[str] = mapped_column(String(10), default="keep")
    acknowledgement: Mapped[str] = mapped_column(String(4_096), default="")


class DeviceKeysRow(Base):
    """One pair of keys of a device, as base64 of DER; ``until`` is set for those that another pair has replaced.

    ``challenge`` is the SHA-256, in hex, of what was sealed to the opening key and not said back yet.
    """

    __tablename__ = "device_keys"

    key_id: Mapped[str] = mapped_column(key_text(43), primary_key=True)
    device_id: Mapped[str] = mapped_column(key_text(64), ForeignKey("devices.device_id"), index=True)
    signing: Mapped[str] = mapped_column(String(200))
    opening: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10))
    until: Mapped[int] = mapped_column(BigInteger, default=0)
    challenge: Mapped[str] = mapped_column(String(64), default="")


class DeviceActRow(Base):
    """One thing that was done with a device, and the state that came of it."""

    __tablename__ = "device_acts"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    device_id: Mapped[str] = mapped_column(key_text(64), ForeignKey("devices.device_id"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[int] = mapped_column(BigInteger)


class OfficeAuthorityRow(Base):
    """The office's authority, one row: its key (PKCS#8) and its certificate, as base64 of DER."""

    __tablename__ = "office_authority"

    name: Mapped[str] = mapped_column(key_text(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(1_000))
    certificate: Mapped[str] = mapped_column(String(12_000))


class DeviceCertificateRow(Base):
    """One certificate of a device's signing key, as base64 of DER; ``until`` is when it runs out."""

    __tablename__ = "device_certificates"

    serial: Mapped[str] = mapped_column(key_text(40), primary_key=True)
    device_id: Mapped[str] = mapped_column(key_text(64), ForeignKey("devices.device_id"), index=True)
    key_id: Mapped[str] = mapped_column(key_text(43), index=True)
    certificate: Mapped[str] = mapped_column(String(12_000))
    issued_at: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[int] = mapped_column(BigInteger)
