"""Nothing comes to count but what two operators signed, whole, in its place; and everything can be gone back from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auth.distribution.change_file import ChangeFile
from auth.distribution.diff import Action
from auth.distribution.entry import EntryKind, SignedEntry
from auth.distribution.errors import (
    ChangeDamaged,
    ChangeOutdated,
    ChangeUnsigned,
    NoOperators,
    NothingToChange,
    StoreBusy,
    StoreDamaged,
)
from auth.distribution.installation import Installation
from auth.distribution.operators import OperatorKey, OperatorSet
from auth.distribution.proposal import propose_operators, propose_undo, review

from .conftest import NOW, InventedState, Office


def test_two_operators_install_what_one_proposed(office: Office, utopia: InventedState) -> None:
    csca = utopia.csca()
    proposal = office.propose(("ut.cer", csca))
    assert [(row.action, row.country) for row in proposal.diff.rows] == [(Action.ADDED, "UT")]
    office.installation.apply(office.signed(proposal.change))
    assert office.anchors() == {csca}


def test_one_signature_is_not_enough_nor_is_the_same_one_twice(office: Office, utopia: InventedState) -> None:
    change = office.propose(("ut.cer", utopia.csca())).change
    for signers in (("an",), ("an", "an"), ("an", "stranger"), ("stranger",)):
        with pytest.raises(ChangeUnsigned):
            office.installation.apply(office.signed(change, *signers))
    assert office.anchors() == set()


def test_a_signature_of_another_change_counts_for_nothing(office: Office, utopia: InventedState) -> None:
    one, other = (office.propose(("ut.cer", utopia.csca())).change for _ in range(2))
    mixed = replace(one, signed=replace(one.signed, signatures=office.signed(other).signed.signatures))
    with pytest.raises(ChangeUnsigned):
        office.installation.apply(mixed)


def test_a_store_without_operators_takes_nothing(tmp_path: Path, office: Office, utopia: InventedState) -> None:
    change = office.signed(office.propose(("ut.cer", utopia.csca())).change)
    empty = Installation(tmp_path / "empty")
    with pytest.raises(NoOperators):
        empty.apply(change)
    assert not empty.exists


def test_every_first_operator_shows_that_they_hold_their_key(
    tmp_path: Path, operator_keys: dict[str, OperatorKey], office: Office
) -> None:
    installation = Installation(tmp_path / "new")
    operators = OperatorSet(2, tuple(operator_keys[one].operator(one) for one in ("an", "binh", "chi")))
    founding = propose_operators(installation, operators, NOW).change
    with pytest.raises(ChangeUnsigned):
        installation.apply(office.signed(founding, "an", "binh"))
    installation.apply(office.signed(founding, "an", "binh", "chi"))
    assert installation.state().operators == operators


def test_one_person_can_never_be_enough(operator_keys: dict[str, OperatorKey]) -> None:
    an = operator_keys["an"].operator("an")
    with pytest.raises(ChangeDamaged):
        OperatorSet(1, (an, operator_keys["binh"].operator("binh")))
    with pytest.raises(ChangeDamaged):
        OperatorSet(2, (an, replace(an, name="the same under another name")))


def test_operators_are_changed_by_those_there_are_and_those_there_will_be(office: Office) -> None:
    keys = office.keys
    new = OperatorSet(2, (keys["binh"].operator("binh"), keys["stranger"].operator("dung")))
    change = propose_operators(office.installation, new, NOW).change
    with pytest.raises(ChangeUnsigned):
        office.installation.apply(office.signed(change, "an", "binh"))
    office.installation.apply(office.signed(change, "an", "binh", "stranger"))
    assert office.installation.state().operators == new


def test_who_left_signs_nothing_any_more(office: Office, utopia: InventedState) -> None:
    keys = office.keys
    new = OperatorSet(2, (keys["binh"].operator("binh"), keys["chi"].operator("chi")))
    office.installation.apply(
        office.signed(propose_operators(office.installation, new, NOW).change, "an", "binh", "chi")
    )
    change = office.propose(("ut.cer", utopia.csca())).change
    with pytest.raises(ChangeUnsigned):
        office.installation.apply(office.signed(change, "an", "binh"))
    office.installation.apply(office.signed(change, "chi", "binh"))


def test_a_change_for_another_state_is_outdated(office: Office, utopia: InventedState, arcadia: InventedState) -> None:
    first = office.signed(office.propose(("ut.cer", utopia.csca())).change)
    second = office.signed(office.propose(("ac.cer", arcadia.csca())).change)
    office.installation.apply(first)
    for late in (second, first):
        with pytest.raises(ChangeOutdated):
            office.installation.apply(late)


def test_a_change_of_another_store_is_refused(
    office: Office, new_office: Callable[[str], Office], utopia: InventedState, arcadia: InventedState
) -> None:
    elsewhere = new_office("elsewhere")
    elsewhere.install(("ac.cer", arcadia.csca()))
    office.install(("ut.cer", utopia.csca()))
    change = elsewhere.signed(elsewhere.propose(("ut2.cer", utopia.csca())).change)
    with pytest.raises(ChangeOutdated):
        office.installation.apply(change)


def test_a_file_swapped_in_a_change_is_seen(office: Office, utopia: InventedState, arcadia: InventedState) -> None:
    change = office.signed(office.propose(("ut.cer", utopia.csca())).change)
    (sha256,) = change.files
    swapped = replace(change, files={sha256: arcadia.csca()})
    with pytest.raises(ChangeDamaged):
        ChangeFile.parse(swapped.encode())
    with pytest.raises((ChangeDamaged, ChangeOutdated)):
        office.installation.apply(swapped)
    assert office.anchors() == set()


def test_any_flipped_byte_of_a_change_file_is_refused(office: Office, utopia: InventedState) -> None:
    whole = office.signed(office.propose(("ut.cer", utopia.csca())).change).encode()
    assert ChangeFile.parse(whole).encode() == whole
    for place in range(0, len(whole), 7):
        flipped = whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :]
        with pytest.raises((ChangeDamaged, ChangeOutdated, ChangeUnsigned)):
            office.installation.apply(ChangeFile.parse(flipped))
    assert office.anchors() == set()


def test_whoever_signs_sees_what_the_files_say_and_not_what_the_proposer_said(
    office: Office, utopia: InventedState, arcadia: InventedState
) -> None:
    change = office.propose(("ut.cer", utopia.csca())).change
    assert [row.country for row in review(office.installation, change).rows] == ["UT"]
    lying = replace(change.entry, anchors="0" * 64)
    with pytest.raises(ChangeDamaged):
        review(office.installation, replace(change, signed=SignedEntry(lying.encode())))


def test_going_back_is_an_import_of_its_own(office: Office, utopia: InventedState, arcadia: InventedState) -> None:
    one, two = utopia.csca(), arcadia.csca()
    office.install(("ut.cer", one))
    office.install(("ac.cer", two))
    proposal = propose_undo(office.installation, 2, NOW)
    assert [(row.action, row.country) for row in proposal.diff.rows] == [(Action.REMOVED, "AC")]
    with pytest.raises(ChangeUnsigned):
        office.installation.apply(office.signed(proposal.change, "an"))
    office.installation.apply(office.signed(proposal.change))
    assert office.anchors() == {one}
    again = propose_undo(office.installation, 3, NOW)
    office.installation.apply(office.signed(again.change))
    assert office.anchors() == {one, two}
    assert [entry.entry.back_to for entry in office.installation.history()] == [0, 0, 0, 2, 3]


def test_the_history_tells_who_signed_what_and_when(office: Office, utopia: InventedState) -> None:
    office.install(("ut.cer", utopia.csca()), moment=NOW + timedelta(hours=1))
    *_, last = office.installation.history()
    assert last.entry.made_at == NOW + timedelta(hours=1)
    assert [one.name for one in last.signers(office.installation.state().operators)] == ["an", "binh"]
    assert last.entry.kind is EntryKind.CHANGE
    office.installation.audit()


def test_what_is_installed_already_is_nothing_new(office: Office, utopia: InventedState) -> None:
    csca = utopia.csca()
    office.install(("ut.cer", csca))
    with pytest.raises(NothingToChange):
        office.propose(("again.cer", csca))


def test_a_file_is_removed_by_the_beginning_of_its_digest(office: Office, utopia: InventedState) -> None:
    office.install(("ut.cer", utopia.csca()))
    (ref,) = office.installation.state().objects
    proposal = office.propose(remove=(ref.sha256[:12],))
    assert [row.action for row in proposal.diff.rows] == [Action.REMOVED]
    office.installation.apply(office.signed(proposal.change))
    assert office.anchors() == set()
    with pytest.raises(NothingToChange):
        office.propose(remove=(ref.sha256[:12],))


def _files(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file() and path.name != "lock"]


def test_any_flipped_byte_of_the_store_is_noticed(office: Office, utopia: InventedState) -> None:
    office.install(("ut.cer", utopia.csca()), ("ut.crl", utopia.crl((5, 6))))
    store = office.installation.folder.path
    state = office.installation.state()
    read_daily = {office.installation.folder.current, office.installation.folder.entry(state.entry.number)}
    read_daily |= set(_files(office.installation.folder.generation(state.index)))
    old_generations = {path for path in _files(store / "generations") if path.parent.name != state.index}
    for path in _files(store):
        whole = path.read_bytes()
        for place in range(0, len(whole), max(1, len(whole) // 25)):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
            if path in old_generations:
                continue
            with pytest.raises(StoreDamaged):
                office.installation.opened() if path in read_daily else office.installation.audit()
        path.write_bytes(whole)
    office.installation.opened()
    office.installation.audit()


def test_a_lost_index_is_built_again_from_the_history(office: Office, utopia: InventedState) -> None:
    csca = utopia.csca()
    office.install(("ut.cer", csca), ("ut.crl", utopia.crl((5,))))
    index = office.installation.state().index
    for path in office.installation.folder.generation(index).iterdir():
        path.write_bytes(b"")
    with pytest.raises(StoreDamaged):
        office.installation.opened()
    office.installation.rebuild()
    assert office.anchors() == {csca}
    assert office.installation.state().index == index


def test_two_cannot_change_a_store_at_once(office: Office, utopia: InventedState) -> None:
    change = office.signed(office.propose(("ut.cer", utopia.csca())).change)
    with office.installation.folder.locked(), pytest.raises(StoreBusy):
        office.installation.apply(change)
    office.installation.apply(change)
