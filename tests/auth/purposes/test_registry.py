"""The registry of purposes: strict about its file, true to the records, and the register's own list says the same."""

from __future__ import annotations

import dataclasses
import tomllib
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.purposes import (
    PURPOSES,
    BasisKind,
    PurposeRegistry,
    Way,
    allows,
    load_registry,
    parse_registry,
    purpose,
    shipped_registry,
)
from auth.purposes.page import purposes_page
from auth.purposes.vocabulary import ALWAYS_TOLD, FIELDS, IDENTITY_QUESTIONS, REGISTERS
from auth.registers.messages import LookupMessage
from auth.registers.ports import Holder, Parcel, PopulationRecord
from mock_registers.purposes import RULES
from reader.errors import DataError

OWN = """
version = "7"
{extends}

[[purpose]]
id = "{id}"
name = {{ vi = "Cấp giấy phép", en = "A permit" }}
legal_basis = "Luật mẫu"
basis = "{basis}"
keep_days = {days}
{more}

[purpose.asks.population]
{asks}

[purpose.wording]
version = "1"
[purpose.wording.vi]
what_for = "Cơ quan cấp giấy phép cho ông/bà."
refusal = "Nếu ông/bà từ chối thì nộp giấy."
[purpose.wording.en]
what_for = "The office gives you a permit."
refusal = "If you refuse, hand in papers."
"""


def own_file(
    *,
    extends: str = "",
    id: str = "permit",
    basis: str = "statute",
    days: object = 30,
    asks: str = 'fields = ["full_name"]',
    more: str = "",
) -> bytes:
    return OWN.format(extends=extends, id=id, basis=basis, days=days, asks=asks, more=more).encode()


def test_every_shipped_purpose_has_names_a_basis_and_something_to_ask() -> None:
    assert len({known.id for known in PURPOSES}) == len(PURPOSES)
    for known in PURPOSES:
        assert known.name_vi != known.name_en
        assert known.legal_basis
        assert all(use.fields or use.questions for use in known.uses)
        assert purpose(known.id) is known
    assert {known.basis for known in PURPOSES} == set(BasisKind)


def test_every_field_is_one_of_the_record_that_carries_it() -> None:
    of_person = {field.name for field in dataclasses.fields(PopulationRecord)} - {"asked"}
    assert {*FIELDS["population"], *ALWAYS_TOLD["population"]} == of_person
    of_parcel = {field.name for field in dataclasses.fields(Parcel)}
    assert {*FIELDS["land"], *ALWAYS_TOLD["land"]} == of_parcel
    assert {field.name for field in dataclasses.fields(Holder)} >= {"full_name", "number"}
    assert set(FIELDS) == set(REGISTERS) == set(ALWAYS_TOLD)


def test_sensitive_data_are_asked_for_at_the_citizens_wish_only_and_by_a_fresh_log_in() -> None:
    for known in PURPOSES:
        use = known.use("population")
        if use is not None and "religion" in use.fields:
            assert known.needs_consent
            assert known.step_up is not None


def test_every_purpose_and_its_basis_fit_into_a_message_and_into_the_ledger() -> None:
    for known in PURPOSES:
        assert len(known.legal_basis) <= 200
        for use in known.uses:
            LookupMessage.model_validate(
                {
                    "device": "d",
                    "lookup_id": "l",
                    "purpose": known.id,
                    "legal_basis": known.legal_basis,
                    "clerk": "c",
                    "citizen": {"personal_number": "0" * 12, "full_name": "A", "date_of_birth": "2000"},
                    "fields": use.fields,
                    "questions": use.questions,
                }
            )


def test_an_unknown_purpose_is_none_and_allows_nothing() -> None:
    with pytest.raises(KeyError):
        purpose("curiosity")
    assert not shipped_registry().knows("curiosity")
    assert not allows("curiosity", "population")
    assert not allows("permanent-residence", "land")
    assert allows("land-change-registration", "land")
    assert purpose("permanent-residence").use("land") is None


def test_desk_and_sandbox_agree_on_what_each_purpose_may_ask() -> None:
    assert {known.id for known in PURPOSES} == set(RULES)
    for known in PURPOSES:
        rule = RULES[known.id]
        assert rule.consent_version == (known.wording_version if known.needs_consent else "")
        assert set(rule.asks) == set(known.registers)
        for use in known.uses:
            ask = rule.asks[use.register]
            assert (set(use.fields), set(use.questions)) == (ask.fields, ask.questions), (known.id, use.register)
            assert {way.value for way in use.ways} == (ask.ways if use.ways else set())


def test_an_own_file_alone_replaces_the_shipped_purposes() -> None:
    registry = parse_registry(own_file())
    assert [known.id for known in registry.purposes] == ["permit"]
    assert registry.version == "7"
    assert not registry.allows("land-change-registration", "land")


def test_an_own_file_may_extend_the_shipped_ones_and_put_its_own_in_the_place_of_one() -> None:
    registry = parse_registry(own_file(extends='extends = "shipped"', id="permanent-residence"))
    assert [known.id for known in registry.purposes] == [known.id for known in PURPOSES]
    use = registry.purpose("permanent-residence").use("population")
    assert use is not None
    assert use.fields == ("full_name",)
    assert registry.version == f"{shipped_registry().version}+7"


def test_the_hash_covers_what_the_purposes_say_and_not_how_the_file_is_written() -> None:
    plain = parse_registry(own_file())
    assert plain.sha256 == parse_registry(b"# an office's own\n" + own_file()).sha256
    for other in (own_file(days=31), own_file(asks='fields = ["sex"]'), own_file(basis="consent")):
        assert parse_registry(other).sha256 != plain.sha256
    assert len(plain.sha256) == 64


@pytest.mark.parametrize(
    ("file", "where"),
    [
        (b"not toml at all [", "not TOML"),
        (b"\xff\xfe", "not TOML"),
        (b'version = "1"', "purpose"),
        (own_file(asks='fields = ["blood_type"]'), "purpose.0.asks"),
        (own_file(asks='fields = ["full_name", "full_name"]'), "purpose.0.asks.population.fields"),
        (own_file(asks=""), "purpose.0.asks"),
        (own_file(asks='questions = ["card-valid"]'), "purpose.0.asks.population.questions"),
        (own_file(asks=f"questions = {[*IDENTITY_QUESTIONS, 'is-nice']}"), "purpose.0.asks.population.questions"),
        (own_file(asks='fields = ["full_name"]\nways = ["holder"]'), "purpose.0.asks"),
        (own_file(asks='fields = ["full_name"]\n[purpose.asks.land]\nfields = ["address"]'), "purpose.0.asks"),
        (own_file(asks='fields = ["full_name"]\n[purpose.asks.archive]\nfields = ["address"]'), "purpose.0.asks"),
        (own_file(basis="custom"), "purpose.0.basis"),
        (own_file(days=-1), "purpose.0.keep_days"),
        (own_file(more="colour = 1"), "purpose.0.colour"),
        (own_file(more='step_up = { max_age_s = 1, acr = "a" }'), "purpose.0.step_up.max_age_s"),
        (own_file(extends='extends = "another"'), "extends"),
        (own_file(id="Not An Id"), "purpose.0.id"),
        (own_file() + own_file().replace(b'version = "7"', b"", 1).split(b"\n\n", 1)[1], "purpose"),
        (b" " * 500_001, "too large"),
    ],
)
def test_a_file_that_says_something_unknown_is_refused_by_the_place_and_never_by_its_content(
    file: bytes, where: str
) -> None:
    with pytest.raises(DataError) as told:
        parse_registry(file)
    assert told.value.what == f"purposes: {where}"
    assert told.value.__context__ is None


def test_land_alone_is_no_purpose_for_nobody_would_say_who_the_citizen_is() -> None:
    only_land = (
        own_file()
        .replace(b"asks.population", b"asks.land")
        .replace(b'fields = ["full_name"]', b'fields = ["address"]\nways = ["holder"]')
    )
    with pytest.raises(DataError):
        parse_registry(only_land)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_registry_or_a_data_error(data: bytes) -> None:
    with suppress(DataError):
        assert isinstance(parse_registry(data), PurposeRegistry)


@given(st.data())
def test_a_shipped_file_with_a_few_bytes_changed_is_a_registry_or_a_data_error(data: st.DataObject) -> None:
    shipped = (files("auth.purposes") / "registry.toml").read_bytes()
    at = data.draw(st.integers(0, len(shipped) - 1))
    changed = shipped[:at] + data.draw(st.binary(min_size=1, max_size=3)) + shipped[at + 1 :]
    with suppress(DataError):
        assert parse_registry(changed).purposes


def test_a_file_is_loaded_from_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "purposes.toml"
    with pytest.raises(DataError):
        load_registry(file)
    file.write_bytes(own_file())
    assert load_registry(file) == parse_registry(own_file())


def test_the_shipped_file_is_plain_toml_that_others_can_read_too() -> None:
    told = tomllib.loads((files("auth.purposes") / "registry.toml").read_text(encoding="utf-8"))
    assert [entry["id"] for entry in told["purpose"]] == [known.id for known in PURPOSES]


def test_a_certificate_alone_is_enough_where_a_purpose_is_about_one_parcel() -> None:
    only = purpose("land-information").use("land")
    assert only is not None
    assert only.ways == (Way.CERTIFICATE,)


def test_the_page_for_offices_has_every_purpose_as_the_registry_has_it(project_root: Path) -> None:
    page = (project_root / "docs" / "purposes.md").read_text(encoding="utf-8")
    assert page.endswith(purposes_page(shipped_registry())), "write it anew: python -m auth.purposes.page"
    own = page.split("```toml\n# purposes.toml\n")[1].split("```")[0]
    example = parse_registry(own.encode())
    assert example.knows("building-permit")
    assert len(example.purposes) == len(PURPOSES) + 1
    assert example.purpose("building-permit").step_up is not None
