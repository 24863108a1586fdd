"""A chip opened once more after its inspection, for what is to follow only later, as when a citizen had to be asked.

The inspection is not done again. That the same document answers is shown by EF.SOD, which is read anew and has to equal
the one inspected, byte for byte; what the chip then proves it proves by the key that this EF.SOD vouches for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from reader.access import AccessProtocol, Password, SecureMessaging, open_channel
from reader.crypto import Rng, system_rng
from reader.errors import AccessFailed, DataError, DifferentDocument
from reader.files import FileId, ReadLimits, SizePolicy, negotiate, read_file
from reader.inspection.open_chip import OpenChip
from reader.inspection.report import Inspection
from reader.iso7816 import CancellableLink, CardLink, CollectingLink, reset_of

__all__ = ["reopen"]

_LIMITS = ReadLimits(64 << 10, 1024)


def reopen(
    link: CardLink,
    passwords: Sequence[Password],
    inspection: Inspection,
    then: Callable[[OpenChip], None],
    *,
    cancel: threading.Event | None = None,
    rng: Rng = system_rng,
) -> None:
    """Open the chip behind ``link``, which was reset just now, and hand it to ``then``; close it after that.

    ``cancel`` ends the work within one APDU. BAC is used only where the inspection used it.

    Raise DifferentDocument where another document answers than that of ``inspection``, ValueError for an inspection
    that read no EF.SOD, WrongPassword, MrzNeeded, AccessFailed or UnsupportedCard where the chip does not open, and
    what the link and ``then`` raise.
    """
    known = dict(inspection.files).get(FileId.SOD.label)
    if not known:
        raise ValueError("an inspection without EF.SOD names no document")
    reset = reset_of(link)
    collecting = CollectingLink(CancellableLink(link, cancel or threading.Event()))
    open_again = partial(_open, collecting, passwords, inspection, reset, rng)
    buffers = negotiate(collecting)
    channel = open_again()
    try:
        sizes = SizePolicy(channel.chunk_sizes_within(buffers))
        read = read_file(channel, FileId.SOD, limits=_LIMITS, size_policy=sizes)
        if read.data != known:
            raise DifferentDocument("another document answers than the one that was inspected")
        may_reopen = reset is not None and not any(password.counts_tries for password in passwords)
        again = partial(_open_anew, channel, reset, open_again) if may_reopen and reset is not None else None
        then(OpenChip(collecting, channel, again, reads_by_sfi=sizes.uses_short_ids))
    finally:
        channel.close()


def _open(
    link: CardLink,
    passwords: Sequence[Password],
    inspection: Inspection,
    reset: Callable[[], None] | None,
    rng: Rng,
) -> SecureMessaging:
    try:
        return open_channel(
            link,
            passwords,
            allow_bac_after_pace_failure=inspection.access == AccessProtocol.BAC.value,
            reset=reset,
            rng=rng,
        ).link
    except DataError as error:
        raise AccessFailed(f"answer without sense: {error}") from None


def _open_anew(
    channel: SecureMessaging, reset: Callable[[], None], open_again: Callable[[], SecureMessaging]
) -> SecureMessaging:
    """Reset the chip and open it anew; raise CardError where it does not open."""
    channel.close()
    reset()
    return open_again()
