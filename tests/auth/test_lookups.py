"""Look-ups that succeed, over real TLS, for everybody there is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from auth.errors import RegisterRefused, RegisterUnreachable
from auth.purposes import PURPOSES, ConsentRecord, Purpose, Way
from auth.registers import CardStatus, DataQuality, Lookup
from auth.registers.connect import connect
from auth.registers.housing import HousingClient
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from mock_cards.personas import Persona, load_all
from mock_registers import RegisterSandbox
from reader.lds.identity import CalendarDate, Sex

PERSONAS = load_all()


@pytest.fixture
def population(sandbox: RegisterSandbox) -> Iterator[PopulationClient]:
    client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
    yield client
    client.close()


@pytest.fixture
def land(sandbox: RegisterSandbox) -> Iterator[LandClient]:
    client = LandClient(sandbox.endpoint("land"), sandbox.device)
    yield client
    client.close()


@pytest.fixture
def housing(sandbox: RegisterSandbox) -> Iterator[HousingClient]:
    client = HousingClient(sandbox.endpoint("housing"), sandbox.device)
    yield client
    client.close()


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_every_persona_is_found_in_the_population_register(
    population: PopulationClient,
    lookup_of: Callable[..., Lookup],
    agreed: Callable[..., ConsentRecord],
    persona: Persona,
) -> None:
    answer = population.find_citizen(replace(lookup_of(persona, purpose="own-data"), consent=agreed("own-data")))
    record, card, other = answer.record, persona.card, persona.population
    assert (record is not None) == other.present
    if record is None:
        return
    assert record.personal_number == card.personal_number
    for name in (
        "full_name",
        "ethnicity",
        "religion",
        "place_of_origin",
        "residence",
        "father",
        "mother",
        "old_number",
    ):
        held_otherwise = getattr(other, name)
        expected = getattr(card, name) if held_otherwise is None else held_otherwise
        assert getattr(record, name) == unicodedata.normalize("NFC", expected), name
    assert record.date_of_birth.isoformat() == (other.date_of_birth or card.date_of_birth)
    assert record.sex == Sex(other.sex or card.sex)
    assert record.card_status == CardStatus(other.card_status)
    assert record.residence_before == other.residence_before
    assert (record.expiry.isoformat() if record.expiry else "") == card.expiry
    assert abs(answer.answered_at - datetime.now(UTC)) < timedelta(seconds=60)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_every_persona_gets_exactly_their_parcels(
    land: LandClient, lookup_of: Callable[..., Lookup], persona: Persona
) -> None:
    answer = land.find_holdings(lookup_of(persona))
    assert answer.record is not None
    found = {(parcel.certificate_serial, parcel.parcel_number) for parcel in answer.record.parcels}
    assert found == {(parcel.certificate_serial, parcel.parcel_number) for parcel in persona.parcels}


def test_parcels_come_with_exact_area_holders_and_corners_in_order(land: LandClient, lookup: Lookup) -> None:
    answer = land.find_holdings(lookup)
    assert answer.record is not None
    by_number = {parcel.parcel_number: parcel for parcel in answer.record.parcels}
    house, field = by_number["345"], by_number["88"]
    assert house.area_m2 == Decimal("120.5")
    assert [holder.full_name for holder in house.holders] == ["Nguyễn Văn Mẫu", "Lê Thị Thử"]
    assert house.boundary[:2] == ((2000000.0, 500000.0), (2000000.0, 500010.0))
    assert house.issued == CalendarDate(2025, 2, 10)
    # Registered under the nine-digit number and in capitals: found through the match with the population register.
    assert field.quality is DataQuality.INCOMPLETE
    assert [holder.number for holder in field.holders] == ["099123456"]


def test_answers_name_the_key_that_signed_them(sandbox: RegisterSandbox, land: LandClient, lookup: Lookup) -> None:
    assert land.find_holdings(lookup).key_id == sandbox.endpoint("land").answer_keys[0].key_id


def test_an_unknown_number_is_an_answer_without_a_record(
    population: PopulationClient, lookup_of: Callable[..., Lookup]
) -> None:
    answer = population.find_citizen(lookup_of(PERSONAS[0], personal_number="099000000999"))
    assert answer.record is None


def test_a_number_without_name_or_birth_that_fit_opens_nothing(
    population: PopulationClient, land: LandClient, lookup_of: Callable[..., Lookup], lookup: Lookup
) -> None:
    stranger = Lookup(
        lookup.lookup_id,
        lookup.personal_number,
        "Hoàng Văn Khác",
        CalendarDate(1971, 2, 3),
        lookup.purpose,
        lookup.legal_basis,
        lookup.clerk,
    )
    assert population.find_citizen(stranger).record is None
    holdings = land.find_holdings(stranger).record
    assert holdings is not None
    assert holdings.parcels == ()


def test_registers_are_found_by_entry_point(sandbox: RegisterSandbox, lookup: Lookup) -> None:
    population = connect(sandbox.endpoint("population"), sandbox.device)
    land = connect(sandbox.endpoint("land"), sandbox.device)
    try:
        assert isinstance(population, PopulationClient)
        assert isinstance(land, LandClient)
        assert population.find_citizen(lookup).record is not None
        assert land.find_holdings(lookup).record is not None
    finally:
        population.close()
        land.close()


def test_an_endpoint_of_a_register_that_nobody_has_installed_is_refused(sandbox: RegisterSandbox) -> None:
    with pytest.raises(RegisterUnreachable, match="no-client-installed"):
        connect(replace(sandbox.endpoint("land"), register="vehicles"), sandbox.device)


def test_look_ups_from_many_threads_get_each_their_own_answer(
    population: PopulationClient, lookup_of: Callable[..., Lookup]
) -> None:
    asked = [lookup_of(persona) for persona in PERSONAS if persona.population.present] * 2
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(population.find_citizen, asked))
    assert [answer.record.personal_number for answer in answers if answer.record] == [
        lookup.personal_number for lookup in asked
    ]


def test_a_closed_client_says_so_and_may_be_closed_again(sandbox: RegisterSandbox, lookup: Lookup) -> None:
    client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
    client.close()
    client.close()
    with pytest.raises(RegisterUnreachable, match="closed"):
        client.find_citizen(lookup)


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.id)
@pytest.mark.parametrize("register", ["population", "land", "housing"])
def test_a_purpose_asks_only_the_registers_and_in_the_ways_it_needs(
    population: PopulationClient,
    land: LandClient,
    housing: HousingClient,
    lookup_of: Callable[..., Lookup],
    agreed: Callable[..., ConsentRecord],
    purpose: Purpose,
    register: str,
) -> None:
    asked = lookup_of(PERSONAS[0], purpose=purpose.id, legal_basis=purpose.legal_basis)
    asked = replace(asked, consent=agreed(purpose.id) if purpose.needs_consent else None)
    find = {
        "population": population.find_citizen,
        "land": land.find_holdings,
        "housing": housing.find_dwellings,
    }[register]
    use = purpose.use(register)
    if use is None:
        why = "purpose-not-allowed"
    elif not use.fields:
        why = "field-not-allowed"
    else:
        why = "way-not-allowed" if use.ways == (Way.CERTIFICATE,) else ""
    if why:
        with pytest.raises(RegisterRefused, match=why):
            find(asked)
    else:
        assert find(asked).record is not None


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"purpose": "curiosity"}, "purpose-not-allowed"),
        ({"legal_basis": ""}, "legal-basis-missing"),
        ({"personal_number": "099090000001; DROP TABLE persons"}, "malformed-lookup"),
        ({"personal_number": "09909000000١"}, "malformed-lookup"),
        ({"full_name": "x" * 10_000}, "malformed-lookup"),
        ({"full_name": "\ud800"}, "malformed-lookup"),
        ({"old_number": "12345"}, "malformed-lookup"),
        ({"lookup_id": "a\r\nb"}, "malformed-lookup"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(
    raw_register, device, lookup_of: Callable[..., Lookup], other: dict[str, str], why: str
) -> None:
    register = raw_register(lambda _request, _key: b"")
    client = PopulationClient(register.endpoint, device, deadline_s=2.0)
    try:
        with pytest.raises(RegisterRefused) as caught:
            client.find_citizen(lookup_of(PERSONAS[0], **other))
    finally:
        client.close()
    assert caught.value.why == why
    assert register.heard == []
