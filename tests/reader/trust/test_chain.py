"""The chain is a signature, not a name (chip-reading 4.3, PA-11 … PA-25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from reader.trust import AnchorStore, Certificate, ChainReason, DocumentDates, TrustMaterial, judge_chain
from reader.verdict import CheckStatus, Verdict

SIGNED = datetime(2026, 3, 1, tzinfo=UTC)
DATES = DocumentDates(moment=datetime(2026, 11, 1, tzinfo=UTC), signed=SIGNED)


@pytest.fixture(scope="module")
def csca(authority: Any) -> Any:
    return authority.key(explicit=True)


@pytest.fixture(scope="module")
def store(authority: Any, csca: Any) -> AnchorStore:
    return AnchorStore.of([authority.csca(csca)])


def judge(raw: bytes, store: AnchorStore, dates: DocumentDates = DATES) -> Verdict:
    return judge_chain(Certificate.parse(raw), TrustMaterial(store), dates).verdict


def codes(verdict: Verdict) -> list[str]:
    return [note.code for note in verdict.notes]


def test_a_signer_under_an_installed_anchor_is_trusted(authority: Any, csca: Any, store: AnchorStore) -> None:
    verdict = judge(authority.ds(authority.key(), csca), store)
    assert (verdict.status, verdict.reason) == (CheckStatus.PASSED, ChainReason.TRUSTED)
    assert verdict.notes == ()
    evidence = dict(verdict.evidence)
    assert evidence["anchor-key"] == store.anchors[0].key_fingerprint
    assert evidence["judged-by"] == "signing-time"


def test_no_anchor_of_the_country_says_nothing_about_the_document(authority: Any, csca: Any) -> None:
    foreign = AnchorStore.of([authority.csca(authority.key(), country="DE")])
    for store in (AnchorStore(), foreign):
        verdict = judge(authority.ds(authority.key(), csca), store)
        assert (verdict.status, verdict.reason) == (CheckStatus.INCONCLUSIVE, ChainReason.NO_ANCHOR)


@pytest.mark.parametrize("with_key_id", [True, False])
def test_a_self_made_authority_of_the_same_name_is_untrusted(
    authority: Any, csca: Any, store: AnchorStore, with_key_id: bool
) -> None:
    """PA-12: name and key identifier copied, the key its maker's own."""
    forger = authority.key(explicit=True)
    signer = authority.ds(authority.key(), forger, authority_key_id=csca.key_id if with_key_id else None)
    verdict = judge(signer, store)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChainReason.UNTRUSTED)


def test_an_issuer_key_that_we_do_not_hold_is_our_gap(authority: Any, store: AnchorStore) -> None:
    """PA-11b: the signer names a key identifier that no anchor of its country has."""
    verdict = judge(authority.ds(authority.key(), authority.key()), store)
    assert (verdict.status, verdict.reason) == (CheckStatus.INCONCLUSIVE, ChainReason.ANCHOR_NOT_HELD)


def test_an_anchor_of_another_country_never_vouches(authority: Any, csca: Any) -> None:
    store = AnchorStore.of([authority.csca(csca, country="DE"), authority.csca(authority.key(), key_id=csca.key_id)])
    assert judge(authority.ds(authority.key(), csca), store).reason == ChainReason.UNTRUSTED


def test_another_name_for_the_same_key_is_trusted_and_noted(authority: Any, csca: Any) -> None:
    """PA-23, PA-24: names change, key identifiers are computed in several ways; the signature counts."""
    store = AnchorStore.of([authority.csca(csca, subject="CSCA Renamed", issuer="CSCA Renamed", key_id=b"other")])
    verdict = judge(authority.ds(authority.key(), csca, authority_key_id=None), store)
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["issuer-name-differs"]
    store = AnchorStore.of([authority.csca(csca), authority.csca(authority.key(), subject="CSCA 2", key_id=b"named")])
    verdict = judge(authority.ds(authority.key(), csca, authority_key_id=b"named"), store)
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["issuer-key-id-differs"]


def test_all_anchors_with_one_key_identifier_are_tried(authority: Any, csca: Any) -> None:
    """PA-25."""
    twins = [authority.csca(authority.key(), key_id=b"same") for _ in range(3)] + [authority.csca(csca, key_id=b"same")]
    verdict = judge(authority.ds(authority.key(), csca, authority_key_id=b"same"), AnchorStore.of(twins))
    assert verdict.status is CheckStatus.PASSED


def test_country_codes_are_compared_without_case(authority: Any, csca: Any) -> None:
    verdict = judge(authority.ds(authority.key(), csca, country="vn"), AnchorStore.of([authority.csca(csca)]))
    assert verdict.status is CheckStatus.PASSED


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)),
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_signer_not_valid_at_signing_fails(
    authority: Any, csca: Any, store: AnchorStore, begin: datetime, end: datetime
) -> None:
    verdict = judge(authority.ds(authority.key(), csca, begin=begin, end=end), store)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChainReason.NOT_VALID_AT_SIGNING)


def test_without_a_signing_time_the_date_of_issue_counts(authority: Any, csca: Any, store: AnchorStore) -> None:
    """PA-16: never skipped."""
    signer = authority.ds(authority.key(), csca, begin=datetime(2026, 3, 1, 12, tzinfo=UTC))
    undated = replace(DATES, signed=None)
    assert judge(signer, store, undated).reason == ChainReason.SIGNING_TIME_UNKNOWN
    assert judge(signer, store, undated).status is CheckStatus.INCONCLUSIVE
    assert judge(signer, store, replace(undated, issued=date(2026, 3, 1))).status is CheckStatus.PASSED
    assert judge(signer, store, replace(undated, issued=date(2026, 2, 28))).reason == ChainReason.NOT_VALID_AT_SIGNING


@pytest.mark.parametrize(
    ("expires", "severity"), [(date(2031, 1, 1), "warning"), (date(2027, 1, 1), "info"), (None, "info")]
)
def test_a_signer_that_expired_since_is_noted(
    authority: Any, csca: Any, store: AnchorStore, expires: date | None, severity: str
) -> None:
    """PA-15: a warning only where the document is still valid and was to be covered."""
    signer = authority.ds(authority.key(), csca, end=datetime(2027, 1, 1, tzinfo=UTC))
    later = replace(DATES, moment=datetime(2028, 1, 1, tzinfo=UTC), expires=expires)
    verdict = judge(signer, store, later)
    assert verdict.status is CheckStatus.PASSED
    assert [(note.code, note.severity) for note in verdict.notes] == [("signer-expired-since", severity)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ca": True}, ChainReason.SIGNER_IS_AUTHORITY),
        ({"usage": {"key_cert_sign"}}, ChainReason.SIGNER_WRONG_PURPOSE),
        ({"eku": "2.23.136.1.1.3"}, ChainReason.SIGNER_WRONG_PURPOSE),
        ({"eku": "2.23.136.1.1.8"}, ChainReason.SIGNER_WRONG_PURPOSE),
        ({"unknown_critical": True}, ChainReason.CRITICAL_EXTENSION),
    ],
)
def test_a_certificate_that_may_not_sign_documents_fails(
    authority: Any, csca: Any, store: AnchorStore, changes: dict[str, Any], reason: ChainReason
) -> None:
    """PA-19, PA-21."""
    verdict = judge(authority.ds(authority.key(), csca, **changes), store)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, reason)


@pytest.mark.parametrize("changes", [{"ca": None}, {"usage": {"digital_signature"}}])
def test_an_anchor_that_does_not_say_it_is_an_authority_vouches_for_nothing(
    authority: Any, csca: Any, changes: dict[str, Any]
) -> None:
    verdict = judge(authority.ds(authority.key(), csca), AnchorStore.of([authority.csca(csca, **changes)]))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChainReason.ANCHOR_NOT_AUTHORITY)


def test_what_is_out_of_the_ordinary_is_a_warning(authority: Any, csca: Any, store: AnchorStore) -> None:
    used = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    signer = authority.ds(authority.key(), csca, private_usage=used, usage=None, scheme=authority.scheme(digest="sha1"))
    verdict = judge(signer, store)
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["sha1-signature", "signer-without-key-usage", "outside-private-key-usage"]
    assert {note.severity for note in verdict.notes} == {"warning"}


def test_a_signing_time_in_the_future_and_an_anchor_of_later_are_warnings(authority: Any, csca: Any) -> None:
    store = AnchorStore.of([authority.csca(csca, begin=datetime(2026, 2, 1, tzinfo=UTC))])
    verdict = judge(authority.ds(authority.key(), csca), store, replace(DATES, signed=datetime(2027, 1, 1, tzinfo=UTC)))
    assert codes(verdict) == ["signed-in-the-future", "signer-outside-anchor-validity"]


def test_an_expired_anchor_still_vouches_for_what_it_signed(authority: Any, csca: Any) -> None:
    """PA-18."""
    store = AnchorStore.of([authority.csca(csca, end=datetime(2026, 6, 1, tzinfo=UTC))])
    verdict = judge(authority.ds(authority.key(), csca), store)
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["anchor-expired-since"]


def test_md5_never_vouches(authority: Any) -> None:
    key = authority.rsa_key()
    store = AnchorStore.of([authority.csca(key, scheme=authority.scheme("pkcs1"))])
    signer = authority.ds(authority.key(), key, scheme=authority.scheme("pkcs1", "md5"))
    assert judge(signer, store).reason == ChainReason.UNTRUSTED


def test_a_country_that_is_none_never_gets_into_evidence(authority: Any, csca: Any, store: AnchorStore) -> None:
    """Names are the maker's own words: a text in place of two letters is not repeated in a report."""
    signer = Certificate.parse(authority.ds(authority.key(), csca))
    wordy = tuple((oid, "nguyễn văn mẫu" if oid == "2.5.4.6" else text) for oid, text in signer.issuer.parts)
    strange = replace(signer, issuer=replace(signer.issuer, parts=wordy), subject=replace(signer.subject, parts=wordy))
    assert strange.country == ""
    assert dict(judge_chain(strange, TrustMaterial(store), DATES).verdict.evidence)["country"] == "none"
