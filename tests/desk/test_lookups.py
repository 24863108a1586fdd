"""How a look-up is worded."""

from __future__ import annotations

from typing import Any

import pytest

from auth.device.errors import DeviceError, DeviceSuspended, KeychainUnavailable, PinLocked, TokenUnavailable
from auth.purposes import purpose
from desk.lookups import ask, make_lookup
from desk.registers_assembly import unconnected_registers
from desk.view import RegisterState
from reader.lds import CalendarDate, Identity, Sex


@pytest.mark.parametrize(
    ("on_chip", "asked"),
    [("099123456", "099123456"), ("099090000009", "099090000009"), ("", ""), ("09912345", ""), ("٠٩٩١٢٣٤٥٦", "")],
)
def test_the_old_number_is_asked_about_where_it_is_one(on_chip: str, asked: str) -> None:
    identity = Identity(
        "099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam", old_number=on_chip
    )
    assert make_lookup(identity, purpose("citizen-information"), "demo").old_number == asked


def test_every_look_up_has_an_id_of_its_own_and_its_legal_basis() -> None:
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    first, second = (make_lookup(identity, purpose("citizen-information"), "demo") for _ in range(2))
    assert first.lookup_id != second.lookup_id
    assert first.legal_basis


@pytest.mark.parametrize(
    "error", [DeviceSuspended(), TokenUnavailable("gone"), PinLocked(), KeychainUnavailable("locked")]
)
def test_what_is_wrong_with_the_device_is_told_by_its_own_name(error: DeviceError) -> None:
    def find(_lookup: object) -> Any:
        raise error

    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    outcome = ask(
        unconnected_registers().registers[0].kind, find, make_lookup(identity, purpose("citizen-information"), "demo")
    )
    assert (outcome.state, outcome.failure) == (RegisterState.FAILED, error.code)
