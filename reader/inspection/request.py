"""What an inspection needs besides the card: the passwords, whom to trust, the policy and the moment it is done for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reader.access import Password
from reader.genuine import TerminalCredentials
from reader.inspection.materials import MaterialUsed
from reader.inspection.policy import Policy
from reader.trust import TrustMaterial

__all__ = ["InspectionRequest"]


@dataclass(frozen=True, slots=True, repr=False)
class InspectionRequest:
    """Ask for one inspection.

    ``passwords`` are what the clerk typed or scanned, the one to try first at the front; ``personal_number`` is the
    printed number where it is known, to be held against the chip. ``moment`` has a time zone and stands for now in
    every judgement. ``materials`` say what the anchors and lists are and how old, for the report and the policy's
    ``max_age``. ``decode_portrait`` False leaves the portrait undecoded. ``terminal`` are the credentials by which this
    desk may read fingerprints and irises, None where no State has given it any. ``clock_trusted`` False says that the
    clock behind ``moment`` is known to be wrong by more than a day: then no check passes or fails by today's date.
    """

    passwords: tuple[Password, ...]
    trust: TrustMaterial
    policy: Policy
    moment: datetime
    personal_number: str = ""
    decode_portrait: bool = True
    materials: tuple[MaterialUsed, ...] = ()
    terminal: TerminalCredentials | None = None
    clock_trusted: bool = True

    def __post_init__(self) -> None:
        """Refuse a moment without a zone, and a request that can open nothing."""
        if self.moment.tzinfo is None:
            raise ValueError("the moment of an inspection has a time zone")
        if not self.passwords:
            raise ValueError("an inspection needs a password")

    def __repr__(self) -> str:
        """Show how many passwords there are."""
        return f"InspectionRequest({len(self.passwords)} passwords)"
