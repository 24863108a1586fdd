"""A card lost in the middle that comes back: only what is missing is read; another card is refused (LF-07, LF-08)."""

from __future__ import annotations

from typing import Any

import pytest

from reader.errors import CardRemoved, DifferentDocument
from reader.files import FileId, FileRead, ReadCache, ReadOutcome
from reader.inspection import CheckId, CheckStatus, Decision, FileProgress, Inspection, inspect
from reader.iso7816 import CardLink, CommandAPDU, ResponseAPDU, atr_of

Bench = Any  # lives in conftest.py, which cannot be imported from here

PERSONA = "pham-thi-mau"


class Field:
    """Carry ``lives`` commands to a card and lose it at the next one."""

    def __init__(self, link: CardLink, lives: int) -> None:
        self.link, self.lives, self.sent = link, lives, 0
        self.atr = atr_of(link)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        if self.sent == self.lives:
            raise CardRemoved("the card left the field")
        self.sent += 1
        return self.link.transmit(command)


def lose(bench: Bench, card: Any, at: int, known: ReadCache | None = None) -> ReadCache | None:
    """Inspect until the card is lost at command ``at``; return what there is to keep."""
    kept: list[ReadCache] = []
    card.card.reset()
    with pytest.raises(CardRemoved):
        inspect(Field(card.card, at), bench.request(card), known=known, keep=kept.append)
    return kept[0] if kept else None


def go_on(bench: Bench, card: Any, known: ReadCache | None, **others: Any) -> Inspection:
    card.card.reset()
    return inspect(Field(card.card, 10_000), bench.request(card), known=known, **others)


@pytest.fixture(scope="module")
def whole(bench: Bench) -> Inspection:
    inspection: Inspection = bench.inspect(PERSONA)
    return inspection


def test_lost_at_any_command_the_read_ends_as_if_nothing_had_happened(bench: Bench, whole: Inspection) -> None:
    card = bench.build(PERSONA)
    for at in range(0, whole.link.apdus, 3):
        known = lose(bench, card, at)
        resumed = go_on(bench, card, known)
        assert resumed.decision is Decision.PROCEED
        assert [(check.id, check.status) for check in resumed.checks] == [
            (check.id, check.status) for check in whole.checks
        ]
        assert dict(resumed.files) == dict(whole.files)
        assert resumed.link.apdus <= whole.link.apdus + 1


def test_only_what_is_missing_is_read(bench: Bench, whole: Inspection) -> None:
    card = bench.build(PERSONA)
    known = lose(bench, card, whole.link.apdus - 2)
    assert known is not None
    part = known.part(FileId.DG2)
    assert part is not None
    assert 0 < len(part.data) < (part.total or 0)
    seen: list[FileProgress] = []
    resumed = go_on(
        bench, card, known, on_event=lambda event: seen.append(event) if isinstance(event, FileProgress) else None
    )
    of_portrait = [event.read for event in seen if event.file == "EF.DG2"]
    assert of_portrait[0] > len(part.data)
    # Opening, DG14 and the chip's proof of its key, DG1 that confirms it, the chip's signature, and the rest of DG2
    # behind one SELECT: EF.SOD is not read anew (LF-07).
    dg14 = len(dict(resumed.files)["EF.DG14"])
    anew = 7 + -(-dg14 // 223) + 2 + 1 + 1 + 1 + 2
    assert resumed.link.apdus == anew
    assert resumed.decision is Decision.PROCEED


def test_it_may_be_lost_again_and_again(bench: Bench, whole: Inspection) -> None:
    card = bench.build(PERSONA)
    known = lose(bench, card, 60)
    before = known
    for at in (3, 9, 12, 20, 24):
        known = lose(bench, card, at, known) or known
        assert known is not None
        assert before is not None
        assert bytes_of(known) >= bytes_of(before)
        before = known
    assert go_on(bench, card, known).decision is Decision.PROCEED


def bytes_of(cache: ReadCache) -> int:
    return sum(len(read.data) for read in cache.reads)


def test_chip_proofs_are_performed_anew(bench: Bench, whole: Inspection) -> None:
    """The files of a clone may be the same; that its chip holds no key shows though all of them were known."""
    card = bench.build(PERSONA)
    known = lose(bench, card, whole.link.apdus - 1)
    clone = bench.build(PERSONA, ("clone-without-ca-key",))
    resumed = go_on(bench, clone, known)
    assert resumed.check(CheckId.CHIP_AUTHENTICATION).status is CheckStatus.FAILED
    assert resumed.decision is Decision.STOP


def test_before_dg14_was_known_the_signed_object_and_dg1_are_the_proof(bench: Bench, whole: Inspection) -> None:
    card = bench.build(PERSONA)
    at = 7 + -(-len(dict(whole.files)["EF.SOD"]) // 223) + 1 + 2
    known = lose(bench, card, at)
    assert known is not None
    assert known.whole(FileId.DG1) is not None
    assert known.whole(FileId.DG14) is None
    resumed = go_on(bench, card, known)
    assert dict(resumed.files) == dict(whole.files)
    assert resumed.link.apdus <= whole.link.apdus


def test_a_chip_that_refuses_to_prove_its_key_is_known_by_its_files_and_fails(bench: Bench, whole: Inspection) -> None:
    """CH-09: the refusal stays a failed check; what was known is used only after EF.SOD was read anew."""
    card = bench.build(PERSONA)
    known = lose(bench, card, whole.link.apdus - 1)
    refusing = bench.build(PERSONA, ("ca-refused-6985",))
    resumed = go_on(bench, refusing, known)
    assert resumed.check(CheckId.CHIP_AUTHENTICATION).status is CheckStatus.FAILED


@pytest.mark.parametrize("at", [20, 40, 80])
def test_another_card_is_an_error_and_never_a_mixture(bench: Bench, at: int) -> None:
    card, other = bench.build(PERSONA), bench.build("nguyen-van-mau")
    known = lose(bench, card, at)
    assert known is not None
    kept: list[ReadCache] = []
    other.card.reset()
    link = Field(other.card, 10_000)
    with pytest.raises(DifferentDocument):
        inspect(link, bench.request(other), known=known, keep=kept.append)
    # Nothing of the other document is handed on, and not a byte beyond what showed the difference is read.
    assert kept == []
    assert link.sent <= 7 + 9


def test_a_card_lost_before_it_could_be_known_again_is_read_from_the_start(bench: Bench, whole: Inspection) -> None:
    card, other = bench.build(PERSONA), bench.build("nguyen-van-mau")
    known = lose(bench, card, 9)
    assert known is not None
    assert known.whole(FileId.SOD) is None
    assert known.part(FileId.SOD) is not None
    resumed = go_on(bench, other, known)
    assert resumed.decision is Decision.PROCEED
    assert dict(resumed.files)["EF.SOD"] != dict(whole.files)["EF.SOD"]
    assert go_on(bench, card, known).link.apdus == whole.link.apdus


def test_lost_while_opening_nothing_is_handed_over(bench: Bench) -> None:
    assert lose(bench, bench.build(PERSONA), 4) is None


def test_a_changed_data_group_under_the_same_object_fails_by_its_hash(bench: Bench, whole: Inspection) -> None:
    """What was known is held to EF.SOD like everything else."""
    card = bench.build(PERSONA)
    known = lose(bench, card, whole.link.apdus - 1)
    assert known is not None
    dg13 = known.whole(FileId.DG13)
    assert dg13 is not None
    changed = FileRead(FileId.DG13, ReadOutcome.COMPLETE, dg13.data[:-1] + b"?", dg13.total)
    resumed = go_on(bench, card, known.updated((changed,)))
    assert resumed.check(CheckId.HASHES).status is CheckStatus.FAILED


def test_what_is_kept_shows_nothing(bench: Bench) -> None:
    known = lose(bench, bench.build(PERSONA), 40)
    assert "MAU" not in repr(known)
    assert repr(known).startswith("ReadCache(")


def test_bare_announcements_are_followed_below_the_channel(bench: Bench, whole: Inspection) -> None:
    """A reader that hands 61xx up: the protected answer arrives in parts, and is verified as one."""

    class InParts:
        def __init__(self, link: CardLink) -> None:
            self.link, self.rest = link, b""
            self.atr = atr_of(link)
            self.sw = 0

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            if command.ins == 0xC0:
                assert command.cla == 0
                data, self.rest = self.rest[: command.ne], self.rest[command.ne :]
                return ResponseAPDU(data, 0x6100 | len(self.rest) if self.rest else self.sw)
            answer = self.link.transmit(command)
            if len(answer.data) <= 40:
                return answer
            self.rest, self.sw = answer.data[40:], answer.sw
            return ResponseAPDU(answer.data[:40], 0x6100 | len(self.rest))

    card = bench.build(PERSONA)
    inspection = inspect(InParts(card.card), bench.request(card))
    assert inspection.decision is Decision.PROCEED
    assert inspection.link.apdus > whole.link.apdus
