"""Certificate revocation lists, read from DER into an index that answers for one serial number (RFC 5280 §5).

A list may name a hundred thousand certificates, so its entries are walked once, without building objects, into one
sorted block of bytes. What a list leaves open is refused with a reason: one that tells only the changes since another,
that speaks for some certificates only or for another issuer's, or that makes a condition we cannot judge.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from reader.errors import DataError
from reader.trust.algorithms import SignatureAlgorithm, parse_signature_algorithm
from reader.trust.certificate import read_authority_key_id, read_extension_values
from reader.trust.der import CERTIFICATE, Element, children, expect, read_element, read_integer, scan
from reader.trust.names import DistinguishedName
from reader.trust.times import GENERALIZED_TIME, UTC_TIME, read_time

__all__ = ["CrlRefused", "RevocationList", "RevokedSerials"]

MAX_CRL_BYTES = 16 << 20
MAX_SERIAL_BYTES = 64
_DATE_BYTES = 5

_AUTHORITY_KEY_ID = "2.5.29.35"
_ISSUER_ALTERNATIVE_NAME = "2.5.29.18"
_NUMBER = "2.5.29.20"
_DELTA = "2.5.29.27"
_PARTIAL = "2.5.29.28"
_CERTIFICATE_ISSUER = "2.5.29.29"
_KNOWN = {_AUTHORITY_KEY_ID, _ISSUER_ALTERNATIVE_NAME, _NUMBER}
# A CSCA issues a list every ninety days (ICAO 9303-12 §4.1.5); one that names no end is good for that long.
_LONGEST = timedelta(days=90)

_INTEGER, _BIT_STRING, _SEQUENCE = 0x02, 0x03, 0x30
_EXTENSIONS, _DIRECTORY_NAME = 0xA0, 0xA4
_TIMES = (UTC_TIME, GENERALIZED_TIME)


class CrlRefused(DataError):
    """Say that a list is well formed and cannot be used; ``reason`` is a stable string."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class RevokedSerials:
    """Hold serial numbers and when each was revoked, sorted: ``width`` bytes of the one, five bytes of the other.

    Serials are in two's complement, as certificates write them, so that zero and negative ones are found too; times are
    seconds since 1970. The two values may be kept in a file as they are.
    """

    width: int = 1
    records: bytes = b""

    @classmethod
    def of(cls, entries: Iterator[tuple[bytes, datetime]]) -> RevokedSerials:
        """Build the index from serials as encoded and times."""
        found = [(serial, max(int(moment.timestamp()), 0)) for serial, moment in entries]
        width = max((len(serial) for serial, _ in found), default=1)
        rows = sorted(
            (b"\xff" if serial[0] & 0x80 else b"\x00") * (width - len(serial))
            + serial
            + moment.to_bytes(_DATE_BYTES, "big")
            for serial, moment in found
        )
        return cls(width, b"".join(rows))

    def revoked_on(self, serial: int) -> datetime | None:
        """Return when the certificate of this serial number was revoked, or None."""
        try:
            wanted = serial.to_bytes(self.width, "big", signed=True)
        except OverflowError:
            return None
        place = bisect_left(range(len(self)), wanted, key=self._serial)
        if place == len(self) or self._serial(place) != wanted:
            return None
        begin = place * (self.width + _DATE_BYTES) + self.width
        return datetime.fromtimestamp(int.from_bytes(self.records[begin : begin + _DATE_BYTES], "big"), UTC)

    def _serial(self, place: int) -> bytes:
        begin = place * (self.width + _DATE_BYTES)
        return self.records[begin : begin + self.width]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.records) // (self.width + _DATE_BYTES)

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"RevokedSerials({len(self)})"


@dataclass(frozen=True, slots=True, repr=False)
class RevocationList:
    """Hold what one list says; whether it may be believed is not said here.

    ``other_names`` are those that its issuer bore before (ICAO 9303-12 §7.1.4). ``number`` is None for a list without
    one.
    """

    issuer: DistinguishedName
    other_names: tuple[DistinguishedName, ...]
    authority_key_id: bytes | None
    number: int | None
    this_update: datetime
    next_update: datetime
    revoked: RevokedSerials
    fingerprint: str
    algorithm: SignatureAlgorithm
    algorithms_agree: bool
    tbs: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> RevocationList:
        """Read a DER CertificateList of at most 16 MiB.

        Raise CrlRefused where it is no complete list of its own issuer, or makes a condition that we cannot judge;
        DataError where it is malformed.
        """
        if len(raw) > MAX_CRL_BYTES:
            raise DataError(f"more than {MAX_CRL_BYTES} bytes")
        parts = tuple(children(expect(raw, _SEQUENCE).value))
        if len(parts) != 3 or parts[2].tag != _BIT_STRING or parts[2].value[:1] != b"\x00":
            raise DataError("malformed revocation list")
        tbs, outer, signature = parts
        fields = _Fields(tbs)
        fields.skip(_INTEGER)
        inner, issuer = fields.take(_SEQUENCE), fields.take(_SEQUENCE)
        this_update = read_time(fields.take(*_TIMES))
        next_update = fields.skip(*_TIMES)
        entries = fields.skip(_SEQUENCE)
        extensions = fields.skip(_EXTENSIONS)
        fields.end()
        found = _Extensions.read(extensions)
        algorithm = parse_signature_algorithm(outer.raw)
        return cls(
            issuer=DistinguishedName.parse(issuer.raw),
            other_names=found.other_names,
            authority_key_id=found.authority_key_id,
            number=found.number,
            this_update=this_update,
            next_update=read_time(next_update) if next_update else this_update + _LONGEST,
            revoked=RevokedSerials.of(_walk(entries.value if entries else b"")),
            fingerprint=hashlib.sha256(raw).hexdigest(),
            algorithm=algorithm,
            algorithms_agree=inner.raw == outer.raw or parse_signature_algorithm(inner.raw) == algorithm,
            tbs=tbs.raw,
            signature=signature.value[1:],
        )

    @property
    def country(self) -> str:
        """Return the issuer's country in upper case, or an empty string."""
        return self.issuer.country

    def __repr__(self) -> str:
        """Show country, number and size."""
        return f"RevocationList({self.country}, number {self.number}, {len(self.revoked)} revoked)"


class _Fields:
    """Take the fields of a TBSCertList one after the other, some of which may be left out."""

    def __init__(self, tbs: Element) -> None:
        self._fields = list(children(expect(tbs.raw, _SEQUENCE).value))

    def take(self, *tags: int) -> Element:
        found = self.skip(*tags)
        if found is None:
            raise DataError("malformed revocation list")
        return found

    def skip(self, *tags: int) -> Element | None:
        return self._fields.pop(0) if self._fields and self._fields[0].tag in tags else None

    def end(self) -> None:
        if self._fields:
            raise DataError("malformed revocation list")


@dataclass(frozen=True, slots=True)
class _Extensions:
    authority_key_id: bytes | None = None
    number: int | None = None
    other_names: tuple[DistinguishedName, ...] = ()

    @classmethod
    def read(cls, wrapped: Element | None) -> _Extensions:
        if wrapped is None:
            return cls()
        scan(wrapped.raw, CERTIFICATE)
        found = read_extension_values(wrapped.value)
        if _DELTA in found:
            raise CrlRefused("delta-list")
        if _PARTIAL in found:
            raise CrlRefused("partial-list")
        if any(critical and oid not in _KNOWN for oid, (critical, _) in found.items()):
            raise CrlRefused("unknown-critical-extension")
        values = {oid: value for oid, (_, value) in found.items() if oid in _KNOWN}
        for value in values.values():
            scan(value, CERTIFICATE)
        return cls(
            read_authority_key_id(values[_AUTHORITY_KEY_ID]) if _AUTHORITY_KEY_ID in values else None,
            read_integer(expect(values[_NUMBER], _INTEGER)) if _NUMBER in values else None,
            _directory_names(values.get(_ISSUER_ALTERNATIVE_NAME)),
        )


def _directory_names(raw: bytes | None) -> tuple[DistinguishedName, ...]:
    if raw is None:
        return ()
    names = children(expect(raw, _SEQUENCE).value)
    return tuple(DistinguishedName.parse(name.value) for name in names if name.tag == _DIRECTORY_NAME)


def _walk(raw: bytes) -> Iterator[tuple[bytes, datetime]]:
    """Yield serial and time of every revoked certificate; times and extensions that recur are read once."""
    moments: dict[bytes, datetime] = {}
    judged: set[bytes] = set()
    position = 0
    while position < len(raw):
        entry, position = read_element(raw, position)
        serial, end = read_element(entry.value)
        time, end = read_element(entry.value, end)
        if entry.tag != _SEQUENCE or serial.tag != _INTEGER or not 0 < len(serial.value) <= MAX_SERIAL_BYTES:
            raise DataError("malformed entry of a revocation list")
        if time.raw not in moments:
            moments[time.raw] = read_time(time)
        rest = entry.value[end:]
        if rest and rest not in judged:
            _judge_entry(rest)
            judged.add(rest)
        yield serial.value, moments[time.raw]


def _judge_entry(raw: bytes) -> None:
    """Refuse an entry that speaks for another issuer's certificate or makes a condition that we cannot judge."""
    scan(raw, CERTIFICATE)
    found = read_extension_values(raw)
    if _CERTIFICATE_ISSUER in found:
        raise CrlRefused("indirect-list")
    if any(critical for critical, _ in found.values()):
        raise CrlRefused("unknown-critical-extension")
