"""How old the installed trust is: when somebody authorised last said that it is current, and when more is due.

Somebody says so when a repository was asked and its metadata held, and when operators signed an import. What was copied
into a folder by hand has no age: nobody said anything.

A list also ends by its own word, which is later than when more is due: a repository's with the date that people signed
for its targets, or with that of its root where it is earlier (TUF specification §4.3, §4.5). The dates of snapshot and
timestamp say how often to ask and end nothing. An import bears no date, so it is good for as long as it takes to be
overdue. Whichever spoke last decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from auth.distribution.canonical import parse_json
from auth.distribution.entry import EntryKind
from auth.distribution.errors import StoreDamaged
from auth.distribution.installed import InstalledStore, State
from auth.distribution.kinds import FreshnessLevel, ObjectKind
from reader.errors import DataError
from reader.trust import TrustMaterial

__all__ = ["AGEING_DAYS", "OVERDUE_DAYS", "FreshnessLevel", "TrustFreshness", "freshness_of"]

MAX_CHECKED = 4_096
# Without a repository nobody says when more is due; ICAO wants revocation lists every ninety days (9303-12 §4.1.5).
AGEING_DAYS = 30
OVERDUE_DAYS = 90


@dataclass(frozen=True, slots=True)
class TrustFreshness:
    """Hold when the trust was last confirmed and what is due.

    ``confirmed`` is the last update or signed import, ``next_due`` when the repository should be asked again,
    ``expires`` when the list ends by its own word; None where nobody gave one. ``anchors`` and ``crls`` are numbers,
    ``crls_overdue`` how many lists should have had a successor by now, ``oldest_crl`` the issue of the oldest.
    ``by_repository`` tells whether a repository confirms it.
    """

    confirmed: datetime | None = None
    next_due: datetime | None = None
    expires: datetime | None = None
    anchors: int = 0
    crls: int = 0
    crls_overdue: int = 0
    oldest_crl: datetime | None = None
    by_repository: bool = False

    @classmethod
    def of_material(cls, material: TrustMaterial, moment: datetime) -> TrustFreshness:
        """Return what the material itself tells, of which nobody said that it is current."""
        lists = [held.content for held in material.revocation.lists]
        return cls(
            anchors=len(material.anchors),
            crls=len(lists),
            crls_overdue=sum(content.next_update < moment for content in lists),
            oldest_crl=min((content.this_update for content in lists), default=None),
        )

    def level(self, moment: datetime) -> FreshnessLevel:
        """Tell how it stands at ``moment``."""
        if not self.anchors:
            return FreshnessLevel.NONE
        if self.confirmed is None:
            return FreshnessLevel.UNKNOWN
        age = (moment - self.confirmed).days
        if age >= OVERDUE_DAYS:
            return FreshnessLevel.OVERDUE
        due = self.next_due is not None and moment > self.next_due
        if due or age >= AGEING_DAYS or self.crls_overdue:
            return FreshnessLevel.DUE
        return FreshnessLevel.CURRENT

    def expired(self, moment: datetime) -> bool:
        """Tell whether the list has ended by its own word: no presence of a card is proven by it any more."""
        return self.expires is not None and moment > self.expires

    def days(self, moment: datetime) -> int | None:
        """Return for how many whole days nobody has confirmed it."""
        return None if self.confirmed is None else max(0, (moment - self.confirmed).days)

    def as_json(self, moment: datetime) -> dict[str, Any]:
        """Return what a report tells."""
        return {
            "level": self.level(moment).value,
            "confirmed": _iso(self.confirmed),
            "days": self.days(moment),
            "next_due": _iso(self.next_due),
            "expires": _iso(self.expires),
            "expired": self.expired(moment),
            "anchors": self.anchors,
            "crls": self.crls,
            "crls_overdue": self.crls_overdue,
            "oldest_crl": _iso(self.oldest_crl),
            "by_repository": self.by_repository,
        }


def freshness_of(installed: InstalledStore, state: State, material: TrustMaterial, moment: datetime) -> TrustFreshness:
    """Return how fresh an installed store is; a damaged note of the last update counts as none."""
    said, signed = _checked(installed, state), _last_signed(installed, state)
    checked = None if said is None else said.checked
    by_import = None if signed is None else signed + timedelta(days=OVERDUE_DAYS)
    return replace(
        TrustFreshness.of_material(material, moment),
        confirmed=max((one for one in (checked, signed) if one is not None), default=None),
        next_due=None if said is None else said.due,
        expires=said.expires if said is not None and (signed is None or said.checked >= signed) else by_import,
        by_repository=checked is not None,
    )


@dataclass(frozen=True, slots=True)
class _Checked:
    """Hold when the repository was asked last, when to ask it again, and when the list that it gave ends."""

    checked: datetime
    due: datetime
    expires: datetime


def _checked(installed: InstalledStore, state: State) -> _Checked | None:
    path = installed.folder.checked
    if not state.holds(ObjectKind.REPOSITORY_ROOT) or not path.is_file():
        return None
    try:
        said = parse_json(installed.folder.read(path, MAX_CHECKED), MAX_CHECKED)
        checked = datetime.fromisoformat(said["checked_at"])
        ends = [datetime.fromisoformat(said[role]) for role in ("timestamp", "snapshot", "targets", "root")]
    except (DataError, StoreDamaged, KeyError, TypeError, ValueError):
        return None
    if checked.tzinfo is None or any(end.tzinfo is None for end in ends):
        return None
    return _Checked(checked, min(ends), min(ends[2:]))


def _last_signed(installed: InstalledStore, state: State) -> datetime | None:
    """Return when operators last signed a change of what is installed."""
    for number in range(state.number, 0, -1):
        said = state.head.facts if number == state.number else installed.signed_entry(number).facts
        if said["kind"] == EntryKind.CHANGE:
            return datetime.fromisoformat(said["made_at"])
    return None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
