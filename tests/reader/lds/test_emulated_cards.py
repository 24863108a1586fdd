"""The files that the emulated chips hold, written by other hands from the card's side, are read field by field."""

from __future__ import annotations

import pytest

from mock_cards.build import default_profile
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.personas import SAMPLE, Persona, load_all
from reader.crypto import system_rng
from reader.lds import (
    CalendarDate,
    decode_portrait,
    identity_of,
    mrz_name_agrees,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_key_input,
    parse_security_infos,
)

PERSONAS = {persona.name: persona for persona in load_all()}


@pytest.fixture(scope="module", params=PERSONAS)
def persona(request: pytest.FixtureRequest) -> Persona:
    return PERSONAS[request.param]


@pytest.fixture(scope="module")
def issued(persona: Persona) -> IssuedCard:
    # Without a seed the system's library makes the RSA keys, which is many times as fast.
    return Issuer(system_rng).issue(persona, default_profile(persona))


def test_the_citizen_is_read_as_the_persona_has_it(persona: Persona, issued: IssuedCard) -> None:
    dg13 = parse_dg13(issued.files["DG13"])
    mrz = parse_dg1(issued.files["DG1"])
    assert (dg13.defects, dg13.altered) == ((), ())
    assert mrz.check_digits_valid
    assert mrz_name_agrees(persona.card.full_name, mrz)
    identity = identity_of(mrz, dg13)
    for name in (
        *("personal_number", "full_name", "nationality", "ethnicity", "religion", "place_of_origin", "residence"),
        *("distinguishing_marks", "father", "mother", "spouse", "old_number"),
    ):
        assert getattr(identity, name) == getattr(persona.card, name), name
    assert identity.date_of_birth == CalendarDate.from_iso(persona.card.date_of_birth)
    assert identity.issue_date == CalendarDate.from_iso(persona.card.issue_date)
    assert identity.expiry == (CalendarDate.from_iso(persona.card.expiry) if persona.card.expiry else None)
    assert identity.sex.value == persona.card.sex
    assert mrz.has_no_expiry == dg13.no_expiry == (not persona.card.expiry)


def test_the_printed_zone_opens_the_chip(issued: IssuedCard) -> None:
    key = parse_key_input(issued.mrz.text)
    assert key.mrz is not None
    assert key.personal_number == issued.persona.card.personal_number
    assert key.mrz.document_number == issued.persona.card.personal_number[-9:]


def test_the_portrait_is_shown(persona: Persona, issued: IssuedCard) -> None:
    if persona.card.portrait == "none":
        assert "DG2" not in issued.files
        return
    (face,) = parse_dg2(issued.files["DG2"]).faces
    assert face.kind.value == persona.card.portrait
    if persona.name not in SAMPLE:
        return  # each decoding is a process of its own
    portrait = decode_portrait(face.image)
    assert (portrait.width, portrait.height) == (face.width, face.height)


def test_the_technical_files_are_read(issued: IssuedCard) -> None:
    assert set(parse_com(issued.files["EF.COM"]).data_groups) == set(issued.data_groups)
    card_access = parse_security_infos(issued.files["EF.CardAccess"])
    dg14 = parse_dg14(issued.files["DG14"])
    assert card_access.defects == ()
    assert card_access.pace
    assert set(card_access.infos) <= set(dg14.infos)
    assert dg14.chip_authentication
    assert dg14.chip_public_keys
    assert parse_dg15(issued.files["DG15"]).spki
