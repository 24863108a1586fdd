"""Put the registers of a desk together: each connected, recorded in the ledger, guarded, and with a queue.

What only a register needs is imported when it is needed: a clerk's window must not wait for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from desk.kinds.installed import installed_kinds
from desk.ports import DeskRegister, Registers
from desk.presence_setup import PRESENCE
from desk.register_kind import RegisterKind
from desk.settings import Settings, SettingsInvalid
from desk.trust_source import TrustSource

if TYPE_CHECKING:
    from pathlib import Path

    from auth.clerk.desk_clerk import DeskClerk
    from auth.ledger.keeper import LedgerKeeper
    from auth.purposes import PurposeRegistry
    from auth.registers.ports import Answer, Connection, Lookup
    from auth.registers.proofs import CarriesProof, Worded
    from auth.wire.access import ClerkAuthorization
    from auth.wire.errand import Errand
    from desk.waiting_assembly import QueueDevice

__all__ = [
    "connect_registers",
    "endpoints_of",
    "record_registers",
    "registers_of",
    "registers_to_ask",
    "unconnected_registers",
]


def connect_registers(
    endpoints: Sequence[RegisterEndpoint],
    device: DeviceCredential,
    deadline_s: float = 10.0,
    purposes: PurposeRegistry | None = None,
    clerk: ClerkAuthorization | None = None,
) -> Registers:
    """Return all registers that are installed, connected where an endpoint is named; asked for what ``purposes`` allow.

    Raise RegisterError for an endpoint that cannot be used, KindUnusable for a register that cannot be.
    """
    from auth.registers.connect import connect
    from auth.registers.proofs import CarriesProof, CarriesProofOfQuestions
    from auth.registers.worded import Encloses, GoesOnErrands

    by_name = {endpoint.register: endpoint for endpoint in endpoints}

    def connected(kind: RegisterKind[Any]) -> DeskRegister:
        endpoint = by_name.get(kind.name)
        if endpoint is None:
            return DeskRegister(kind)
        connection = connect(endpoint, device, deadline_s=deadline_s, purposes=purposes, clerk=clerk)
        register = DeskRegister(
            kind,
            partial(_ask, kind.ask, connection),
            connection.close,
            confirm=partial(_ask, kind.confirm, connection) if kind.confirm is not None else None,
            client=connection if isinstance(connection, Encloses) else None,
            seconds=deadline_s if isinstance(connection, GoesOnErrands) else 0.0,
        )
        if not isinstance(connection, CarriesProof):
            return register
        register = replace(register, word=connection.word, find_worded=partial(_ask_carrying, kind.ask, connection))
        if kind.confirm is None or not isinstance(connection, CarriesProofOfQuestions):
            return register
        confirm = partial(_ask_carrying, kind.confirm, connection)
        return replace(register, word_questions=connection.word_questions, confirm_worded=confirm)

    return Registers(tuple(connected(kind) for kind in installed_kinds()))


def _ask(
    ask: Callable[[Any, Lookup], Answer[Any]], connection: Connection, lookup: Lookup, errand: Errand | None = None
) -> Answer[Any]:
    return ask(_sent_on(connection, errand), lookup)


def _ask_carrying(
    ask: Callable[[Any, Lookup], Answer[Any]],
    connection: CarriesProof,
    lookup: Lookup,
    worded: Worded,
    errand: Errand | None = None,
) -> Answer[Any]:
    return ask(_sent_on(connection.carrying(worded), errand), lookup)


def _sent_on(connection: Any, errand: Errand | None) -> Any:
    """Return ``connection``, its look-up ending with ``errand``; Any: what a kind asks is of the kind's own type."""
    return connection if errand is None else connection.sent_on(errand)


def unconnected_registers() -> Registers:
    """Return all registers that are installed, none of them connected; raise KindUnusable for one that cannot be."""
    return Registers(tuple(DeskRegister(kind) for kind in installed_kinds()))


def record_registers(registers: Registers, keeper: LedgerKeeper) -> Registers:
    """Return the same registers, each look-up in them recorded."""
    from auth.registers.recorded import recorded

    return Registers(
        tuple(
            register.asked_through(partial(recorded, keeper, register.kind.name)) for register in registers.registers
        ),
        keeper,
    )


def registers_of(
    settings: Settings,
    endpoints: Sequence[RegisterEndpoint],
    device: DeviceCredential,
    admit: Callable[[], None] = lambda: None,
    queue_device: QueueDevice | None = None,
    clerk: DeskClerk | None = None,
    ledger: Path | None = None,
) -> Registers:
    """Return connections to the registers, with the ledger in which they are recorded and which they countersign.

    It lies at ``ledger``, else where the settings say. ``admit`` raises where this computer may look nobody up. What a
    register that is away cannot answer may wait for it.
    """
    from auth.ledger import Ledger
    from auth.ledger.countersigning import RegisterWitness
    from auth.ledger.keeper import LedgerKeeper
    from auth.machine import machine_mark
    from auth.outbox.standing import EnrolledDevice, SignedInHere
    from desk.device_place import ledger_file
    from desk.waiting_assembly import QueueDevice, with_waiting

    if not settings.names_clerk:
        raise SettingsInvalid("clerk_id: registers are told an id, and `clerk` is none")
    if device.opener is None and any(endpoint.gateway is None for endpoint in endpoints):
        raise SettingsInvalid("device.opening_key_file: a register of the signed profile seals its answers to that key")
    path = ledger or ledger_file(settings, device.signer.key_id)

    def open_ledger() -> Ledger:
        if settings.ledger is None:
            # Where it fails, opening the file says so in the tree's own words.
            with suppress(OSError):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Ledger(path, device.signer, machine_mark())

    connected = connect_registers(endpoints, device, settings.lookup_seconds, settings.purposes(), clerk)
    # A gateway signs nothing, so it countersigns nothing either; a presence verifier keeps a log of its own.
    signing = [endpoint for endpoint in endpoints if endpoint.gateway is None and endpoint.register != PRESENCE]
    witnesses = [RegisterWitness(endpoint, device) for endpoint in signing]
    if endpoints and not witnesses and settings.ledger_hours:
        connected.close()
        raise SettingsInvalid("ledger_hours: no register here countersigns; only 0 goes on without")
    queue = queue_device or QueueDevice(EnrolledDevice())
    if clerk is not None:
        queue = replace(queue, clerks=SignedInHere(clerk))
    keeper = LedgerKeeper(open_ledger, witnesses, hours=settings.ledger_hours, admit=admit)
    return with_waiting(settings, record_registers(connected, keeper), device, queue)


def registers_to_ask(
    settings: Settings, source: TrustSource | None = None
) -> tuple[DeviceCredential, tuple[RegisterEndpoint, ...]]:
    """Return who the desk is, and where its registers are; raise SettingsInvalid where no device is set up."""
    from desk.device import desk_device

    return desk_device(settings, source).credential, endpoints_of(settings, source)


def endpoints_of(settings: Settings, source: TrustSource | None = None) -> tuple[RegisterEndpoint, ...]:
    """Return where the registers of the settings are, with the keys and lists that come with the trust store."""
    if not settings.registers:
        return ()
    from auth.distribution.register_keys import with_distributed_keys
    from auth.distribution.register_lists import with_distributed_lists

    trust = source or TrustSource(settings)
    set_up = (register.endpoint() for register in settings.registers)
    keyed = with_distributed_keys(set_up, trust.current().register_keys)
    return with_distributed_lists(keyed, lambda: trust.current().register_lists)
