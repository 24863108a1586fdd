"""Any file that bears on trust, cut into what stands in it: certificates, revocation lists, master and deviation lists.

In comes DER, PEM with any number of blocks, a PKCS #7 bundle, or an LDIF as the ICAO directory is downloaded. Reading a
file believes nothing of it: what its items prove is found out where they are used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from reader.errors import DataError
from reader.trust.anchors import Refused, reason_of
from reader.trust.certificate import Certificate
from reader.trust.cms import content_type_of, embedded_certificates
from reader.trust.crl import CrlRefused, RevocationList
from reader.trust.defects import Defect, NationalDefects
from reader.trust.der import children, expect
from reader.trust.deviations import DEVIATION_LIST
from reader.trust.master_list import MASTER_LIST
from reader.trust.times import GENERALIZED_TIME, UTC_TIME

__all__ = ["ItemKind", "TrustFile", "TrustItem", "read_trust_file"]

MAX_FILE_BYTES = 128 << 20
MAX_ITEMS = 100_000
_PKCS7_DATA = "1.2.840.113549.1.7.1"

_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----")
_LDIF_BINARY = re.compile(rb"^([A-Za-z0-9.;-]{1,80}):: *([A-Za-z0-9+/= ]*)\r?$", re.MULTILINE)
_LDIF_NAME = re.compile(rb"^dn:", re.MULTILINE)
# Values of the directory that are names, not objects.
_LDIF_TEXT = (b"dn", b"cn", b"sn", b"c", b"description")


class ItemKind(StrEnum):
    """Tell what an item is; an authority's certificate may be self-signed or a link from an older key."""

    AUTHORITY = "authority"
    SIGNER = "signer"
    REVOCATION_LIST = "revocation-list"
    MASTER_LIST = "master-list"
    DEVIATION_LIST = "deviation-list"


@dataclass(frozen=True, slots=True, repr=False)
class TrustItem:
    """Hold one item as DER; ``subject`` is for people, ``fingerprint`` SHA-256 in hex."""

    kind: ItemKind
    subject: str
    country: str
    raw: bytes

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 over the item in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    def __repr__(self) -> str:
        """Show kind and country."""
        return f"TrustItem({self.kind}, {self.country})"


@dataclass(frozen=True, slots=True, repr=False)
class TrustFile:
    """Hold what a file had: the items that can be read, and those that cannot with the reason."""

    accepted: tuple[TrustItem, ...]
    refused: tuple[Refused, ...]

    def of_kind(self, kind: ItemKind) -> tuple[bytes, ...]:
        """Return the items of one kind as DER."""
        return tuple(item.raw for item in self.accepted if item.kind is kind)

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"TrustFile({len(self.accepted)} accepted, {len(self.refused)} refused)"


def read_trust_file(raw: bytes, name: str = "file") -> TrustFile:
    """Read a file of at most 128 MiB; nothing is raised: what cannot be read is in ``refused``."""
    if len(raw) > MAX_FILE_BYTES:
        return TrustFile((), (Refused(name, "too-large"),))
    accepted: dict[bytes, TrustItem] = {}
    refused: list[Refused] = []
    for number, blob in enumerate(_blobs(raw), start=1):
        subject = name if blob is raw else f"{name}, item {number}"
        if number > MAX_ITEMS:
            refused.append(Refused(subject, "too-many-items"))
            break
        try:
            for item in _items(blob):
                accepted.setdefault(item.raw, item)
        except CrlRefused as error:
            refused.append(Refused(subject, error.reason))
        except DataError as error:
            refused.append(Refused(subject, reason_of(error)))
    return TrustFile(tuple(accepted.values()), tuple(refused))


def _blobs(raw: bytes) -> Iterator[bytes]:
    """Yield the DER objects of a PEM file, of an LDIF, or the file itself."""
    if b"-----BEGIN " in raw:
        yield from (_decode(block[2]) for block in _PEM_BLOCK.finditer(raw))
    elif _LDIF_NAME.search(raw):
        unfolded = re.sub(rb"\r?\n ", b"", raw)
        for line in _LDIF_BINARY.finditer(unfolded):
            if line[1].split(b";")[0].lower() not in _LDIF_TEXT:
                yield _decode(line[2])
    else:
        yield raw


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""  # nothing is malformed in its own right


def _items(raw: bytes) -> Iterator[TrustItem]:
    content_type = content_type_of(raw)
    if content_type == MASTER_LIST:
        yield TrustItem(ItemKind.MASTER_LIST, "CSCA master list", _signer_country(raw), raw)
    elif content_type == DEVIATION_LIST:
        yield TrustItem(ItemKind.DEVIATION_LIST, "deviation list", _signer_country(raw), raw)
    elif content_type is not None:
        for certificate in embedded_certificates(raw):
            yield _certificate(Certificate.parse(certificate))
    elif _looks_like_crl(raw):
        crl = RevocationList.parse(raw)
        yield TrustItem(ItemKind.REVOCATION_LIST, crl.issuer.common_name or crl.country, crl.country, raw)
    else:
        yield _certificate(Certificate.parse(raw))


def _signer_country(raw: bytes) -> str:
    """Return the country of the first certificate that a signed list brings along, or an empty string."""
    for certificate in embedded_certificates(raw):
        try:
            return Certificate.parse(certificate).country
        except DataError:
            continue
    return ""


def _looks_like_crl(raw: bytes) -> bool:
    """Tell a revocation list from a certificate by the time that follows its issuer's name (RFC 5280 §5.1)."""
    try:
        fields = list(children(next(children(expect(raw, 0x30).value)).value))[:4]
    except (DataError, StopIteration):
        return False
    return any(field.tag in (UTC_TIME, GENERALIZED_TIME) for field in fields)


def _certificate(certificate: Certificate) -> TrustItem:
    """Tell an authority's certificate from a signer's by what it says of itself."""
    said = certificate.extensions
    signs_certificates = said.key_usage is not None and "key_cert_sign" in said.key_usage
    excused = NationalDefects.shipped().excuses(certificate.fingerprint, Defect.NOT_AUTHORITY)
    kind = ItemKind.AUTHORITY if said.is_ca or signs_certificates or excused else ItemKind.SIGNER
    subject = certificate.subject.common_name or certificate.country or "no name"
    return TrustItem(kind, subject, certificate.country, certificate.raw)
