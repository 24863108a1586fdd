"""What can be wrong with revocation lists, master lists and deviation lists, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mock_cards import der
from mock_cards.issuing import alterations as alter
from mock_cards.issuing import extensions as ext
from mock_cards.issuing.certificates import distinguished_name
from mock_cards.issuing.extensions import Extension
from mock_cards.issuing.revocation import CrlTemplate, Revoked
from mock_cards.issuing.signed_data import (
    CONTENT_TYPE,
    SIGNING_TIME,
    Attribute,
    SignedDataTemplate,
    SignerTemplate,
    message_digest,
)

__all__ = ["CRL_DEFECTS", "LIST_DEFECTS", "CrlDefect", "ListDefect"]

_DAY = timedelta(days=1)

AlterCrl = Callable[[CrlTemplate, datetime, int], CrlTemplate]
AlterList = Callable[[SignedDataTemplate, datetime], SignedDataTemplate]


@dataclass(frozen=True, slots=True)
class CrlDefect:
    """Name a defect of the revocation list; ``change`` also gets the moment and the signer's serial number.

    With ``other_key`` somebody else's key signs it under the CSCA's name.
    """

    name: str
    about: str
    rule: str
    change: AlterCrl | None = None
    spoil: Callable[[bytes], bytes] | None = None
    other_key: bool = False
    file: str = "csca.crl"


@dataclass(frozen=True, slots=True)
class ListDefect:
    """Name a defect of a signed list, or of its signer's certificate (``signer_change``).

    ``content`` says how the list itself is otherwise: "without-csca" leaves the signer's CSCA out, "with-signer" lists
    a Document Signer among the CSCAs. With ``other_root`` the signer stands under a CSCA that nobody knows.
    """

    name: str
    file: str
    about: str
    rule: str
    change: AlterList | None = None
    spoil: Callable[[bytes], bytes] | None = None
    signer_change: alter.AlterCertificate | None = None
    content: str = ""
    other_root: bool = False


def _dated(begin: int, end: int) -> AlterCrl:
    def change(template: CrlTemplate, at: datetime, _serial: int) -> CrlTemplate:
        return replace(template, this_update=at + begin * _DAY, next_update=at + end * _DAY)

    return change


def _revoking(template: CrlTemplate, at: datetime, serial: int) -> CrlTemplate:
    return replace(template, revoked=(*template.revoked, Revoked(serial, at - 7 * _DAY)))


def _other_issuer(template: CrlTemplate, _at: datetime, _serial: int) -> CrlTemplate:
    return replace(template, issuer=distinguished_name("LA", "TEST CSCA of another country"))


def _without(oid: str) -> AlterCrl:
    return lambda template, _at, _serial: template.without_extension(oid)


def _delta(template: CrlTemplate, _at: datetime, _serial: int) -> CrlTemplate:
    indicator = Extension("2.5.29.27", der.integer(1), critical=True)
    return replace(template, extensions=(*template.extensions, indicator))


CRL_DEFECTS: tuple[CrlDefect, ...] = (
    CrlDefect("revoked-ds", "the Document Signer is revoked, since a week", "ICAO 9303-11 §8.3", _revoking),
    CrlDefect(
        "crl-expired", "the next list was due last month", "ICAO 9303-12 §7.1.4: every 90 days", _dated(-120, -30)
    ),
    CrlDefect("crl-not-yet-valid", "the list is from next month", "RFC 5280 §5.1.2.4", _dated(30, 90)),
    CrlDefect("crl-wrong-issuer", "the list names another country's CSCA", "RFC 5280 §6.3.3", _other_issuer),
    CrlDefect(
        "crl-other-key", "the list is signed with a key that is not the CSCA's", "RFC 5280 §6.3.3", other_key=True
    ),
    CrlDefect(
        "crl-signature-broken", "one bit of the list's signature is another", "RFC 5280 §5.1.1.3", spoil=alter.last_bit
    ),
    CrlDefect(
        "crl-without-next-update",
        "the list does not say when the next one comes",
        "RFC 5280 §5.1.2.5",
        lambda template, _at, _serial: replace(template, next_update=None),
    ),
    CrlDefect("crl-without-number", "the list has no number", "ICAO 9303-12 §7.1.4", _without(ext.CRL_NUMBER)),
    CrlDefect(
        "crl-without-aki", "the list does not name its key", "ICAO 9303-12 §7.1.4", _without(ext.AUTHORITY_KEY_ID)
    ),
    CrlDefect(
        "crl-delta",
        "the list says critically that it is a delta of another",
        "ICAO 9303-12 §7.1.4: no delta lists",
        _delta,
    ),
    CrlDefect(
        "crl-version-1",
        "the list is of version 1, without extensions",
        "ICAO 9303-12 §7.1.4: version 2",
        lambda template, _at, _serial: replace(template, version=1),
    ),
    CrlDefect("crl-trailing-byte", "a byte follows the list", "X.690 §10", spoil=alter.trailing_byte),
)
"""Every defect of the revocation list."""


def _by_signer(change: Callable[[SignerTemplate], SignerTemplate]) -> AlterList:
    return lambda template, _at: template.with_signer(change)


def _unsorted(signer: SignerTemplate) -> SignerTemplate:
    in_order = sorted(signer.attributes, key=lambda attribute: attribute.encoded())
    return replace(signer, attributes=tuple(reversed(in_order)), ordered=False)


def _other_content_type(signer: SignerTemplate) -> SignerTemplate:
    return signer.with_attribute(Attribute(CONTENT_TYPE, (der.object_identifier("1.2.840.113549.1.7.1"),)))


def _other_digest(signer: SignerTemplate) -> SignerTemplate:
    return signer.with_attribute(message_digest(b"another list", signer.digest))


def _without_signing_time(signer: SignerTemplate) -> SignerTemplate:
    return signer.without_attribute(SIGNING_TIME)


def _without_certificates(template: SignedDataTemplate, _at: datetime) -> SignedDataTemplate:
    return replace(template, certificates=())


def _old(template: SignedDataTemplate, at: datetime) -> SignedDataTemplate:
    then = Attribute(SIGNING_TIME, (der.time(at - 300 * _DAY),))
    return template.with_signer(lambda signer: signer.with_attribute(then))


_MASTER, _DEVIATION = "master-list.ml", "deviation-list.dl"

LIST_DEFECTS: tuple[ListDefect, ...] = (
    ListDefect(
        "ml-signature-broken",
        _MASTER,
        "one bit of the list's signature is another",
        "RFC 5652 §5.6",
        spoil=alter.last_bit,
    ),
    ListDefect(
        "ml-attributes-unsorted",
        _MASTER,
        "attributes stored in another order than signed, as real lists have it",
        "RFC 5652 §5.4: DER",
        _by_signer(_unsorted),
    ),
    ListDefect(
        "ml-content-type-differs",
        _MASTER,
        "the signed content type is data",
        "RFC 5652 §11.1",
        _by_signer(_other_content_type),
    ),
    ListDefect(
        "ml-digest-differs",
        _MASTER,
        "the signed digest is not the content's",
        "RFC 5652 §11.2",
        _by_signer(_other_digest),
    ),
    ListDefect(
        "ml-without-signing-time",
        _MASTER,
        "the list does not say when it was signed",
        "ICAO 9303-12 §9.1",
        _by_signer(_without_signing_time),
    ),
    ListDefect(
        "ml-older",
        _MASTER,
        "the list was signed ten months ago: older than the one held",
        "ICAO 9303-12 §8.2: the newest",
        _old,
    ),
    ListDefect(
        "ml-without-signer-certificate",
        _MASTER,
        "the signer's certificate is not inside",
        "ICAO 9303-12 §9.1",
        _without_certificates,
    ),
    ListDefect(
        "ml-without-csca", _MASTER, "the signer's own CSCA is not listed", "ICAO 9303-12 §9.2", content="without-csca"
    ),
    ListDefect(
        "ml-with-document-signer",
        _MASTER,
        "a Document Signer is listed among the CSCAs",
        "ICAO 9303-12 §9.2: CSCAs only",
        content="with-signer",
    ),
    ListDefect(
        "ml-signer-unknown",
        _MASTER,
        "the signer stands under a CSCA that nobody knows",
        "ICAO 9303-12 §8.2",
        other_root=True,
    ),
    ListDefect(
        "ml-signer-without-eku",
        _MASTER,
        "the signer's certificate is not for signing lists",
        "ICAO 9303-12 §7.1.1.4",
        signer_change=alter.without_extension(ext.EXTENDED_KEY_USAGE),
    ),
    ListDefect(
        "ml-signer-expired",
        _MASTER,
        "the signer's certificate ended before the list was signed",
        "RFC 5280 §4.1.2.5",
        signer_change=alter.valid_days(-365, -60),
    ),
    ListDefect("ml-trailing-byte", _MASTER, "a byte follows the list", "X.690 §10", spoil=alter.trailing_byte),
    ListDefect(
        "dl-signature-broken",
        _DEVIATION,
        "one bit of the list's signature is another",
        "RFC 5652 §5.6",
        spoil=alter.last_bit,
    ),
    ListDefect(
        "dl-content-type-differs",
        _DEVIATION,
        "the signed content type is data",
        "RFC 5652 §11.1",
        _by_signer(_other_content_type),
    ),
    ListDefect(
        "dl-signer-without-eku",
        _DEVIATION,
        "the signer's certificate is not for signing lists",
        "ICAO 9303-12 §7.1.1.4",
        signer_change=alter.without_extension(ext.EXTENDED_KEY_USAGE),
    ),
    ListDefect(
        "dl-signer-expired",
        _DEVIATION,
        "the signer's certificate ended before the list was signed",
        "RFC 5280 §4.1.2.5",
        signer_change=alter.valid_days(-365, -60),
    ),
    ListDefect(
        "dl-signer-unknown",
        _DEVIATION,
        "the signer stands under a CSCA that nobody knows",
        "ICAO 9303-3 §7",
        other_root=True,
    ),
)
"""Every defect of a signed list."""
