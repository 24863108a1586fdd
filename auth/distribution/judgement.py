"""Judge one file on its own: what stands in it, who signed that, under which anchor, and what cannot be used.

This is looking, not believing: a list without an anchor is still counted and its certificates still judged, and the
report says that nobody here vouches for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from auth.distribution.intake import TEST_CERTIFICATE, subject_of
from auth.distribution.kinds import ObjectKind
from auth.distribution.offered import OfferedFile, RefusedItem, offered_files
from auth.distribution.plain_files import PLAIN_FILES, parse_distrust
from reader.errors import DataError
from reader.trust import Anchor, AnchorStore, Certificate, check_signature, verify_signed_data
from reader.trust.anchors import reason_of
from reader.trust.certificate import DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER
from reader.trust.crl import CrlRefused, RevocationList
from reader.trust.der import SIGNED_LIST, children, expect
from reader.trust.deviations import DEVIATION_LIST
from reader.trust.issued import find_issuer
from reader.trust.master_list import MASTER_LIST, split_master_list
from reader.trust.revocation import RevocationLists
from reader.trust.signed_list import ListRefused, open_signed_list

__all__ = ["FileJudgement", "JudgedItem", "judge_file"]

_LISTS = {
    ObjectKind.MASTER_LIST: (MASTER_LIST, MASTER_LIST_SIGNER),
    ObjectKind.DEVIATION_LIST: (DEVIATION_LIST, DEVIATION_LIST_SIGNER),
}


TRUSTED = "trusted"
SELF_SIGNED = "self-signed"
UNSIGNED = "unsigned"
# Nothing is wrong with such a file; this desk only lacks whoever vouches for it.
_NOBODY_VOUCHES = {"no-trust-anchor", "signer-not-trusted"}
_SEQUENCE, _SET = 0x30, 0x31


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """Tell what one object of a file is.

    ``verdict`` is "trusted" where an anchor held here signed it, "self-signed" where a certificate signed itself,
    "unsigned" for a file that operators write, else the reason why nobody here vouches for it. ``begin`` and ``end``
    are the dates it bears, ``entries`` the certificates or serials in it.
    """

    kind: ObjectKind
    country: str
    subject: str
    sha256: str
    verdict: str
    signer: str = ""
    anchor: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    entries: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class FileJudgement:
    """Hold the items, how many certificates they are or hold, and what was refused of them."""

    items: tuple[JudgedItem, ...]
    certificates: int
    countries: dict[str, int]
    refused: tuple[RefusedItem, ...]


def judge_file(name: str, raw: bytes, anchors: AnchorStore) -> FileJudgement:
    """Judge a file against ``anchors``; nothing is raised."""
    offered, unreadable = offered_files(name, raw)
    judging = _Judging(anchors, list(unreadable))
    for file in offered:
        try:
            judging.judge(file)
        except DataError as error:
            reason = getattr(error, "reason", "") or reason_of(error)
            judging.refused.append(RefusedItem(file.country, file.subject, reason, file.name))
    return FileJudgement(
        tuple(judging.items), judging.certificates, dict(sorted(judging.countries.items())), tuple(judging.refused)
    )


class _Judging:
    """Collect what each object of a file is."""

    def __init__(self, anchors: AnchorStore, refused: list[RefusedItem]) -> None:
        self._anchors = anchors
        self.refused = refused
        self.items: list[JudgedItem] = []
        self.certificates = 0
        self.countries: dict[str, int] = {}

    def judge(self, file: OfferedFile) -> None:
        """Judge one object; raise DataError where it is malformed."""
        if file.kind in (ObjectKind.AUTHORITY, ObjectKind.SIGNER):
            self.items.append(self._certificate(file.raw, file))
        elif file.kind in _LISTS:
            self._list(file)
        elif file.kind is ObjectKind.REVOCATION_LIST:
            self._revocation_list(file)
        else:
            self._plain(file)

    def _certificate(self, raw: bytes, file: OfferedFile) -> JudgedItem:
        certificate = Certificate.parse(raw)
        self._count(certificate)
        verdict, anchor = self._vouching(certificate)
        reason = _unusable(certificate, file.kind)
        if reason:
            self.refused.append(RefusedItem(certificate.country, subject_of(certificate), reason, file.name))
        return JudgedItem(
            kind=file.kind,
            country=certificate.subject.country or certificate.country,
            subject=subject_of(certificate),
            sha256=certificate.fingerprint,
            verdict=reason or verdict,
            anchor=anchor,
            begin=certificate.validity.begin,
            end=certificate.validity.end,
        )

    def _vouching(self, certificate: Certificate) -> tuple[str, str]:
        """Return who vouches for a certificate: itself, an anchor held here, or nobody here."""
        search = find_issuer(certificate, self._anchors, certificate.validity.begin or datetime.now(UTC))
        if search.anchor is not None:
            return TRUSTED, subject_of(search.anchor.certificate)
        if certificate.issuer.matches(certificate.subject) and _signed_itself(certificate):
            return SELF_SIGNED, ""
        return ("signer-not-trusted" if search.tried else "no-trust-anchor"), ""

    def _list(self, file: OfferedFile) -> None:
        content_type, purpose = _LISTS[file.kind]
        found = verify_signed_data(file.raw, content_type, limits=SIGNED_LIST)
        verdict, anchor = TRUSTED, ""
        try:
            anchor = subject_of(open_signed_list(file.raw, content_type, purpose, self._anchors).anchor.certificate)
        except ListRefused as error:
            verdict = error.reason
            if verdict not in _NOBODY_VOUCHES:
                self.refused.append(RefusedItem(file.country, file.subject, verdict, file.name))
        signer = found.signers[0] if found.signers else None
        certificate = signer.certificate if signer else None
        entries = self._entries(file, found.content)
        self.items.append(
            JudgedItem(
                kind=file.kind,
                country=file.country,
                subject=file.subject,
                sha256=file.sha256,
                verdict=verdict,
                signer=subject_of(certificate) if certificate else "",
                anchor=anchor,
                begin=signer.signing_time if signer else None,
                entries=entries,
            )
        )

    def _entries(self, file: OfferedFile, content: bytes) -> int:
        if file.kind is not ObjectKind.MASTER_LIST:
            return _deviations(content)
        listed = split_master_list(content)
        for number, raw in enumerate(listed, start=1):
            try:
                certificate = Certificate.parse(raw)
            except DataError as error:
                self.certificates += 1
                self.refused.append(RefusedItem("", f"certificate {number}", reason_of(error), file.name))
                continue
            self._count(certificate)
            reason = _unusable(certificate, ObjectKind.AUTHORITY)
            if reason:
                country = certificate.subject.country
                self.refused.append(RefusedItem(country, subject_of(certificate), reason, file.name))
        return len(listed)

    def _revocation_list(self, file: OfferedFile) -> None:
        content = RevocationList.parse(file.raw)
        verdict = TRUSTED
        try:
            RevocationLists.verify(content, self._anchors)
        except CrlRefused as error:
            verdict = error.reason
            if verdict not in _NOBODY_VOUCHES:
                self.refused.append(RefusedItem(content.country, file.subject, verdict, file.name))
        self.items.append(
            JudgedItem(
                kind=file.kind,
                country=content.country,
                subject=file.subject,
                sha256=file.sha256,
                verdict=verdict,
                signer=content.issuer.common_name,
                begin=content.this_update,
                end=content.next_update,
                entries=len(content.revoked),
            )
        )

    def _plain(self, file: OfferedFile) -> None:
        name = PLAIN_FILES[file.kind](file.raw) if file.kind in PLAIN_FILES else file.subject
        entries = len(parse_distrust(file.raw)) if file.kind is ObjectKind.DISTRUST else 0
        self.items.append(JudgedItem(file.kind, "", name, file.sha256, UNSIGNED, entries=entries))

    def _count(self, certificate: Certificate) -> None:
        self.certificates += 1
        country = certificate.subject.country or certificate.country
        self.countries[country] = self.countries.get(country, 0) + 1


def _unusable(certificate: Certificate, kind: ObjectKind) -> str:
    """Return why a certificate could not be installed, or an empty string."""
    if certificate.is_test:
        return TEST_CERTIFICATE
    if kind is ObjectKind.SIGNER:
        return ""
    try:
        Anchor.parse(certificate.raw)
    except DataError as error:
        return reason_of(error)
    return ""


def _signed_itself(certificate: Certificate) -> bool:
    try:
        key = certificate.public_key()
    except DataError:
        return False
    return check_signature(key, certificate.algorithm, certificate.tbs, certificate.signature) is None


def _deviations(content: bytes) -> int:
    """Count the entries of a DeviationList, without reading any."""
    fields = list(children(expect(content, _SEQUENCE).value))
    return sum(1 for _ in children(expect(fields[-1].raw, _SET).value)) if fields else 0
