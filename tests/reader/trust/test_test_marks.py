"""Certificates of the test issuer are recognised whatever is spoilt about them, and nobody else's are."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from pathlib import Path

from mock_cards.issuing import certificates as issuing
from mock_cards.issuing import marks
from mock_cards.keys import seeded_rng
from reader.trust import AnchorStore, Certificate, TrustMaterial
from reader.trust.certificate import TEST_MARK, TEST_ORGANISATION

VALIDITY = issuing.Validity.of_years(date(2024, 1, 1), 15, 1825)


def country(**changes: object) -> Certificate:
    def alter(template: issuing.CertificateTemplate) -> issuing.CertificateTemplate:
        return replace(template, **changes)  # type: ignore[arg-type]  # any field may be altered

    made = issuing.make_country_signer(seeded_rng("marks"), VALIDITY, alter=alter)
    return Certificate.parse(made.certificate)


def test_both_sides_know_the_same_marks() -> None:
    assert marks.TEST_MARK_OID == TEST_MARK
    assert marks.TEST_ORGANISATION.casefold() == TEST_ORGANISATION


def test_the_mark_is_read_by_parsers_that_hold_an_arc_in_31_bits() -> None:
    assert all(int(arc) < 1 << 31 for arc in marks.TEST_MARK_OID.split("."))


def test_csca_and_document_signer_are_marked_twice() -> None:
    csca = issuing.make_country_signer(seeded_rng("marks"), VALIDITY)
    signer = issuing.make_document_signer(seeded_rng("signer"), csca, VALIDITY)
    for raw in (csca.certificate, signer.certificate):
        certificate = Certificate.parse(raw)
        assert certificate.extensions.test_mark
        assert certificate.subject.organisation == certificate.issuer.organisation == TEST_ORGANISATION
        assert certificate.is_test


def test_one_mark_is_enough() -> None:
    without_extensions = country(extensions=())
    assert not without_extensions.extensions.test_mark
    assert without_extensions.is_test
    elsewhere = issuing.distinguished_name("VN", "CSCA", "Somebody else")
    renamed = country(issuer=elsewhere, subject=elsewhere)
    assert renamed.subject.organisation == "somebody else"
    assert renamed.is_test


def test_a_certificate_with_neither_mark_is_no_test_certificate() -> None:
    elsewhere = issuing.distinguished_name("VN", "CSCA", "Một Cửa TESTING")
    assert not country(issuer=elsewhere, subject=elsewhere, extensions=()).is_test


def test_a_store_says_when_it_trusts_the_test_issuer(tmp_path: Path) -> None:
    csca = issuing.make_country_signer(seeded_rng("marks"), VALIDITY).certificate
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(csca) + b"-----END CERTIFICATE-----\n"
    (tmp_path / "innocent-name.pem").write_bytes(pem)
    assert TrustMaterial.load_directory(tmp_path).anchors.has_test_anchor
    assert not AnchorStore.of(()).has_test_anchor
    elsewhere = issuing.distinguished_name("VN", "CSCA", "Somebody else")
    real = country(issuer=elsewhere, subject=elsewhere)
    stripped = issuing.make_country_signer(
        seeded_rng("real"),
        VALIDITY,
        alter=lambda template: replace(
            template.without_extension(marks.TEST_MARK_OID), issuer=elsewhere, subject=elsewhere
        ),
    )
    assert AnchorStore.of((real.raw,)).has_test_anchor
    assert not AnchorStore.of((stripped.certificate,)).has_test_anchor
