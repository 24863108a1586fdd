"""Changes to a certificate before or after it is signed, each spoiling one thing and nothing else.

``defects`` gives them their public names. Made as functions of the template, so that every other byte stays right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from mock_cards import der
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificates import (
    CSCA_NAME,
    CertificateTemplate,
    CountrySigner,
    KeyAlgorithm,
    Validity,
    country_template,
    distinguished_name,
    key_id_of,
    make_country_signer,
    new_serial,
)
from mock_cards.issuing.extensions import Extension
from mock_cards.issuing.signatures import ecdsa_plain, pss
from mock_cards.keys import EcKey, RsaKey
from reader.crypto import Rng, multiply, random_scalar
from reader.iso7816 import encode, parse

__all__ = [
    "AlterCertificate",
    "MakeSecond",
    "algorithm_with_surplus",
    "altered_generator",
    "another_issuer_name",
    "by_ecdsa_plain",
    "by_pss",
    "exponent_one",
    "generalized_times",
    "inner_algorithm_differs",
    "issuer_written_otherwise",
    "key_in_use",
    "last_bit",
    "other_coefficient",
    "other_name",
    "pss_without_parameters",
    "repeated_extension",
    "same_key_id",
    "self_made",
    "serial_number",
    "signed_by",
    "subject_country",
    "times_without_seconds",
    "trailing_byte",
    "valid_days",
    "with_extensions",
    "without_extension",
]

_DAY = timedelta(days=1)


AlterCertificate = Callable[[CertificateTemplate, datetime], CertificateTemplate]
MakeSecond = Callable[[CountrySigner, Validity, Rng], CountrySigner]


def with_extensions(*extensions: Extension) -> AlterCertificate:
    """Put extensions in, in place of those of the same kind."""

    def alter(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
        for extension in extensions:
            template = template.with_extension(extension)
        return template

    return alter


def without_extension(oid: str) -> AlterCertificate:
    """Leave an extension out."""
    return lambda template, _at: template.without_extension(oid)


def serial_number(number: int) -> AlterCertificate:
    """Give another serial number."""
    return lambda template, _at: replace(template, serial=number)


def valid_days(begin: int, end: int) -> AlterCertificate:
    """Move the validity: days before or after the moment the PKI is made for."""

    def alter(template: CertificateTemplate, at: datetime) -> CertificateTemplate:
        times = der.time(at + begin * _DAY), der.time(at + end * _DAY)
        return replace(template, validity=der.sequence(*times))

    return alter


def key_in_use(begin: int, end: int) -> AlterCertificate:
    """Move the private key's usage period: days before or after the moment the PKI is made for."""

    def alter(template: CertificateTemplate, at: datetime) -> CertificateTemplate:
        return template.with_extension(ext.private_key_usage(at + begin * _DAY, at + end * _DAY))

    return alter


def other_name(country: str) -> AlterCertificate:
    """Give a CSCA a name with another country code, as subject and issuer."""

    def alter(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
        name = distinguished_name(country, CSCA_NAME)
        return replace(template, issuer=name, subject=name)

    return alter


def subject_country(country: str) -> AlterCertificate:
    """Name another country in the subject than in the issuer."""

    def alter(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
        return replace(template, subject=distinguished_name(country, "TEST Document Signer"))

    return alter


def issuer_written_otherwise(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Write the issuer in other letters and spaces: equal by RFC 5280 §7.1, though no byte comparison says so."""
    name = distinguished_name("VN", "test  CSCA  mot cua,  NOT vietnam's ", "MỘT CỬA  TEST")
    return replace(template, issuer=name)


def another_issuer_name(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Name another issuer than the one that signs."""
    return replace(template, issuer=distinguished_name("VN", "TEST CSCA of another name"))


def times_without_seconds(template: CertificateTemplate, at: datetime) -> CertificateTemplate:
    """Write the validity in UTCTime without seconds."""
    begin, end = at - 365 * _DAY, at + 3650 * _DAY
    times = (encode(0x17, moment.strftime("%y%m%d%H%MZ").encode()) for moment in (begin, end))
    return replace(template, validity=der.sequence(*times))


def generalized_times(template: CertificateTemplate, at: datetime) -> CertificateTemplate:
    """Write the validity in GeneralizedTime though it ends before 2050."""
    begin, end = at - 365 * _DAY, at + 3650 * _DAY
    times = (encode(0x18, der.generalized_time(moment)) for moment in (begin, end))
    return replace(template, validity=der.sequence(*times))


def algorithm_with_surplus(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Put NULL behind an algorithm that has no parameters."""
    identifier = template.scheme.identifier
    surplus = der.sequence(identifier[2 : 2 + identifier[1]], der.NULL)
    return replace(template, scheme=replace(template.scheme, identifier=surplus))


def inner_algorithm_differs(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Name another algorithm inside the signed part than outside."""
    return replace(template, inner_algorithm=KeyAlgorithm("brainpoolP256r1", "sha224").scheme.identifier)


def repeated_extension(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Let KeyUsage stand there twice."""
    usage = next(one for one in template.extensions if one.oid == ext.KEY_USAGE)
    return replace(template, extensions=(*template.extensions, usage))


def signed_by(hash_name: str) -> AlterCertificate:
    """Sign with another hash."""

    def alter(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
        kind = {"rsa-pkcs1": "rsa-2048", "rsa-pss": "rsa-pss-2048"}.get(template.scheme.name, "brainpoolP512r1")
        return replace(template, scheme=KeyAlgorithm(kind, hash_name).scheme)

    return alter


def by_ecdsa_plain(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Sign by ECDSA with a plain signature; raise ValueError for an RSA key."""
    if template.scheme.name != "ecdsa":
        raise ValueError("ecdsa-plain wants a CSCA on an elliptic curve")
    return replace(template, scheme=ecdsa_plain(template.scheme.hash_name))


def by_pss(hash_name: str = "sha256", **parameters: int | str) -> AlterCertificate:
    """Sign by PSS with unusual parameters."""
    scheme = pss(hash_name, **parameters)  # type: ignore[arg-type]  # the names are those of ``pss``
    return lambda template, _at: replace(template, scheme=scheme)


def pss_without_parameters(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Sign by PSS with absent parameters: SHA-1, a salt of twenty bytes, MGF1 with SHA-1 (RFC 4055 §3.1)."""
    scheme = pss("sha1", salt_length=20)
    bare = der.sequence(der.object_identifier("1.2.840.113549.1.1.10"), der.sequence())
    return replace(template, scheme=replace(scheme, identifier=bare))


def other_coefficient(template: CertificateTemplate, _at: datetime) -> CertificateTemplate:
    """Change the last bit of b in explicit parameters; raise ValueError where they are not spelt out."""
    parameters = parse(template.public_key).children()[0].children()[1]
    if parameters.tag != 0x30:
        raise ValueError("altered-coefficient wants explicit parameters")
    b = parameters.children()[2].children()[1].value
    changed = b[:-1] + bytes((b[-1] ^ 1,))
    return replace(template, public_key=template.public_key.replace(b, changed, 1))


def last_bit(raw: bytes) -> bytes:
    """Flip the last bit: of a signature it is a number in range, but not the right one."""
    return raw[:-1] + bytes((raw[-1] ^ 1,))


def trailing_byte(raw: bytes) -> bytes:
    """Append a byte."""
    return raw + b"\x00"


def self_made(country: CountrySigner, validity: Validity, rng: Rng) -> CountrySigner:
    """Copy name and key identifier, with a key of one's own."""
    return make_country_signer(rng, validity, key_id=country.key_id, name=country.name)


def altered_generator(country: CountrySigner, validity: Validity, rng: Rng) -> CountrySigner:
    """Share the genuine CSCA's public point, by a generator for which the forger knows the private key.

    With Q the genuine point and s any number, the generator is s⁻¹ · Q: then Q = s · G', and whoever compares the point
    but not the parameters takes the forger's signatures for the State's (CVE-2020-0601).
    """
    if not isinstance(country.key, EcKey):
        raise ValueError("altered-generator wants a CSCA on an elliptic curve")
    curve, point = country.key.curve, country.key.point
    scalar = random_scalar(curve, rng)
    base = multiply(curve, pow(scalar, -1, curve.n), point)
    key = EcKey(replace(curve, gx=base.x, gy=base.y), scalar, point)
    template = country_template(key, country.name, validity, new_serial(rng), country.scheme)
    return CountrySigner(key, template.issue(key), country.key_id, country.name, country.scheme)


def same_key_id(country: CountrySigner, validity: Validity, rng: Rng) -> CountrySigner:
    """Give a second genuine CSCA the first one's key identifier, by a name of its own."""
    name = distinguished_name("VN", "TEST CSCA Mot Cua, second")
    return make_country_signer(rng, validity, key_id=country.key_id, name=name)


def exponent_one(_country: CountrySigner, validity: Validity, rng: Rng) -> CountrySigner:
    """Make an RSA key whose public exponent is 1: every padded hash is its own signature."""
    made = KeyAlgorithm("rsa-2048").new_key(rng)
    if isinstance(made, EcKey):
        raise TypeError("rsa-2048 makes RSA keys")
    key = RsaKey(made.modulus, 1, 1)
    name = distinguished_name("VN", "TEST CSCA Mot Cua, exponent 1")
    template = country_template(key, name, validity, new_serial(rng), KeyAlgorithm("rsa-2048").scheme)
    return CountrySigner(key, template.issue(key), key_id_of(key), name, template.scheme)
