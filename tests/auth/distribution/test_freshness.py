"""When a trust list ends: by the date that people signed for it, and not by the dates that say when to ask again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auth.distribution.fetchers import FolderFetcher
from auth.distribution.freshness import OVERDUE_DAYS, FreshnessLevel, TrustFreshness, freshness_of
from auth.distribution.operators import OperatorKey
from auth.distribution.publishing import Lifetimes
from auth.distribution.update import update
from reader.trust import TrustMaterial

from .conftest import NOW, InventedState, Office
from .served import Repository

# The metadata are dated by the real day, since an update is taken on it.
TODAY = datetime.now(UTC).replace(microsecond=0)
LIFETIMES = Lifetimes(root=timedelta(days=300), targets=timedelta(days=40))


@pytest.fixture(scope="module")
def publishers() -> dict[str, OperatorKey]:
    return {name: OperatorKey.generate() for name in ("pa", "pb", "pc", "machine")}


@pytest.fixture
def repository(tmp_path: Path, publishers: dict[str, OperatorKey]) -> Repository:
    people = {name: publishers[name] for name in ("pa", "pb", "pc")}
    return Repository(tmp_path / "published", people, publishers["machine"], LIFETIMES)


def fresh(office: Office) -> TrustFreshness:
    state, store = office.installation.opened()
    return freshness_of(office.installation, state, store.material, TODAY)


def take(office: Office, repository: Repository) -> None:
    update(office.installation, FolderFetcher(repository.path), TODAY)


def near(one: datetime | None, other: datetime) -> bool:
    return one is not None and abs(one - other) < timedelta(minutes=5)


def test_a_published_list_ends_with_its_targets_and_not_when_it_should_be_asked_for_again(
    office: Office, repository: Repository, utopia: InventedState
) -> None:
    office.install(("root.json", repository.create({"ut.cer": utopia.csca()}, at=TODAY)), moment=TODAY)
    take(office, repository)
    told = fresh(office)
    assert near(told.next_due, TODAY + LIFETIMES.timestamp)
    assert near(told.expires, TODAY + LIFETIMES.targets)
    late = TODAY + timedelta(days=39)
    assert (told.level(late), told.expired(late)) == (FreshnessLevel.DUE, False), "old, and not at its end"
    assert told.expired(TODAY + timedelta(days=41))


def test_a_list_under_a_root_that_ends_sooner_ends_with_the_root(
    office: Office, repository: Repository, utopia: InventedState
) -> None:
    repository.lifetimes = Lifetimes(root=timedelta(days=10), targets=timedelta(days=40))
    office.install(("root.json", repository.create({"ut.cer": utopia.csca()}, at=TODAY)), moment=TODAY)
    take(office, repository)
    assert near(fresh(office).expires, TODAY + timedelta(days=10))


def test_a_repository_that_shows_the_same_list_for_ever_does_not_lengthen_it(
    office: Office, repository: Repository, utopia: InventedState
) -> None:
    office.install(("root.json", repository.create({"ut.cer": utopia.csca()}, at=TODAY)), moment=TODAY)
    take(office, repository)
    before = fresh(office).expires
    repository.publisher.release(repository.machine, TODAY)
    take(office, repository)
    assert fresh(office).expires == before, "a machine's key says how fresh, people say how long"


def test_what_operators_installed_is_good_until_it_is_overdue(office: Office, utopia: InventedState) -> None:
    office.install(("ut.cer", utopia.csca()), moment=NOW)
    told = fresh(office)
    assert told.expires == NOW + timedelta(days=OVERDUE_DAYS)
    assert [told.expired(NOW + timedelta(days=days)) for days in (89, 90, 91)] == [False, False, True]
    assert told.as_json(NOW + timedelta(days=91))["expired"] is True


def test_whichever_spoke_last_decides(office: Office, repository: Repository, utopia: InventedState) -> None:
    root = repository.create({"ut.cer": utopia.csca()}, at=TODAY)
    office.install(("root.json", root), moment=TODAY - timedelta(days=2))
    take(office, repository)
    assert near(fresh(office).expires, TODAY + LIFETIMES.targets), "it was asked after the import"
    later = TODAY + timedelta(days=1)
    office.install(("ac.cer", InventedState("AC").csca()), moment=later)
    assert near(fresh(office).expires, later + timedelta(days=OVERDUE_DAYS)), "two operators have signed since"


def test_what_was_copied_by_hand_has_no_end_that_anybody_gave_it(utopia: InventedState) -> None:
    told = TrustFreshness.of_material(TrustMaterial.of([utopia.csca()]), TODAY)
    assert (told.expires, told.expired(TODAY + timedelta(days=9_999))) == (None, False)
