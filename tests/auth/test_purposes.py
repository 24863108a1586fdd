"""Purposes: each with its basis, and asking no register that it does not need."""

from __future__ import annotations

import pytest

from auth.purposes import PURPOSES, allows, purpose
from auth.registers.messages import LookupMessage
from mock_registers.gate import _PURPOSES as REGISTER_SIDE


def test_every_purpose_has_names_in_both_languages_and_a_legal_basis() -> None:
    assert len({known.id for known in PURPOSES}) == len(PURPOSES)
    for known in PURPOSES:
        assert known.name_vi
        assert known.name_en
        assert known.registers
        assert set(known.registers) <= {"population", "land", "housing"}
        assert purpose(known.id) is known


def test_every_purpose_and_its_basis_fit_into_a_message() -> None:
    for known in PURPOSES:
        LookupMessage.model_validate(
            {
                "device": "d",
                "lookup_id": "l",
                "purpose": known.id,
                "legal_basis": known.legal_basis,
                "clerk": "c",
                "citizen": {"personal_number": "0" * 12, "full_name": "A", "date_of_birth": "2000"},
            }
        )


def test_an_unknown_purpose_is_none_and_allows_nothing() -> None:
    with pytest.raises(KeyError):
        purpose("curiosity")
    assert not allows("curiosity", "population")
    assert not allows("permanent-residence", "land")
    assert allows("land-change-registration", "land")


def test_desk_and_sandbox_agree_on_what_each_purpose_may_ask() -> None:
    assert {known.id: frozenset(known.registers) for known in PURPOSES} == REGISTER_SIDE
