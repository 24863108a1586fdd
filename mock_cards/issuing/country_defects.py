"""What can be wrong with a CSCA, with its links, and with who signs in its name."""

from __future__ import annotations

from mock_cards import der
from mock_cards.issuing import alterations as alter
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificate_defect import CertificateDefect
from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.extensions import Extension, KeyUse

__all__ = ["COUNTRY_DEFECTS"]

_UNKNOWN_EXTENSION = "2.25.999"
_PROFILE = "ICAO 9303-12 §7.1.1"

COUNTRY_DEFECTS: tuple[CertificateDefect, ...] = (
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
        "csca-of-another-country",
        "csca.cer",
        "the CSCA is another State's: it signs for VN and its own name says LA",
        "ICAO 9303-12 §7.1.1: the same country in issuer and subject",
        alter.other_name("LA"),
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
    CertificateDefect(
        "short-csca-key",
        "csca.cer",
        "the CSCA has an RSA key of 1024 bits",
        "ICAO 9303-12 §4.4: 3072 at least",
        algorithm=KeyAlgorithm("rsa-1024"),
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
"""Every defect of a CSCA."""
