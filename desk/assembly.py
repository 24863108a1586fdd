"""Put a desk together: from settings with PC/SC and real registers, or from sandboxes.

What only a card or a register needs is imported when it is needed: a clerk's window must not wait for the chip
protocols and the network. ``Desk`` has them loaded a moment after it has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from auth.wire.server_time import ServerTime
from desk.browser import open_browser
from desk.clerk_assembly import browser_way, clerk_of, desk_clerk
from desk.clerk_post import ClerkPost, SettingsClerk, SignedInClerk
from desk.clock import SystemClock
from desk.kinds.installed import installed_kinds
from desk.late import LateInspector, late_reopener
from desk.office_certificates import certificates_of
from desk.parts import DeskParts, RegisterSide
from desk.ports import Inspector, Registers, Reopener
from desk.presence_setup import presence_step
from desk.registers_assembly import (
    connect_registers,
    endpoints_of,
    registers_of,
    unconnected_registers,
)
from desk.runner import Desk
from desk.sandbox_ports import CardSandbox, RegisterSandbox
from desk.settings import Settings, SettingsInvalid
from desk.slip.office import DeskSlips
from desk.trust_source import TrustSource
from desk.visit_data import Surroundings
from reader.errors import DataError
from reader.pcsc import PcscTerminal, PcscWatch

if TYPE_CHECKING:
    from pathlib import Path

    from desk.trusting import DeskTrust
    from reader.inspection.policy import Policy
    from reader.trust import TrustMaterial

__all__ = [
    "desk_on_pcsc",
    "desk_on_sandbox",
    "policy_of",
    "surroundings_of",
    "trust_of",
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


def desk_on_pcsc(settings: Settings) -> Desk:
    """Return a desk on this machine's readers and the registers of the settings.

    The store and the policy are loaded a moment later: where one cannot be, the desk says so and reads no card. Only
    where registers are set is the store read at once, since it may hold their keys.
    """
    source, server_time = TrustSource(settings), ServerTime()
    side, test_registers = RegisterSide(unconnected_registers()), False
    if settings.registers:
        from auth.wire.sandbox_mark import is_test_endpoint

        side = _register_side(settings, source, server_time)
        test_registers = any(map(is_test_endpoint, endpoints_of(settings, source)))

    # A folder that somebody named by hand is read at once: whether it holds the test issuer stands on every page.
    test = settings.trust_directory is not None and source.current().material.anchors.has_test_anchor
    test = test or test_registers
    inspector = _inspector(settings, source.current, server_time)
    desk = Desk(
        DeskParts(
            watch=PcscWatch(),
            terminal_for=lambda cancel, on_held: PcscTerminal(cancel=cancel, on_held=on_held),
            inspect=inspector,
            prepare=inspector.prepare,
            registers=side.registers,
            presence=side.presence,
            reopen=late_reopener(_reopener),
            surroundings=surroundings_of(settings, test=test),
            trust=source.view,
            clock=SystemClock(),
            server_time=server_time,
            slips=side.slips,
            reader=settings.reader,
            idle_seconds=settings.idle_seconds,
            card_back_seconds=settings.card_back_seconds,
            clerk=side.clerk,
            renew=lambda: _register_side(settings, source, server_time),
            look_after=lambda registers: _look_after(settings, registers, desk),
        )
    )
    return desk


def _register_side(settings: Settings, source: TrustSource, server_time: ServerTime) -> RegisterSide:
    """Return what speaks for this computer's device with the keys that it has now."""
    from auth.outbox.standing import SignedInHere
    from desk.device import desk_device
    from desk.device_place import booklet_file

    device, endpoints = desk_device(settings, source), endpoints_of(settings, source)
    # The registers' time is known by whoever asked them last, with whatever keys.
    credential = replace(device.credential, clock=server_time)
    clerk = clerk_of(settings, credential)
    # Where clerks sign in, what waits is sent in the name of whoever is there, and in nobody else's.
    queue = device.queue if clerk is None else replace(device.queue, clerks=SignedInHere(clerk))
    registers = registers_of(settings, endpoints, credential, device.require_lookup, queue, clerk)
    booklet = booklet_file(settings, credential.signer.key_id)
    presence = presence_step(
        endpoints,
        credential,
        lambda: policy_of(settings, source.current().policies).presence,
        registers.keeper,
        (booklet, settings.offline_pages),
        source.expired,
    )
    certificates = certificates_of(settings, installed_kinds())
    return RegisterSide(
        replace(registers, device=device.keeper, certificates=certificates),
        presence,
        DeskSlips(credential, device.certificate, registers.keeper),
        SettingsClerk() if clerk is None else SignedInClerk(clerk, browser_way(open_browser)),
    )


def _look_after(settings: Settings, registers: Registers, desk: Desk) -> None:
    """Have the device's status asked for from now on, and its keys rotated between two visits, told in the ledger."""
    device, ledger = registers.device, registers.keeper
    if device is None:
        return
    if ledger is not None:
        from auth.ledger import ActKind
        from desk.rotation_acts import is_rotation_told

        write_down, is_written = partial(ledger.note, ActKind.ROTATED), partial(is_rotation_told, settings)
        device.rotate_when(lambda: desk.between_visits, write_down, is_written)
    device.start()


def _inspector(settings: Settings, trust: Callable[[], DeskTrust], clock: ServerTime) -> LateInspector:
    def make() -> Inspector:
        from desk.inspecting import inspector_following

        # A store or a policy that cannot be used is told now, not when a citizen waits.
        policy_of(settings, trust().policies)
        return inspector_following(trust, lambda now: policy_of(settings, now.policies), clock)

    return LateInspector(make)


def _reopener() -> Reopener:
    from desk.inspecting import reopener

    return reopener()


def _test_trust_of(cards: CardSandbox) -> DeskTrust:
    from desk.trusting import DeskTrust
    from reader.trust import TrustMaterial

    return DeskTrust(TrustMaterial.of(cards.anchors, cards.revocation_lists))


def desk_on_sandbox(
    settings: Settings, cards: CardSandbox, registers: RegisterSandbox | None, folder: Path | None = None
) -> Desk:
    """Return a desk on emulated cards, their test anchors, and the sandbox registers where there are any.

    In ``folder`` it keeps a ledger that they countersign, a queue for what they cannot answer and how it has met them,
    as any desk does; nothing of it lies in the folders of the settings. Without one it keeps none of the three.
    """
    connected, presence = unconnected_registers(), None
    post: ClerkPost = SettingsClerk()
    if registers is not None:
        clerk = None
        if registers.clerks is not None:
            clerk = desk_clerk(registers.clerks.endpoint, registers.device, settings)
            # The sandbox's clerk sits before the sandbox's browser: whether it worked is seen as at any other desk.
            post = waiting = SignedInClerk(clerk, browser_way(registers.clerks.browser()))
            waiting.sign_in()
            waiting.wait()
            if settings.purposes().purpose(settings.purpose).step_up is not None:
                # A sensitive purpose wants more than a password, and wants it lately.
                waiting.sign_in_again()
                waiting.wait()
        booklet = None
        if folder is None:
            connected = connect_registers(
                registers.endpoints, registers.device, settings.lookup_seconds, settings.purposes(), clerk
            )
        else:
            file = folder / "ledger.db"
            kept = settings.model_copy(update={"ledger": file, "outbox": folder / "outbox.db"})
            connected = registers_of(kept, registers.endpoints, registers.device, clerk=clerk, ledger=file)
            booklet = (file.with_suffix(".booklet"), settings.offline_pages)
        presence = presence_step(
            registers.endpoints, registers.device, lambda: policy_of(settings).presence, connected.keeper, booklet
        )
    server_time = registers.device.clock if registers is not None else ServerTime()
    slips = DeskSlips()
    if registers is not None:
        slips = DeskSlips(registers.device, lambda: registers.device_certificate, connected.keeper)
    inspector = _inspector(settings, cache(lambda: _test_trust_of(cards)), server_time)
    return Desk(
        DeskParts(
            watch=cards.watch,
            terminal_for=lambda _cancel, _on_held: cards.terminal,
            inspect=inspector,
            prepare=inspector.prepare,
            registers=connected,
            presence=presence,
            reopen=late_reopener(_reopener),
            surroundings=surroundings_of(settings, test=True),
            clock=SystemClock(),
            server_time=server_time,
            slips=slips,
            idle_seconds=settings.idle_seconds,
            card_back_seconds=settings.card_back_seconds,
            clerk=post,
        )
    )
