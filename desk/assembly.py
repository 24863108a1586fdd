"""Put a desk together: from settings with PC/SC and real registers, or from sandboxes."""

from __future__ import annotations

from collections.abc import Sequence

from auth.registers.connect import connect_land, connect_population
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.clock import SystemClock
from desk.inspecting import inspector
from desk.ports import CardSandbox, Registers, RegisterSandbox
from desk.runner import Desk, DeskParts
from desk.settings import Settings, SettingsInvalid
from desk.visit_data import LAND, POPULATION, Surroundings
from reader.errors import DataError
from reader.inspection.policy import Policy
from reader.pcsc import PcscTerminal, PcscWatch
from reader.trust import TrustMaterial

__all__ = ["connect_registers", "desk_on_pcsc", "desk_on_sandbox", "policy_of", "surroundings_of", "trust_of"]


def trust_of(settings: Settings) -> TrustMaterial:
    """Return what the trust directory holds, nothing where none is set; raise SettingsInvalid."""
    if settings.trust_directory is None:
        return TrustMaterial()
    try:
        return TrustMaterial.load_directory(settings.trust_directory)
    except DataError:
        raise SettingsInvalid("trust_directory") from None


def policy_of(settings: Settings) -> Policy:
    """Return the policy that decides; raise SettingsInvalid where there is none of the name or the file is not one."""
    try:
        return Policy.load(settings.policy_file) if settings.policy_file else Policy.shipped(settings.policy)
    except DataError as error:
        raise SettingsInvalid(f"policy: {error.what}") from None


def surroundings_of(settings: Settings, *, test: bool = False) -> Surroundings:
    """Return who works here and for what."""
    return Surroundings(
        clerk=settings.clerk,
        clerk_id=settings.clerk_id or settings.clerk,
        counter=settings.counter,
        purpose=settings.purpose,
        test=test,
    )


def connect_registers(
    endpoints: Sequence[RegisterEndpoint], device: DeviceCredential, deadline_s: float = 10.0
) -> Registers:
    """Return connections to the registers named; raise RegisterError for an endpoint that cannot be used."""
    by_name = {endpoint.register: endpoint for endpoint in endpoints}
    population, land = by_name.get(POPULATION), by_name.get(LAND)
    return Registers(
        connect_population(population, device, deadline_s=deadline_s) if population else None,
        connect_land(land, device, deadline_s=deadline_s) if land else None,
    )


def desk_on_pcsc(settings: Settings) -> Desk:
    """Return a desk on this machine's readers and the registers of the settings."""
    registers = Registers()
    if settings.registers:
        if settings.device is None:
            raise SettingsInvalid("device: registers need a device key")
        endpoints = [register.endpoint() for register in settings.registers]
        registers = connect_registers(endpoints, settings.device.credential(), settings.lookup_seconds)
    trust = trust_of(settings)
    return Desk(
        DeskParts(
            watch=PcscWatch(),
            terminal_for=lambda cancel: PcscTerminal(cancel=cancel),
            inspect=inspector(trust, policy_of(settings)),
            registers=registers,
            surroundings=surroundings_of(settings, test=trust.anchors.has_test_anchor),
            clock=SystemClock(),
            reader=settings.reader,
            idle_seconds=settings.idle_seconds,
            card_back_seconds=settings.card_back_seconds,
        )
    )


def desk_on_sandbox(settings: Settings, cards: CardSandbox, registers: RegisterSandbox | None) -> Desk:
    """Return a desk on emulated cards, their test anchors, and the sandbox registers where there are any."""
    connected = Registers()
    if registers is not None:
        connected = connect_registers(registers.endpoints, registers.device, settings.lookup_seconds)
    return Desk(
        DeskParts(
            watch=cards.watch,
            terminal_for=lambda _: cards.terminal,
            inspect=inspector(TrustMaterial.of(cards.anchors), policy_of(settings)),
            registers=connected,
            surroundings=surroundings_of(settings, test=True),
            clock=SystemClock(),
            idle_seconds=settings.idle_seconds,
            card_back_seconds=settings.card_back_seconds,
        )
    )
