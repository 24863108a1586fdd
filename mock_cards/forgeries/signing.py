"""Signed by somebody who may not, or not so: the Document Signer, its certificate, the signature over EF.SOD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from mock_cards import der
from mock_cards.forgeries.forgery import ATTENTION, PROCEED, STOP, Forgery, Make, month_of_issue
from mock_cards.issuing import REVOKED_SERIAL, IssuedCard, Issuer, signing_time
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificates import SIGNER_ALGORITHM, Alter, CertificateTemplate, Validity, distinguished_name
from mock_cards.issuing.extensions import Extension, KeyUse
from reader.crypto import Curve, curve_by_name, decode_point, generator, multiply
from reader.iso7816 import parse

__all__ = ["SIGNERS"]

_BACKDATED_DAYS = 30
_MASTER_LIST_SIGNER, _DEVIATION_LIST_SIGNER = "2.23.136.1.1.3", "2.23.136.1.1.8"
_UNKNOWN_EXTENSION = Extension("1.3.6.1.4.1.32473.1.1", der.NULL, critical=True)  # RFC 5612: an arc for examples
_OTHER_KEY_ID = bytes(range(20))


def _self_made_csca(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return issuer.sign(card, issuer.document_signer(month_of_issue(card), issuer.impostor()))


def _csca_of_own_key_id(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    impostor = replace(issuer.impostor(), key_id=_OTHER_KEY_ID)
    return issuer.sign(card, issuer.document_signer(month_of_issue(card), impostor))


def _signer_not_yet_valid(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    begin = signing_time(card.persona.card).date() + timedelta(days=_BACKDATED_DAYS)
    return issuer.sign(card, issuer.document_signer(begin))


def _signer_expired(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    begin = signing_time(card.persona.card).date() - timedelta(days=366)
    return issuer.sign(card, issuer.document_signer(begin, alter=_valid_for_a_month(begin)))


def _valid_for_a_month(begin: date) -> Alter:
    validity = Validity.of_years(begin, 0, 31)
    short = replace(validity, not_after=validity.not_before + timedelta(days=31))
    return lambda template: replace(template, validity=short.encoded())


def _key_no_longer_in_use(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return issuer.sign(card, issuer.document_signer(signing_time(card.persona.card).date() - timedelta(days=200)))


def _by_signer(alter: Alter) -> Make:
    """Have a Document Signer sign whose certificate the real CSCA issued so."""
    return lambda card, issuer: issuer.sign(card, issuer.document_signer(month_of_issue(card), alter=alter))


def _with(*extensions: Extension) -> Alter:
    def alter(template: CertificateTemplate) -> CertificateTemplate:
        for extension in extensions:
            template = template.with_extension(extension)
        return template

    return alter


def _without(oid: str) -> Alter:
    return lambda template: template.without_extension(oid)


def _subject(country: str) -> Alter:
    return lambda template: replace(template, subject=distinguished_name(country, "TEST Document Signer elsewhere"))


def _written_out(template: CertificateTemplate) -> CertificateTemplate:
    """Spell the parameters of the signer's curve out, as they are."""
    return replace(template, public_key=_spelt_out(template, lambda curve: curve))


def _by_another_generator(template: CertificateTemplate) -> CertificateTemplate:
    """Spell them out with another generator: a point of the curve all the same (CVE-2020-0601)."""

    def other(curve: Curve) -> Curve:
        twice = multiply(curve, 2, generator(curve))
        return replace(curve, gx=twice.x, gy=twice.y)

    return replace(template, public_key=_spelt_out(template, other))


def _spelt_out(template: CertificateTemplate, change: Callable[[Curve], Curve]) -> bytes:
    curve = curve_by_name(SIGNER_ALGORITHM.name)
    point = decode_point(curve, parse(template.public_key).children()[1].value[1:])
    return der.point_key(change(curve), point, explicit_parameters=True)


def _unwanted_serial(template: CertificateTemplate) -> CertificateTemplate:
    return replace(template, serial=0)


def _revoked(template: CertificateTemplate) -> CertificateTemplate:
    return replace(template, serial=REVOKED_SERIAL)


def _signer(name: str, about: str, make: Make, *fails: str, decision: str = STOP) -> Forgery:
    return Forgery(name, about, frozenset(fails), decision, make)


_CHAIN = "passive.chain"

SIGNERS: tuple[Forgery, ...] = (
    _signer(
        "csca-self-made",
        "signed under a CSCA that has the name and the key id of the real one, and a key of its own (PA-12)",
        _self_made_csca,
        _CHAIN,
    ),
    _signer(
        "csca-not-held",
        "signed under a CSCA whose key id nobody has installed: not known is not forged (PA-11b)",
        _csca_of_own_key_id,
        decision=ATTENTION,
    ),
    _signer(
        "ds-not-valid-at-signing",
        "signed by a Document Signer whose certificate begins a month after the signing time (PA-16)",
        _signer_not_yet_valid,
        _CHAIN,
    ),
    _signer(
        "ds-expired-at-signing",
        "signed by a Document Signer whose certificate had run out (PA-16)",
        _signer_expired,
        _CHAIN,
    ),
    _signer(
        "ds-key-out-of-use",
        "signed after the Document Signer's private key was to be used no more (PA-17)",
        _key_no_longer_in_use,
        decision=ATTENTION,
    ),
    _signer(
        "ds-is-authority",
        "the Document Signer's certificate says it is an authority's (PA-19)",
        _by_signer(_with(ext.basic_constraints())),
        _CHAIN,
    ),
    _signer(
        "ds-signs-certificates",
        "the Document Signer's key is for certificates, not for documents (PA-19)",
        _by_signer(_with(ext.key_usage(KeyUse.KEY_CERT_SIGN))),
        _CHAIN,
    ),
    _signer(
        "ds-without-key-usage",
        "the Document Signer's certificate does not say what its key is for",
        _by_signer(_without(ext.KEY_USAGE)),
        decision=ATTENTION,
    ),
    _signer(
        "ds-critical-extension",
        "the Document Signer's certificate has a critical extension that nobody knows (PA-19)",
        _by_signer(_with(_UNKNOWN_EXTENSION)),
        _CHAIN,
    ),
    _signer(
        "ds-signs-master-lists",
        "the signer is one of master lists (PA-21)",
        _by_signer(_with(ext.extended_key_usage(_MASTER_LIST_SIGNER))),
        _CHAIN,
    ),
    _signer(
        "ds-signs-deviation-lists",
        "the signer is one of deviation lists (PA-21)",
        _by_signer(_with(ext.extended_key_usage(_DEVIATION_LIST_SIGNER))),
        _CHAIN,
    ),
    _signer(
        "ds-of-other-document-types",
        "the Document Signer may sign passports, and signed an ID card (PA-20)",
        _by_signer(_with(ext.document_types(("P",)))),
        decision=ATTENTION,
    ),
    _signer(
        "ds-parameters-spelt-out",
        "the Document Signer's curve is spelt out and is the one it should be (PA-08)",
        _by_signer(_written_out),
        decision=PROCEED,
    ),
    _signer(
        "ds-generator-altered",
        "the Document Signer's curve is spelt out with another generator (PA-08, C3)",
        _by_signer(_by_another_generator),
        "passive.sod-signature",
    ),
    _signer(
        "ds-revoked",
        "the Document Signer's certificate is on the authority's revocation list (PA-26)",
        _by_signer(_revoked),
        "passive.revocation",
    ),
    _signer(
        "ds-of-another-country",
        "the Document Signer is another State's by its name (LC-14)",
        _by_signer(_subject("UT")),
        "lds.issuing-state",
    ),
    _signer(
        "ds-lower-case-country",
        "the Document Signer writes its country in small letters, which does no harm (PA-28)",
        _by_signer(_subject("vn")),
        decision=PROCEED,
    ),
    _signer(
        "ds-serial-zero",
        "the Document Signer's serial number is zero, which does no harm (PA-28)",
        _by_signer(_unwanted_serial),
        decision=PROCEED,
    ),
    _signer(
        "ds-other-authority-key-id",
        "the Document Signer names another key of its authority than the one that signed it (PA-24)",
        _by_signer(_with(ext.authority_key_id(_OTHER_KEY_ID))),
        decision=PROCEED,
    ),
)
