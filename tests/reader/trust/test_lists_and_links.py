"""Master lists and links: what brings further authorities in (chip-reading 4.3, PA-22, PA-23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mock_cards import der
from mock_cards.issuing import Pki, PkiOrder, make_pki
from reader.errors import DataError
from reader.trust import (
    AnchorStore,
    Certificate,
    DocumentDates,
    ListRefused,
    MasterList,
    TrustMaterial,
    follow_links,
    judge_chain,
    split_master_list,
)

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def pki(*defects: str) -> Pki:
    return make_pki(PkiOrder("lists", AT, defects=defects))


def roots(made: Pki) -> AnchorStore:
    return AnchorStore.of([made["csca.cer"]])


def test_a_list_under_a_pinned_root_brings_its_certificates() -> None:
    found = MasterList.read(pki()["master-list.ml"], roots(pki()))
    assert (found.country, found.signed_at) == ("VN", AT - 2 * DAY)
    assert len(found.anchors) == 5
    assert found.anchors.refused == ()
    assert repr(found) == "MasterList(VN, AnchorStore(5 anchors, 0 refused))"


@pytest.mark.parametrize(
    ("defect", "reason"),
    [
        ("ml-signature-broken", "signature-invalid"),
        ("ml-content-type-differs", "signed-attributes-wrong"),
        ("ml-digest-differs", "content-digest-mismatch"),
        ("ml-without-signing-time", "signing-time-unknown"),
        ("ml-without-signer-certificate", "signer-certificate-missing"),
        ("ml-signer-unknown", "signer-not-trusted"),
        ("ml-signer-without-eku", "signer-wrong-purpose"),
        ("ml-signer-expired", "signer-not-valid-at-signing"),
    ],
)
def test_a_list_that_is_not_right_is_refused_whole(defect: str, reason: str) -> None:
    """PA-27: signature wrong, signer not under the pinned root."""
    with pytest.raises(ListRefused) as refused:
        MasterList.read(pki(defect)["master-list.ml"], roots(pki(defect)))
    assert refused.value.reason == reason


def test_a_list_under_nobodys_root_is_refused() -> None:
    with pytest.raises(ListRefused, match="no-trust-anchor"):
        MasterList.read(pki()["master-list.ml"], AnchorStore())


def test_an_older_list_than_the_one_held_is_refused() -> None:
    """PA-27: the old one is kept; the same one again does no harm."""
    held = MasterList.read(pki()["master-list.ml"], roots(pki()))
    older = pki("ml-older")
    with pytest.raises(ListRefused, match="older-than-held"):
        MasterList.read(older["master-list.ml"], roots(older), held.signed_at)
    assert MasterList.read(older["master-list.ml"], roots(older)).signed_at < held.signed_at
    again = MasterList.read(pki()["master-list.ml"], roots(pki()), held.signed_at)
    assert again.fingerprint == held.fingerprint


@pytest.mark.parametrize("defect", ["ml-attributes-unsorted", "ml-without-csca", "ml-with-document-signer"])
def test_what_real_lists_do_is_accepted(defect: str) -> None:
    found = MasterList.read(pki(defect)["master-list.ml"], roots(pki(defect)))
    assert len(found.anchors) >= 4


@pytest.mark.parametrize("defect", ["ml-trailing-byte"])
def test_a_malformed_list_is_an_error(defect: str) -> None:
    with pytest.raises(DataError):
        MasterList.read(pki(defect)["master-list.ml"], roots(pki(defect)))


@pytest.mark.parametrize("raw", [b"\x30\x00", der.sequence(der.integer(0)), der.sequence(der.integer(0), b"\x30\x00")])
def test_what_is_no_list_of_certificates_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        split_master_list(raw)


def test_too_many_certificates_are_an_error() -> None:
    with pytest.raises(DataError, match="more than 5000 certificates"):
        split_master_list(der.sequence(der.integer(0), der.set_unsorted(*[b"\x05\x00"] * 5_001)))


def test_the_real_lists_import_completely(shared: Path) -> None:
    """588 certificates of 112 States, not one refused; the older list is told from the newer by its signing time."""
    root = AnchorStore.of([(shared / "data" / "de-root-csca07.cer").read_bytes()])
    newer = MasterList.read((shared / "data" / "de-master-list-2026-05-28.ml").read_bytes(), root)
    assert (newer.country, len(newer.anchors), newer.anchors.refused) == ("DE", 588, ())
    assert len({anchor.country for anchor in newer.anchors.anchors}) == 112
    older = (shared / "data" / "de-master-list-2025-03-05.ml").read_bytes()
    found = MasterList.read(older, newer.anchors)
    assert (found.country, len(found.anchors), found.anchors.refused) == ("DE", 557, ())
    with pytest.raises(ListRefused, match="older-than-held"):
        MasterList.read(older, newer.anchors, newer.signed_at)


def chain_under(store: AnchorStore, signer: bytes) -> str:
    dates = DocumentDates(AT, AT - 30 * DAY)
    return judge_chain(Certificate.parse(signer), TrustMaterial(store), dates).verdict.reason


@pytest.mark.parametrize(
    ("file", "new"), [("csca-link.cer", "csca-new.cer"), ("csca-name-change.cer", "csca-renamed.cer")]
)
def test_a_link_brings_the_new_key(file: str, new: str) -> None:
    """PA-22, PA-23: one anchor is enough, under the old name or a new one."""
    made = pki()
    linked = follow_links(roots(made), [made[file]])
    wanted = AnchorStore.of([made[new]]).anchors[0].key_fingerprint
    assert wanted in {anchor.key_fingerprint for anchor in linked.anchors}
    assert linked.refused == ()


def test_a_signer_under_either_key_passes(authority: Any) -> None:
    """PA-22, PA-23: the signer under the old key, under the new one, and under the one after a change of name."""
    old, new, renamed = (authority.key() for _ in range(3))
    store = AnchorStore.of([authority.csca(old)])
    links = [
        authority.csca(renamed, signer=new, serial=9, subject="CSCA Renamed", issuer="CSCA Test"),
        authority.csca(new, signer=old, serial=8),
    ]
    linked = follow_links(store, links)
    assert linked.refused == ()
    for key, issuer in ((old, "CSCA Test"), (new, "CSCA Test"), (renamed, "CSCA Renamed")):
        signer = authority.ds(authority.key(), key, issuer=issuer, begin=AT - 60 * DAY)
        assert chain_under(linked, signer) == "anchored"
    assert chain_under(store, authority.ds(authority.key(), new, begin=AT - 60 * DAY)) == "issuer-key-not-held"


def test_a_link_that_nobody_vouches_for_changes_nothing(authority: Any) -> None:
    old, new = authority.key(), authority.key()
    store = AnchorStore.of([authority.csca(old)])
    foreign = authority.csca(new, signer=old, country="LA", issuer_country="VN", serial=8)
    not_ca = authority.csca(new, signer=old, serial=8, ca=None)
    unsigned = authority.csca(new, signer=authority.key(), serial=8)
    linked = follow_links(store, [foreign, not_ca, unsigned, b"\x30"])
    assert linked.anchors == store.anchors
    assert sorted((refused.subject, refused.reason) for refused in linked.refused) == [
        ("link 1", "signer-not-trusted"),
        ("link 2", "not-an-authority"),
        ("link 3", "signer-not-trusted"),
        ("link 4", "malformed"),
    ]


def test_a_distrusted_key_vouches_for_no_successor(authority: Any) -> None:
    old, new = authority.key(), authority.key()
    store = AnchorStore.of([authority.csca(old)])
    link = authority.csca(new, signer=old, serial=8)
    for distrusted in (store.anchors[0].key_fingerprint, store.anchors[0].fingerprint):
        assert len(follow_links(store, [link], frozenset({distrusted}))) == 1
    assert len(follow_links(store, [link], frozenset({"0" * 64}))) == 2


def test_a_broken_link_is_refused() -> None:
    made = pki("link-signature-broken")
    linked = follow_links(roots(made), [made["csca-link.cer"]])
    assert [refused.reason for refused in linked.refused] == ["signer-not-trusted"]
    assert len(follow_links(roots(pki("name-change-unsaid")), [pki("name-change-unsaid")["csca-name-change.cer"]])) == 2
