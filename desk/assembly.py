"""Put a desk together: from settings with PC/SC and real registers, or from sandboxes.

What only a card or a register needs is imported when it is needed: a clerk's window must not wait for the chip
protocols and the network. ``Desk`` has them loaded a moment after it has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.clock import SystemClock
from desk.kinds.installed import installed_kinds
from desk.late import LateInspector
from desk.ports import CardSandbox, DeskRegister, Inspector, Registers, RegisterSandbox
from desk.register_kind import RegisterKind
from desk.runner import Desk, DeskParts
from desk.settings import Settings, SettingsInvalid
from desk.trust_source import TrustSource
from desk.visit_data import Surroundings
from reader.errors import DataError
from reader.pcsc import PcscTerminal, PcscWatch

if TYPE_CHECKING:
    from auth.ledger.keeper import LedgerKeeper
    from auth.purposes import PurposeRegistry
    from desk.trusting import DeskTrust
    from reader.inspection.policy import Policy
    from reader.trust import TrustMaterial

__all__ = [
    "connect_registers",
    "desk_on_pcsc",
    "desk_on_sandbox",
    "ledger_file",
    "policy_of",
    "record_registers",
    "registers_of",
    "surroundings_of",
    "trust_of",
    "unconnected_registers",
]


def trust_of(settings: Settings) -> TrustMaterial:
    """Return what the trust directory or else the store holds, nothing where there is neither.

    Raise SettingsInvalid for a directory that cannot be read, StoreDamaged for a store that is not whole.
    """
    from desk.trusting import desk_trust

    return desk_trust(settings).material


def policy_of(settings: Settings, distributed: Mapping[str, bytes] | None = None) -> Policy:
    """Return the policy that decides: a file, one that came with the trust store, or a shipped one.

    Raise SettingsInvalid where there is none of the name or the file is not one.
    """
    from reader.inspection.policy import Policy

    found = (distributed or {}).get(settings.policy)
    try:
        if settings.policy_file:
            return Policy.load(settings.policy_file)
        return Policy.shipped(settings.policy) if found is None else Policy.parse(found.decode("utf-8"))
    except DataError as error:
        raise SettingsInvalid(f"policy: {error.what}") from None


def surroundings_of(settings: Settings, *, test: bool = False) -> Surroundings:
    """Return who works here and for what."""
    return Surroundings(
        clerk=settings.clerk,
        clerk_id=settings.clerk_id or settings.clerk,
        counter=settings.counter,
        purpose=settings.purpose,
        purposes=settings.purposes(),
        test=test,
    )


def connect_registers(
    endpoints: Sequence[RegisterEndpoint],
    device: DeviceCredential,
    deadline_s: float = 10.0,
    purposes: PurposeRegistry | None = None,
) -> Registers:
    """Return all registers that are installed, connected where an endpoint is named; asked for what ``purposes`` allow.

    Raise RegisterError for an endpoint that cannot be used, KindUnusable for a register that cannot be.
    """
    from auth.registers.connect import connect

    by_name = {endpoint.register: endpoint for endpoint in endpoints}

    def connected(kind: RegisterKind[Any]) -> DeskRegister:
        endpoint = by_name.get(kind.name)
        if endpoint is None:
            return DeskRegister(kind)
        connection = connect(endpoint, device, deadline_s=deadline_s, purposes=purposes)
        confirm = partial(kind.confirm, connection) if kind.confirm is not None else None
        return DeskRegister(kind, partial(kind.ask, connection), connection.close, confirm)

    return Registers(tuple(connected(kind) for kind in installed_kinds()))


def unconnected_registers() -> Registers:
    """Return all registers that are installed, none of them connected; raise KindUnusable for one that cannot be."""
    return Registers(tuple(DeskRegister(kind) for kind in installed_kinds()))


def ledger_file(settings: Settings, device_key_id: str) -> Path:
    """Return where the ledger of this device lies: a new key begins a new log."""
    from auth.distribution.folder import default_stores

    if settings.ledger is not None:
        return settings.ledger
    return default_stores()[1].parent / "ledger" / f"{device_key_id}.db"


def record_registers(registers: Registers, keeper: LedgerKeeper) -> Registers:
    """Return the same registers, each look-up in them recorded."""
    from auth.registers.recorded import recorded

    return Registers(
        tuple(
            replace(
                register,
                find=recorded(keeper, register.kind.name, register.find),
                confirm=recorded(keeper, register.kind.name, register.confirm) if register.confirm else None,
            )
            if register.find
            else register
            for register in registers.registers
        ),
        keeper,
    )


def registers_of(settings: Settings, endpoints: Sequence[RegisterEndpoint], device: DeviceCredential) -> Registers:
    """Return connections to the registers, with the ledger in which they are recorded and which they countersign."""
    from auth.ledger import Ledger
    from auth.ledger.countersigning import RegisterWitness
    from auth.ledger.keeper import LedgerKeeper

    path = ledger_file(settings, device.signer.key_id)

    def open_ledger() -> Ledger:
        if settings.ledger is None:
            # Where it fails, opening the file says so in the tree's own words.
            with suppress(OSError):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Ledger(path, device.signer)

    connected = connect_registers(endpoints, device, settings.lookup_seconds, settings.purposes())
    # A gateway signs nothing, so it countersigns nothing either.
    witnesses = [RegisterWitness(endpoint, device) for endpoint in endpoints if endpoint.gateway is None]
    if endpoints and not witnesses and settings.ledger_hours:
        connected.close()
        raise SettingsInvalid("ledger_hours: no register here countersigns; only 0 goes on without")
    return record_registers(connected, LedgerKeeper(open_ledger, witnesses, hours=settings.ledger_hours))


def desk_on_pcsc(settings: Settings) -> Desk:
    """Return a desk on this machine's readers and the registers of the settings.

    The store and the policy are loaded a moment later: where one cannot be, the desk says so and reads no card. Only
    where registers are set is the store read at once, since it may hold their keys.
    """
    source = TrustSource(settings)
    registers = unconnected_registers()
    if settings.registers:
        if settings.device is None:
            raise SettingsInvalid("device: registers need a device key")
        from auth.distribution.register_keys import with_distributed_keys

        set_up = (register.endpoint() for register in settings.registers)
        endpoints = with_distributed_keys(set_up, source.current().register_keys)
        registers = registers_of(settings, endpoints, settings.device.credential())
    # A folder that somebody named by hand is read at once: whether it holds the test issuer stands on every page.
    test = settings.trust_directory is not None and source.current().material.anchors.has_test_anchor
    inspector = _inspector(settings, source.current)
    return Desk(
        DeskParts(
            watch=PcscWatch(),
            terminal_for=lambda cancel, on_held: PcscTerminal(cancel=cancel, on_held=on_held),
            inspect=inspector,
            prepare=inspector.prepare,
            registers=registers,
            surroundings=surroundings_of(settings, test=test),
            trust=source.view,
            clock=SystemClock(),
            reader=settings.reader,
            idle_seconds=settings.idle_seconds,
            card_back_seconds=settings.card_back_seconds,
        )
    )


def _inspector(settings: Settings, trust: Callable[[], DeskTrust]) -> LateInspector:
    def make() -> Inspector:
        from desk.inspecting import inspector_following

        # A store or a policy that cannot be used is told now, not when a citizen waits.
        policy_of(settings, trust().policies)
        return inspector_following(trust, lambda now: policy_of(settings, now.policies))

    return LateInspector(make)


def _test_trust_of(cards: CardSandbox) -> DeskTrust:
    from desk.trusting import DeskTrust
    from reader.trust import TrustMaterial

    return DeskTrust(TrustMaterial.of(cards.anchors, cards.revocation_lists))


def desk_on_sandbox(settings: Settings, cards: CardSandbox, registers: RegisterSandbox | None) -> Desk:
    """Return a desk on emulated cards, their test anchors, and the sandbox registers where there are any."""
    connected = unconnected_registers()
    if registers is not None:
        connected = connect_registers(
            registers.endpoints, registers.device, settings.lookup_seconds, settings.purposes()
        )
    inspector = _inspector(settings, cache(lambda: _test_trust_of(cards)))
    return Desk(
        DeskParts(
            watch=cards.watch,
            terminal_for=lambda _cancel, _on_held: cards.terminal,
            inspect=inspector,
            prepare=inspector.prepare,
            registers=connected,
            surroundings=surroundings_of(settings, test=True),
            clock=SystemClock(),
            idle_seconds=settings.idle_seconds,
            card_back_seconds=settings.card_back_seconds,
        )
    )
