"""A chip after its inspection, its channel still open: for what has to follow in the same session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

# For the annotations only: whoever hands a chip on need not load the protocols that it speaks.
if TYPE_CHECKING:
    from reader.access import SecureMessaging
    from reader.inspection.report import Inspection
    from reader.iso7816 import CardLink

__all__ = ["Afterwards", "OpenChip"]


@dataclass(frozen=True, slots=True, repr=False)
class OpenChip:
    """Hold the link to a chip and the channel over it, which is closed as soon as the caller returns.

    ``link`` carries bare commands; ``channel`` may have died. ``reopen`` resets the chip and opens another channel over
    the same link; None where that cannot be done, or would spend a try of a password. ``chip_protocol`` is the object
    identifier of the Chip Authentication that the chip was found to take, "" where it took none. ``reads_by_sfi`` tells
    whether its files were read by short identifier.
    """

    link: CardLink
    channel: SecureMessaging
    reopen: Callable[[], SecureMessaging] | None
    chip_protocol: str = ""
    reads_by_sfi: bool = True

    def __repr__(self) -> str:
        """Show whether the channel stands."""
        return f"OpenChip({'open' if self.channel.is_open else 'closed'})"


Afterwards = Callable[["Inspection", OpenChip], None]
"""Be called with a finished inspection while the chip is still open; what it raises of the card ends the inspection."""
