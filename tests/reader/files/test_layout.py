from __future__ import annotations

import pytest

from reader.files import EMRTD_AID, Application, ChunkSizes, FileId, SizePolicy


def test_the_application_identifier_is_that_of_the_lds() -> None:
    assert EMRTD_AID.hex().upper() == "A0000002471001"


# ICAO 9303-10: file identifiers 0101..0110, short identifiers 01..10, tags as EF.COM lists them.
@pytest.mark.parametrize(
    ("number", "tag"),
    list(
        enumerate(
            [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70], start=1
        )
    ),
)
def test_data_groups_lie_where_the_standard_says(number: int, tag: int) -> None:
    file = FileId.of_data_group(number)
    assert (file.fid, file.sfi, file.tag) == (bytes((1, number)), number, tag)
    assert file.application is Application.EMRTD
    assert file.data_group == number
    assert file.label == f"EF.DG{number}"
    assert FileId.of_tag(tag) is file


def test_the_other_files_lie_where_the_standard_says() -> None:
    rows = {
        FileId.COM: ("011E", 0x1E, 0x60, Application.EMRTD),
        FileId.SOD: ("011D", 0x1D, 0x77, Application.EMRTD),
        FileId.CARD_ACCESS: ("011C", 0x1C, 0x31, Application.MASTER_FILE),
        FileId.CARD_SECURITY: ("011D", 0x1D, 0x30, Application.MASTER_FILE),
        FileId.ATR_INFO: ("2F01", 0x01, None, Application.MASTER_FILE),
        FileId.DIR: ("2F00", 0x1E, None, Application.MASTER_FILE),
    }
    for file, (fid, sfi, tag, application) in rows.items():
        assert (file.fid.hex().upper(), file.sfi, file.tag, file.application) == (fid, sfi, tag, application)
        assert file.data_group is None


@pytest.mark.parametrize("number", [0, 17, -1])
def test_there_are_sixteen_data_groups(number: int) -> None:
    with pytest.raises(ValueError):
        FileId.of_data_group(number)


def test_unknown_tags_are_no_file() -> None:
    assert FileId.of_tag(0x7F61) is None
    assert FileId.of_tag(0x31) is None


@pytest.mark.parametrize(("short", "extended"), [(0, None), (257, None), (1, 0), (1, 65537)])
def test_sizes_no_command_can_ask_for_are_refused(short: int, extended: int | None) -> None:
    with pytest.raises(ValueError):
        ChunkSizes(short, extended)


def test_the_ladder_goes_down_to_one() -> None:
    policy, size, rungs = SizePolicy(), 256, []
    while size := policy.lower(size):
        rungs.append(size)
    assert rungs == [224, 192, 160, 128, 96, 64, 32, 16, 8, 4, 2, 1]
