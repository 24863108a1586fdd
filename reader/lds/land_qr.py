"""The QR code of the land certificate of 2025: eight fields between ``|``, unsigned, good for a look-up only.

The fields are: when it was made, the unit that issued the certificate, the programme that printed it, the dossier, the
certificate's serial, the certificate's own id, when it was last changed, and a number to check it with (Circular
10/2024/TT-BTNMT). Moments are dd-MM-yyyy-HH-mm-ss in Vietnam's time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from reader.errors import DataError
from reader.lds.safe_text import make_safe

__all__ = ["LAND_QR_SCANNED", "LandQr", "is_land_qr", "parse_land_qr"]

MAX_CHARACTERS = 1024
FIELDS = 8
MAX_CODE_DIGITS = 20
# What parse_key_input says where this code was scanned instead of the card's.
LAND_QR_SCANNED = "qr-of-a-land-certificate"

_MOMENT = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})-([0-9]{2})-([0-9]{2})-([0-9]{2})")
_BEGINNING = re.compile(_MOMENT.pattern + r"\|")
_VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True, repr=False)
class LandQr:
    """Hold what the code says, safe to show; ``changed`` is None where the certificate was never changed.

    ``serial`` is the number printed on the certificate ("số phát hành"), in capital letters and without blanks: two
    letters and eight digits since 2025, two and six before. ``misleading`` says that text had to be altered to be safe.
    """

    created: datetime
    unit: str
    programme: str
    dossier: str
    serial: str
    certificate_id: str
    changed: datetime | None
    security_code: int
    misleading: bool = False

    def __repr__(self) -> str:
        """Show nothing: the certificate leads to its owner."""
        return "LandQr(…)"


def is_land_qr(text: str) -> bool:
    """Tell by its first field whether a scanned text is a land certificate's: a card's begins with twelve digits."""
    return _BEGINNING.match(text.lstrip()[:32]) is not None


def parse_land_qr(text: str) -> LandQr:
    """Parse the text of a land certificate's QR code; raise DataError where it is not one."""
    if len(text) > MAX_CHARACTERS:
        raise DataError(f"QR code of more than {MAX_CHARACTERS} characters")
    parts = text.strip().split("|")
    if len(parts) != FIELDS:
        raise DataError(f"QR code of {len(parts)} fields where a land certificate has {FIELDS}")
    safe = [make_safe(part) for part in parts]
    created, unit, programme, dossier, serial, certificate_id, changed, code = (part.text for part in safe)
    serial = "".join(serial.split()).upper()
    if not serial or not certificate_id:
        raise DataError("QR code without serial or id of the certificate")
    if not (code.isascii() and code.isdigit() and len(code) <= MAX_CODE_DIGITS):
        raise DataError("QR code whose last field is not a number")
    return LandQr(
        created=_moment(created),
        unit=unit,
        programme=programme,
        dossier=dossier,
        serial=serial,
        certificate_id=certificate_id,
        changed=_moment(changed) if changed else None,
        security_code=int(code),
        misleading=any(part.misleading for part in safe),
    )


def _moment(text: str) -> datetime:
    found = _MOMENT.fullmatch(text)
    if not found:
        raise DataError("QR code with a moment of another form")
    day, month, year, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_VIETNAM)
    except ValueError:
        raise DataError("QR code with a moment that no calendar has") from None
