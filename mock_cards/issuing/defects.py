"""What can be wrong with certificates, by name: one change each, and the rule that it breaks.

Each defect spoils one file of the PKI that ``pki`` makes. A verifier must face them all; not all of them make a
document false, and ``rule`` says which clause is broken, not what a verdict must be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_cards import der
from mock_cards.issuing import alterations as alter
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.extensions import Extension, KeyUse
from mock_cards.issuing.lists import DEVIATION_LIST_SIGNER_USE, MASTER_LIST_SIGNER_USE

__all__ = ["CERTIFICATE_DEFECTS", "CertificateDefect"]

_UNKNOWN_EXTENSION = "2.25.999"


@dataclass(frozen=True, slots=True)
class CertificateDefect:
    """Name a defect of a certificate: the file it spoils, what is done, and the clause it breaks.

    ``change`` is made to the template, ``spoil`` to the signed bytes. ``algorithm`` is the kind of key that the CSCA
    must have for it. ``second`` makes another CSCA, which then signs the Document Signer; ``second_is_anchor`` says
    whether a verifier is to hold it.
    """

    name: str
    file: str
    about: str
    rule: str
    change: alter.AlterCertificate | None = None
    spoil: Callable[[bytes], bytes] | None = None
    algorithm: KeyAlgorithm | None = None
    second: alter.MakeSecond | None = None
    second_is_anchor: bool = False


_RSA = KeyAlgorithm("rsa-2048")
_RSA_PSS = KeyAlgorithm("rsa-pss-2048")
_PROFILE = "ICAO 9303-12 §7.1.1"

CERTIFICATE_DEFECTS: tuple[CertificateDefect, ...] = (
    # --- the CSCA ---
    CertificateDefect(
        "csca-expired",
        "csca.cer",
        "the CSCA certificate ended last month; it was valid when the signer began",
        "RFC 5280 §4.1.2.5",
        alter.valid_days(-3650, -30),
    ),
    CertificateDefect(
        "csca-without-basic-constraints",
        "csca.cer",
        "the CSCA does not say that it is an authority",
        f"{_PROFILE}: BasicConstraints is mandatory",
        alter.without_extension(ext.BASIC_CONSTRAINTS),
    ),
    CertificateDefect(
        "csca-is-no-ca",
        "csca.cer",
        "BasicConstraints says that the CSCA is no authority",
        f"{_PROFILE}: cA is TRUE",
        alter.with_extensions(ext.basic_constraints(is_ca=False, path_length=None)),
    ),
    CertificateDefect(
        "pathlen-1",
        "csca.cer",
        "the CSCA allows another authority below itself",
        f"{_PROFILE}: pathLenConstraint is 0",
        alter.with_extensions(ext.basic_constraints(path_length=1)),
    ),
    CertificateDefect(
        "csca-without-key-cert-sign",
        "csca.cer",
        "the CSCA's key is for revocation lists only",
        f"{_PROFILE}: keyCertSign and cRLSign",
        alter.with_extensions(ext.key_usage(KeyUse.CRL_SIGN)),
    ),
    CertificateDefect(
        "csca-without-key-usage",
        "csca.cer",
        "the CSCA does not say what its key is for",
        f"{_PROFILE}: KeyUsage is mandatory",
        alter.without_extension(ext.KEY_USAGE),
    ),
    CertificateDefect(
        "csca-without-ski",
        "csca.cer",
        "the CSCA has no key identifier to be found by",
        f"{_PROFILE}: SubjectKeyIdentifier is mandatory",
        alter.without_extension(ext.SUBJECT_KEY_ID),
    ),
    CertificateDefect(
        "csca-unknown-critical-extension",
        "csca.cer",
        "the CSCA has a critical extension that nobody knows",
        "RFC 5280 §4.2",
        alter.with_extensions(Extension(_UNKNOWN_EXTENSION, der.NULL, critical=True)),
    ),
    CertificateDefect(
        "lower-case-country",
        "csca.cer",
        "the country in the CSCA's name is vn",
        f"{_PROFILE}: upper case",
        alter.other_name("vn"),
    ),
    CertificateDefect(
        "three-letter-country",
        "csca.cer",
        "the country in the CSCA's name is VNM, as in the MRZ",
        f"{_PROFILE}: two letters of ISO 3166-1",
        alter.other_name("VNM"),
    ),
    CertificateDefect(
        "negative-serial",
        "csca.cer",
        "the CSCA's serial number is negative",
        f"{_PROFILE}: positive",
        alter.serial_number(-(1 << 63) + 7),
    ),
    CertificateDefect(
        "zero-serial", "csca.cer", "the CSCA's serial number is 0", "RFC 5280 §4.1.2.2", alter.serial_number(0)
    ),
    CertificateDefect(
        "long-serial",
        "csca.cer",
        "the CSCA's serial number has 25 bytes",
        "RFC 5280 §4.1.2.2: 20 at most",
        alter.serial_number((1 << 199) - 1),
    ),
    CertificateDefect(
        "csca-signature-broken",
        "csca.cer",
        "one bit of the CSCA's signature by itself is another",
        "RFC 5280 §4.1.1.3",
        spoil=alter.last_bit,
    ),
    CertificateDefect(
        "trailing-byte",
        "csca.cer",
        "a byte follows the certificate",
        "X.690 §10",
        spoil=alter.trailing_byte,
    ),
    CertificateDefect(
        "altered-coefficient",
        "csca.cer",
        "the last bit of b in the CSCA's explicit parameters is another",
        "ICAO 9303-12 §4.4; BSI TR-03111 §4.1.3",
        alter.other_coefficient,
    ),
    CertificateDefect(
        "private-key-usage-period",
        "csca.cer",
        "the CSCA's private key was out of use before the signer began",
        f"{_PROFILE}.5",
        alter.key_in_use(-730, -700),
    ),
    # --- another CSCA signs ---
    CertificateDefect(
        "altered-generator",
        "csca-second.cer",
        "a forged CSCA with the genuine one's point and name, and a generator of the forger's (CVE-2020-0601)",
        "BSI TR-03111 §4.1.3",
        second=alter.altered_generator,
    ),
    CertificateDefect(
        "csca-self-made",
        "csca-second.cer",
        "a CSCA with the genuine one's name and key identifier, not its key",
        "RFC 5280 §6.1",
        second=alter.self_made,
    ),
    CertificateDefect(
        "same-ski-other-key",
        "csca-second.cer",
        "two genuine CSCAs with one key identifier; the second one signs",
        "RFC 5280 §4.2.1.2: SHOULD be unique",
        second=alter.same_key_id,
        second_is_anchor=True,
    ),
    CertificateDefect(
        "exponent-1",
        "csca-second.cer",
        "a CSCA whose RSA exponent is 1, so that anybody signs for it",
        "RFC 8017 §3.1: 3 at least",
        second=alter.exponent_one,
        second_is_anchor=True,
    ),
    # --- the Document Signer ---
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
        "short-csca-key",
        "csca.cer",
        "the CSCA has an RSA key of 1024 bits",
        "ICAO 9303-12 §4.4: 3072 at least",
        algorithm=KeyAlgorithm("rsa-1024"),
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
    # --- links ---
    CertificateDefect(
        "link-signature-broken",
        "csca-link.cer",
        "one bit of the link's signature is another",
        "RFC 5280 §6.1.3",
        spoil=alter.last_bit,
    ),
    CertificateDefect(
        "name-change-unsaid",
        "csca-name-change.cer",
        "the name changes and no extension says so",
        f"{_PROFILE}.7: NameChange is mandatory",
        alter.without_extension(ext.NAME_CHANGE),
    ),
)
"""Every defect of a certificate."""
