"""Invented dwellings are plausible: houses on their parcels, flats of people who live together, at the rates told."""

from __future__ import annotations

from datetime import date

import pytest

from mock_cards.personas import REFERENCE_DAY, HousingDwelling, LandHolder
from mock_registers.filling import RATES, FillOrder, Household, Invention
from mock_registers.filling.dwellings import InventedDwelling, draw_dwellings

ORDER = FillOrder(8_000, 16_000, "plausible")


@pytest.fixture(scope="module")
def households() -> list[Household]:
    invention = Invention(ORDER)
    return [invention.household(number) for number in range(ORDER.households)]


@pytest.fixture(scope="module")
def dwellings(households: list[Household]) -> list[tuple[Household, InventedDwelling]]:
    return [(household, dwelling) for household in households for dwelling in draw_dwellings(household)]


def test_the_same_household_has_the_same_dwellings_every_time(households: list[Household]) -> None:
    for household in households[:200]:
        assert [*draw_dwellings(household)] == [*draw_dwellings(household)]


def test_every_dwelling_is_one_that_a_persona_could_have(
    dwellings: list[tuple[Household, InventedDwelling]],
) -> None:
    for _, one in dwellings:
        fields = {name: getattr(one, name) for name in HousingDwelling.model_fields}
        owners = tuple(
            LandHolder(
                full_name=owner.full_name,
                number=owner.number,
                date_of_birth=owner.date_of_birth or "",
                address=owner.address,
            )
            for owner in one.owners
        )
        HousingDwelling.model_validate({**fields, "ownership_term": one.ownership_term or "", "owners": owners})
        assert one.owners


def test_no_key_is_there_twice(dwellings: list[tuple[Household, InventedDwelling]]) -> None:
    keys = [dwelling.key for _, dwelling in dwellings]
    assert len(keys) == len(set(keys))


def test_a_house_stands_on_a_residential_parcel_of_the_household_and_is_its_holders(
    dwellings: list[tuple[Household, InventedDwelling]],
) -> None:
    for household, house in dwellings:
        if house.kind == "apartment":
            continue
        (parcel,) = (one for one in household.parcels if one.certificate_serial == house.certificate_serial)
        assert parcel.land_type in ("ONT", "ODT")
        assert (house.owners, house.commune, house.issued) == (parcel.holders, parcel.commune, parcel.issued)
        assert 0 < float(house.floor_area_m2) <= float(parcel.area_m2) * house.floors
        assert (house.ownership_form == "joint") == (len(house.owners) == 2)
        assert (house.floor, house.block, house.ownership_term) == (0, "", None)


def test_a_flat_has_a_certificate_of_its_own_and_belongs_to_grown_members(
    households: list[Household], dwellings: list[tuple[Household, InventedDwelling]]
) -> None:
    of_land = {parcel.certificate_serial for household in households for parcel in household.parcels}
    for household, flat in dwellings:
        if flat.kind != "apartment":
            continue
        assert flat.certificate_serial not in of_land
        assert 1 <= flat.floor <= flat.floors
        grown = {(person.personal_number, person.full_name) for person in household.members if person.is_grown}
        assert {(owner.number, owner.full_name) for owner in flat.owners} <= grown
        assert flat.ownership_term is None or int(flat.ownership_term[:4]) - int(flat.issued[:4]) == 50
        assert (flat.scheme == "social") == ("xã hội" in flat.project)


def test_days_are_days_in_their_order(dwellings: list[tuple[Household, InventedDwelling]]) -> None:
    for _, one in dwellings:
        issued = date.fromisoformat(one.issued)
        for entry in one.encumbrances:
            assert issued <= date.fromisoformat(str(entry["since"]))
            assert int(str(entry["since"])[:4]) <= REFERENCE_DAY.year
        (acquired,) = one.transactions
        assert date.fromisoformat(str(acquired["day"])) <= issued


def test_there_are_as_many_as_the_rates_say(
    households: list[Household], dwellings: list[tuple[Household, InventedDwelling]]
) -> None:
    residential = sum(parcel.land_type in ("ONT", "ODT") for one in households for parcel in one.parcels)
    houses = [dwelling for _, dwelling in dwellings if dwelling.kind != "apartment"]
    flats = [dwelling for _, dwelling in dwellings if dwelling.kind == "apartment"]
    assert len(houses) / residential == pytest.approx(RATES.house, abs=0.03)
    assert len(flats) / len(households) == pytest.approx(RATES.flat, abs=0.03)
    assert sum(bool(one.mortgaged) for _, one in dwellings) / len(dwellings) == pytest.approx(RATES.mortgage, abs=0.03)
    assert sum(one.ownership_term is not None for one in flats) / len(flats) == pytest.approx(RATES.flat_term, abs=0.08)
