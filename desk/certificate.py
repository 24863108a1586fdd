"""A land certificate whose QR code was scanned at the desk: it opens no chip, but names a parcel to look for.

The code is not signed, so nothing is believed of it: its serial is held against the parcels that the land register
answers with.
"""

from __future__ import annotations

from auth.registers.ports import LandHoldings
from auth.registers.text import same_serial
from reader.lds.land_qr import is_land_qr, parse_land_qr

__all__ = ["certificate_in", "holds_certificate"]


def certificate_in(text: str) -> str:
    """Return the serial of the land certificate whose QR code ``text`` is, empty where it is something else.

    Raise DataError for the code of a certificate that cannot be read.
    """
    return parse_land_qr(text).serial if is_land_qr(text) else ""


def holds_certificate(serial: str, holdings: LandHoldings | None) -> bool:
    """Tell whether one of the parcels stands under the certificate; blanks and small letters do not matter."""
    return holdings is not None and any(same_serial(parcel.certificate_serial, serial) for parcel in holdings.parcels)
