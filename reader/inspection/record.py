"""The record of an inspection: what was seen of the card, kept so that somebody else can judge it again.

Files, the chip's signature over a challenge and the moment suffice for every check that rests on signatures. The rest
(how the channel was opened and fared, what Chip Authentication gave, whether the typed number fits) is only the
inspector's word: it is recorded as it was found, and nobody can recompute it (CH-18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from reader.files import FileRead
from reader.genuine import ActiveProof
from reader.inspection.channel_facts import RecordedChannel, record_channel
from reader.inspection.checks import Check
from reader.inspection.gathered import Gathered
from reader.verdict import Verdict

__all__ = ["Record", "record_of"]


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """Hold what one inspection saw, without a secret that opened anything.

    ``chip`` is what Chip Authentication gave, before anybody asked whether its key is the issuer's; ``terminal`` what
    Terminal Authentication gave, None where there were no credentials; ``active`` what Active Authentication gave where
    there is no ``active_proof`` to judge again. ``key_check`` is how the typed number compared: the number itself is
    not kept, and neither is what the reading of each file cost. ``clock_trusted`` tells whether ``moment``
    may be judged by.
    """

    moment: datetime
    channel: RecordedChannel
    reads: tuple[FileRead, ...]
    chip: Verdict | None
    active: Verdict | None
    active_proof: ActiveProof | None
    key_check: Check
    portrait_problem: str
    channel_fault: str
    unprotected: bool
    lost_with_chip_keys: bool
    terminal: Verdict | None = None
    clock_trusted: bool = True

    def __repr__(self) -> str:
        """Show how many files."""
        return f"Record({len(self.reads)} files)"


def record_of(gathered: Gathered, moment: datetime, key_check: Check) -> Record:
    """Return what remains of an inspection when the card is gone."""
    return Record(
        moment=moment,
        channel=record_channel(gathered.channel),
        reads=tuple(replace(read, apdus=0) for read in gathered.reads.values()),
        chip=gathered.chip,
        active=gathered.active,
        active_proof=gathered.active_proof,
        key_check=key_check,
        portrait_problem=gathered.portrait_problem,
        channel_fault=gathered.channel_fault,
        unprotected=gathered.unprotected,
        lost_with_chip_keys=gathered.lost_with_chip_keys,
        terminal=gathered.terminal,
        clock_trusted=gathered.clock_trusted,
    )
