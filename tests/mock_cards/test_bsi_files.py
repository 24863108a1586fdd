"""The BSI's reference data set on our card: files that neither our issuer nor our reader wrote come out unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_cards.chip import CardImage, Passwords, image_from_files, profile_by_name
from reader.iso7816 import CommandAPDU

pytestmark = pytest.mark.shared

# The key fields of the MRZ in the set's DG1, each with its check digit: number C11T002JM, birth, expiry.
INFORMATION = b"C11T002JM496081221310317"
FILES = {
    "EF.COM": ("EF_COM.bin", 0x9E),
    "EF.SOD": ("EF_SOD.bin", 0x9D),
    "DG1": ("Datagroup1.bin", 0x81),
    "DG2": ("Datagroup2.bin", 0x82),
    "DG14": ("Datagroup14.bin", 0x8E),
    "DG15": ("Datagroup15.bin", 0x8F),
}


@pytest.fixture
def contents(shared: Path) -> dict[str, bytes]:
    return {name: (shared / "data" / "bsi2008" / file).read_bytes() for name, (file, _) in FILES.items()}


def _image(contents: dict[str, bytes]) -> CardImage:
    return image_from_files(contents, profile_by_name("icao-bac"), Passwords(INFORMATION))


def _read(it, p1: int) -> bytes:
    content = b""
    while True:
        if not content:
            command = CommandAPDU(0, 0xB0, p1, 0, ne=256)
        else:
            command = CommandAPDU(0, 0xB0, len(content) >> 8, len(content) & 0xFF, ne=256)
        answer = it.unprotect(it.chip.transmit(it.protect(command)))
        if answer.sw == 0x6B00:
            return content
        assert answer.sw == 0x9000
        content += answer.data


def test_every_file_is_read_back_byte_for_byte(contents: dict[str, bytes], terminal) -> None:
    it = terminal(_image(contents))
    it.select_application()
    assert it.bac(INFORMATION).sw == 0x9000
    for name, (_, p1) in FILES.items():
        assert _read(it, p1) == contents[name], name


def test_the_mrz_of_another_document_does_not_open_it(contents: dict[str, bytes], terminal) -> None:
    it = terminal(_image(contents))
    it.select_application()
    assert it.bac().sw == 0x6300


def test_a_file_that_no_card_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no such file"):
        image_from_files({"DG17": b""}, profile_by_name("icao-bac"), Passwords(INFORMATION))
