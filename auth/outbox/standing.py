"""Whether what was queued may still be sent: the device, the clerk and the purpose may have changed meanwhile.

The two Protocols are answered by whoever knows: the device's status list, and the clerk's log-in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from auth.outbox.item import Item

__all__ = [
    "ClerkStanding",
    "DeviceStanding",
    "DeviceState",
    "EnrolledDevice",
    "SignedInClerk",
    "SignedInHere",
    "SignsClerksIn",
    "doubt",
]

ROLE_GONE = "role-gone"
PURPOSE_GONE = "purpose-gone"
ANOTHER_DEVICE = "another-device"


class DeviceState(StrEnum):
    """Name how the registers see this device; ``UNKNOWN`` where what is known of it is too old."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class DeviceStanding(Protocol):
    """Say how this device stands."""

    def state(self) -> DeviceState:
        """Return how it stands now, by a status list that is fresh enough."""
        ...


class ClerkStanding(Protocol):
    """Say who works here now, and what they may ask."""

    def signed_in(self) -> Sequence[str]:
        """Return the ids of the clerks in whose name look-ups can be sent now."""
        ...

    def may_ask(self, clerk: str, register: str, purpose: str) -> bool:
        """Tell whether a clerk who is signed in still has the role for it."""
        ...


@dataclass(frozen=True, slots=True)
class SignedInClerk:
    """Say that one clerk works here, as the settings name them, for whatever their purposes allow (``ClerkStanding``).

    For a desk whose registers know clerks by name only. What the registers themselves think of the clerk, they say in
    their answer.
    """

    clerk: str

    def signed_in(self) -> Sequence[str]:
        """Return the one clerk."""
        return (self.clerk,) if self.clerk else ()

    def may_ask(self, clerk: str, register: str, purpose: str) -> bool:
        """Tell whether it is that clerk."""
        return clerk == self.clerk


class HasClerkId(Protocol):
    """Whoever is at the desk, by the id that the registers know; empty where nobody is signed in."""

    @property
    def clerk_id(self) -> str:
        """Return the id."""
        ...


class SignsClerksIn(Protocol):
    """Say who signed in at this desk and for which purposes (``auth.clerk.desk_clerk.DeskClerk``)."""

    @property
    def presence(self) -> HasClerkId:
        """Return who is there."""
        ...

    @property
    def purposes(self) -> Sequence[str]:
        """Return for which purposes the clerk who is there may ask."""
        ...


class SignedInHere:
    """Go by who signed in and for what (``ClerkStanding``): a purpose that was not granted is a role that is gone."""

    def __init__(self, clerks: SignsClerksIn) -> None:
        self._clerks = clerks

    def signed_in(self) -> Sequence[str]:
        """Return who is there, nobody where nobody is."""
        clerk = self._clerks.presence.clerk_id
        return (clerk,) if clerk else ()

    def may_ask(self, clerk: str, register: str, purpose: str) -> bool:
        """Tell whether it is that clerk who is there, with that purpose."""
        return clerk == self._clerks.presence.clerk_id and purpose in self._clerks.purposes


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """Say that the device stands as the registers last said (``DeviceStanding``): for a desk without a status list."""

    known: DeviceState = DeviceState.ACTIVE

    def state(self) -> DeviceState:
        """Return what was said."""
        return self.known


def doubt(item: Item, clerks: ClerkStanding, device_id: str, allows: Callable[[str, str], bool]) -> str:
    """Return why somebody must decide before ``item`` is sent, "" where nothing has changed since it was queued.

    ``allows`` tells whether a purpose may ask a register.
    """
    if item.device != device_id:
        return ANOTHER_DEVICE
    if not allows(item.purpose, item.register):
        return PURPOSE_GONE
    if not clerks.may_ask(item.clerk, item.register, item.purpose):
        return ROLE_GONE
    return ""
