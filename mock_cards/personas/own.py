"""People of one's own: a TOML file in the form of the shipped ones, checked so that each error says what would do.

An emulated card is for invented people only. Every number is therefore under the code 099, which no province has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from mock_cards.personas.model import Persona

__all__ = ["EXAMPLE", "PersonaInvalid", "Problem", "read_persona"]

MOST_BYTES = 256 * 1024
_REAL = (
    "it is not under the code 099, which no province has: cards are emulated for invented people only, "
    "and a number that could be somebody's is refused"
)

# What a field wants and one value that would do, by the last part of its path.
_WANTED: dict[str, tuple[str, str]] = {
    "personal_number": ("twelve digits that begin with 099", '"099190000123"'),
    "old_number": ("nothing, nine digits or twelve digits that begin with 099", '"099123456"'),
    "number": ("nine or twelve digits that begin with 099", '"099190000123"'),
    "full_name": ("the name as the card prints it", '"Trần Thị Thử"'),
    "date_of_birth": ("a day as YYYY-MM-DD", '"1990-01-15"'),
    "sex": ("M or F", '"F"'),
    "nationality_code": ("one to three capital letters, as in the MRZ", '"VNM"'),
    "issue_date": ("a day as YYYY-MM-DD", '"2024-08-20"'),
    "expiry": ('a day as YYYY-MM-DD, or "" for a card without expiry', '"2030-01-15"'),
    "generation": ("2021 or 2024: which card it is", "2024"),
    "portrait": ("jpeg, jpeg2000 or none", '"jpeg"'),
    "card_status": ("valid, lost, cancelled, replaced or unknown", '"valid"'),
    "certificate_serial": ("two capital letters and six to eight digits", '"AB 123456"'),
    "quality": ("verified, incomplete or unverified", '"verified"'),
    "holders": ("at least one holder", '[{ full_name = "Trần Thị Thử", number = "099190000123" }]'),
    "kind": (
        "house, row-house, villa or apartment; of an encumbrance mortgage, seizure or dispute; of a transaction "
        "purchase, lease-purchase, gift, inheritance, exchange or contribution",
        '"apartment"',
    ),
    "scheme": ("own, commercial, social, resettlement or official", '"own"'),
    "ownership_form": ("sole, shared or joint", '"sole"'),
    "floor_area_m2": ("square metres, with a point before the fraction", '"64.5"'),
    "owners": ("at least one owner", '[{ full_name = "Trần Thị Thử", number = "099190000123" }]'),
    "boundary": ("corners as [northing, easting] in metres", "[[2000000.0, 500000.0], [2000000.0, 500010.0]]"),
    "decision": ("proceed, attention or stop", '"proceed"'),
    "about": ("one sentence that says what this person is for", '"A woman who moved."'),
    "card": ("a table [card]", "see mock-cards personalise --example"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Say what is wrong with one field; ``example`` is a value that would do."""

    field: str
    reason: str
    example: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.field}: {self.reason}" + (f" (for example {self.example})" if self.example else "")


class PersonaInvalid(ValueError):
    """Say why a file is no person, field by field."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = problems
        super().__init__(f"{file}: " + "; ".join(str(problem) for problem in problems))


def read_persona(path: Path) -> Persona:
    """Read a file of one's own; its path is the persona's name. Raise PersonaInvalid, which names every field."""
    name = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise PersonaInvalid(name, (Problem("file", error.strerror or "cannot be read", ""),)) from None
    if len(raw) > MOST_BYTES:
        raise PersonaInvalid(name, (Problem("file", f"longer than {MOST_BYTES} bytes", ""),))
    try:
        tables = tomllib.loads(raw.decode("utf-8"))
    except ValueError as error:
        raise PersonaInvalid(name, (Problem("file", f"no TOML in UTF-8: {error}", 'sex = "F"'),)) from None
    try:
        persona = Persona.model_validate({**tables, "name": name})
    except ValidationError as error:
        raise PersonaInvalid(name, tuple(map(_problem, error.errors(include_url=False)))) from None
    problems = tuple(_contradictions(persona))
    if problems:
        raise PersonaInvalid(name, problems)
    return persona


def _problem(error: object) -> Problem:
    """Turn one of pydantic's errors into field, reason and example; the value itself is not repeated."""
    if not isinstance(error, dict):
        raise TypeError("pydantic tells errors as dictionaries")
    path = [str(part + 1) if isinstance(part, int) else str(part) for part in error["loc"]]
    last = next((part for part in reversed(path) if not part.isdigit()), "")
    wanted, example = _WANTED.get(last, ("", ""))
    kind, value = error["type"], error.get("input")
    if kind == "missing":
        reason = f"is missing; wanted is {wanted}" if wanted else "is missing"
    elif kind == "extra_forbidden":
        return Problem(".".join(path), "there is no such field (mock-cards personalise --example shows all)", "")
    elif last in ("personal_number", "old_number", "number") and _could_be_real(value):
        reason = _REAL
    else:
        reason = f"wanted is {wanted}" if wanted else str(error["msg"])
    return Problem(".".join(path), reason, example)


def _could_be_real(value: object) -> bool:
    return isinstance(value, str) and value.isdigit() and len(value) in (9, 12) and not value.startswith("099")


def _contradictions(persona: Persona) -> Iterator[Problem]:
    """Find what no single field can show."""
    card = persona.card
    days: dict[str, date] = {}
    for field in ("date_of_birth", "issue_date", "expiry"):
        text = getattr(card, field)
        try:
            days[field] = date.fromisoformat(text) if text else date.max
        except ValueError:
            yield Problem(f"card.{field}", "the calendar has no such day", _WANTED[field][1])
    if len(days) == 3:
        if days["issue_date"] < days["date_of_birth"]:
            yield Problem("card.issue_date", "the card was made before its holder was born", _WANTED["issue_date"][1])
        if days["expiry"] <= days["issue_date"]:
            yield Problem("card.expiry", "the card ends before it was made", _WANTED["expiry"][1])
    if not card.full_name.strip():
        yield Problem("card.full_name", "there is no name", _WANTED["full_name"][1])


EXAMPLE = """# One person of your own. Lines that begin with # are explanations; what is commented out may be left out.
# Check it:   mock-cards personalise FILE.toml --check
# Use it:     mock-cards serve --persona FILE.toml      motcua demo --persona FILE.toml

# One sentence: what is this person for?
about = "A woman who moved and married since her card was made."

[card]
# Twelve digits under 099, the code that no province has; nobody's real number is accepted. The last six are the CAN.
personal_number = "099190000123"
full_name = "Trần Thị Thử"
date_of_birth = "1990-01-15"
sex = "F"                                 # M or F
issue_date = "2022-08-20"
expiry = "2030-01-15"                     # "" for a card without expiry
generation = 2021                         # 2021 or 2024
portrait = "jpeg"                         # jpeg, jpeg2000 or none; drawn from number, age and sex
place_of_origin = "Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định"
residence = "Số 5, Thôn Đông, Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định"
# nationality = "Việt Nam"
# nationality_code = "VNM"                # as in the MRZ
# ethnicity = "Kinh"
# religion = "Không"
# distinguishing_marks = "Nốt ruồi cách 2cm dưới mép trái"
# father = "Trần Văn Gốc"
# mother = "Lê Thị Cội"
# spouse = ""
# old_number = "099123456"                # the number of nine digits, or a cancelled one of twelve

# What the population register holds otherwise than the card. Leave the table out where they agree.
[population]
residence = "Số 5, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định"
residence_before = "Số 5, Thôn Đông, Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định"
spouse = "Phạm Văn Mẫu"
# card_status = "valid"                   # valid, lost, cancelled, replaced, unknown
# present = true                          # false: the register has no such person

# One table for each parcel in the land register.
[[parcels]]
certificate_serial = "AB 12345699"
map_sheet = "12"
parcel_number = "346"
commune = "Xã Mẫu Lâm, Tỉnh Giả Định"
commune_before = "Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định"
address = "Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định"
area_m2 = "120.0"
land_type = "ONT"
land_type_name = "Đất ở tại nông thôn"
# term = "Lâu dài"
# form_of_use = "Sử dụng riêng"
# origin = ""
# issued = "2020-02-10"
# quality = "verified"                    # verified, incomplete, unverified
holders = [{ full_name = "Trần Thị Thử", number = "099190000123", date_of_birth = "1990-01-15" }]
boundary = [[2000000.0, 500000.0], [2000000.0, 500010.0], [2000012.0, 500010.0], [2000012.0, 500000.0]]

# One table for each dwelling in the housing register.
[[dwellings]]
certificate_serial = "AB 12345699"        # the same certificate as the parcel's, where it names both
kind = "house"                            # house, row-house, villa, apartment
address = "Số 5, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định"
commune = "Xã Mẫu Lâm, Tỉnh Giả Định"
commune_before = "Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định"
floor_area_m2 = "86.0"
floors = 2
owners = [{ full_name = "Trần Thị Thử", number = "099190000123", date_of_birth = "1990-01-15" }]
# scheme = "own"                          # own, commercial, social, resettlement, official
# project = ""                            # of an apartment: project, block, floor (0: all floors) and number
# block = ""
# floor = 0
# number = ""
# ownership_form = "sole"                 # sole, shared, joint
# ownership_term = ""                     # a day, or "" for ownership without a term
# issued = "2020-02-10"
# quality = "verified"                    # verified, incomplete, unverified
# encumbrances = [{ kind = "mortgage", holder = "Ngân hàng Mẫu", since = "2024-05-20", reference = "TC-0001" }]
# transactions = [{ kind = "purchase", day = "2020-01-15", reference = "HD-0001" }]
"""
"""A commented file to begin with."""
