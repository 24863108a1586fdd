"""What is kept of a reading that was cut short, and how one file goes on behind its part."""

from __future__ import annotations

import pytest

from reader.errors import Cancelled, CardRemoved, SecureMessagingError
from reader.files import FileId, FileRead, ReadCache, ReadOutcome, SizePolicy, read_file
from reader.iso7816 import CommandAPDU, ResponseAPDU

SOD, DG1, DG2 = FileId.SOD, FileId.DG1, FileId.DG2


class Lost:
    """Carry some commands and then raise."""

    def __init__(self, card, lives: int, error: Exception) -> None:
        self.card, self.lives, self.error = card, lives, error

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if not self.lives:
            raise self.error
        self.lives -= 1
        return self.card.transmit(command)


@pytest.mark.parametrize("lives", range(9))
def test_a_file_goes_on_behind_the_part_that_was_kept(make_card, file_content, lives: int) -> None:
    card = make_card({DG2: file_content(DG2, 2000)})
    kept: list[FileRead] = []
    with pytest.raises(CardRemoved):
        read_file(Lost(card, min(lives, 7), CardRemoved("lost")), DG2, keep=kept.append)
    (part,) = kept
    assert (part.outcome, len(part.data)) == (ReadOutcome.INTERRUPTED, min(lives, 7) * 256)
    assert not part.complete
    card.commands.clear()
    card.current = None
    read = read_file(card, DG2, known=part)
    assert read.data == card.files[DG2]
    # One SELECT makes the file the current one again; a file without a byte is read as ever.
    assert len(card.commands) == -(-(2000 - len(part.data)) // 256) + (1 if part.data else 0)


def test_a_file_beyond_32_kib_goes_on_too(make_card, file_content) -> None:
    card = make_card({DG2: file_content(DG2, 70_000)})
    part = FileRead(DG2, ReadOutcome.INTERRUPTED, card.files[DG2][:65_000], 70_000)
    assert read_file(card, DG2, known=part, size_policy=SizePolicy()).data == card.files[DG2]


@pytest.mark.parametrize("data", [b"", b"\x75", b"\x75\x80" + bytes(20), b"\x75\x02\x00\x00\x00"])
def test_a_part_that_cannot_be_one_is_read_from_the_beginning(make_card, file_content, data: bytes) -> None:
    card = make_card({DG2: file_content(DG2, 300)})
    read = read_file(card, DG2, known=FileRead(DG2, ReadOutcome.INTERRUPTED, data))
    assert read.data == card.files[DG2]


def test_the_part_of_another_file_is_a_mistake(make_card) -> None:
    with pytest.raises(ValueError, match="another file"):
        read_file(make_card({}), DG2, known=FileRead(SOD, ReadOutcome.INTERRUPTED, b"\x77"))


def test_cancelling_keeps_the_part_as_well(make_card, file_content) -> None:
    kept: list[FileRead] = []
    with pytest.raises(Cancelled):
        read_file(Lost(make_card({DG2: file_content(DG2, 900)}), 2, Cancelled("")), DG2, keep=kept.append)
    assert [(part.outcome, len(part.data)) for part in kept] == [(ReadOutcome.INTERRUPTED, 512)]


def test_what_came_before_a_broken_answer_is_kept_without_it(make_card, file_content) -> None:
    kept: list[FileRead] = []
    card = make_card({DG2: file_content(DG2, 900)})
    with pytest.raises(SecureMessagingError):
        read_file(Lost(card, 2, SecureMessagingError("mac")), DG2, keep=kept.append)
    assert kept[0].data == card.files[DG2][:512]


class TestCache:
    WHOLE = FileRead(SOD, ReadOutcome.COMPLETE, b"\x77\x01a", 3)
    PART = FileRead(DG2, ReadOutcome.INTERRUPTED, b"\x75\x05a", 7)

    def test_whole_files_and_parts_are_told_apart(self) -> None:
        cache = ReadCache((self.WHOLE, self.PART))
        assert cache.whole(SOD) is self.WHOLE
        assert cache.part(SOD) is None
        assert cache.part(DG2) is self.PART
        assert cache.whole(DG2) is None
        assert cache.whole(DG1) is None

    def test_new_reads_take_the_place_of_old_ones_of_the_same_file(self) -> None:
        finished = FileRead(DG2, ReadOutcome.COMPLETE, b"\x75\x05abcde", 7)
        cache = ReadCache((self.WHOLE, self.PART)).updated((finished,))
        assert cache.whole(DG2) is finished
        assert cache.part(DG2) is None
        assert cache.whole(SOD) is self.WHOLE

    @pytest.mark.parametrize(
        "outcome", [one for one in ReadOutcome if one not in (ReadOutcome.COMPLETE, ReadOutcome.INTERRUPTED)]
    )
    def test_nothing_else_is_kept(self, outcome: ReadOutcome) -> None:
        assert ReadCache((self.WHOLE,)).updated((FileRead(SOD, outcome, b"\x77"),)).reads == ()

    def test_its_text_shows_no_content(self) -> None:
        assert repr(ReadCache((self.WHOLE, self.PART))) == "ReadCache(2 files, 6 bytes)"
