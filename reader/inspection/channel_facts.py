"""How the channel to the chip was opened and how it fared: what the judges look at, live or as it was recorded.

None of it can be shown afterwards: both ends of such a channel could have computed all of it (CH-18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from reader.access import AccessProtocol, ChipMapping, PaceFailure
from reader.crypto import CipherSuite
from reader.files import FileRead
from reader.lds import PaceInfo, SecurityInfos

__all__ = ["ChannelFacts", "RecordedChannel", "RecordedLink", "RecordedPassword", "record_channel"]


class PasswordFacts(Protocol):
    """Tell which kind of password opened the chip, not which."""

    @property
    def kind(self) -> str:
        """Return "can", "mrz", "pin" or "puk"."""
        ...


class LinkFacts(Protocol):
    """Tell how the protected link fared."""

    @property
    def suite(self) -> CipherSuite:
        """Return the cipher suite of the last keys."""
        ...

    @property
    def verified_answers(self) -> int:
        """Count the answers that verified."""
        ...

    @property
    def unpadded_answers(self) -> int:
        """Count the answers whose padding was left out."""
        ...

    @property
    def unprotected_answers(self) -> int:
        """Count the answers that came without protection."""
        ...


class ChannelFacts(Protocol):
    """Tell how the chip was opened: ``reader.access.Channel`` does, and so does a record of it."""

    @property
    def link(self) -> LinkFacts:
        """Return how the protected link fared."""
        ...

    @property
    def protocol(self) -> AccessProtocol:
        """Return what opened the chip."""
        ...

    @property
    def password(self) -> PasswordFacts:
        """Return what kind of password it was opened with."""
        ...

    @property
    def card_access(self) -> FileRead:
        """Return EF.CardAccess as read."""
        ...

    @property
    def offered(self) -> SecurityInfos | None:
        """Return what EF.CardAccess says, None where it cannot be read."""
        ...

    @property
    def pace(self) -> PaceInfo | None:
        """Return the PACE that was performed, None for BAC."""
        ...

    @property
    def pace_failure(self) -> PaceFailure | None:
        """Return the PACE that failed before BAC stepped in."""
        ...

    @property
    def wanted_reference(self) -> bool:
        """Tell whether the chip wanted its only parameters named."""
        ...

    @property
    def chip_mapping(self) -> ChipMapping | None:
        """Return what Chip Authentication Mapping brought, None for another way of opening."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedPassword:
    """Name the kind of password that opened the chip."""

    kind: str


@dataclass(frozen=True, slots=True)
class RecordedLink:
    """Hold the cipher of the last keys and the counters of a link that is closed."""

    suite: CipherSuite
    verified_answers: int
    unpadded_answers: int
    unprotected_answers: int


@dataclass(frozen=True, slots=True, repr=False)
class RecordedChannel:
    """Hold how a chip was opened, without keys and without the secret that opened it."""

    link: RecordedLink
    protocol: AccessProtocol
    password: RecordedPassword
    card_access: FileRead
    offered: SecurityInfos | None
    pace: PaceInfo | None
    pace_failure: PaceFailure | None
    wanted_reference: bool
    chip_mapping: ChipMapping | None = None

    def __repr__(self) -> str:
        """Show the protocol only."""
        return f"RecordedChannel({self.protocol})"


def record_channel(channel: ChannelFacts) -> RecordedChannel:
    """Return what is left of a channel when it is closed."""
    link = channel.link
    return RecordedChannel(
        link=RecordedLink(link.suite, link.verified_answers, link.unpadded_answers, link.unprotected_answers),
        protocol=channel.protocol,
        password=RecordedPassword(channel.password.kind),
        card_access=replace(channel.card_access, apdus=0),
        offered=channel.offered,
        pace=channel.pace,
        pace_failure=channel.pace_failure,
        wanted_reference=channel.wanted_reference,
        chip_mapping=channel.chip_mapping,
    )
