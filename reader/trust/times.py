"""The two times of X.509, read as leniently as real certificates write them (RFC 5280 §4.1.2.5, X.680 §46, §47)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from reader.errors import DataError
from reader.trust.der import Element

__all__ = ["GENERALIZED_TIME", "UTC_TIME", "read_generalized", "read_time"]

UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
# Seconds, a fraction and the zone vary in the field; what RFC 5280 demands, seconds and Z, is the usual case.
_REST = r"(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:[.,]\d{1,9})?(Z|[+-]\d{4})?"
_UTC_TIME = re.compile(rf"(\d{{2}}){_REST}")
_GENERALIZED_TIME = re.compile(rf"(\d{{4}}){_REST}")


def read_time(element: Element) -> datetime:
    """Return a UTCTime or GeneralizedTime in UTC; raise DataError where it is neither or beyond the calendar.

    A year of two digits lies between 1950 and 2049. A time without a zone is taken for UTC, which X.509 demands anyway.
    """
    if element.tag == UTC_TIME:
        return _read(element.value, _UTC_TIME)
    if element.tag == GENERALIZED_TIME:
        return _read(element.value, _GENERALIZED_TIME)
    raise DataError("not a time")


def read_generalized(value: bytes) -> datetime:
    """Return the time in the contents of a GeneralizedTime, whatever tag they stood under."""
    return _read(value, _GENERALIZED_TIME)


def _read(value: bytes, form: re.Pattern[str]) -> datetime:
    found = form.fullmatch(value.decode("ascii", "replace"))
    if found is None:
        raise DataError("malformed time")
    year, month, day, hour, minute, second = (int(digits or 0) for digits in found.groups()[:6])
    if form is _UTC_TIME:
        year += 1900 if year >= 50 else 2000
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(found[7])).astimezone(UTC)
    except (ValueError, OverflowError):
        raise DataError("date beyond the calendar") from None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    return timezone(-offset if text[0] == "-" else offset)
