"""What a slip will be signed by, known before its page is drawn: the page says whether it is signed, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.slip.content import Slip
from desk.slip.record import record_digest, slip_record

__all__ = ["NO_CERTIFICATE", "NO_CLERK", "NO_DEVICE", "NO_SLIP", "MadeSlip", "PreparedSlip", "SealedSlip", "SignedBy"]

NO_DEVICE, NO_CERTIFICATE = "no-device", "no-certificate"
NO_SLIP = "no-slip"
"""The code of the failure catalogue for having nothing to make a slip of."""
NO_CLERK = "slip-wants-clerk"
"""The code for a desk at which clerks sign in and none has, or whose session has ended."""


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Name the device whose key will sign, who issued its certificate, and until when that is valid."""

    device_id: str
    issuer: str
    until: datetime


@dataclass(frozen=True, slots=True, repr=False)
class PreparedSlip:
    """Hold a slip, its slip.json, and who will sign the page; ``unsigned`` says why nobody will."""

    slip: Slip
    record: bytes
    signed_by: SignedBy | None = None
    unsigned: str = NO_DEVICE

    @classmethod
    def of(cls, slip: Slip, signed_by: SignedBy | None = None, unsigned: str = NO_DEVICE) -> PreparedSlip:
        """Return ``slip`` with its slip.json."""
        return cls(slip, slip_record(slip), signed_by, unsigned)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the slip.json, which the page names."""
        return record_digest(self.record)

    def __repr__(self) -> str:
        """Show the number, nothing of the person."""
        return f"PreparedSlip({self.slip.slip_id})"


@dataclass(frozen=True, slots=True, repr=False)
class MadeSlip:
    """Hold the slip that was asked for, or the code of why there is none."""

    prepared: PreparedSlip | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class SealedSlip:
    """Hold the finished page, or the code of why there is none."""

    page: bytes = b""
    failure: str = ""
