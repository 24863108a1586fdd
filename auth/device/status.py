"""The register's signed list of how its devices stand, and what follows from it and from its age.

Two bits a device in a compressed array, as in the Token Status List draft of the IETF's OAuth group, whose names for
the values are used; the statement around it is our own kind and claims no conformance. A list is fetched every 15
minutes and believed for 24 hours, also after a restart without network.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from auth.device.errors import (
    DeviceNotEnrolled,
    DevicePending,
    DeviceRevoked,
    DeviceStatusUnknown,
    DeviceSuspended,
    DeviceWiped,
)
from auth.device.statements import Claims, Moment, Name
from auth.device.states import DeviceState
from auth.presence.encoding import from_text, to_text
from reader.errors import DataError

__all__ = [
    "FETCH_SECONDS",
    "MAX_AGE_SECONDS",
    "STATUS_KIND",
    "Standing",
    "StatusClaims",
    "pack_states",
    "standing_of",
    "state_at",
]

STATUS_KIND = "motcua-device-status+jwt"
FETCH_SECONDS = 900
MAX_AGE_SECONDS = 86_400
SKEW_SECONDS = 60
_MAX_PACKED, _MAX_UNPACKED = 131_072, 1 << 22
_VALUES = {0: DeviceState.ACTIVE, 1: DeviceState.REVOKED, 2: DeviceState.SUSPENDED, 3: DeviceState.PENDING}
_NUMBERS = {
    DeviceState.ACTIVE: 0,
    DeviceState.REVOKED: 1,
    DeviceState.WIPED: 1,
    DeviceState.SUSPENDED: 2,
    DeviceState.PENDING: 3,
}


class StatusArray(Claims):
    """Hold the array: two bits a device, the first in the lowest bits of the first byte; zlib, base64url."""

    bits: Literal[2] = 2
    lst: Annotated[str, Field(max_length=_MAX_PACKED)]


class StatusClaims(Claims):
    """Say how every device stood at ``iat``; the list is replaced by ``ttl`` and void from ``exp`` on."""

    iss: Name
    iat: Moment
    exp: Moment
    ttl: Annotated[int, Field(ge=1, le=MAX_AGE_SECONDS)]
    status_list: StatusArray


def pack_states(states: dict[int, DeviceState]) -> StatusArray:
    """Return the array of devices by their index; an index that nobody has is revoked."""
    size = max(states, default=0) + 1
    array = bytearray((size + 3) // 4)
    for index in range(4 * len(array)):
        number = _NUMBERS[states.get(index, DeviceState.REVOKED)]
        array[index // 4] |= number << (2 * (index % 4))
    return StatusArray(lst=to_text(zlib.compress(bytes(array), 9)))


def state_at(array: StatusArray, index: int) -> DeviceState:
    """Return the state at ``index``; raise DataError for an array that is damaged, endless or too short."""
    unpacking = zlib.decompressobj()
    try:
        raw = unpacking.decompress(from_text(array.lst), _MAX_UNPACKED)
    except zlib.error:
        raise DataError("status list that is damaged") from None
    if not unpacking.eof or unpacking.unused_data or index // 4 >= len(raw):
        raise DataError("status list that does not hold this device")
    return _VALUES[raw[index // 4] >> (2 * (index % 4)) & 0b11]


@dataclass(frozen=True, slots=True)
class Standing:
    """Say how the device stands and whether that is known freshly enough to act upon it.

    ``state`` is None for a device that was never enrolled. ``confirmed`` is the moment of the list it comes from.
    """

    state: DeviceState | None
    fresh: bool
    confirmed: datetime | None = None

    @property
    def may_look_up(self) -> bool:
        """Tell whether look-ups may be made and queued ones sent."""
        return self.state is DeviceState.ACTIVE and self.fresh

    @property
    def outbox_frozen(self) -> bool:
        """Tell whether queued look-ups are kept for a supervisor and never sent by this device any more."""
        return self.state in (DeviceState.REVOKED, DeviceState.WIPED)

    def require_lookup(self) -> None:
        """Raise the DeviceNotActive that says why no look-up may be made now."""
        if self.state is None:
            raise DeviceNotEnrolled
        if self.state is DeviceState.WIPED:
            raise DeviceWiped
        if self.state is DeviceState.REVOKED:
            raise DeviceRevoked
        if self.state is DeviceState.SUSPENDED:
            raise DeviceSuspended
        if self.state is DeviceState.PENDING:
            raise DevicePending
        if not self.fresh:
            raise DeviceStatusUnknown


def standing_of(state: DeviceState | None, claims: StatusClaims | None, index: int | None, now: datetime) -> Standing:
    """Return the standing of a device whose record says ``state``, by the last list that was believed.

    Bad news do not age: a device that was revoked or suspended stays so until a younger list says otherwise. Good news
    count for 24 hours, and for none where the clock stands before the list was made.
    """
    if state in (None, DeviceState.WIPED) or claims is None or index is None:
        return Standing(state, fresh=False)
    made = datetime.fromtimestamp(claims.iat, now.tzinfo)
    age = now.timestamp() - claims.iat
    fresh = -SKEW_SECONDS <= age <= MAX_AGE_SECONDS and now.timestamp() < claims.exp
    return Standing(state_at(claims.status_list, index), fresh, made)
