"""A land certificate whose QR code was scanned at the desk: it opens no chip, but names a parcel to look for.

The code is not signed, so nothing is believed of it: its serial is held against what the registers answer with.
"""

from __future__ import annotations

from auth.registers.text import same_serial
from reader.lds.land_qr import is_land_qr, parse_land_qr

__all__ = ["certificate_in", "same_certificate"]


def certificate_in(text: str) -> str:
    """Return the serial of the land certificate whose QR code ``text`` is, empty where it is something else.

    Raise DataError for the code of a certificate that cannot be read.
    """
    return parse_land_qr(text).serial if is_land_qr(text) else ""


def same_certificate(serial: str, other: str) -> bool:
    """Tell whether two serials name one certificate; without a serial there is none."""
    return bool(serial.strip()) and same_serial(serial, other)
