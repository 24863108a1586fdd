"""Find the client of an endpoint's register by the entry-point group ``motcua.registers``."""

from __future__ import annotations

from importlib.metadata import entry_points

from auth.errors import RegisterUnreachable
from auth.purposes import PurposeRegistry
from auth.registers.ports import Connection, ConnectionMaker
from auth.wire.access import ClerkAuthorization
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint

__all__ = ["connect"]

_GROUP = "motcua.registers"
_SOAP = "-soap"


def connect(
    endpoint: RegisterEndpoint,
    device: DeviceCredential,
    *,
    deadline_s: float = 10.0,
    purposes: PurposeRegistry | None = None,
    clerk: ClerkAuthorization | None = None,
) -> Connection:
    """Return the client that speaks to the register at ``endpoint``: NAME, or NAME-soap for a gateway.

    ``purposes`` says what may be asked, the shipped registry where it is left out; with ``clerk`` every request shows
    who is signed in.
    Raise RegisterUnreachable where none or more than one is installed.
    """
    name = endpoint.register
    found = tuple(entry_points(group=_GROUP, name=name if endpoint.gateway is None else f"{name}{_SOAP}"))
    if len(found) != 1:
        raise RegisterUnreachable(name, "no-client-installed")
    make: ConnectionMaker = found[0].load()
    return make(endpoint, device, deadline_s=deadline_s, purposes=purposes, clerk=clerk)
