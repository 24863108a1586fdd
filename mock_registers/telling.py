"""Only what was asked for: a record cut down to the fields of a request, and yes or no in place of any record.

Whose record it is and whether the card is valid is told always, and of a parcel its certificate, the quality of its
data and the citizen's own entry: without them nobody could judge the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mock_registers.messages import Citizen, HoldingsRecord, ParcelRecord, PersonRecord

__all__ = ["confirm", "only_asked"]

_ALWAYS_OF_PERSON = ("personal_number", "card_status")
_ALWAYS_OF_PARCEL = ("certificate_serial", "quality", "holders")


def only_asked(record: PersonRecord | HoldingsRecord, fields: Iterable[str]) -> dict[str, object]:
    """Return ``record`` with the asked ``fields`` and what is told always."""
    asked = set(fields)
    if isinstance(record, PersonRecord):
        return record.model_dump(mode="json", include={*asked, *_ALWAYS_OF_PERSON})
    own = {record.personal_number, *record.old_numbers}
    told = record.model_dump(mode="json", exclude={"parcels"})
    told["parcels"] = [_parcel(parcel, asked, own) for parcel in record.parcels]
    return told


def _parcel(parcel: ParcelRecord, asked: set[str], own: set[str]) -> dict[str, object]:
    told = parcel.model_dump(mode="json", include={*asked, *_ALWAYS_OF_PARCEL})
    if "holders" not in asked:
        told["holders"] = [holder.model_dump(mode="json") for holder in parcel.holders if holder.number in own]
    return told


def confirm(
    citizen: Citizen, questions: Iterable[str], found: PersonRecord | None, same_name: bool, today: date
) -> dict[str, bool]:
    """Return yes or no to each of ``questions``; nobody found under the number is a no to all of them.

    What a partial date of birth leaves open is a no: a register does not say yes to what it does not know.
    """
    answers: dict[str, bool] = {}
    for question in questions:
        if found is None:
            answers[question] = False
        elif question == "personal-number":
            answers[question] = True
        elif question == "full-name":
            answers[question] = same_name
        elif question == "date-of-birth":
            answers[question] = _same_date(found.date_of_birth, citizen.date_of_birth)
        elif question == "card-valid":
            answers[question] = found.card_status == "valid"
        else:
            answers[question] = _age(found.date_of_birth, today) >= int(question.removeprefix("over-"))
    return answers


def _same_date(held: str, asked: str) -> bool:
    """Compare ISO dates as far as both go: 1948 agrees with 1948-05-02."""
    length = min(len(held), len(asked))
    return held[:length] == asked[:length]


def _age(born: str, today: date) -> int:
    """Return the age that is certain: of a date known in part the latest day is taken, be there such a day or not."""
    known = [int(part) for part in born.split("-")]
    year, month, day = known + [12, 31][len(known) - 1 :]
    return today.year - year - ((today.month, today.day) < (month, day))
