"""Put the queue of look-ups together from settings: where its files lie, and what it works with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auth.errors import OutboxUnusable
from auth.registers.ports import Answer, Lookup
from desk.ports import Registers
from desk.settings import Settings

if TYPE_CHECKING:
    from auth.outbox import Outbox, OutboxBeside
    from auth.outbox.acts import ActLog
    from auth.outbox.standing import ClerkStanding, DeviceStanding
    from auth.wire.endpoint import DeviceCredential, Opener
    from auth.wire.guard import RegisterGuard

__all__ = [
    "QueueDevice",
    "guard_registers",
    "open_outbox",
    "outbox_beside",
    "outbox_file",
    "outbox_files",
    "queue_needs",
    "register_guard",
    "reseal_queue",
    "with_waiting",
]


@dataclass(frozen=True, slots=True)
class QueueDevice:
    """Hold what the queue must know: how the device stands, the key before its last rotation, and who may ask.

    Without ``clerks`` it is the clerk of the settings.
    """

    standing: DeviceStanding
    former_opener: Opener | None = None
    clerks: ClerkStanding | None = None


def outbox_file(settings: Settings) -> Path:
    """Return where the queue of this device lies: as the settings say, beside their ledger, or with the user's data."""
    from auth.distribution.folder import default_stores

    if settings.outbox is not None:
        return settings.outbox
    folder = settings.ledger.parent if settings.ledger else default_stores()[1].parent / "outbox"
    return folder / "outbox.db"


def outbox_files(settings: Settings) -> tuple[Path, ...]:
    """Return every file in which the queue lies, those that were put aside too: what an order to wipe destroys."""
    from auth.outbox.swap import files_of

    return files_of(outbox_file(settings))


def open_outbox(
    settings: Settings, device: DeviceCredential, log: ActLog, former_opener: Opener | None = None
) -> Outbox:
    """Open the queue, or begin one; raise OutboxUnusable or LedgerUnusable where that cannot be done.

    With ``former_opener``, the key before a rotation, it is sealed to the present key from now on.
    """
    from auth.outbox import OpenerBox, Outbox

    if device.opener is None:
        raise OutboxUnusable("key-locked")
    file = outbox_file(settings)
    # Where it fails, opening the file says so in the tree's own words.
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    others = (former_opener,) if former_opener is not None else ()
    outbox = Outbox(file, OpenerBox(device.opener, others), device.device_id, log)
    if others:
        outbox.reseal(OpenerBox(device.opener))
    return outbox


def queue_needs(settings: Settings, opening_key_id: str) -> bool:
    """Tell whether the queue is sealed to this key of the device; where that cannot be told, it may be.

    Of a file that was put aside nothing is read any more, so it needs none.
    """
    from auth.outbox.resealing import sealed_to

    try:
        return sealed_to(outbox_file(settings)) == opening_key_id
    except OutboxUnusable:
        return True


def reseal_queue(settings: Settings, device_id: str, opener: Opener, former: Opener) -> None:
    """Seal the queue to ``opener`` where it is sealed to ``former`` and nobody has it open; raise OutboxUnusable."""
    from auth.outbox.resealing import reseal

    reseal(outbox_file(settings), device_id, opener, former)


def outbox_beside(settings: Settings, device: DeviceCredential, former_opener: Opener | None = None) -> OutboxBeside:
    """Look at the queue that another program has open; raise OutboxUnusable where that cannot be done."""
    from auth.outbox import OpenerBox, OutboxBeside

    if device.opener is None:
        raise OutboxUnusable("key-locked")
    others = (former_opener,) if former_opener is not None else ()
    return OutboxBeside(outbox_file(settings), OpenerBox(device.opener, others), device.device_id)


def register_guard(settings: Settings) -> RegisterGuard:
    """Return what lets requests to the registers go out, remembered beside the queue."""
    from auth.wire.guard import RegisterGuard

    file = outbox_file(settings).with_name("pace.db")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return RegisterGuard(file)


def guard_registers(registers: Registers, guard: RegisterGuard) -> Registers:
    """Return the same registers, none of them asked while it is to be left alone; then nothing is recorded either."""

    def guarded(name: str, ask: Callable[..., Answer[Any]]) -> Callable[..., Answer[Any]]:
        def ask_if_awake(lookup: Lookup, *beside: Any) -> Answer[Any]:
            return guard.ask(name, lambda: ask(lookup, *beside), clerk=lookup.clerk)

        return ask_if_awake

    return replace(
        registers,
        registers=tuple(
            register.asked_through(partial(guarded, register.kind.name)) for register in registers.registers
        ),
    )


def with_waiting(
    settings: Settings,
    registers: Registers,
    device: DeviceCredential,
    queue_device: QueueDevice | None = None,
) -> Registers:
    """Return the registers with a queue for the look-ups of those that are away; they need a ledger.

    ``queue_device`` says how the device stands; without it the registers' own word must do.
    """
    from auth.outbox.standing import EnrolledDevice, SignedInClerk
    from desk.waiting import WaitingLookups, WaitingParts

    clients = {one.kind.name: one.client for one in registers.registers if one.client is not None}
    if registers.keeper is None:
        return registers
    guard, known = register_guard(settings), queue_device or QueueDevice(EnrolledDevice())

    waiting = WaitingLookups(
        WaitingParts(
            open_outbox=lambda log: open_outbox(settings, device, log, known.former_opener),
            keeper=registers.keeper,
            clients=clients,
            guard=guard,
            device=known.standing,
            clerks=known.clerks or SignedInClerk(settings.clerk_id or settings.clerk),
            device_id=device.device_id,
            allows=settings.purposes().allows,
        )
    )
    return replace(guard_registers(registers, guard), waiting=waiting)
