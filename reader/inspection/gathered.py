"""What one inspection has gathered: the files as read, what was parsed from them, and how the channel fared.

This is the only mutable object of an inspection. The card thread fills it; the judges read it when the reading is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from reader.errors import DataError
from reader.files import FileId, FileRead, ReadOutcome
from reader.genuine import (
    ActiveKey,
    ActiveProof,
    CardSecurityReason,
    ChipKey,
    SecurityObject,
    SignedCardSecurity,
)
from reader.inspection.channel_facts import ChannelFacts
from reader.lds import CalendarDate, Com, Dg13, Dg15, Identity, Mrz, MrzFormat, SecurityInfos
from reader.lds.portrait import Portrait
from reader.trust import AnchorStore, Deviation
from reader.verdict import Verdict

__all__ = ["Gathered", "is_test"]

T = TypeVar("T")

# These outcomes say that a file is there and not as it must be.
_BROKEN = (ReadOutcome.TRUNCATED, ReadOutcome.DAMAGED, ReadOutcome.MALFORMED, ReadOutcome.OVER_BUDGET)


@dataclass(slots=True, repr=False)
class Gathered:
    """Hold everything of one inspection; ``channel_fault`` is the status or kind of what ended the channel.

    Without ``clock_trusted`` nothing may be said that rests on today's date.
    """

    channel: ChannelFacts
    reads: dict[FileId, FileRead] = field(default_factory=dict)
    parsed: list[str] = field(default_factory=list)
    malformed: dict[str, str] = field(default_factory=dict)
    security_object: SecurityObject | None = None
    mrz: Mrz | None = None
    dg13: Dg13 | None = None
    dg14: SecurityInfos | None = None
    dg15: Dg15 | None = None
    com: Com | None = None
    identity: Identity | None = None
    portrait: Portrait | None = None
    portrait_problem: str = ""
    portraits: int = 0
    chip_key: ChipKey | None = None
    chip: Verdict | None = None
    active_key: ActiveKey | None = None
    active: Verdict | None = None
    active_proof: ActiveProof | None = None
    terminal: Verdict | None = None
    chain: Verdict | None = None
    card_security: SignedCardSecurity | None = None
    card_security_chain: Verdict | None = None
    revocation: Verdict | None = None
    deviations: tuple[Deviation, ...] = ()
    channel_fault: str = ""
    unprotected: bool = False
    lost_with_chip_keys: bool = False
    clock_trusted: bool = True

    def add(self, read: FileRead) -> bytes | None:
        """Keep a file; return its bytes when it is whole."""
        self.reads[read.file] = read
        if read.outcome in _BROKEN:
            self.malformed[read.file.label] = read.outcome.value
        elif read.complete and read.file.data_group is not None and read.data[:1] != bytes((read.file.tag or 0,)):
            self.malformed[read.file.label] = "tag of another file"
        return read.data if read.complete else None

    def parse(self, file: FileId, parser: Callable[[bytes], T], raw: bytes | None) -> T | None:
        """Parse a whole file; a malformed one is remembered and does not stop the others."""
        if raw is None:
            return None
        try:
            found = parser(raw)
        except DataError as error:
            self.malformed[file.label] = str(error)
            return None
        self.parsed.append(file.label)
        return found

    def take_card_security(self, found: SignedCardSecurity) -> None:
        """Keep what EF.CardSecurity gave; a malformed one is remembered as such."""
        self.card_security = found
        if found.content is None:
            self.malformed[FileId.CARD_SECURITY.label] = CardSecurityReason.MALFORMED
        else:
            self.parsed.append(FileId.CARD_SECURITY.label)

    def whole(self, file: FileId) -> bytes | None:
        """Return the bytes of ``file`` if it was read whole."""
        read = self.reads.get(file)
        return read.data if read is not None and read.complete else None

    def refused(self, file: FileId) -> bool:
        """Tell whether the chip itself, through the protected channel, kept ``file`` from us."""
        read = self.reads.get(file)
        return read is not None and read.outcome in (ReadOutcome.ABSENT, ReadOutcome.DENIED, ReadOutcome.REFUSED)

    @property
    def whole_data_groups(self) -> dict[int, bytes]:
        """Return the whole data groups as read, by number."""
        return {
            file.data_group: read.data
            for file, read in self.reads.items()
            if file.data_group is not None and read.complete
        }

    @property
    def may_be_vietnamese(self) -> bool:
        """Tell whether this may be a Vietnamese ID card: its DG1 says so, or cannot be read."""
        return self.mrz is None or (self.mrz.issuing_state == "VNM" and self.mrz.format is MrzFormat.TD1)

    @property
    def issued(self) -> date | None:
        """Return the day of issue, where the card tells it whole."""
        return _day(self.identity.issue_date) if self.identity else None

    @property
    def expires(self) -> date | None:
        """Return the last day of validity, where the card tells it whole."""
        return _day(self.identity.expiry) if self.identity else None

    @property
    def document_code(self) -> str | None:
        """Return the document code of the MRZ without its filler, where it was read."""
        return self.mrz.document_code if self.mrz is not None else None

    @property
    def list_is_proven(self) -> bool:
        """Tell whether the signature over EF.SOD's list verified: only then does what it leaves out not exist."""
        return self.security_object is not None and self.security_object.proven

    @property
    def listed(self) -> tuple[int, ...]:
        """Return the numbers of the data groups that EF.SOD lists, proven or not."""
        return self.security_object.data_groups if self.security_object else ()

    def __repr__(self) -> str:
        """Show how many files."""
        return f"Gathered({len(self.reads)} files)"


def is_test(gathered: Gathered, anchors: AnchorStore) -> bool:
    """Tell whether the project's test issuer has a hand in it: it signed the document, or its anchors are believed."""
    signed = gathered.security_object
    return anchors.has_test_anchor or (signed is not None and signed.is_test)


def _day(day: CalendarDate | None) -> date | None:
    """Return a whole day of the calendar, None for one of which a part is unknown."""
    return date(day.year, day.month, day.day) if day is not None and day.is_complete else None
