"""The installed store: the same material again, and an error at once where a bit of it is another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mock_cards.issuing import Pki, PkiOrder, make_pki
from reader.errors import DataError
from reader.trust import Certificate, DocumentDates, TrustMaterial, judge_chain, judge_revocation
from reader.trust.store import INDEX, PARTS, StoreContents, StoredFile, build_store, open_store

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> Pki:
    return make_pki(PkiOrder("store", AT, defects=("revoked-ds",)))


@pytest.fixture(scope="module")
def contents(made: Pki) -> StoreContents:
    trust = TrustMaterial.of(made.anchors, [made["csca.crl"]], [made["deviation-list.dl"]])
    held = trust.revocation.lists[0]
    told = replace(
        held.content,
        other_names=(Certificate.parse(made["csca-renamed.cer"]).subject,),
        authority_key_id=None,
        number=None,
        algorithm=replace(held.content.algorithm, scheme=None),
    )
    lists = replace(trust.revocation, lists=(held, replace(held, content=replace(told, fingerprint="f" * 64))))
    trust = replace(
        trust, revocation=lists, signers=(Certificate.parse(made["ds.cer"]),), distrusted=frozenset({"0" * 64})
    )
    files = (StoredFile("deviation-list", "vn.dl", made["deviation-list.dl"]), StoredFile("policy", "p.toml", b"x"))
    return StoreContents(trust, files, {"serial": 3})


@pytest.fixture
def installed(contents: StoreContents, tmp_path: Path) -> tuple[Path, str]:
    index, parts = build_store(contents)
    (tmp_path / INDEX).write_bytes(index)
    (tmp_path / PARTS).write_bytes(parts)
    return tmp_path, hashlib.sha256(index).hexdigest()


def test_what_was_built_is_what_is_opened(made: Pki, contents: StoreContents, installed: tuple[Path, str]) -> None:
    opened = open_store(*installed)
    before, after = contents.material, opened.material
    assert {anchor.raw: anchor for anchor in after.anchors.anchors} == {
        anchor.raw: replace(anchor, is_test=False) for anchor in before.anchors.anchors
    }
    assert sorted(opened.fingerprints) == sorted(anchor.fingerprint for anchor in before.anchors.anchors)
    assert [signer.raw for signer in after.signers] == [made["ds.cer"]]
    assert after.distrusted == before.distrusted
    assert {held.content.fingerprint: held.content.revoked for held in after.revocation.lists} == {
        held.content.fingerprint: held.content.revoked for held in before.revocation.lists
    }
    told = {held.content.number: held.content for held in after.revocation.lists}
    assert told[None].other_names == before.revocation.lists[1].content.other_names
    assert told[7].authority_key_id == before.revocation.lists[0].content.authority_key_id
    assert len(after.deviations.lists) == 1
    assert opened.of_kind("policy") == {"p.toml": b"x"}
    assert opened.state == {"serial": 3}
    assert repr(opened).startswith("OpenedStore(TrustMaterial(AnchorStore(3 anchors, 0 refused)")
    assert build_store(contents) == build_store(contents)


def test_an_opened_store_judges_as_before(made: Pki, contents: StoreContents, installed: tuple[Path, str]) -> None:
    signer = Certificate.parse(made["ds.cer"])
    for trust in (contents.material, open_store(*installed).material):
        chain = judge_chain(signer, trust, DocumentDates(AT, AT))
        assert chain.verdict.reason == "anchored"
        assert judge_revocation(signer, chain.anchor, trust.revocation, AT).reason == "signer-revoked"


def test_a_flipped_bit_of_any_part_is_an_error(installed: tuple[Path, str]) -> None:
    folder, seal = installed
    for name in (INDEX, PARTS):
        raw = (folder / name).read_bytes()
        for place in range(0, len(raw), max(1, len(raw) // 40)):
            (folder / name).write_bytes(raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :])
            with pytest.raises(DataError):
                open_store(folder, seal)
        (folder / name).write_bytes(raw)
    assert open_store(folder, seal)


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index | {"format": "motcua-trust-store-0"},
        lambda index: {name: value for name, value in index.items() if name != "anchors"},
        lambda index: index | {"anchors": [[]]},
        lambda index: index | {"signers": [[-1, 10, "0" * 64]]},
        lambda index: index | {"signers": [[0, 10**9, "0" * 64]]},
        lambda index: [],
    ],
)
def test_an_index_that_is_none_is_an_error_though_it_is_sealed(
    installed: tuple[Path, str], change: Callable[[Any], Any]
) -> None:
    folder, _ = installed
    raw = json.dumps(change(json.loads((folder / INDEX).read_bytes()))).encode()
    (folder / INDEX).write_bytes(raw)
    with pytest.raises(DataError):
        open_store(folder, hashlib.sha256(raw).hexdigest())


def test_a_store_is_bounded_and_has_to_be_there(installed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, seal = installed
    with pytest.raises(DataError, match="cannot be read"):
        open_store(folder / "nowhere", seal)
    monkeypatch.setattr("reader.trust.store.opening.MAX_INDEX", 10)
    with pytest.raises(DataError, match="more than"):
        open_store(folder, seal)
