"""What may become of a device at the register: five states, and the acts that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["TRANSITIONS", "DeviceAct", "DeviceState", "WrongAct", "after"]


class DeviceState(StrEnum):
    """Name where a device stands."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    WIPED = "wiped"


class DeviceAct(StrEnum):
    """Name what the registrar does, and the one thing that the device does: to say that its keys are gone."""

    APPROVE = "approve"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"
    ORDER_WIPE = "wipe"
    ACKNOWLEDGE_WIPE = "acknowledge"


# Every pair that is not here is refused. An order to wipe revokes at once, whatever the device does about it; only the
# device's own word makes it wiped. Nothing leads back from revoked: a device comes again with new keys.
TRANSITIONS: Mapping[tuple[DeviceState, DeviceAct], DeviceState] = {
    (DeviceState.PENDING, DeviceAct.APPROVE): DeviceState.ACTIVE,
    (DeviceState.PENDING, DeviceAct.REVOKE): DeviceState.REVOKED,
    (DeviceState.ACTIVE, DeviceAct.SUSPEND): DeviceState.SUSPENDED,
    (DeviceState.ACTIVE, DeviceAct.REVOKE): DeviceState.REVOKED,
    (DeviceState.ACTIVE, DeviceAct.ORDER_WIPE): DeviceState.REVOKED,
    (DeviceState.SUSPENDED, DeviceAct.RESUME): DeviceState.ACTIVE,
    (DeviceState.SUSPENDED, DeviceAct.REVOKE): DeviceState.REVOKED,
    (DeviceState.SUSPENDED, DeviceAct.ORDER_WIPE): DeviceState.REVOKED,
    (DeviceState.REVOKED, DeviceAct.ORDER_WIPE): DeviceState.REVOKED,
    (DeviceState.REVOKED, DeviceAct.ACKNOWLEDGE_WIPE): DeviceState.WIPED,
}


class WrongAct(Exception):
    """Say that an act is not for a device in this state."""

    def __init__(self, state: DeviceState, act: DeviceAct) -> None:
        super().__init__(f"{act}: not for a device that is {state}")
        self.state = state
        self.act = act


def after(state: DeviceState, act: DeviceAct) -> DeviceState:
    """Return the state that ``act`` leads to; raise WrongAct where it leads nowhere."""
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise WrongAct(state, act) from None
