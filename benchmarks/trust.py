"""Judging trust: lists imported whole, a chain decided among six hundred anchors, a long revocation list opened.

The real lists of ../shared are used where they are there. "Cold" is a store in which nothing was read yet but its
index: no certificate parsed, no key built, so that the first citizen of the day waits no longer than the others.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figure import Figure
from mock_cards import der
from mock_cards.issuing import Pki, PkiOrder, make_pki
from reader.trust import (
    Anchor,
    AnchorStore,
    Certificate,
    DocumentDates,
    MasterList,
    RevocationList,
    RevokedSerials,
    TrustMaterial,
    judge_chain,
)

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
AT = datetime(2026, 11, 1, tzinfo=UTC)
DATES = DocumentDates(AT, AT - timedelta(days=30))
ROUNDS = 7
CRL_ENTRIES = 100_000

IMPORT_GOAL_S = 2.0
CHAIN_GOAL_MS = 20.0


def figures() -> list[Figure]:
    made = make_pki(PkiOrder("benchmark", AT))
    signer = Certificate.parse(made["ds.cer"])
    found = []
    anchors: tuple[Anchor, ...] = tuple(Anchor.parse(raw) for raw in made.anchors)
    if DATA.exists():
        master_list, others = _import(found)
        assert len(others) == 588
        # Every anchor made Vietnamese in the index only: the signer's own comes last among six hundred of its country.
        crowd = tuple(Anchor(one.raw, "VN", one.subject_key_id, one.name, one.key_fingerprint) for one in others)
        found.append(_chain("chain, 600 anchors, found by key id", signer, (*others, *anchors), CHAIN_GOAL_MS))
        nameless = _without_key_id(made)
        found.append(_chain("chain, 600 anchors, found by name", nameless, (*others, *anchors), CHAIN_GOAL_MS))
        found.append(_chain("chain, all of one country and tried", nameless, (*crowd, *_renamed(anchors)), 0.0))
        found.append(_measured("master list opened and verified again", lambda: MasterList.read(master_list, _root())))
    raw = _long_list()
    found.append(
        _measured(f"revocation list of {CRL_ENTRIES:,} read into its index", lambda: RevocationList.parse(raw))
    )
    revoked = RevocationList.parse(raw).revoked
    kept = (revoked.width, revoked.records)
    found.append(_measured("the same opened from its index, one serial looked up", lambda: _look_up(*kept), "us"))
    return found


def _root() -> AnchorStore:
    return AnchorStore.of([(DATA / "de-root-csca07.cer").read_bytes()])


def _import(found: list[Figure]) -> tuple[bytes, tuple[Anchor, ...]]:
    """Import both real lists; nothing of them may be refused."""
    newer = (DATA / "de-master-list-2026-05-28.ml").read_bytes()
    root = _root()
    imported = []
    for name, goal in (("de-master-list-2026-05-28.ml", IMPORT_GOAL_S), ("de-master-list-2025-03-05.ml", 0.0)):
        raw = (DATA / name).read_bytes()
        began = time.perf_counter()
        imported.append(MasterList.read(raw, root).anchors)
        took = time.perf_counter() - began
        assert not imported[-1].refused
        found.append(Figure(f"{name} imported, {len(imported[-1])} certificates", round(took, 3), "s", goal))
        root = imported[-1]
    return newer, imported[0].anchors


def _chain(name: str, signer: Certificate, anchors: tuple[Anchor, ...], goal: float) -> Figure:
    """Take the median of decisions, each in a store that was opened from its index just before."""
    took = []
    for _ in range(ROUNDS):
        fresh = (Anchor(one.raw, one.country, one.subject_key_id, one.name, one.key_fingerprint) for one in anchors)
        trust = TrustMaterial(AnchorStore.indexed(fresh))
        began = time.perf_counter()
        verdict = judge_chain(signer, trust, DATES).verdict
        took.append((time.perf_counter() - began) * 1000)
        assert verdict.reason == "anchored", verdict
    return Figure(name, round(statistics.median(took), 2), "ms", goal)


def _renamed(anchors: tuple[Anchor, ...]) -> tuple[Anchor, ...]:
    """Take key id and name out of the index, so that these come last."""
    return tuple(Anchor(one.raw, one.country, None, b"", one.key_fingerprint) for one in anchors)


def _without_key_id(made: Pki) -> Certificate:
    spoilt = make_pki(PkiOrder("benchmark", AT, defects=("ds-without-aki",)))
    assert spoilt["csca.cer"] == made["csca.cer"]
    return Certificate.parse(spoilt["ds.cer"])


def _long_list() -> bytes:
    """Write a list of a hundred thousand serial numbers; nobody signs it, since reading comes first."""
    moment = der.time(AT)
    entries = b"".join(der.sequence(der.integer(7919 * number + 3), moment) for number in range(CRL_ENTRIES))
    scheme = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
    issuer = der.sequence(der.set_of(der.sequence(der.object_identifier("2.5.4.6"), der.printable("VN"))))
    body = der.sequence(scheme, issuer, moment, der.time(AT + timedelta(days=90)), der.sequence(entries))
    return der.sequence(body, scheme, der.bit_string(b"\x00"))


def _look_up(width: int, records: bytes) -> None:
    assert RevokedSerials(width, records).revoked_on(7919 * 77_777 + 3) is not None


def _measured(name: str, work: Callable[[], object], unit: str = "ms") -> Figure:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * (1e6 if unit == "us" else 1e3))
    return Figure(name, round(statistics.median(took), 2), unit)
