"""What can be wrong with a Document Signer's certificate."""

from __future__ import annotations

from mock_cards import der
from mock_cards.issuing import alterations as alter
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificate_defect import CertificateDefect
from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.extensions import Extension, KeyUse
from mock_cards.issuing.lists import DEVIATION_LIST_SIGNER_USE, MASTER_LIST_SIGNER_USE

__all__ = ["SIGNER_DEFECTS"]

_UNKNOWN_EXTENSION = "2.25.999"
_RSA = KeyAlgorithm("rsa-2048")
_RSA_PSS = KeyAlgorithm("rsa-pss-2048")
_PROFILE = "ICAO 9303-12 §7.1.1"

SIGNER_DEFECTS: tuple[CertificateDefect, ...] = (
    CertificateDefect(
        "expired-ds",
        "ds.cer",
        "the signer's certificate ended yesterday",
        "RFC 5280 §4.1.2.5",
        alter.valid_days(-365, -1),
    ),
    CertificateDefect(
        "ds-not-yet-valid",
        "ds.cer",
        "the signer's certificate begins next month",
        "RFC 5280 §4.1.2.5",
        alter.valid_days(30, 4000),
    ),
    CertificateDefect(
        "ds-is-ca",
        "ds.cer",
        "the signer says that it is an authority",
        f"{_PROFILE}: a signer has no BasicConstraints",
        alter.with_extensions(ext.basic_constraints(path_length=None)),
    ),
    CertificateDefect(
        "ds-wrong-key-usage",
        "ds.cer",
        "the signer's key is for encrypting",
        f"{_PROFILE}: digitalSignature",
        alter.with_extensions(ext.key_usage(KeyUse.KEY_ENCIPHERMENT)),
    ),
    CertificateDefect(
        "wrong-eku",
        "ds.cer",
        "the certificate is a master list signer's",
        f"{_PROFILE}.4: a document signer has no ExtendedKeyUsage",
        alter.with_extensions(ext.extended_key_usage(MASTER_LIST_SIGNER_USE)),
    ),
    CertificateDefect(
        "deviation-list-eku",
        "ds.cer",
        "the certificate is a deviation list signer's",
        f"{_PROFILE}.4: a document signer has no ExtendedKeyUsage",
        alter.with_extensions(ext.extended_key_usage(DEVIATION_LIST_SIGNER_USE)),
    ),
    CertificateDefect(
        "unknown-critical-extension",
        "ds.cer",
        "the signer has a critical extension that nobody knows",
        "RFC 5280 §4.2",
        alter.with_extensions(Extension(_UNKNOWN_EXTENSION, der.NULL, critical=True)),
    ),
    CertificateDefect(
        "repeated-extension",
        "ds.cer",
        "KeyUsage stands there twice",
        "RFC 5280 §4.2",
        alter.repeated_extension,
    ),
    CertificateDefect(
        "document-type-mismatch",
        "ds.cer",
        "the signer may sign passports only",
        f"{_PROFILE}.6: the code of DG1 is listed",
        alter.with_extensions(ext.document_types(("P",))),
    ),
    CertificateDefect(
        "ds-without-document-types",
        "ds.cer",
        "the signer does not say which documents it signs",
        f"{_PROFILE}.6: DocumentTypeList is mandatory",
        alter.without_extension(ext.DOCUMENT_TYPE_LIST),
    ),
    CertificateDefect(
        "ds-private-key-usage-period",
        "ds.cer",
        "the signer's private key was in use for a day only, a year ago",
        f"{_PROFILE}.5",
        alter.key_in_use(-365, -364),
    ),
    CertificateDefect(
        "aki-differs",
        "ds.cer",
        "the signer names another key identifier than its issuer's",
        "RFC 5280 §4.2.1.1",
        alter.with_extensions(ext.authority_key_id(bytes(range(20)))),
    ),
    CertificateDefect(
        "ds-without-aki",
        "ds.cer",
        "the signer does not name its issuer's key",
        f"{_PROFILE}: AuthorityKeyIdentifier is mandatory",
        alter.without_extension(ext.AUTHORITY_KEY_ID),
    ),
    CertificateDefect(
        "issuer-written-otherwise",
        "ds.cer",
        "the issuer's name in other letters and spaces, the same once folded",
        "RFC 5280 §7.1: equal",
        alter.issuer_written_otherwise,
    ),
    CertificateDefect(
        "issuer-name-differs",
        "ds.cer",
        "the signer names another issuer; key identifier and signature are right",
        "RFC 5280 §6.1.3",
        alter.another_issuer_name,
    ),
    CertificateDefect(
        "ds-of-another-country",
        "ds.cer",
        "issuer VN, subject LA",
        f"{_PROFILE}: the same country",
        alter.subject_country("LA"),
    ),
    CertificateDefect(
        "times-without-seconds",
        "ds.cer",
        "UTCTime without seconds",
        "RFC 5280 §4.1.2.5.1",
        alter.times_without_seconds,
    ),
    CertificateDefect(
        "generalized-time-early",
        "ds.cer",
        "GeneralizedTime before 2050",
        "RFC 5280 §4.1.2.5",
        alter.generalized_times,
    ),
    CertificateDefect(
        "surplus-algorithm-parameters",
        "ds.cer",
        "NULL behind an ECDSA algorithm identifier",
        "RFC 5758 §3.2: absent",
        alter.algorithm_with_surplus,
    ),
    CertificateDefect(
        "inner-algorithm-differs",
        "ds.cer",
        "the algorithm inside the signed part is another than outside",
        "RFC 5280 §4.1.1.2",
        alter.inner_algorithm_differs,
    ),
    CertificateDefect(
        "ds-signature-broken",
        "ds.cer",
        "one bit of the signature under the signer's certificate is another",
        "RFC 5280 §6.1.3",
        spoil=alter.last_bit,
    ),
    CertificateDefect(
        "sha1", "ds.cer", "signed with SHA-1", "ICAO 9303-12 §4.4: SHA-224 at least", alter.signed_by("sha1")
    ),
    CertificateDefect(
        "md5",
        "ds.cer",
        "signed with MD5",
        "ICAO 9303-12 §4.4: SHA-224 at least",
        alter.signed_by("md5"),
        algorithm=_RSA,
    ),
    CertificateDefect(
        "ecdsa-plain",
        "ds.cer",
        "signed by ECDSA with r and s beside each other, as the identifier says",
        "BSI TR-03111 §5.2.1: allowed, not by RFC 5758",
        alter.by_ecdsa_plain,
    ),
    CertificateDefect(
        "pss-salt-0",
        "ds.cer",
        "PSS without a salt, as its parameters say",
        "RFC 4055 §3.1: allowed",
        alter.by_pss(salt_length=0),
        algorithm=_RSA_PSS,
    ),
    CertificateDefect(
        "pss-mgf-differs",
        "ds.cer",
        "PSS whose mask is of SHA-1 under SHA-256",
        "RFC 4055 §3.1: the same recommended",
        alter.by_pss(mgf_hash="sha1"),
        algorithm=_RSA_PSS,
    ),
    CertificateDefect(
        "pss-trailer-2",
        "ds.cer",
        "PSS parameters with trailer 2",
        "RFC 4055 §3.1: 1",
        alter.by_pss(trailer=2),
        algorithm=_RSA_PSS,
    ),
    CertificateDefect(
        "pss-without-parameters",
        "ds.cer",
        "PSS with every default: SHA-1, salt 20, MGF1 of SHA-1",
        "ICAO 9303-12 §4.4: parameters are mandatory",
        alter.pss_without_parameters,
        algorithm=_RSA_PSS,
    ),
)
"""Every defect of a Document Signer."""
