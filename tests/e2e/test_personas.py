"""One visit of each persona: read in this process, looked up over TLS, compared; it comes out as their file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from auth.purposes import ConsentRecord
from auth.registers import Lookup
from auth.registers.housing import HousingClient
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from desk.comparison import compare
from desk.judgement import judge
from desk.kinds.housing import KIND as HOUSING_KIND
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.outcomes import LookupOutcome
from desk.view import FieldId, Match, RegisterState
from mock_cards.personas import REFERENCE_DAY, Persona, load_all
from mock_registers import open_register_sandbox
from reader.inspection import CheckStatus

PERSONAS = load_all()
CITIZENS = [persona for persona in PERSONAS if persona.card.nationality == "Việt Nam"]
MOMENT = datetime.combine(REFERENCE_DAY, time(9), UTC)
MILESTONES = (14, 25, 40, 60)
Bench = Any  # lives in conftest.py, which cannot be imported from here

each_persona = pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)


@pytest.fixture(scope="module")
def registers() -> Iterator[tuple[PopulationClient, LandClient, HousingClient]]:
    with open_register_sandbox() as sandbox:
        population = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        land = LandClient(sandbox.endpoint("land"), sandbox.device)
        housing = HousingClient(sandbox.endpoint("housing"), sandbox.device)
        yield population, land, housing
        for client in (population, land, housing):
            client.close()


@each_persona
def test_a_visit_comes_out_as_the_persona_is_meant(
    bench: Bench,
    registers: tuple[PopulationClient, LandClient, HousingClient],
    agreed: Callable[..., ConsentRecord],
    persona: Persona,
) -> None:
    inspection = bench.inspect(persona.name, moment=MOMENT)
    identity = inspection.identity
    assert identity is not None
    lookup = Lookup(
        "visit-1",
        identity.personal_number,
        identity.full_name,
        identity.date_of_birth,
        "land-change-registration",
        "test",
        "clerk-1",
        identity.old_number,
    )
    of_people, of_parcels, of_dwellings = registers
    # The one purpose for which the population register tells all that it has.
    of_own = replace(lookup, purpose="own-data", consent=agreed("own-data"))
    population, land = of_people.find_citizen(of_own), of_parcels.find_holdings(lookup)
    housing = of_dwellings.find_dwellings(lookup)
    of_population = LookupOutcome(
        POPULATION_KIND, RegisterState.ANSWERED if population.record else RegisterState.NOT_FOUND, population.record
    )
    of_land = LookupOutcome(LAND_KIND, RegisterState.ANSWERED, land.record)
    of_housing = LookupOutcome(HOUSING_KIND, RegisterState.ANSWERED, housing.record)
    outcomes = (of_population, of_land, of_housing)
    quiet = (Match.SAME, Match.NOT_ASKED)
    loud = [
        (cell.register, str(row.field), str(cell.held.match))
        for row in compare(identity, outcomes)
        for cell in row.cells
        if cell.held.match not in quiet
    ]
    told = {
        "decision": judge(inspection, of_population).decision.value,
        **{
            outcome.register: {field: match for register, field, match in loud if register == outcome.register}
            for outcome in outcomes
        },
        "parcels": len(land.record.parcels) if land.record else 0,
        "dwellings": len(housing.record.dwellings) if housing.record else 0,
    }
    held = {"parcels": len(persona.parcels), "dwellings": len(persona.dwellings)}
    assert told == {**persona.expects.model_dump(), **held}
    assert [check.id for check in inspection.checks if check.status is CheckStatus.FAILED] == (
        [] if persona.name != "ta-van-het-han" else ["document.expiry"]
    )


def test_there_are_thirty_and_each_says_what_it_is_for() -> None:
    assert len(PERSONAS) >= 30
    assert all(persona.about.endswith(".") and len(persona.about) > 30 for persona in PERSONAS)
    assert all(
        field in set(FieldId)
        for persona in PERSONAS
        for field in (*persona.expects.population, *persona.expects.land, *persona.expects.housing)
    )


def test_everybody_is_under_the_province_code_that_there_is_not_and_of_their_own() -> None:
    numbers = [persona.card.personal_number for persona in PERSONAS]
    assert all(number.startswith("099") for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert len({number[-6:] for number in numbers}) == len(numbers), "no two cards open with the same CAN"
    serials = [(parcel.certificate_serial, parcel.parcel_number) for persona in PERSONAS for parcel in persona.parcels]
    assert len(set(serials)) == len(serials)
    dwellings = [(home.certificate_serial, home.number) for persona in PERSONAS for home in persona.dwellings]
    assert len(set(dwellings)) == len(dwellings)


@pytest.mark.parametrize("persona", CITIZENS, ids=lambda persona: persona.name)
def test_cards_end_when_the_law_says(persona: Persona) -> None:
    """Law 26/2023 art. 21: at 14, 25, 40 and 60, and one made within two years before holds until the next."""
    card = persona.card
    birth, issued = date.fromisoformat(card.date_of_birth), date.fromisoformat(card.issue_date)
    renewals = [birth.replace(year=birth.year + age) for age in MILESTONES]
    within = [day for day in renewals if issued < day.replace(year=day.year - 2)]
    assert card.expiry == (within[0].isoformat() if within else "")


@each_persona
def test_the_number_tells_century_sex_and_year_of_a_citizen(persona: Persona) -> None:
    card = persona.card
    century = 0 if card.date_of_birth.startswith("19") else 2
    fits = card.personal_number[3:6] == f"{century + (card.sex == 'F')}{card.date_of_birth[2:4]}"
    # One is there to show a number that was kept when the year of birth was corrected.
    assert fits == (persona.name != "giang-a-sua")


@pytest.mark.parametrize(
    ("name", "age"),
    [("ngo-minh-muoi-bon", 14), ("ly-thi-hai-lam", 25), ("phan-van-bon-muoi", 40), ("trinh-thi-sau-muoi", 60)],
)
def test_who_had_just_turned_an_age_had_turned_it_in_the_week_of_the_card(name: str, age: int) -> None:
    card = next(persona for persona in PERSONAS if persona.name == name).card
    birth = date.fromisoformat(card.date_of_birth)
    days = (date.fromisoformat(card.issue_date) - birth.replace(year=birth.year + age)).days
    assert 0 <= days < 7
