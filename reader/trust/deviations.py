"""Deviation lists: what an issuing State says is wrong with documents of its own (ICAO 9303-3 §7, 9303-12 §10).

A list speaks only for documents of the State whose CSCA stands behind its signer. All that an entry says of the
documents it means must fit; what cannot be compared, because the card does not tell it, does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from reader.errors import DataError
from reader.trust.algorithms import hash_by_oid
from reader.trust.anchors import AnchorStore, Refused
from reader.trust.certificate import DEVIATION_LIST_SIGNER, Certificate, Period
from reader.trust.der import DerLimits, Element, children, expect, read_integer, read_oid, scan
from reader.trust.names import DistinguishedName
from reader.trust.signed_list import ListRefused, open_signed_list
from reader.trust.times import read_time

__all__ = ["DEVIATION_LIST", "DeviatingDocument", "Deviation", "DeviationKind", "DeviationList", "DeviationLists"]

DEVIATION_LIST = "2.23.136.1.1.7"
MAX_DEVIATIONS = 10_000
_LIMITS = DerLimits(size=4 << 20, depth=12, elements=400_000)

_INTEGER, _OCTET_STRING, _OID, _PRINTABLE, _SEQUENCE, _SET = 0x02, 0x04, 0x06, 0x13, 0x30, 0x31


class DeviationKind(StrEnum):
    """Name the kinds of deviation that bear on a check; the strings are their object identifiers."""

    DS_SIGNATURE = "2.23.136.1.1.7.1.1"
    DS_ENCODING = "2.23.136.1.1.7.1.2"
    CSCA_ENCODING = "2.23.136.1.1.7.1.3"
    AA_KEY_COMPROMISED = "2.23.136.1.1.7.1.4"
    GROUP_MALFORMED = "2.23.136.1.1.7.2.1"
    GROUP_HASH_WRONG = "2.23.136.1.1.7.2.2"
    SOD_SIGNATURE_WRONG = "2.23.136.1.1.7.2.3"
    COM_INCONSISTENT = "2.23.136.1.1.7.2.4"
    MRZ_WRONG_DATA = "2.23.136.1.1.7.3.1"
    MRZ_WRONG_CHECK_DIGIT = "2.23.136.1.1.7.3.2"


@dataclass(frozen=True, slots=True, repr=False)
class DeviatingDocument:
    """Hold what of one document an entry is compared with; None is what the card does not tell."""

    signer: Certificate
    document_type: str | None = None
    document_number: str | None = None
    issued: date | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """Hold one thing that is wrong: its kind, an object identifier, and the parameter, such as a group's number.

    ``kind`` may be one that ``DeviationKind`` does not name, which bears on no check. ``parameter`` is a number or the
    object identifier of an extension, as text, or empty.
    """

    kind: str
    parameter: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class _Documents:
    """Hold what documents an entry means; None is what it does not say."""

    document_type: str | None = None
    issuer_and_serial: tuple[DistinguishedName, int] | None = None
    subject_key_id: bytes | None = None
    certificate_digest: bytes | None = None
    issued: Period | None = None
    numbers: frozenset[str] | None = None

    def mean(self, document: DeviatingDocument, digest_name: str) -> bool:
        """Tell whether everything the entry says fits; an entry that says nothing means no document."""
        fits = (
            self.document_type is None or self.document_type == document.document_type,
            self.issued is None or _within(self.issued, document.issued),
            self.numbers is None or document.document_number in self.numbers,
            self._means_signer(document.signer, digest_name),
        )
        return self != _Documents() and all(fits)

    def _means_signer(self, signer: Certificate, digest_name: str) -> bool:
        if self.issuer_and_serial is not None:
            name, serial = self.issuer_and_serial
            return signer.serial == serial and signer.issuer.matches(name)
        if self.subject_key_id is not None:
            return signer.subject_key_id == self.subject_key_id
        if self.certificate_digest is not None:
            return hashlib.new(digest_name, signer.raw).digest() == self.certificate_digest
        return True


def _within(period: Period, day: date | None) -> bool:
    return day is not None and period.holds(datetime.combine(day, time(12), UTC))


@dataclass(frozen=True, slots=True, repr=False)
class DeviationList:
    """Hold a list whose signer verified: the State it speaks for, when it was signed, and its entries."""

    country: str
    signed_at: datetime
    fingerprint: str
    _digest_name: str
    _entries: tuple[tuple[_Documents, tuple[Deviation, ...]], ...]

    @classmethod
    def read(cls, raw: bytes, anchors: AnchorStore) -> DeviationList:
        """Verify and read a list; raise ListRefused where it cannot be believed, DataError where it is malformed."""
        opened = open_signed_list(raw, DEVIATION_LIST, DEVIATION_LIST_SIGNER, anchors)
        digest_name, entries = _parse(opened.content)
        return cls(
            country=opened.anchor.country,
            signed_at=opened.signed_at,
            fingerprint=hashlib.sha256(raw).hexdigest(),
            _digest_name=digest_name or opened.digest_name,
            _entries=entries,
        )

    def of(self, document: DeviatingDocument) -> tuple[Deviation, ...]:
        """Return what the list says is wrong with this document."""
        if document.signer.country != self.country:
            return ()
        meant = (found for documents, found in self._entries if documents.mean(document, self._digest_name))
        return tuple(dict.fromkeys(deviation for found in meant for deviation in found))

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)

    def __repr__(self) -> str:
        """Show country and size."""
        return f"DeviationList({self.country}, {len(self)} entries)"


@dataclass(frozen=True, slots=True, repr=False)
class DeviationLists:
    """Hold the lists that may be believed, and the ones that may not with the reason."""

    lists: tuple[DeviationList, ...] = ()
    refused: tuple[Refused, ...] = ()

    @classmethod
    def of(cls, raws: Iterable[bytes], anchors: AnchorStore) -> DeviationLists:
        """Read lists; of each State only the newest counts."""
        newest: dict[str, DeviationList] = {}
        refused: list[Refused] = []
        for number, raw in enumerate(raws, start=1):
            try:
                found = DeviationList.read(raw, anchors)
            except ListRefused as error:
                refused.append(Refused(f"deviation list {number}", error.reason))
                continue
            except DataError:
                refused.append(Refused(f"deviation list {number}", "malformed"))
                continue
            held = newest.get(found.country)
            if held is None or found.signed_at > held.signed_at:
                newest[found.country] = found
        return cls(tuple(newest.values()), tuple(refused))

    def of_document(self, document: DeviatingDocument) -> tuple[Deviation, ...]:
        """Return what the issuing State says is wrong with this document."""
        return tuple(deviation for held in self.lists for deviation in held.of(document))

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"DeviationLists({len(self.lists)} lists, {len(self.refused)} refused)"


def _parse(raw: bytes) -> tuple[str, tuple[tuple[_Documents, tuple[Deviation, ...]], ...]]:
    """Read a DeviationList; return the name of its digest, empty where it names none, and its entries."""
    scan(raw, _LIMITS)
    fields = list(children(expect(raw, _SEQUENCE).value))
    digest_name = ""
    if len(fields) == 3:
        digest_name = hash_by_oid(read_oid(next(children(fields.pop(1).value)))) or ""
        if digest_name in ("", "md5"):
            raise ListRefused("algorithm-refused")
    if len(fields) != 2:
        raise DataError("malformed deviation list")
    entries = list(children(expect(fields[1].raw, _SET).value))
    if len(entries) > MAX_DEVIATIONS:
        raise DataError(f"more than {MAX_DEVIATIONS} deviations")
    return digest_name, tuple(_entry(entry) for entry in entries)


def _entry(raw: Element) -> tuple[_Documents, tuple[Deviation, ...]]:
    parts = list(children(expect(raw.raw, _SEQUENCE).value))
    if len(parts) != 2:
        raise DataError("malformed deviation")
    described = children(expect(parts[1].raw, _SET).value)
    return _documents(parts[0]), tuple(_description(description) for description in described)


def _documents(raw: Element) -> _Documents:
    said = {field.tag: field.value for field in children(expect(raw.raw, _SEQUENCE).value)}
    if set(said) - {0x80, 0xA1, 0x82, 0xA3, 0xA4, 0xA5, 0x83}:
        raise DataError("deviation that names its documents in an unknown way")
    return _Documents(
        document_type=_text(said[0x80]).rstrip("<") if 0x80 in said else None,
        issuer_and_serial=_issuer_and_serial(said[0xA1]) if 0xA1 in said else None,
        subject_key_id=said.get(0x82),
        certificate_digest=said.get(0x83),
        issued=_issued(said[0xA4]) if 0xA4 in said else None,
        numbers=frozenset(_text(number.value) for number in children(said[0xA5])) if 0xA5 in said else None,
    )


def _issuer_and_serial(raw: bytes) -> tuple[DistinguishedName, int]:
    parts = list(children(raw))
    if len(parts) != 2:
        raise DataError("malformed deviation")
    return DistinguishedName.parse(parts[0].raw), read_integer(parts[1])


def _issued(raw: bytes) -> Period:
    parts = list(children(raw))
    if len(parts) != 2:
        raise DataError("malformed deviation")
    return Period(read_time(parts[0]), read_time(parts[1]))


def _description(raw: Element) -> Deviation:
    fields = list(children(expect(raw.raw, _SEQUENCE).value))
    kind = next((read_oid(field) for field in fields if field.tag == _OID), None)
    if kind is None:
        raise DataError("deviation without a kind")
    parameters = next((field for field in fields if field.tag == 0xA0), None)
    return Deviation(kind, _parameter(parameters) if parameters is not None else "")


def _parameter(wrapped: Element) -> str:
    """Return a number or an object identifier as text; another parameter is none that we know."""
    value = next(children(wrapped.value), None)
    if value is not None and value.tag == _INTEGER:
        return str(read_integer(value))
    return read_oid(value) if value is not None and value.tag == _OID else ""


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
