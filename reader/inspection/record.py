"""The record of an inspection: what was seen of the card, kept so that somebody else can judge it again.

Files, the chip's signature over a challenge and the moment suffice for every check that rests on signatures. The rest
(how the channel was opened and fared, what Chip Authentication gave, whether the typed number fits) is only the
inspector's word: it is recorded as it was found, and nobody can recompute it (CH-18).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reader.files import FileRead
from reader.genuine import ActiveProof
from reader.inspection.channel_facts import RecordedChannel, record_channel
from reader.inspection.checks import Check, CheckId
from reader.inspection.gathered import Gathered
from reader.verdict import Verdict

__all__ = ["BASIS", "Basis", "Record", "record_of"]


class Basis(StrEnum):
    """Tell what a check rests on when somebody looks at it later."""

    FILES = "files"
    TRUST = "files-and-trust"
    TRANSFERABLE = "transferable-proof"
    INSPECTOR = "inspectors-word"


BASIS: Mapping[CheckId, Basis] = {
    CheckId.PACE: Basis.INSPECTOR,
    CheckId.BAC: Basis.INSPECTOR,
    CheckId.CARD_ACCESS: Basis.FILES,
    CheckId.SECURE_MESSAGING: Basis.INSPECTOR,
    CheckId.SOD_SIGNATURE: Basis.FILES,
    CheckId.CHAIN: Basis.TRUST,
    CheckId.HASHES: Basis.FILES,
    CheckId.REVOCATION: Basis.TRUST,
    CheckId.CARD_SECURITY: Basis.TRUST,
    CheckId.CHIP_AUTHENTICATION: Basis.INSPECTOR,
    CheckId.ACTIVE_AUTHENTICATION: Basis.TRANSFERABLE,
    CheckId.CHIP_MAPPING: Basis.INSPECTOR,
    CheckId.TERMINAL_AUTHENTICATION: Basis.INSPECTOR,
    CheckId.COM_SOD: Basis.FILES,
    CheckId.STRUCTURE: Basis.FILES,
    CheckId.MRZ_CHECK_DIGITS: Basis.FILES,
    CheckId.KEY_MATCHES_CHIP: Basis.INSPECTOR,
    CheckId.DG1_DG13: Basis.FILES,
    CheckId.ISSUING_STATE: Basis.FILES,
    CheckId.EXPIRY: Basis.FILES,
}


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """Hold what one inspection saw, without a secret that opened anything.

    ``chip`` is what Chip Authentication gave, before anybody asked whether its key is the issuer's; ``active`` what
    Active Authentication gave where there is no ``active_proof`` to judge again. ``key_check`` is how the typed number
    compared: the number itself is not kept.
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

    def __repr__(self) -> str:
        """Show how many files."""
        return f"Record({len(self.reads)} files)"


def record_of(gathered: Gathered, moment: datetime, key_check: Check) -> Record:
    """Return what remains of an inspection when the card is gone."""
    return Record(
        moment=moment,
        channel=record_channel(gathered.channel),
        reads=tuple(gathered.reads.values()),
        chip=gathered.chip,
        active=gathered.active,
        active_proof=gathered.active_proof,
        key_check=key_check,
        portrait_problem=gathered.portrait_problem,
        channel_fault=gathered.channel_fault,
        unprotected=gathered.unprotected,
        lost_with_chip_keys=gathered.lost_with_chip_keys,
    )
