"""Who the card speaks of, joined from DG1 and DG13.

DG13 is written in Vietnamese and in full, so where both speak its word is shown; DG1 fills what DG13 leaves out.
Whether the two agree is a check of the inspection and not decided here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from reader.errors import DataError
from reader.lds.dg13 import Dg13
from reader.lds.identity import CalendarDate, Identity, Sex
from reader.lds.mrz import Mrz

__all__ = ["identity_of"]


def identity_of(mrz: Mrz | None, dg13: Dg13 | None, *, today: date | None = None) -> Identity:
    """Join DG1 and DG13, of which one may be missing; ``today`` settles the century of an MRZ date.

    Raise DataError where neither tells a date of birth: such a record names nobody.
    """
    day = today or datetime.now(tz=UTC).date()
    born = _first(dg13.date_of_birth if dg13 else None, mrz.date_of_birth(day) if mrz else None)
    if born is None:
        raise DataError("neither DG1 nor DG13 has a date of birth")
    said = dg13 or Dg13()
    return Identity(
        personal_number=said.personal_number or (mrz.personal_number if mrz else ""),
        full_name=said.full_name or (mrz.name if mrz else ""),
        date_of_birth=born,
        sex=said.sex or (mrz.sex if mrz else Sex.UNSPECIFIED),
        nationality=said.nationality or (mrz.nationality if mrz else ""),
        ethnicity=said.ethnicity,
        religion=said.religion,
        place_of_origin=said.place_of_origin,
        residence=said.residence,
        distinguishing_marks=said.distinguishing_marks,
        issue_date=said.issue_date,
        expiry=_expiry(mrz, said, day),
        father=said.father,
        mother=said.mother,
        spouse=", ".join(said.spouses),
        old_number=said.old_number,
        document_number=mrz.document_number if mrz else "",
        mrz_name=mrz.name if mrz else "",
        other=said.other,
    )


def _first(said: CalendarDate | None, zone: CalendarDate | None) -> CalendarDate | None:
    return said if said is not None else zone


def _expiry(mrz: Mrz | None, said: Dg13, day: date) -> CalendarDate | None:
    if said.no_expiry:
        return None
    return _first(said.expiry, mrz.date_of_expiry(day) if mrz else None)
