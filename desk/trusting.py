"""Whom this desk trusts: the store of this machine, or the folder that the settings or ``--trust`` name in its place.

A store that is damaged is an error: a desk that went on without would call every card unproven, and nobody would know
why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from auth.distribution.enrolment_authorities import authorities_in, still_vouching
from auth.distribution.folder import StoreFolder, default_stores, may_write
from auth.distribution.freshness import TrustFreshness, freshness_of
from auth.distribution.installed import InstalledStore
from auth.distribution.kinds import ObjectKind
from desk.settings import Settings, SettingsInvalid
from desk.view import TrustView
from reader.errors import DataError
from reader.trust import TrustMaterial

__all__ = ["DeskTrust", "desk_trust", "store_folder", "store_path", "trust_view"]


@dataclass(frozen=True, slots=True, repr=False)
class DeskTrust:
    """Hold the material, how fresh it is, and what came with it by name.

    Policies, register keys and lists, and the authorities of enrolment offices.
    """

    material: TrustMaterial = field(default_factory=TrustMaterial)
    freshness: TrustFreshness = field(default_factory=TrustFreshness)
    policies: Mapping[str, bytes] = field(default_factory=dict)
    register_keys: Mapping[str, bytes] = field(default_factory=dict)
    register_lists: Mapping[str, bytes] = field(default_factory=dict)
    enrolment_authorities: Mapping[str, bytes] = field(default_factory=dict)

    def device_authorities(self, set_up: Iterable[bytes] = (), given: Iterable[bytes] = ()) -> tuple[bytes, ...]:
        """Return the certificates, DER, under which devices are certified: of the settings, the store, and given.

        None of those that vouch no more is among them, whoever names it.
        """
        every = (*set_up, *authorities_in(self.enrolment_authorities), *given)
        return still_vouching(every, self.material.distrusted)


def store_path(settings: Settings) -> Path:
    """Return where the store is or would be: the machine's where there is one or may be, else this user's."""
    if settings.trust_store is not None:
        return settings.trust_store
    machine, user = default_stores()
    if InstalledStore(machine).exists or (not InstalledStore(user).exists and may_write(machine)):
        return machine
    return user


def store_folder(settings: Settings) -> StoreFolder | None:
    """Return the store's folder, None where a folder of certificates takes its place."""
    return None if settings.trust_directory is not None else StoreFolder(store_path(settings))


def desk_trust(settings: Settings, moment: datetime | None = None) -> DeskTrust:
    """Return whom this desk trusts; raise SettingsInvalid for a folder that cannot be read, StoreDamaged."""
    if settings.trust_directory is not None:
        try:
            material = TrustMaterial.load_directory(settings.trust_directory)
        except DataError:
            raise SettingsInvalid("trust_directory") from None
        return DeskTrust(material, TrustFreshness.of_material(material, moment or _now()))
    installed = InstalledStore(store_path(settings))
    if not installed.exists:
        return DeskTrust()
    state, store = installed.opened()
    freshness = freshness_of(installed, state, store.material, moment or _now())
    kinds = ObjectKind.POLICY, ObjectKind.REGISTER_KEYS, ObjectKind.REGISTER_LISTS, ObjectKind.ENROLMENT_AUTHORITIES
    return DeskTrust(store.material, freshness, *(store.of_kind(kind.value) for kind in kinds))


def trust_view(freshness: TrustFreshness, moment: datetime) -> TrustView:
    """Return what a shell shows of the trust's age at ``moment``."""
    return TrustView(
        freshness.level(moment).value,
        freshness.days(moment),
        freshness.crls_overdue,
        _shown(freshness.next_due),
        _shown(freshness.expires) if freshness.expired(moment) else "",
    )


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone().strftime("%d/%m/%Y %H:%M")


def _now() -> datetime:
    return datetime.now().astimezone()
