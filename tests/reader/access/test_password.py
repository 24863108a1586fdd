from __future__ import annotations

import pytest

from reader.access import Can, MrzKey, Password, Pin, Puk
from reader.access.keys import pace_key, password_reference
from reader.crypto import CipherSuite, derive_key
from reader.errors import DataError


def test_the_can_of_a_vietnamese_card_is_the_end_of_its_number() -> None:
    assert Can.from_personal_number("099085012345").digits == "012345"


@pytest.mark.parametrize("number", ["", "09908501234", "0990850123456", "09908501234x", "٠٩٩٠٨٥٠١٢٣٤٥"])
def test_what_is_no_personal_number_is_refused_without_naming_it(number: str) -> None:
    with pytest.raises(DataError) as caught:
        Can.from_personal_number(number)
    assert not number or number not in str(caught.value)


@pytest.mark.parametrize("digits", ["", "12345", "12345a", "1234567890123", "１２３４５６"])
def test_what_is_no_can_is_refused(digits: str) -> None:
    with pytest.raises(DataError):
        Can(digits)


@pytest.mark.parametrize("digits", ["", "123", "12345a", "12345678901234567", "１２３４"])
def test_what_is_no_pin_is_refused(digits: str) -> None:
    with pytest.raises(DataError):
        Pin(digits)


@pytest.mark.parametrize("digits", ["", "12345", "012345678x", "12345678901234567"])
def test_what_is_no_puk_is_refused(digits: str) -> None:
    with pytest.raises(DataError):
        Puk(digits)


# BSI TR-03110-3 §B.11.1: 1 MRZ, 2 CAN, 3 PIN, 4 PUK.
@pytest.mark.parametrize(
    ("password", "reference"),
    [(MrzKey("X", "690806", "940623"), 1), (Can("123456"), 2), (Pin("123456"), 3), (Puk("1234567890"), 4)],
    ids=["mrz", "can", "pin", "puk"],
)
def test_each_kind_is_named_to_the_chip(password: Password, reference: int) -> None:
    assert password_reference(password) == reference
    assert password.counts_tries == (reference in (3, 4))


def test_pin_and_puk_are_encoded_as_their_digits() -> None:
    expected = derive_key(b"1234567890", 3, CipherSuite.AES_256)
    assert pace_key(Pin("1234567890"), CipherSuite.AES_256) == expected
    assert pace_key(Puk("1234567890"), CipherSuite.AES_256) == expected


def test_passwords_show_nothing() -> None:
    assert "123456" not in repr(Pin("123456"))
    assert "123456" not in repr(Puk("1234567890"))
    assert "012345" not in repr(Can("012345"))
    assert "L898902C" not in repr(MrzKey("L898902C", "690806", "940623"))
