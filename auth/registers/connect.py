"""Find the client of an endpoint's register by the entry-point group ``motcua.registers``."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from auth.errors import RegisterUnreachable
from auth.purposes import PurposeRegistry
from auth.registers.ports import LandConnection, PopulationConnection
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint

__all__ = ["connect_land", "connect_population"]

_GROUP = "motcua.registers"
_SOAP = "-soap"


def connect_population(
    endpoint: RegisterEndpoint,
    device: DeviceCredential,
    *,
    deadline_s: float = 10.0,
    purposes: PurposeRegistry | None = None,
) -> PopulationConnection:
    """Return the client that speaks to the population register at ``endpoint``; raise RegisterUnreachable."""
    client = _client("population", endpoint)
    connection: PopulationConnection = client(endpoint, device, deadline_s=deadline_s, purposes=purposes)
    return connection


def connect_land(
    endpoint: RegisterEndpoint,
    device: DeviceCredential,
    *,
    deadline_s: float = 10.0,
    purposes: PurposeRegistry | None = None,
) -> LandConnection:
    """Return the client that speaks to the land register at ``endpoint``; raise RegisterUnreachable."""
    client = _client("land", endpoint)
    connection: LandConnection = client(endpoint, device, deadline_s=deadline_s, purposes=purposes)
    return connection


def _client(name: str, endpoint: RegisterEndpoint) -> Any:
    """Return the client's class, from the installed package's metadata: NAME, or NAME-soap for a gateway."""
    if endpoint.register != name:
        raise RegisterUnreachable(endpoint.register, "wrong-register")
    found = tuple(entry_points(group=_GROUP, name=name if endpoint.gateway is None else f"{name}{_SOAP}"))
    if len(found) != 1:
        raise RegisterUnreachable(name, "no-client-installed")
    return found[0].load()
