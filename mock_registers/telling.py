"""Only what was asked for: a record cut down to the fields of a request, and yes or no in place of any record.

Whose record it is and whether the card is valid is told always, and of a parcel its certificate, the quality of its
data and the citizen's own entry: without them nobody could judge the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel

from mock_registers.housing_messages import DwellingsRecord
from mock_registers.messages import Citizen, HolderRecord, HoldingsRecord, PersonRecord
from mock_registers.storage import Storage

__all__ = ["confirm", "only_asked", "parcels_under"]

_ALWAYS_OF_PERSON = ("personal_number", "card_status")
_ALWAYS_OF_HOLDING = ("certificate_serial", "quality")


def parcels_under(storage: Storage, citizen: Citizen, certificate: str) -> HoldingsRecord:
    """Return of the citizen's parcels those under ``certificate``; blanks and small letters do not matter."""
    found = storage.find_holdings(citizen)
    wanted = _plain(certificate)
    under = tuple(parcel for parcel in found.parcels if _plain(parcel.certificate_serial) == wanted)
    return found.model_copy(update={"parcels": under})


def _plain(serial: str) -> str:
    return "".join(serial.split()).upper()


def only_asked(record: PersonRecord | HoldingsRecord | DwellingsRecord, fields: Iterable[str]) -> dict[str, object]:
    """Return ``record`` with the asked ``fields`` and what is told always."""
    asked = set(fields)
    if isinstance(record, PersonRecord):
        return record.model_dump(mode="json", include={*asked, *_ALWAYS_OF_PERSON})
    own = {record.personal_number, *record.old_numbers}
    if isinstance(record, HoldingsRecord):
        told = record.model_dump(mode="json", exclude={"parcels"})
        return told | {
            "parcels": [_holding(parcel, "holders", parcel.holders, asked, own) for parcel in record.parcels]
        }
    told = record.model_dump(mode="json", exclude={"dwellings"})
    dwellings = [_holding(dwelling, "owners", dwelling.owners, asked, own) for dwelling in record.dwellings]
    return told | {"dwellings": dwellings}


def _holding(
    entry: BaseModel, people: str, all_people: Iterable[HolderRecord], asked: set[str], own: set[str]
) -> dict[str, object]:
    """Return one parcel or dwelling; of ``people`` all where they were asked for, else the citizen alone."""
    told = entry.model_dump(mode="json", include={*asked, *_ALWAYS_OF_HOLDING})
    shown = [person for person in all_people if people in asked or person.number in own]
    return told | {people: [person.model_dump(mode="json") for person in shown]}


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
