"""Invented people are plausible: numbers, dates, names and parcels fit, and registers disagree as often as told."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date

import pytest

from desk.personal_number import parse_personal_number
from mock_cards.personas import REFERENCE_DAY, LandHolder, LandParcel, load_all
from mock_registers.filling import RATES, FillOrder, Household, InventedHolder, InventedPerson, Invention
from mock_registers.filling.names import PEOPLES
from mock_registers.folding import fold_name
from reader.lds.identity import CalendarDate, Sex

ORDER = FillOrder(8_000, 16_000, "plausible")


@pytest.fixture(scope="module")
def households() -> list[Household]:
    invention = Invention(ORDER)
    return [invention.household(number) for number in range(ORDER.households)]


@pytest.fixture(scope="module")
def people(households: list[Household]) -> list[InventedPerson]:
    return [person for household in households for person in household.members]


def test_numbers_follow_from_birth_and_sex_under_the_code_of_no_province(people: list[InventedPerson]) -> None:
    for person in people:
        said = parse_personal_number(person.personal_number)
        assert said is not None
        assert said.province == "099"
        born = CalendarDate(person.born.year, person.born.month, person.born.day)
        assert said.fits(born, Sex.FEMALE if person.sex == "F" else Sex.MALE)


def test_no_number_is_given_twice_or_is_a_personas(people: list[InventedPerson]) -> None:
    numbers = [number for person in people for number in (person.personal_number, person.old_number) if number]
    assert len(numbers) == len(set(numbers))
    personas = {persona.card.personal_number for persona in load_all()} | {
        persona.card.old_number for persona in load_all()
    }
    assert not personas & set(numbers)


def test_the_last_of_a_million_has_a_number_as_well() -> None:
    invention = Invention(FillOrder(1_000_000, 2_000_000))
    ends = [invention.person(number) for number in (0, 499_999, 999_998, 999_999)]
    assert len({person.personal_number[6:] for person in ends}) == 4
    with pytest.raises(IndexError):
        invention.person(1_000_000)
    with pytest.raises(IndexError):
        invention.household(-1)


def test_whoever_would_have_a_personas_number_is_given_another(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Invention(ORDER).person(17)
    monkeypatch.setattr("mock_registers.filling.invention._taken", lambda: frozenset({usual.personal_number}))
    other = Invention(ORDER).person(17)
    assert other.personal_number != usual.personal_number
    assert other.born.year == usual.born.year + 1
    assert other.personal_number[4:6] == f"{other.born.year % 100:02d}"


def test_a_household_is_the_same_whoever_was_asked_for_before(households: list[Household]) -> None:
    fresh = Invention(ORDER)
    for number in (1999, 0, 777):
        assert fresh.household(number) == households[number]


def test_spouses_name_each_other_and_children_their_parents(households: list[Household]) -> None:
    couples = children = 0
    for household in households:
        by_name = {person.full_name: person for person in household.members}
        if len(by_name) < len(household.members):
            # A woman may be named as the family is that she married into.
            continue
        for person in household.members:
            spouse = by_name.get(person.spouse)
            if spouse is not None:
                assert spouse.sex != person.sex
                assert spouse.spouse in (person.full_name, "")
                couples += 1
            father, mother = by_name.get(person.father), by_name.get(person.mother)
            # Of small peoples many have one name: those whom a name means need not be those who are here.
            if father is not None and mother is not None and person.ethnicity == "Kinh":
                assert 17 <= person.born.year - father.born.year <= 45
                assert 17 <= person.born.year - mother.born.year <= 45
                children += 1
        assert household.members[0].is_grown
    assert couples > 2_000
    assert children > 2_000


def test_family_names_are_handed_on_as_each_people_does(households: list[Household]) -> None:
    by_mother = {people.ethnicity for people in PEOPLES if people.by_mother}
    handed_on = Counter[bool]()
    for household in households:
        for person in household.members:
            families = next(people.families for people in PEOPLES if people.ethnicity == person.ethnicity)
            parent = person.mother if person.ethnicity in by_mother else person.father
            if parent:
                family = [one for one in families if one in person.full_name and one in parent]
                handed_on[bool(family)] += 1
    assert set(handed_on) == {True}


def test_dates_are_in_their_order_and_children_under_fourteen_have_no_card(people: list[InventedPerson]) -> None:
    for person in people:
        assert date(1930, 1, 1) <= person.born <= REFERENCE_DAY
        if person.issue_date is None:
            assert (person.expiry, person.card_status) == (None, "unknown")
            continue
        issued = date.fromisoformat(person.issue_date)
        assert issued.year - person.born.year > 13
        if person.expiry is not None:
            age = date.fromisoformat(person.expiry).year - person.born.year
            assert age in (25, 40, 60)
            assert date.fromisoformat(person.expiry) > issued


def test_minorities_are_there_with_their_letters(people: list[InventedPerson]) -> None:
    shares = Counter(person.ethnicity for person in people)
    for one in PEOPLES:
        assert shares[one.ethnicity] / len(people) == pytest.approx(one.share, abs=0.015)
    names = " ".join(person.full_name for person in people)
    assert all(letter in names for letter in "ŏŭčƠơĐđ'")
    assert unicodedata.is_normalized("NFC", names)


def test_parcels_are_such_as_a_persona_may_have(households: list[Household]) -> None:
    seen = set()
    for household in households[:500]:
        for parcel in household.parcels:
            seen.add(parcel.key)
            holders = tuple(
                LandHolder(full_name=one.full_name, number=one.number, date_of_birth=one.date_of_birth or "")
                for one in parcel.holders
            )
            # The model refuses what the desk would: serial, quality, numbers.
            LandParcel(
                certificate_serial=parcel.certificate_serial,
                map_sheet=parcel.map_sheet,
                parcel_number=parcel.parcel_number,
                commune=parcel.commune,
                address=parcel.address,
                area_m2=parcel.area_m2,
                land_type=parcel.land_type,
                land_type_name=parcel.land_type_name,
                quality=parcel.quality,
                holders=holders,
                boundary=parcel.boundary,
            )
            assert date.fromisoformat(parcel.issued) <= REFERENCE_DAY
            assert (parcel.form_of_use == "Sử dụng chung") == (len(parcel.holders) > 1)
    assert len(seen) == sum(len(household.parcels) for household in households[:500]) == 4_000


def test_no_two_parcels_overlap_and_all_lie_on_the_map() -> None:
    invention = Invention(FillOrder(1_000_000, 2_000_000))
    boxes = []
    for number in (0, 179, 180, 181, 360, 249_999):
        for parcel in invention.household(number).parcels:
            norths, easts = zip(*parcel.boundary, strict=True)
            assert 900_000 < min(norths) <= max(norths) < 2_600_000
            assert 300_000 < min(easts) <= max(easts) < 700_000
            boxes.append((min(norths), max(norths), min(easts), max(easts)))
    for place, (south, north, west, east) in enumerate(boxes):
        for other_south, other_north, other_west, other_east in boxes[:place]:
            apart = south > other_north or north < other_south or west > other_east or east < other_west
            assert apart


def test_areas_are_those_of_the_corners_but_for_some(households: list[Household]) -> None:
    differing = total = 0
    for household in households:
        for parcel in household.parcels:
            corners = parcel.boundary
            twice = sum(a[1] * b[0] - b[1] * a[0] for a, b in zip(corners, (*corners[1:], corners[0]), strict=True))
            total += 1
            differing += abs(abs(twice) / 2 - float(parcel.area_m2)) > 1
    assert differing / total == pytest.approx(RATES.area_differs, abs=0.01)


def test_registers_disagree_as_often_as_told(households: list[Household], people: list[InventedPerson]) -> None:
    by_number = {number: person for person in people for number in (person.personal_number, person.old_number)}
    pairs: list[tuple[InventedPerson, InventedHolder]] = [
        (by_number[holder.number], holder)
        for household in households
        for parcel in household.parcels
        for holder in parcel.holders
    ]

    def share(what: list[bool]) -> float:
        return sum(what) / len(what)

    wrong = share([fold_name(holder.full_name) != fold_name(person.full_name) for person, holder in pairs])
    plain = share([holder.full_name == holder.full_name.upper() for _, holder in pairs])
    old = share([len(holder.number) == 9 for person, holder in pairs if person.old_number])
    silent = share([holder.date_of_birth is None for _, holder in pairs])
    cards = [person for person in people if person.issue_date]
    named = [
        person
        for household in households
        for person in household.members
        if any(other.spouse == person.full_name for other in household.members)
    ]
    qualities = Counter(parcel.quality for household in households for parcel in household.parcels)
    old_addresses = share(["Huyện" in holder.address for _, holder in pairs])
    other_dates = share([not person.date_of_birth.startswith(holder.date_of_birth or "") for person, holder in pairs])
    joint = [
        len(parcel.holders) == 2
        for household in households
        for parcel in household.parcels
        if by_number[parcel.holders[0].number].spouse in {member.full_name for member in household.members}
    ]
    assert share(joint) == pytest.approx(RATES.joint, abs=0.02)
    assert old_addresses == pytest.approx(RATES.holder_old_address, abs=0.02)
    assert other_dates == pytest.approx(RATES.holder_other_date, abs=0.005)
    assert wrong == pytest.approx(RATES.holder_other_name, abs=0.005)
    assert plain == pytest.approx(RATES.holder_plain_name, abs=0.02)
    assert old == pytest.approx(RATES.holder_old_number, abs=0.02)
    assert silent == pytest.approx(RATES.holder_date_silent, abs=0.02)
    assert share([person.card_status != "valid" for person in cards]) == pytest.approx(RATES.card_not_valid, abs=0.01)
    assert share([person.date_is_partial for person in people]) == pytest.approx(RATES.date_partial, abs=0.005)
    assert share([bool(person.residence_before) for person in people]) == pytest.approx(
        RATES.residence_renamed, abs=0.03
    )
    grown = [person for person in people if REFERENCE_DAY.year - person.born.year >= 20]
    assert share([person.has_old_number for person in grown]) == pytest.approx(RATES.old_number, abs=0.02)
    assert share([not person.spouse for person in named]) == pytest.approx(RATES.spouse_silent, abs=0.01)
    assert qualities["incomplete"] / qualities.total() == pytest.approx(RATES.quality_incomplete, abs=0.02)
    assert qualities["unverified"] / qualities.total() == pytest.approx(RATES.quality_unverified, abs=0.01)
