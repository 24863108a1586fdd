"""What a register tells: the asked fields, and yes or no that is certain."""

from __future__ import annotations

from datetime import date

import pytest

from mock_cards.personas import load_persona
from mock_registers.messages import Citizen, PersonRecord
from mock_registers.storage import Storage
from mock_registers.telling import confirm, only_asked

MAN = load_persona("nguyen-van-mau")
CITIZEN = Citizen(
    personal_number=MAN.card.personal_number, full_name=MAN.card.full_name, date_of_birth=MAN.card.date_of_birth
)
TODAY = date(2026, 11, 26)


@pytest.fixture
def person() -> PersonRecord:
    storage = Storage()
    storage.fill([MAN])
    found = storage.find_person(CITIZEN)
    storage.close()
    assert found is not None
    return found


def test_a_person_is_cut_down_to_what_was_asked_and_what_makes_it_judgeable(person: PersonRecord) -> None:
    assert only_asked(person, ("full_name", "spouse")) == {
        "personal_number": MAN.card.personal_number,
        "card_status": "valid",
        "full_name": "Nguyễn Văn Mẫu",
        "spouse": "Lê Thị Thử",
    }


@pytest.mark.parametrize(
    ("born", "today", "of_age"),
    [
        ("2008-11-26", TODAY, True),
        ("2008-11-27", TODAY, False),
        ("2008-11", date(2026, 11, 29), False),
        ("2008-11", date(2026, 12, 1), True),
        ("2008-02", date(2026, 3, 1), True),
        ("2008", TODAY, False),
        ("2008", date(2026, 12, 31), True),
        ("2007", TODAY, True),
        ("2008-02-29", date(2026, 2, 28), False),
        ("2008-02-29", date(2026, 3, 1), True),
    ],
)
def test_an_age_is_reached_on_the_birthday_and_of_a_partial_date_when_it_is_certain(
    person: PersonRecord, born: str, today: date, of_age: bool
) -> None:
    known = person.model_copy(update={"date_of_birth": born})
    assert confirm(CITIZEN, ("over-18",), known, True, today) == {"over-18": of_age}


def test_a_partial_date_agrees_as_far_as_it_goes(person: PersonRecord) -> None:
    for born, same in (("1990", True), ("1990-01", True), ("1990-02", False), ("1991", False)):
        known = person.model_copy(update={"date_of_birth": born})
        assert confirm(CITIZEN, ("date-of-birth",), known, True, TODAY) == {"date-of-birth": same}


def test_nobody_under_the_number_is_a_no_to_everything() -> None:
    questions = ("personal-number", "full-name", "date-of-birth", "card-valid", "over-18")
    assert confirm(CITIZEN, questions, None, False, TODAY) == dict.fromkeys(questions, False)
