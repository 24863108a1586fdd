"""Faults by name: what goes wrong without anybody cheating, and what must come of it.

A fault alters the card image (files of random bytes), or stands between chip and reader as one or more scripts. The
names and what they fail are public (``mock-cards list``); a test holds them to what the reader finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip, Intervention
from mock_cards.disturbances import Mute
from mock_cards.faults import altered as files
from mock_cards.faults.action import CardMaker
from mock_cards.faults.altered import Alter, altered
from mock_cards.faults.script import parse_script
from mock_cards.image import CardImage
from mock_cards.intervention import instead, intervene, of_file, of_pace_step
from reader.errors import MuteCard
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["FAULTS", "Fault", "alter", "check_fault", "disturb", "fault_by_name", "tamper"]

_CARD_ACCESS, _SOD, _DG1, _DG2, _DG14, _DG15 = 0x011C, 0x011D, 0x0101, 0x0102, 0x010E, 0x010F

# In the middle of DG2, which every reader reads inside a session, and in more than one piece.
_INSIDE = "sfi=02#2"


@dataclass(frozen=True, slots=True)
class Fault:
    """Name a fault: what it is, which checks come out failed, and the decision; None where no report can be made.

    ``scripts`` and ``wrap`` stand between chip and reader, ``alter`` changes what is on the card, ``tamper`` what the
    chip answers under its protection. The script of a fault that is ``numbered`` takes another command for its time
    when the name brings a number (``lost-field:20``).
    """

    name: str
    about: str
    fails: frozenset[str]
    decision: str | None
    scripts: tuple[str, ...] = ()
    alter: Alter | None = None
    wrap: Callable[[EmulatedCard], EmulatedCard] | None = None
    tamper: Callable[[Chip], Intervention] | None = None
    numbered: bool = False


def fault_by_name(text: str) -> Fault:
    """Return the fault of this name, ``name:number`` for a numbered one, or the fault that a script makes.

    Raise KeyError where there is neither; a script whose argument or time is wrong raises ValueError.
    """
    name, _, number = text.partition(":")
    for fault in FAULTS:
        if fault.name == name and not number:
            return fault
        if fault.name == name and fault.numbered and number.isdecimal():
            return replace(fault, name=text, scripts=tuple(_at(script, number) for script in fault.scripts))
    script = parse_script(text)
    return Fault(text, script.action.about, frozenset(), None, (text,))


def check_fault(text: str, cards: CardMaker) -> None:
    """Raise KeyError where there is no such fault or swapped card, ValueError where its argument or time is wrong."""
    for script in map(parse_script, fault_by_name(text).scripts):
        script.action.make(script.argument, cards)


def _at(script: str, number: str) -> str:
    return f"{script.partition('@')[0]}@{number}"


def alter(image: CardImage, names: Iterable[str]) -> CardImage:
    """Apply what the faults change on the card."""
    for name in names:
        change = fault_by_name(name).alter
        image = change(image) if change else image
    return image


def tamper(chip: Chip, names: Iterable[str]) -> None:
    """Change what the chip itself answers."""
    for name in names:
        change = fault_by_name(name).tamper
        if change is not None:
            intervene(chip, change(chip))


def disturb(card: EmulatedCard, names: Iterable[str], cards: CardMaker) -> EmulatedCard:
    """Put what the faults do between chip and reader; ``cards`` makes those that are swapped in."""
    for name in names:
        fault = fault_by_name(name)
        card = fault.wrap(card) if fault.wrap else card
        for script in fault.scripts:
            card = parse_script(script).disturb(card, cards)
    return card


def _scripted(name: str, about: str, fails: set[str], decision: str | None, *scripts: str) -> Fault:
    return Fault(name, about, frozenset(fails), decision, scripts)


def _altered(name: str, about: str, fails: set[str], decision: str | None, change: Alter) -> Fault:
    return Fault(name, about, frozenset(fails), decision, alter=change)


_MESSAGING, _STRUCTURE = "access.secure-messaging", "lds.structure"
_HASHES = "passive.data-group-hashes"

_CONTACT = (
    Fault(
        "lost-field",
        "the card leaves the field at a command, the 15th where no other is named (LF-07, C11)",
        frozenset(),
        None,
        # Behind PACE and in the middle of the first files, whatever the read size.
        ("lost-field@15",),
        numbered=True,
    ),
    Fault("mute-card", "something lies on the reader that does not answer a reset", frozenset(), None, wrap=Mute),
    _scripted("slow-chip", "every answer takes twenty milliseconds", set(), "proceed", "delay:20@1+"),
    _scripted(
        "no-answer", "the card stops answering in the middle of a file (SM-10)", set(), None, f"no-answer@{_INSIDE}+"
    ),
    _scripted(
        "card-swapped",
        "another person's card answers in the middle, without a reset (LF-08, C11)",
        {_MESSAGING},
        "stop",
        f"swap:pham-thi-mau@{_INSIDE}",
    ),
)


def _silent(_command: CommandAPDU, _answer: ResponseAPDU) -> ResponseAPDU:
    raise MuteCard("the emulated card does not answer")


_WAY_IN = (
    Fault(
        "pace-no-answer",
        "the card is silent whenever PACE begins, so that BAC steps in; needs the MRZ (AC-02)",
        frozenset({"access.pace"}),
        "attention",
        tamper=lambda chip: instead(of_pace_step(None), _silent),
    ),
    _scripted(
        "relayed", "every answer takes 300 milliseconds more, as over a relay (C12)", set(), "proceed", "delay:300@1+"
    ),
)


def _answering(
    name: str, about: str, fails: set[str], decision: str, change: Callable[[ResponseAPDU], ResponseAPDU]
) -> Fault:
    """Name a chip that answers READ BINARY of DG2 otherwise, under its own protection."""

    def act(_command: CommandAPDU, answer: ResponseAPDU) -> ResponseAPDU:
        return change(answer) if answer.sw == SW.OK else answer

    return Fault(name, about, frozenset(fails), decision, tamper=lambda chip: instead(of_file(chip, _DG2), act))


def _status_only(sw: int) -> Callable[[ResponseAPDU], ResponseAPDU]:
    return lambda answer: ResponseAPDU(b"", sw)


_ANSWERS = (
    _answering(
        "dg2-part-corrupted",
        "the chip says of DG2 that part of it may be corrupted (SM-07b)",
        {_STRUCTURE},
        "stop",
        lambda answer: ResponseAPDU(answer.data, SW.PART_CORRUPTED),
    ),
    _answering(
        "dg2-ends-early",
        "the chip says of every part of DG2 that the file ends there (LF-02)",
        {_STRUCTURE},
        "stop",
        lambda answer: ResponseAPDU(answer.data, SW.END_OF_FILE),
    ),
    *(
        _answering(
            f"dg2-refused-{sw.lower()}",
            f"the chip refuses DG2 by {sw} ({row})",
            set(),
            "attention",
            _status_only(int(sw, 16)),
        )
        for sw, row in (("6300", "SM-08"), ("6400", "SM-08"), ("6A00", "SM-08"), ("6F00", "SM-09"))
    ),
)

# Chip and reader disagree about a protected answer, and nobody who has the keys made it so (chip-reading SM-01…SM-10).
_PROTECTED = tuple(
    _scripted(f"sm-{name}", f"{about} (SM-{row})", {_MESSAGING}, "stop", f"{script}@{_INSIDE}")
    for name, about, row, script in (
        ("data-flipped", "a bit of the cryptogram is another", "01", "objects:data-flipped"),
        ("status-flipped", "a bit of the protected status is another", "01", "objects:status-flipped"),
        ("answer-empty", "9000 and nothing else answers a protected command", "02", "empty"),
        ("status-differs", "the status word is not the protected one", "04", "other-status:6282"),
        ("checksum-missing", "the answer has no checksum", "05", "objects:checksum-missing"),
        ("checksum-short", "the checksum is a byte short", "05", "objects:checksum-short"),
        ("checksum-long", "the checksum is a byte long", "05", "objects:checksum-long"),
        ("objects-reordered", "the data objects come in another order", "05", "objects:reordered"),
        ("object-unknown", "an object stands in the answer that does not belong there", "05", "objects:unknown-object"),
        ("object-twice", "the first data object comes twice", "05", "objects:first-twice"),
        (
            "answer-truncated",
            "only the first forty bytes arrive",
            "05",
            "truncate:40",
        ),
        ("answer-replayed", "the answer before comes again", "06", "replay"),
        ("answer-dropped", "an answer is lost, and the command goes to the chip again", "06", "resend"),
    )
)

_BARE_STATUS = tuple(
    _scripted(
        f"bare-{sw.lower()}",
        f"a protected command is answered with a bare {sw} ({row})",
        set(),
        "attention",
        f"status:{sw}@{_INSIDE}",
    )
    for sw, row in (
        ("6700", "SM-03"),
        ("6A82", "SM-03"),
        ("6B00", "SM-03"),
        ("6282", "SM-03"),
        ("6988", "SM-03"),
        ("6300", "SM-08"),
        ("6400", "SM-08"),
        ("6A00", "SM-08"),
        ("6F00", "SM-09"),
    )
)

_DG2_BROKEN = tuple(
    _altered(f"dg2-{name}", f"{about} ({row})", {_STRUCTURE}, "stop", altered(_DG2, change))
    for name, about, row, change in (
        ("length-lies", "DG2 says it is longer than it is", "LF-01", files.longer_than_it_is),
        ("length-huge", "DG2 says it has sixteen mebibytes", "LF-01, C2", files.of_sixteen_mebibytes),
        ("length-indefinite", "DG2 has a length without end", "LF-01", files.of_indefinite_length),
        ("length-of-five-bytes", "the length of DG2 takes five bytes", "LF-01", files.of_five_length_bytes),
        ("cut-short", "DG2 ends after two thirds", "LF-02", files.cut_short),
        ("endless", "DG2 goes on for two mebibytes", "LF-01, C2", files.two_mebibytes),
    )
)

_CARD_ACCESS_BROKEN = (
    _altered(
        "card-access-cut-short",
        "EF.CardAccess ends after two thirds (AC-03)",
        {_STRUCTURE, "access.card-access-authenticity"},
        "stop",
        altered(_CARD_ACCESS, files.cut_short, in_master=True),
    ),
    _altered(
        "card-access-trailing-bytes",
        "EF.CardAccess has bytes behind its end (AC-03)",
        {_STRUCTURE},
        "stop",
        altered(_CARD_ACCESS, files.with_trailing_bytes, in_master=True),
    ),
    _altered(
        "card-access-as-sequence",
        "EF.CardAccess is a SEQUENCE, not a SET (AC-03)",
        {_STRUCTURE},
        "stop",
        altered(_CARD_ACCESS, files.as_sequence, in_master=True),
    ),
)

_OTHERS_BROKEN = tuple(
    _altered(name, about, {_STRUCTURE, *fails}, "stop", change)
    for name, about, fails, change in (
        ("random-files", "every file of the application holds random bytes", (), files.random_files),
        (
            "dg1-wrong-tag",
            "DG1 begins with the tag of another file (LC-08)",
            (_HASHES,),
            altered(_DG1, files.under_another_tag),
        ),
        (
            "dg14-nested-without-end",
            "DG14 holds SEQUENCEs ten thousand deep (C1)",
            (_HASHES,),
            altered(_DG14, files.nested_without_end),
        ),
        (
            "dg14-of-many-members",
            "DG14 holds three hundred thousand members (C1)",
            (),
            altered(_DG14, files.of_many_members),
        ),
        (
            "dg15-nested-without-end",
            "DG15 holds SEQUENCEs ten thousand deep (C1)",
            (),
            altered(_DG15, files.nested_without_end),
        ),
        ("sod-cut-short", "EF.SOD ends after two thirds (LF-02)", (), altered(_SOD, files.cut_short)),
        (
            "sod-nested-without-end",
            "EF.SOD holds SEQUENCEs ten thousand deep (C1)",
            ("passive.sod-signature",),
            altered(_SOD, files.nested_without_end),
        ),
    )
)

FAULTS: tuple[Fault, ...] = (
    *_CONTACT,
    *_WAY_IN,
    *_ANSWERS,
    *_PROTECTED,
    *_BARE_STATUS,
    *_DG2_BROKEN,
    *_CARD_ACCESS_BROKEN,
    *_OTHERS_BROKEN,
)
