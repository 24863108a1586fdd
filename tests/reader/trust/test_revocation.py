"""Revocation lists: read once into an index, believed by signature only (chip-reading 4.3, PA-26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards import der
from mock_cards.issuing import Pki, PkiOrder, make_pki
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificates import CountrySigner, Validity, distinguished_name, make_country_signer
from mock_cards.issuing.extensions import Extension
from mock_cards.issuing.revocation import CrlTemplate, Revoked, crl_template
from mock_cards.keys import seeded_rng
from reader.errors import DataError
from reader.trust import (
    AnchorStore,
    Certificate,
    DocumentDates,
    RevocationList,
    RevocationLists,
    RevocationReason,
    RevokedSerials,
    TrustMaterial,
    judge_chain,
    judge_revocation,
)
from reader.trust.crl import MAX_CRL_BYTES, CrlRefused
from reader.verdict import CheckStatus, Verdict

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
P, F, I = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.INCONCLUSIVE  # noqa: E741  # as in the table of reasons


@cache
def pki(*defects: str) -> Pki:
    return make_pki(PkiOrder("revocation", AT, defects=defects))


@pytest.fixture(scope="module")
def sound() -> Pki:
    return pki()


@pytest.fixture(scope="module")
def country() -> CountrySigner:
    validity = Validity.of_years((AT - 700 * DAY).date(), 15, 1825)
    return make_country_signer(seeded_rng("revocation"), validity)


@pytest.fixture(scope="module")
def anchors(country: CountrySigner) -> AnchorStore:
    return AnchorStore.of([country.certificate])


def judged(made: Pki, moment: datetime = AT) -> Verdict:
    trust = TrustMaterial.of(made.anchors, [made["csca.crl"]])
    signer = Certificate.parse(made["ds.cer"])
    chain = judge_chain(signer, trust, DocumentDates(moment, AT - 30 * DAY))
    return judge_revocation(signer, chain.anchor, trust.revocation, moment)


@pytest.mark.parametrize(
    ("defect", "status", "reason"),
    [
        ("", P, RevocationReason.GOOD),
        ("revoked-ds", F, RevocationReason.REVOKED),
        ("crl-expired", I, RevocationReason.EXPIRED),
        ("crl-not-yet-valid", I, RevocationReason.NOT_YET_VALID),
        ("crl-wrong-issuer", I, RevocationReason.NO_LIST),
        ("crl-other-key", I, RevocationReason.NO_LIST),
        ("crl-signature-broken", I, RevocationReason.NO_LIST),
        ("crl-without-next-update", P, RevocationReason.GOOD),
        ("crl-without-number", P, RevocationReason.GOOD),
        ("crl-without-aki", P, RevocationReason.GOOD),
        ("crl-delta", I, RevocationReason.NO_LIST),
        ("crl-version-1", P, RevocationReason.GOOD),
        ("crl-trailing-byte", I, RevocationReason.NO_LIST),
    ],
)
def test_a_list_proves_what_it_can(defect: str, status: CheckStatus, reason: RevocationReason) -> None:
    """PA-26: revoked, good, expired, wrong issuer; a list that is not right is as good as none."""
    verdict = judged(pki(defect) if defect else pki())
    assert (verdict.status, verdict.reason) == (status, reason)


def test_without_a_list_nothing_is_passed(sound: Pki) -> None:
    """PA-26: absent is Inconclusive, never Passed."""
    signer = Certificate.parse(sound["ds.cer"])
    trust = TrustMaterial.of(sound.anchors)
    anchor = judge_chain(signer, trust, DocumentDates(AT, AT)).anchor
    verdict = judge_revocation(signer, anchor, trust.revocation, AT)
    assert (verdict.status, verdict.reason) == (I, RevocationReason.NO_LIST)


def test_a_signer_whose_issuer_is_not_known_is_in_no_list(sound: Pki) -> None:
    verdict = judge_revocation(Certificate.parse(sound["ds.cer"]), None, RevocationLists(), AT)
    assert (verdict.status, verdict.reason) == (I, RevocationReason.NO_ISSUER)


def test_a_list_that_has_expired_still_tells_who_was_revoked() -> None:
    later = AT + 400 * DAY
    assert judged(pki("revoked-ds"), later).reason == RevocationReason.REVOKED
    assert judged(pki(), later).reason == RevocationReason.EXPIRED


def test_the_evidence_names_the_list_and_the_day() -> None:
    evidence = dict(judged(pki("revoked-ds")).evidence)
    assert evidence["revoked-on"] == "2026-10-25"
    assert (evidence["list-number"], evidence["list-entries"]) == ("7", "1")
    assert (evidence["list-issued"], evidence["list-expires"]) == ("2026-10-31", "2027-01-29")


def signer_under(country: CountrySigner, serial: int, **changes: Any) -> Certificate:
    from mock_cards.issuing.certificates import make_document_signer

    validity = Validity.of_years((AT - 300 * DAY).date(), 10, 90)
    made = make_document_signer(
        seeded_rng("signer"), country, validity, alter=lambda template: replace(template, serial=serial, **changes)
    )
    return Certificate.parse(made.certificate)


def held(country: CountrySigner, anchors: AnchorStore, template: CrlTemplate | None = None) -> RevocationLists:
    template = template or crl_template(country, AT - DAY, 1)
    return RevocationLists.of([template.issue(country.key)], anchors)


@pytest.mark.parametrize("serial", [-5, 0, 1, 127, 128, 255, 256, 2**64, -(2**63)])
def test_any_serial_number_is_found(country: CountrySigner, anchors: AnchorStore, serial: int) -> None:
    """PA-28: a serial of zero or below is a number like any other."""
    others = [Revoked(number, AT - DAY) for number in (2, 3, -7, 2**40)]
    lists = held(country, anchors, crl_template(country, AT - DAY, 1, Revoked(serial, AT - 2 * DAY, None), *others))
    assert judge_revocation(signer_under(country, serial), anchors.anchors[0], lists, AT).status is F
    assert judge_revocation(signer_under(country, serial + 4), anchors.anchors[0], lists, AT).status is P


def test_an_authority_that_was_revoked_vouches_for_nobody(country: CountrySigner, anchors: AnchorStore) -> None:
    own = anchors.anchors[0].certificate.serial
    lists = held(country, anchors, crl_template(country, AT - DAY, 1, Revoked(own, AT - 2 * DAY)))
    verdict = judge_revocation(signer_under(country, 9), anchors.anchors[0], lists, AT)
    assert (verdict.status, verdict.reason) == (F, RevocationReason.ANCHOR_REVOKED)


def test_a_list_under_the_new_key_answers_for_what_the_old_one_signed(country: CountrySigner) -> None:
    """ICAO 9303-12 §3.1: one CSCA, one list, whatever its keys; the name joins them."""
    validity = Validity.of_years((AT - 100 * DAY).date(), 15, 1825)
    new = make_country_signer(seeded_rng("new key"), validity, name=country.name)
    anchors = AnchorStore.of([country.certificate, new.certificate])
    lists = held(new, anchors, crl_template(new, AT - DAY, 2, Revoked(9, AT - DAY)))
    old_anchor = next(anchor for anchor in anchors.anchors if anchor.raw == country.certificate)
    assert judge_revocation(signer_under(country, 9), old_anchor, lists, AT).status is F
    assert judge_revocation(signer_under(country, 10), old_anchor, lists, AT).status is P


def test_after_a_change_of_name_the_list_says_the_name_it_had(country: CountrySigner) -> None:
    """ICAO 9303-12 §7.1.4, note 1: the former name stands in issuerAltName."""
    validity = Validity.of_years((AT - 100 * DAY).date(), 15, 1825)
    new = make_country_signer(seeded_rng("new name"), validity, name=distinguished_name("VN", "TEST renamed"))
    anchors = AnchorStore.of([country.certificate, new.certificate])
    old_anchor = next(anchor for anchor in anchors.anchors if anchor.raw == country.certificate)
    silent = crl_template(new, AT - DAY, 2)
    assert judge_revocation(signer_under(country, 9), old_anchor, held(new, anchors, silent), AT).status is I
    former = Extension("2.5.29.18", der.sequence(der.explicit(4, country.name), der.implicit(1, b"a@b.example")))
    telling = replace(silent, extensions=(*silent.extensions, former))
    assert judge_revocation(signer_under(country, 9), old_anchor, held(new, anchors, telling), AT).status is P


def test_a_list_of_another_state_says_nothing(country: CountrySigner) -> None:
    validity = Validity.of_years((AT - 100 * DAY).date(), 15, 1825)
    other = make_country_signer(seeded_rng("other"), validity, name=distinguished_name("LA", "TEST CSCA"))
    anchors = AnchorStore.of([country.certificate, other.certificate])
    lists = held(other, anchors, crl_template(other, AT - DAY, 1, Revoked(9, AT - DAY)))
    assert len(lists) == 1
    ours = next(anchor for anchor in anchors.anchors if anchor.country == "VN")
    assert judge_revocation(signer_under(country, 9), ours, lists, AT).reason == RevocationReason.NO_LIST


def test_of_several_lists_the_newest_counts_and_each_may_revoke(country: CountrySigner, anchors: AnchorStore) -> None:
    old = crl_template(country, AT - 80 * DAY, 1, Revoked(9, AT - 90 * DAY))
    new = crl_template(country, AT - DAY, 2)
    lists = RevocationLists.of([new.issue(country.key), old.issue(country.key)], anchors)
    good = judge_revocation(signer_under(country, 8), anchors.anchors[0], lists, AT)
    assert dict(good.evidence)["list-number"] == "2"
    assert judge_revocation(signer_under(country, 9), anchors.anchors[0], lists, AT).status is F


def test_who_may_not_sign_lists_signs_none(country: CountrySigner) -> None:
    validity = Validity.of_years((AT - 700 * DAY).date(), 15, 1825)
    only_certificates = make_country_signer(
        seeded_rng("no crl"),
        validity,
        alter=lambda template: template.with_extension(ext.key_usage(ext.KeyUse.KEY_CERT_SIGN)),
    )
    anchors = AnchorStore.of([only_certificates.certificate])
    lists = held(only_certificates, anchors)
    assert [refused.reason for refused in lists.refused] == ["signer-may-not-sign-lists"]
    assert held(country, AnchorStore()).refused[0].reason == "no-trust-anchor"


def test_a_list_whose_key_usage_nobody_restricted_is_believed(country: CountrySigner) -> None:
    validity = Validity.of_years((AT - 700 * DAY).date(), 15, 1825)
    free = make_country_signer(
        seeded_rng("free"), validity, alter=lambda template: template.without_extension(ext.KEY_USAGE)
    )
    assert len(held(free, AnchorStore.of([free.certificate]))) == 1


def test_sha1_under_a_list_is_a_warning(authority: Any) -> None:
    """PA-06, for lists as for signatures."""
    content = RevocationList.parse(pki()["csca.crl"])
    weak = replace(content, algorithm=replace(content.algorithm, hash_name="sha1"))
    made = pki()
    anchors = AnchorStore.of(made.anchors)
    lists = RevocationLists((replace(RevocationLists.verify(content, anchors), content=weak),))
    signer = Certificate.parse(made["ds.cer"])
    anchor = judge_chain(signer, TrustMaterial(anchors), DocumentDates(AT, AT)).anchor
    verdict = judge_revocation(signer, anchor, lists, AT)
    assert [(note.code, note.severity) for note in verdict.notes] == [("sha1-signature", "warning")]


def extended(template: CrlTemplate, oid: str, value: bytes, *, critical: bool = False) -> CrlTemplate:
    return replace(template, extensions=(*template.extensions, Extension(oid, value, critical)))


@pytest.mark.parametrize(
    ("oid", "value", "critical", "reason"),
    [
        ("2.5.29.27", der.integer(1), True, "delta-list"),
        ("2.5.29.28", der.sequence(), True, "partial-list"),
        ("2.5.29.28", der.sequence(), False, "partial-list"),
        ("1.2.3.4", b"\x05\x00", True, "unknown-critical-extension"),
    ],
)
def test_a_list_that_leaves_something_open_is_refused_with_the_reason(
    country: CountrySigner, anchors: AnchorStore, oid: str, value: bytes, critical: bool, reason: str
) -> None:
    template = extended(crl_template(country, AT, 1), oid, value, critical=critical)
    assert [refused.reason for refused in held(country, anchors, template).refused] == [reason]


def test_an_extension_that_demands_nothing_is_passed_over(country: CountrySigner, anchors: AnchorStore) -> None:
    assert len(held(country, anchors, extended(crl_template(country, AT, 1), "1.2.3.4", b"\x05\x00"))) == 1


class Odd(Revoked):
    """Write an entry with extensions of choice."""

    extensions: tuple[Extension, ...] = ()

    def encoded(self) -> bytes:
        extensions = der.sequence(*(extension.encoded() for extension in self.extensions))
        return der.sequence(der.integer(self.serial), der.time(self.since), extensions)


@pytest.mark.parametrize(
    ("extension", "reason"),
    [
        (Extension("2.5.29.29", der.sequence(), True), "indirect-list"),
        (Extension("1.2.3.4", b"\x05\x00", True), "unknown-critical-extension"),
    ],
)
def test_an_entry_that_speaks_for_another_issuer_makes_the_list_no_list(
    country: CountrySigner, anchors: AnchorStore, extension: Extension, reason: str
) -> None:
    entry = Odd(9, AT - DAY)
    object.__setattr__(entry, "extensions", (extension,))
    template = crl_template(country, AT - DAY, 1, Revoked(1, AT - DAY), entry)
    assert [refused.reason for refused in held(country, anchors, template).refused] == [reason]


def test_a_hundred_thousand_entries_are_indexed(country: CountrySigner) -> None:
    serials = [number * 7919 + 3 for number in range(100_000)]
    moment = der.time(AT - DAY)
    entries = b"".join(der.sequence(der.integer(serial), moment) for serial in serials)
    content = RevocationList.parse(_with_entries(country, der.sequence(entries)))
    assert len(content.revoked) == 100_000
    assert all(content.revoked.revoked_on(serial) == AT - DAY for serial in serials[::997])
    assert not any(content.revoked.revoked_on(serial + 1) for serial in serials[::997])
    again = RevokedSerials(content.revoked.width, content.revoked.records)
    assert again == content.revoked
    assert repr(again) == "RevokedSerials(100000)"


def _with_entries(country: CountrySigner, entries: bytes) -> bytes:
    """Put encoded entries into an unsigned list."""
    scheme = country.scheme.identifier
    body = der.sequence(scheme, country.name, der.time(AT), der.time(AT + DAY), entries)
    return der.sequence(body, scheme, der.bit_string(b"\x00"))


MOMENT = der.time(AT)


@pytest.mark.parametrize(
    "entries",
    [
        der.sequence(b"\x04\x00"),
        der.sequence(der.sequence(b"\x02\x00", MOMENT)),
        der.sequence(der.sequence(der.integer(1), b"\x05\x00")),
        der.sequence(der.sequence(der.octet_string(b"\x01"), MOMENT)),
        der.sequence(der.sequence(der.integer(1 << 600), MOMENT)),
        der.sequence(der.sequence(der.integer(1))),
        der.set_of(der.sequence(der.integer(1), MOMENT)),
        der.sequence(der.sequence(der.integer(1), MOMENT)) + b"\x05\x00",
        der.sequence(der.set_of(der.integer(1), MOMENT)),
    ],
)
def test_malformed_entries_are_an_error(country: CountrySigner, entries: bytes) -> None:
    with pytest.raises(DataError):
        RevocationList.parse(_with_entries(country, entries))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30\x00",
        der.sequence(der.sequence(), der.sequence(), b"\x04\x01\x00"),
        der.sequence(der.sequence(), der.sequence(), der.bit_string(b"")),
        bytes(MAX_CRL_BYTES + 1),
    ],
)
def test_what_is_no_list_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        RevocationList.parse(raw)


@given(place=st.integers(0, 2_000), value=st.integers(0, 255))
def test_a_damaged_list_is_refused_or_not_believed(place: int, value: int) -> None:
    """Any byte may change: then the list is malformed, refused, or signed by nobody."""
    made = pki("revoked-ds")
    raw = bytearray(made["csca.crl"])
    place %= len(raw)
    if raw[place] == value:
        return
    raw[place] = value
    lists = RevocationLists.of([bytes(raw)], AnchorStore.of(made.anchors))
    assert len(lists.lists) + len(lists.refused) == 1
    if lists.lists:  # a byte that is neither signed nor part of the signature's numbers
        assert bytes(raw[:place]) + b"?" + bytes(raw[place + 1 :]) != made["csca.crl"]
        assert lists.lists[0].content.tbs == RevocationList.parse(made["csca.crl"]).tbs


def test_reprs_hold_numbers_only(sound: Pki) -> None:
    lists = TrustMaterial.of(sound.anchors, [sound["csca.crl"]]).revocation
    assert repr(lists) == "RevocationLists(1 lists, 0 refused)"
    assert repr(lists.lists[0].content) == "RevocationList(VN, number 7, 0 revoked)"
    with pytest.raises(CrlRefused):
        RevocationLists.verify(lists.lists[0].content, AnchorStore())
