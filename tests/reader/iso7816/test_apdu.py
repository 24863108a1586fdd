from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.iso7816 import CommandAPDU, ResponseAPDU


# ISO/IEC 7816-4 §5.2: the four cases, short and extended.
@pytest.mark.parametrize(
    ("command", "encoded"),
    [
        (CommandAPDU(0x00, 0xA4, 0x04, 0x0C), "00A4040C"),
        (CommandAPDU(0x00, 0x84, 0x00, 0x00, ne=8), "0084000008"),
        (CommandAPDU(0x00, 0xB0, 0x9E, 0x00, ne=256), "00B09E0000"),
        (CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e"), "00A4020C02011E"),
        (CommandAPDU(0x10, 0x86, 0x00, 0x00, b"\x7c\x00", 256), "10860000027C0000"),
        (CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=257), "00B00000000101"),
        (CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=65536), "00B00000000000"),
        (CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=16, extended=True), "00B00000000010"),
        (CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e", extended=True), "00A4020C000002011E"),
        (CommandAPDU(0x00, 0x86, 0x00, 0x00, b"\x7c\x00", 65536), "008600000000027C000000"),
        (CommandAPDU(0x00, 0x86, 0x00, 0x00, b"\x7c\x00", 256, extended=True), "008600000000027C000100"),
    ],
)
def test_every_case_is_encoded_and_decoded(command: CommandAPDU, encoded: str) -> None:
    assert command.to_bytes() == bytes.fromhex(encoded)
    assert CommandAPDU.from_bytes(bytes.fromhex(encoded)).to_bytes() == bytes.fromhex(encoded)


@given(
    header=st.binary(min_size=4, max_size=4),
    data=st.one_of(st.binary(max_size=300), st.integers(65530, 65535).map(bytes)),
    ne=st.one_of(st.integers(0, 300), st.integers(65500, 65536)),
    extended=st.booleans(),
)
def test_commands_survive_encoding(header: bytes, data: bytes, ne: int, extended: bool) -> None:
    command = CommandAPDU(*header, data=data, ne=ne, extended=extended)
    decoded = CommandAPDU.from_bytes(command.to_bytes())
    assert (decoded.header, decoded.data, decoded.ne) == (header, data, ne)
    assert decoded.is_extended is (command.is_extended and bool(data or ne))


@given(st.binary(max_size=300))
def test_random_bytes_are_a_command_or_malformed(raw: bytes) -> None:
    try:
        command = CommandAPDU.from_bytes(raw)
    except DataError:
        return
    assert command.to_bytes() == raw


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "00A404",
        "00A4020C0201",
        "00A4020C02011E0000",
        "00A4020C0001",
        "00A4020C00000201",
        "00A4020C000002011E00",
        "00A4020C0000001234",
        "00A4020C000002011E000000",
    ],
)
def test_lengths_that_do_not_add_up_are_refused(encoded: str) -> None:
    with pytest.raises(DataError):
        CommandAPDU.from_bytes(bytes.fromhex(encoded))


@pytest.mark.parametrize("wrong", [{"cla": 256}, {"p2": -1}, {"ne": 65537}, {"ne": -1}, {"data": bytes(65536)}])
def test_what_no_encoding_can_hold_is_a_mistake_of_the_caller(wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"cla": 0, "ins": 0, "p1": 0, "p2": 0} | wrong
    with pytest.raises(ValueError):
        CommandAPDU(**fields)  # type: ignore[arg-type]  # wrong on purpose


@given(st.binary(max_size=100), st.integers(0, 0xFFFF))
def test_answers_survive_encoding(data: bytes, sw: int) -> None:
    answer = ResponseAPDU(data, sw)
    assert ResponseAPDU.from_bytes(answer.to_bytes()) == answer
    assert (answer.sw1 << 8 | answer.sw2) == sw


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_an_answer_without_a_status_word_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        ResponseAPDU.from_bytes(raw)


def test_repr_shows_no_data() -> None:
    assert "cafe" not in repr(CommandAPDU(0, 0x86, 0, 0, b"\xca\xfe", 8)).lower().replace("lc", "")
    assert repr(ResponseAPDU(b"\xca\xfe", 0x9000)) == "ResponseAPDU(2 bytes, 9000)"
