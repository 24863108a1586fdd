"""Five hundred certificates, security objects and lists, sound and spoilt, always the same ones.

Every case is one question: is this signer's certificate trusted under these anchors at this moment; is it, by this
revocation list, not revoked; is this signed object trusted? ``marks`` say what was done to it, and are what a
disagreement is explained by.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import cache, partial
from typing import Any

from mock_cards.issuing import Pki, PkiOrder, make_pki, pki_defects
from mock_cards.issuing.certificate_defect import CertificateDefect
from mock_cards.issuing.certificates import DocumentSigner, KeyAlgorithm
from mock_cards.issuing.list_defects import CrlDefect
from mock_cards.issuing.security_object import make_security_object
from mock_cards.keys import EcKey
from reader.iso7816 import parse
from reader.trust import Certificate
from reader.trust.der import Element, children, expect

__all__ = ["AT", "Case", "Planned", "Question", "planned"]

AT = datetime(2026, 11, 1, tzinfo=UTC)
TOTAL = 500
_SEED = 20261126
_SIGNER = KeyAlgorithm.of("secp256r1")


class Question(Enum):
    """What is asked of a case."""

    PATH = auto()
    REVOCATION = auto()
    SIGNED_DATA = auto()


@dataclass(frozen=True)
class Case:
    """Hold one question; ``subject`` is the certificate or the signed object, ``crl`` the list it is looked up in."""

    marks: tuple[str, ...]
    question: Question
    anchors: tuple[bytes, ...]
    subject: bytes
    crl: bytes = b""
    content_type: str = ""


@dataclass(frozen=True)
class Planned:
    """Hold a case that is made when it is wanted: keys and signatures take their time."""

    number: int
    make: Callable[[], Case]


def planned() -> tuple[Planned, ...]:
    """Return all of them."""
    makers = [*_defects("secp256r1", explicit=False), *_defects("brainpoolP256r1", explicit=True), *_pairs(45)]
    left = TOTAL - len(makers)
    makers += [*_flips(left // 2, _flipped_certificate), *_flips(left // 6, _flipped_list)]
    makers += _flips(TOTAL - len(makers), _flipped_object)
    return tuple(Planned(number, maker) for number, maker in enumerate(makers, start=1))


Maker = Callable[[], Case]


def _pki(curve: str, *defects: str, explicit: bool = False) -> Pki:
    """Make a PKI; RSA keys are drawn afresh, since making them from a seed takes a second each."""
    wanted = [one for one in pki_defects() if one.name in defects]
    seed = None if any(getattr(one, "algorithm", None) for one in wanted) else f"differential/{curve}"
    return make_pki(PkiOrder(seed, AT, KeyAlgorithm.of(curve), _SIGNER, explicit, defects))


@cache
def _sound(*defects: str) -> Pki:
    return _pki("secp256r1", *defects)


def _path(marks: tuple[str, ...], made: Pki) -> Case:
    return Case(marks, Question.PATH, made.anchors, made["ds.cer"])


_LINKS = ("csca-link.cer", "csca-name-change.cer")
_CONTENT_TYPES = {"master-list.ml": "2.23.136.1.1.2", "deviation-list.dl": "2.23.136.1.1.7", "sod": "2.23.136.1.1.1"}


def _defects(curve: str, *, explicit: bool) -> Iterator[Maker]:
    """Yield a sound PKI and every defect of its own, under a CSCA whose curve is named or written out."""
    written = ("explicit",) if explicit else ()
    yield lambda: _path(written, _pki(curve, explicit=explicit))
    for defect in pki_defects():
        needs_explicit = defect.name in ("altered-coefficient", "altered-generator")
        is_rsa = getattr(defect, "algorithm", None) is not None
        if defect.file not in _LINKS and not (needs_explicit and not explicit) and not (is_rsa and explicit):
            yield partial(_with_defect, defect, curve, explicit)


def _with_defect(defect: Any, curve: str, explicit: bool) -> Case:
    made = _pki(curve, defect.name, explicit=explicit)
    marks = (*(("explicit",) if explicit else ()), defect.name)
    if isinstance(defect, CertificateDefect):
        return _path(marks, made)
    if isinstance(defect, CrlDefect):
        return Case(marks, Question.REVOCATION, made.anchors, made["ds.cer"], crl=made["csca.crl"])
    kind = _CONTENT_TYPES[defect.file]
    return Case(marks, Question.SIGNED_DATA, made.anchors, made[defect.file], content_type=kind)


def _pairs(count: int) -> Iterator[Maker]:
    """Yield paths that two defects spoil, both of elliptic curves and of files that may be spoilt together."""
    drawn = random.Random(_SEED)
    names = [
        one.name
        for one in pki_defects()
        if isinstance(one, CertificateDefect)
        and one.file in ("csca.cer", "ds.cer")
        and one.algorithm is None
        and one.name != "altered-coefficient"
    ]
    pairs: dict[tuple[str, ...], None] = {}
    while len(pairs) < count:
        pairs[tuple(sorted(drawn.sample(names, 2)))] = None
    for pair in pairs:
        yield partial(_with_two, *pair)


def _with_two(first: str, second: str) -> Case:
    return _path((first, second), _pki("secp256r1", first, second))


def _flips(count: int, make: Callable[[int], Case]) -> list[Maker]:
    return [partial(make, number) for number in range(count)]


def _flip(raw: bytes, drawn: random.Random) -> tuple[bytes, int]:
    place = drawn.randrange(len(raw))
    return raw[:place] + bytes((raw[place] ^ 1 << drawn.randrange(8),)) + raw[place + 1 :], place


def _part_of(raw: bytes, place: int) -> str:
    """Name the part of a signed thing, body, algorithm or signature, in which a byte lies (RFC 5280 §4.1)."""
    outer = expect(raw, 0x30)
    names = ("body", "algorithm", "signature")
    return _innermost(zip(names, children(outer.value), strict=True), len(raw) - len(outer.value), place)


def _innermost(fields: Iterable[tuple[str, Element]], begin: int, place: int) -> str:
    """Return the name of the field, of those that follow one another from ``begin``, in which ``place`` lies."""
    for name, field in fields:
        if begin <= place < begin + len(field.raw):
            return name
        begin += len(field.raw)
    return "frame"


def _flipped_certificate(number: int) -> Case:
    made = _sound()
    spoilt, place = _flip(made["ds.cer"], random.Random(f"certificate {number}"))
    marks = (f"flip: certificate, {_part_of(made['ds.cer'], place)}",)
    return Case(marks, Question.PATH, made.anchors, spoilt)


def _flipped_list(number: int) -> Case:
    made = _sound("revoked-ds")
    spoilt, place = _flip(made["csca.crl"], random.Random(f"list {number}"))
    marks = (f"flip: revocation list, {_part_of(made['csca.crl'], place)}",)
    return Case(marks, Question.REVOCATION, made.anchors, made["ds.cer"], crl=spoilt)


def _flipped_object(number: int) -> Case:
    made, drawn = _sound(), random.Random(f"object {number}")
    name = drawn.choice(list(_CONTENT_TYPES))
    sound = _security_object() if name == "sod" else made[name]
    spoilt, place = _flip(sound, drawn)
    marks = (f"flip: signed data, {_field_of(sound, place)}",)
    return Case(marks, Question.SIGNED_DATA, made.anchors, spoilt, content_type=_CONTENT_TYPES[name])


@cache
def _security_object() -> bytes:
    """Sign an EF.SOD with the PKI's Document Signer; return what stands inside tag 77."""
    file = _sound().files["ds.cer"]
    certificate = Certificate.parse(file.content)
    assert isinstance(file.key, EcKey)
    signer = DocumentSigner(file.key, file.content, certificate.issuer.raw, certificate.serial)
    return parse(make_security_object({1: b"DG1", 2: b"DG2"}, signer, AT - timedelta(days=300))).value


_FIELDS = ("version", "digest algorithms", "content", "certificates", "signers")
_SIGNER_FIELDS = ("version", "identifier", "digest algorithm", "attributes", "signature algorithm", "signature")


def _field_of(raw: bytes, place: int) -> str:
    """Name the field of a SignedData in which a byte lies (RFC 5652 §5.1, §5.3)."""
    _, wrapped = children(expect(raw, 0x30).value)
    data = expect(wrapped.value, 0x30)
    begin = len(raw) - len(data.value)
    fields = tuple(zip(_FIELDS, children(data.value), strict=True))
    name = _innermost(fields, begin, place)
    if name != "signers":
        return name
    info = expect(fields[-1][1].value, 0x30)
    parts = zip(_SIGNER_FIELDS, children(info.value), strict=True)
    return f"signer's {_innermost(parts, len(raw) - len(info.value), place)}"
