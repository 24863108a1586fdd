from __future__ import annotations

import pytest

from reader.access import Can, MrzKey
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


def test_passwords_show_nothing() -> None:
    assert "012345" not in repr(Can("012345"))
    assert "L898902C" not in repr(MrzKey("L898902C", "690806", "940623"))
