"""The fewest commands a whole card can be read with, and that the reader needs no more (chip-reading.md 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pytest

from mock_cards.chip import ChipProfile
from mock_cards.reference import REFERENCE_CAN, REFERENCE_MRZ_KEY, REFERENCE_SIZES, reference_chip, reference_profile
from reader.access import Can, MrzKey, Password, open_channel
from reader.files import ChunkSizes, FileId, SizePolicy, extended_chunk, negotiate, read_file
from reader.iso7816 import CountingLink, LinkCounters

FILES = (FileId.SOD, FileId.DG1, FileId.DG13, FileId.DG14, FileId.DG15, FileId.COM, FileId.DG2)
CAN: Sequence[Password] = (Can(REFERENCE_CAN),)
MRZ: Sequence[Password] = (MrzKey(*REFERENCE_MRZ_KEY),)


def read_whole(
    profile: ChipProfile, passwords: Sequence[Password], *, until: FileId = FileId.DG2, longest: int | None = None
) -> LinkCounters:
    chip = reference_chip(profile)
    chip.power_on()
    link = CountingLink(Limited(chip, longest))
    buffers = negotiate(link)
    channel = open_channel(link, passwords)
    block = channel.link.suite.block_size
    chunk = extended_chunk(buffers.response, block) if buffers else None
    policy = SizePolicy(ChunkSizes(channel.link.chunk_sizes.short, chunk))
    for file in FILES[: FILES.index(until) + 1]:
        read = read_file(channel.link, file, size_policy=policy)
        assert read.complete
        assert len(read.data) == REFERENCE_SIZES[file.label if file.data_group is None else file.name][1]
    # Nothing was refused but a file that is not there: EF.ATR/INFO or EF.CardAccess.
    assert {refusal.header.hex() for refusal in chip.refusals} <= {"00b08100", "00b09c00"}
    return link.counters


class Limited:
    """Be a reader that tells the longest APDU it carries."""

    def __init__(self, chip, longest: int | None) -> None:
        self._chip, self.atr, self.longest_apdu = chip, chip.atr, longest
        self.transmit = chip.transmit


def test_119_commands_read_a_card_opened_by_pace_with_aes() -> None:
    assert read_whole(reference_profile(), CAN).apdus == 119


def test_113_commands_read_a_card_opened_by_bac() -> None:
    # EF.CardAccess is asked for once: the answer to reset says that files are found by short identifier.
    assert read_whole(reference_profile(pace=False), MRZ).apdus == 113


def test_one_more_where_the_answer_to_reset_leaves_extended_length_open() -> None:
    assert read_whole(reference_profile(told_by_atr=False), CAN).apdus == 120


@pytest.mark.parametrize(("buffer", "apdus"), [(1000, 39), (2048, 25), (4096, 20), (65536, 15)])
def test_with_a_buffer_stated_in_atr_info_a_few_commands_do(buffer: int, apdus: int) -> None:
    assert read_whole(reference_profile(buffer), CAN).apdus == apdus


# LF-06: a reader of short APDUs only is never sent an extended one, and EF.ATR/INFO is not even asked.
@pytest.mark.parametrize(("longest", "apdus"), [(261, 119), (1000, 39), (65546, 25)])
def test_the_reader_s_limit_counts_as_well(longest: int, apdus: int) -> None:
    assert read_whole(reference_profile(2048), CAN, longest=longest).apdus == apdus


@pytest.mark.parametrize(("buffer", "most"), [(None, 24), (65536, 11), (2048, 11)])
def test_the_identity_is_there_after_a_few_commands(buffer: int | None, most: int) -> None:
    assert read_whole(reference_profile(buffer), CAN, until=FileId.DG13).apdus <= most


# PACE with a 256-bit curve, and SELECT of the application under it; BAC after SELECT in plain, EF.CardAccess not there.
BY_PACE, BY_BAC = 5 + 22 + 2 + 199 + 180 + 51, 5 + 2 + 103 + 14


@pytest.mark.parametrize(
    ("profile", "passwords", "opening", "block", "chunk"),
    [
        (reference_profile(), CAN, BY_PACE, 16, 223),
        (reference_profile(pace=False), MRZ, BY_BAC, 8, 231),
        (reference_profile(2048), CAN, BY_PACE, 16, extended_chunk(2048, 16)),
        (reference_profile(65536), CAN, BY_PACE, 16, extended_chunk(65536, 16)),
    ],
    ids=["PACE short", "BAC short", "2 KB buffer", "64 KB buffer"],
)
def test_the_bytes_are_those_of_the_bound_and_of_reading_atr_info(
    profile: ChipProfile, passwords: Sequence[Password], opening: int, block: int, chunk: int
) -> None:
    counters = read_whole(profile, passwords)
    asked = 5 + len(profile.atr_info) + 2 if chunk > 231 else 0
    reads = 0
    for _, size in REFERENCE_SIZES.values():
        chunks = [chunk] * (size // chunk) + [size % chunk] * (size % chunk > 0)
        assert len(chunks) == ceil(size / chunk)
        reads += sum((23 if part > 231 else 19) + protected(part, block) + 16 for part in chunks)
    bound = opening + asked + reads
    assert abs(counters.sent + counters.received - bound) <= bound / 100


def protected(plain: int, block: int) -> int:
    """Return the length of DO87 around ``plain`` bytes under a cipher of this block size."""
    value = 1 + (plain // block + 1) * block
    return 1 + (1 if value < 0x80 else 2 if value < 0x100 else 3) + value
