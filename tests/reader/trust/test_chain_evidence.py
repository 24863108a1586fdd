"""What a chain's verdict shows for itself, and what holds on the very day (chip-reading 4.3, PA-15 … PA-19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from reader.iso7816 import encode
from reader.trust import (
    AnchorStore,
    Certificate,
    ChainReason,
    Defect,
    DocumentDates,
    NationalDefects,
    TrustMaterial,
    judge_chain,
    signature_algorithm_by_oid,
)
from reader.verdict import CheckStatus, Verdict

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
SIGNED = datetime(2026, 3, 1, tzinfo=UTC)
DATES = DocumentDates(MOMENT, SIGNED)
WHO = {"signer", "signer-serial", "country"}
WHOSE = {"anchor", "anchor-key", "signature"}
WHEN = {"judged-at", "judged-by"}


@pytest.fixture(scope="module")
def csca(authority: Any) -> Any:
    return authority.key()


@pytest.fixture(scope="module")
def trust(authority: Any, csca: Any) -> TrustMaterial:
    return TrustMaterial.of([authority.csca(csca)])


@pytest.fixture(scope="module")
def signer(authority: Any, csca: Any) -> bytes:
    return authority.ds(authority.key(), csca, serial=0xABC)


def judge(raw: bytes | Certificate, trust: TrustMaterial, dates: DocumentDates = DATES) -> Verdict:
    certificate = raw if isinstance(raw, Certificate) else Certificate.parse(raw)
    return judge_chain(certificate, trust, dates).verdict


def severities(verdict: Verdict) -> dict[str, str]:
    return {note.code: note.severity.value for note in verdict.notes}


def test_a_pass_names_signer_anchor_signature_and_day(signer: bytes, trust: TrustMaterial) -> None:
    assert dict(judge(signer, trust).evidence) == {
        "signer": Certificate.parse(signer).fingerprint,
        "signer-serial": "abc",
        "country": "VN",
        "anchor": "csca test",
        "anchor-key": trust.anchors.anchors[0].key_fingerprint,
        "signature": "ecdsa-sha256 by brainpoolP384r1",
        "judged-at": "2026-03-01",
        "judged-by": "signing-time",
    }


def test_a_date_of_issue_is_named_as_such(signer: bytes, trust: TrustMaterial) -> None:
    evidence = dict(judge(signer, trust, replace(DATES, signed=None, issued=date(2026, 4, 2))).evidence)
    assert (evidence["judged-at"], evidence["judged-by"]) == ("2026-04-02", "date-of-issue")


def test_an_anchor_without_a_name_is_named_by_its_country(authority: Any, csca: Any, signer: bytes) -> None:
    trust = TrustMaterial.of([authority.csca(csca, subject="", issuer="")])
    assert dict(judge(signer, trust).evidence)["anchor"] == "VN"


def test_each_refusal_keeps_the_evidence(authority: Any, csca: Any, signer: bytes, trust: TrustMaterial) -> None:
    def shown(
        raw: bytes | Certificate, held: TrustMaterial = trust, dates: DocumentDates = DATES
    ) -> tuple[str, set[str]]:
        verdict = judge(raw, held, dates)
        return verdict.reason, set(dict(verdict.evidence))

    fingerprint = Certificate.parse(signer).fingerprint
    assert shown(signer, replace(trust, distrusted=frozenset({fingerprint}))) == (ChainReason.DISTRUSTED, WHO | WHOSE)
    wrong = authority.ds(authority.key(), csca, ca=True)
    assert shown(wrong) == (ChainReason.SIGNER_IS_AUTHORITY, WHO | WHOSE)
    bare = TrustMaterial.of([authority.csca(csca, ca=None, usage=None)])
    assert shown(signer, bare) == (ChainReason.ANCHOR_NOT_AUTHORITY, WHO | WHOSE | {"defects"})
    assert dict(judge(signer, bare).evidence)["defects"] == "not-an-authority no-key-cert-sign"
    assert shown(signer, dates=DocumentDates(MOMENT)) == (ChainReason.SIGNING_TIME_UNKNOWN, WHO | WHOSE)
    early = replace(DATES, signed=datetime(2025, 1, 1, tzinfo=UTC))
    assert shown(signer, dates=early) == (ChainReason.NOT_VALID_AT_SIGNING, WHO | WHOSE | WHEN)
    foreign = authority.ds(authority.key(), authority.key(), authority_key_id=csca.key_id)
    assert shown(foreign) == (ChainReason.UNTRUSTED, WHO | {"anchors-tried"})
    assert dict(judge(foreign, trust).evidence)["anchors-tried"] == "1"
    unknown = authority.ds(authority.key(), authority.key(), authority_key_id=b"\xab" * 30)
    assert shown(unknown) == (ChainReason.ANCHOR_NOT_HELD, WHO | {"anchors-tried", "issuer-key-id"})
    assert dict(judge(unknown, trust).evidence)["issuer-key-id"] == "ab" * 20
    odd = replace(
        Certificate.parse(signer), algorithm=signature_algorithm_by_oid("1.2"), inner_algorithm=b"", outer_algorithm=b""
    )
    assert shown(odd) == (ChainReason.ALGORITHM_UNSUPPORTED, WHO | {"anchors-tried"})
    assert shown(signer, TrustMaterial()) == (ChainReason.NO_ANCHOR, WHO)


def test_a_known_defect_is_shown_beside_the_rest(authority: Any, csca: Any, signer: bytes) -> None:
    raw = authority.csca(csca, path_length=2)
    known = NationalDefects({Certificate.parse(raw).fingerprint: frozenset({Defect.PATH_LENGTH})})
    verdict = judge(signer, TrustMaterial(AnchorStore.of([raw], known), defects=known))
    assert set(dict(verdict.evidence)) == WHO | WHOSE | WHEN | {"defects"}


def test_an_anchor_without_a_key_id_leaves_open_whose_key_it_was(authority: Any, csca: Any) -> None:
    """PA-11b: only where every anchor has a key identifier can one that is named be missing."""
    unknown = authority.ds(authority.key(), authority.key(), authority_key_id=b"unknown")
    nameless = TrustMaterial.of([authority.csca(csca, key_id=None)])
    assert judge(unknown, nameless).reason == ChainReason.UNTRUSTED
    both = TrustMaterial.of([authority.csca(csca, key_id=None), authority.csca(authority.key(), serial=9)])
    assert judge(unknown, both).reason == ChainReason.UNTRUSTED
    assert (
        judge(authority.ds(authority.key(), authority.key(), authority_key_id=None), nameless).status
        is CheckStatus.FAILED
    )


def test_a_key_may_be_in_use_from_or_until_a_day_only(authority: Any, csca: Any, trust: TrustMaterial) -> None:
    """PA-17, with one of the two ends (ICAO 9303-12 table 6: at least one)."""
    for tag, text, noted in (
        (0x80, "20260301000000Z", False),
        (0x80, "20260301000001Z", True),
        (0x81, "20260301000000Z", False),
        (0x81, "20260228235959Z", True),
    ):
        usage = ("2.5.29.16", encode(0x30, encode(tag, text.encode())))
        verdict = judge(authority.ds(authority.key(), csca, extra=usage), trust)
        assert severities(verdict) == ({"outside-private-key-usage": "warning"} if noted else {})


def test_the_very_moment_is_still_inside(authority: Any, csca: Any) -> None:
    """PA-15, PA-16, PA-18: ends of validity, the clock and the document's last day all include themselves."""
    second = timedelta(seconds=1)
    trust = TrustMaterial.of([authority.csca(csca, end=MOMENT)])
    ending = authority.ds(authority.key(), csca, end=MOMENT)
    assert severities(judge(ending, trust)) == {}
    later = replace(DATES, moment=MOMENT + second, expires=MOMENT.date())
    assert severities(judge(ending, trust, later)) == {
        "signer-expired-since": "warning",
        "anchor-expired-since": "info",
    }
    over = replace(later, expires=MOMENT.date() - timedelta(days=1))
    assert severities(judge(ending, trust, over))["signer-expired-since"] == "info"
    now = replace(DATES, signed=MOMENT)
    assert severities(judge(ending, trust, now)) == {}
    ahead = replace(DATES, moment=MOMENT - second, signed=MOMENT)
    assert severities(judge(ending, trust, ahead)) == {"signed-in-the-future": "warning"}
    assert judge(ending, trust, replace(later, signed=MOMENT + second)).reason == ChainReason.NOT_VALID_AT_SIGNING
    late = TrustMaterial.of([authority.csca(csca, begin=datetime(2026, 1, 1, tzinfo=UTC) + second)])
    assert severities(judge(ending, late)) == {"signer-outside-anchor-validity": "warning"}
    same = TrustMaterial.of([authority.csca(csca, begin=datetime(2026, 1, 1, tzinfo=UTC))])
    assert severities(judge(ending, same)) == {}


def test_what_differs_by_name_or_key_id_is_a_remark(authority: Any, csca: Any, trust: TrustMaterial) -> None:
    """PA-23, PA-24."""
    odd = authority.ds(authority.key(), csca, issuer="CSCA of old", authority_key_id=b"other")
    both = TrustMaterial.of([*(anchor.raw for anchor in trust.anchors.anchors)])
    assert severities(judge(odd, both)) == {"issuer-key-id-differs": "info", "issuer-name-differs": "info"}
