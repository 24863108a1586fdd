from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.access import MrzKey, SecureMessaging, establish_bac, mrz_information
from reader.errors import AccessFailed, DataError, WrongPassword
from reader.iso7816 import CommandAPDU, ResponseAPDU

OTHER = MrzKey("T22000129", "640812", "101032")


def replace(step: str, answer: ResponseAPDU):
    return lambda at, response: answer if at == step else response


def test_the_right_mrz_opens_the_chip(cards: SimpleNamespace) -> None:
    chip = cards.CardSide(mrz=cards.MRZ, inside=lambda command: ResponseAPDU(b"data", 0x9000))
    messaging = SecureMessaging(chip, establish_bac(chip, cards.MRZ))
    assert messaging.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=4)).data == b"data"


def test_another_mrz_is_a_wrong_password(cards: SimpleNamespace) -> None:
    chip = cards.CardSide(mrz=cards.MRZ)
    with pytest.raises(WrongPassword) as caught:
        establish_bac(chip, OTHER)
    assert (caught.value.sw, caught.value.tries_left) == (0x6300, None)
    assert chip.log == ["challenge", "authenticate"]


# AC-19, as far as it concerns BAC
@pytest.mark.parametrize(("sw", "tries"), [(0x63C2, 2), (0x63C1, 1), (0x63C0, 0), (0x6300, None), (0x6982, None)])
def test_tries_left_are_told(cards: SimpleNamespace, sw: int, tries: int | None) -> None:
    chip = cards.CardSide(mrz=cards.MRZ, fault=replace("authenticate", ResponseAPDU(b"", sw)))
    with pytest.raises(WrongPassword) as caught:
        establish_bac(chip, cards.MRZ)
    assert (caught.value.sw, caught.value.tries_left) == (sw, tries)


@pytest.mark.parametrize("sw", [0x6700, 0x6A00, 0x6400, 0x6F00, 0x6D00, 0x6983, 0x6985])
def test_other_refusals_are_no_wrong_password(cards: SimpleNamespace, sw: int) -> None:
    for step in ("challenge", "authenticate"):
        chip = cards.CardSide(mrz=cards.MRZ, fault=replace(step, ResponseAPDU(b"", sw)))
        with pytest.raises(AccessFailed) as caught:
            establish_bac(chip, cards.MRZ)
        assert type(caught.value) is AccessFailed
        assert caught.value.sw == sw


@pytest.mark.parametrize("data", [b"", bytes(7), bytes(9), bytes(255)])
def test_a_challenge_of_another_length_is_refused(cards: SimpleNamespace, data: bytes) -> None:
    chip = cards.CardSide(mrz=cards.MRZ, fault=replace("challenge", ResponseAPDU(data, 0x9000)))
    with pytest.raises(AccessFailed):
        establish_bac(chip, cards.MRZ)


# AC-20
@pytest.mark.parametrize("position", [0, 15, 31, 32, 39])
def test_an_answer_that_is_not_authentic_is_refused(cards: SimpleNamespace, position: int) -> None:
    def flip(step: str, response: ResponseAPDU) -> ResponseAPDU:
        if step != "authenticate":
            return response
        data = bytearray(response.data)
        data[position] ^= 1
        return ResponseAPDU(bytes(data), response.sw)

    with pytest.raises(AccessFailed, match="not authentic"):
        establish_bac(cards.CardSide(mrz=cards.MRZ, fault=flip), cards.MRZ)


def test_an_answer_for_another_run_is_refused(cards: SimpleNamespace) -> None:
    first: list[ResponseAPDU] = []

    def record(step: str, response: ResponseAPDU) -> ResponseAPDU:
        if step == "authenticate":
            first.append(response)
        return first[0] if step == "authenticate" else response

    chip = cards.CardSide(mrz=cards.MRZ, fault=record)
    establish_bac(chip, cards.MRZ)
    with pytest.raises(AccessFailed, match="another run"):
        establish_bac(chip, cards.MRZ)


def test_our_own_cryptogram_sent_back_is_refused(cards: SimpleNamespace) -> None:
    chip = cards.CardSide(mrz=cards.MRZ)
    chip.fault = lambda step, response: (
        ResponseAPDU(chip.commands[-1].data, 0x9000) if step == "authenticate" else response
    )
    with pytest.raises(AccessFailed, match="another run"):
        establish_bac(chip, cards.MRZ)


@pytest.mark.parametrize("data", [b"", bytes(39), bytes(41)])
def test_an_answer_of_another_length_is_refused(cards: SimpleNamespace, data: bytes) -> None:
    chip = cards.CardSide(mrz=cards.MRZ, fault=replace("authenticate", ResponseAPDU(data, 0x9000)))
    with pytest.raises(AccessFailed):
        establish_bac(chip, cards.MRZ)


@given(data=st.binary(max_size=64))
def test_random_answers_never_open_anything(cards: SimpleNamespace, data: bytes) -> None:
    chip = cards.CardSide(mrz=cards.MRZ, fault=replace("authenticate", ResponseAPDU(data, 0x9000)))
    with pytest.raises(AccessFailed):
        establish_bac(chip, cards.MRZ)


@pytest.mark.parametrize(
    "key",
    [
        MrzKey("l898902c", "690806", "940623"),
        MrzKey("L898902C", "6908061", "940623"),
        MrzKey("L898902C", "690806", "23 Jun"),
        MrzKey("Đ23145890", "340712", "950712"),
        MrzKey("1" * 31, "340712", "950712"),
    ],
)
def test_a_key_no_mrz_can_give_is_refused_without_naming_it(cards: SimpleNamespace, key: MrzKey) -> None:
    chip = cards.CardSide(mrz=cards.MRZ)
    with pytest.raises(DataError) as caught:
        establish_bac(chip, key)
    assert key.document_number not in str(caught.value)
    assert not chip.commands


def test_the_mrz_information_of_a_vietnamese_card() -> None:
    # Nine digits in the document number field; "no expiry" is 991231.
    assert mrz_information(MrzKey("099012345", "600101", "991231")) == b"0990123459" + b"6001010" + b"9912315"
