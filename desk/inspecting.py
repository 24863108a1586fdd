"""The inspector of a desk: what the clerk typed becomes passwords, and the card is judged by trust and policy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from auth.wire.server_time import ServerTime
from desk.ports import Inspector, Reopener
from desk.trusting import DeskTrust
from reader.access import Can, MrzKey, Password
from reader.files.cache import ReadCache
from reader.genuine import TerminalCredentials
from reader.inspection.events import OnEvent
from reader.inspection.materials import Material, MaterialUsed, fingerprint_of
from reader.inspection.open_chip import Afterwards, OpenChip
from reader.inspection.policy import Policy
from reader.inspection.procedure import inspect
from reader.inspection.reopening import reopen
from reader.inspection.report import Inspection
from reader.inspection.request import InspectionRequest
from reader.iso7816 import CardLink
from reader.lds import KeyInput
from reader.trust import TrustMaterial

__all__ = ["inspector", "inspector_following", "materials_of", "passwords_of", "reopener"]


def inspector(
    trust: TrustMaterial,
    policy: Policy,
    materials: tuple[MaterialUsed, ...] | None = None,
    terminal: TerminalCredentials | None = None,
    clock: ServerTime | None = None,
) -> Inspector:
    """Return what inspects cards by ``trust`` and ``policy``, at the time that ``clock`` shows, else this computer.

    ``materials`` say how old the anchors and lists are; without them nobody knows. ``terminal`` are the credentials by
    which fingerprints may be read.
    """
    believed = materials_of(trust) if materials is None else materials
    clock = clock or ServerTime()

    def run(
        link: CardLink,
        key: KeyInput,
        on_event: OnEvent,
        cancel: threading.Event,
        *,
        known: ReadCache | None = None,
        keep: Callable[[ReadCache], None] | None = None,
        afterwards: Afterwards | None = None,
    ) -> Inspection:
        request = InspectionRequest(
            passwords=passwords_of(key),
            trust=trust,
            policy=policy,
            moment=datetime.fromtimestamp(clock.now(), UTC).astimezone(),
            personal_number=key.personal_number,
            materials=believed,
            terminal=terminal,
            clock_trusted=clock.trusted,
        )
        return inspect(link, request, on_event=on_event, cancel=cancel, known=known, keep=keep, afterwards=afterwards)

    return run


def inspector_following(
    trust: Callable[[], DeskTrust], policy: Callable[[DeskTrust], Policy], clock: ServerTime | None = None
) -> Inspector:
    """Return what inspects each card by the trust and the policy that are installed when the card is put on."""

    def run(
        link: CardLink,
        key: KeyInput,
        on_event: OnEvent,
        cancel: threading.Event,
        *,
        known: ReadCache | None = None,
        keep: Callable[[ReadCache], None] | None = None,
        afterwards: Afterwards | None = None,
    ) -> Inspection:
        now = trust()
        materials = materials_of(now.material, now.freshness.confirmed)
        judging = inspector(now.material, policy(now), materials, clock=clock)
        return judging(link, key, on_event, cancel, known=known, keep=keep, afterwards=afterwards)

    return run


def reopener() -> Reopener:
    """Return what opens the card of a visit once more, by what was typed for it."""

    def run(
        link: CardLink,
        key: KeyInput,
        inspection: Inspection,
        then: Callable[[OpenChip], None],
        cancel: threading.Event,
    ) -> None:
        reopen(link, passwords_of(key), inspection, then, cancel=cancel)

    return run


def materials_of(trust: TrustMaterial, as_of: datetime | None = None) -> tuple[MaterialUsed, ...]:
    """Return what a report says of ``trust``; ``as_of`` is when its anchors were last known to be current.

    Revocation lists say themselves when they were issued: together they are as old as the newest. Whether the one that
    answers for a card has expired is that check's own question.
    """
    anchors, lists = trust.anchors, [held.content for held in trust.revocation.lists]
    found = [
        MaterialUsed(
            Material.ANCHORS, fingerprint_of(anchor.fingerprint for anchor in anchors.anchors), len(anchors), as_of
        )
    ]
    if lists:
        newest = max(content.this_update for content in lists)
        fingerprint = fingerprint_of(content.fingerprint for content in lists)
        found.append(MaterialUsed(Material.REVOCATION_LISTS, fingerprint, len(lists), newest))
    return tuple(found)


def passwords_of(key: KeyInput) -> tuple[Password, ...]:
    """Return the passwords in what was typed: the CAN first, the MRZ key, where there is one, for BAC."""
    passwords: list[Password] = []
    if key.can:
        passwords.append(Can(key.can))
    if key.mrz is not None:
        passwords.append(MrzKey(key.mrz.document_number, key.mrz.date_of_birth, key.mrz.date_of_expiry))
    return tuple(passwords)
