"""Judge what is offered for installation: each file by what it is, all of them together, and every refusal by a reason.

Certificates that an operator or a publisher hands over are believed because they hand them over. A master list is
believed when its signer chains to one of those, and then every certificate in it; a revocation list, a deviation list
and a Document Signer when an anchor signed it. Nothing of the test issuer is believed, whichever way it comes.
The day plays no part: what is installed must come out the same on every desk and on every day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from auth.distribution.kinds import ObjectKind
from auth.distribution.offered import OfferedFile, RefusedItem
from auth.distribution.plain_files import PLAIN_FILES, parse_distrust
from auth.distribution.refusal import TEST_CERTIFICATE, NotTaken
from reader.errors import DataError
from reader.trust import Anchor, AnchorStore, Certificate, TrustMaterial, check_signature
from reader.trust.algorithms import SignatureFault
from reader.trust.anchors import reason_of
from reader.trust.crl import CrlRefused, RevocationList
from reader.trust.deviations import DeviationList, DeviationLists
from reader.trust.issued import find_issuer
from reader.trust.master_list import MasterList
from reader.trust.revocation import HeldList, RevocationLists
from reader.trust.signed_list import ListRefused
from reader.trust.store import StoreContents, StoredFile

__all__ = ["OLDER", "TEST_CERTIFICATE", "Accepted", "Intake", "subject_of", "take_in"]

OLDER = "older-than-held"
SIGNER_NOT_TRUSTED = "signer-not-trusted"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Say what an installation makes trusted: one certificate, one list or one file.

    ``key`` tells what takes the place of what: two rows of one kind with the same key are an old and a new form.
    ``made_at`` is the date it bears; ``entries`` how many certificates or serials a list has.
    """

    kind: ObjectKind
    country: str
    subject: str
    fingerprint: str
    key: str
    source: str
    made_at: datetime | None = None
    entries: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Intake:
    """Hold what came of judging: what a store is built from, rows for people, refusals, and the files that gave any.

    ``used`` are the digests of those files; a file that is not among them is not worth keeping.
    """

    contents: StoreContents
    accepted: tuple[Accepted, ...]
    refused: tuple[RefusedItem, ...]
    used: frozenset[str]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Return the SHA-256 of each trusted certificate."""
        return tuple(row.fingerprint for row in self.accepted if row.kind is ObjectKind.AUTHORITY)


def take_in(files: Iterable[OfferedFile]) -> Intake:
    """Judge ``files`` together; nothing is raised: what cannot be used is in ``refused``."""
    judging = _Judging()
    by_kind: dict[ObjectKind, list[OfferedFile]] = {kind: [] for kind in ObjectKind}
    for file in sorted(files, key=lambda file: file.sha256):
        by_kind[file.kind].append(file)
    # Who vouches comes before who is vouched for.
    for kind, taking in judging.order():
        for file in by_kind[kind]:
            try:
                taking(file)
            except DataError as error:
                judging.refuse(file, file.subject, _reason(error))
        judging.settle(kind)
    return judging.result()


@dataclass(slots=True, repr=False)
class _Judging:
    """Collect what the files give, kind by kind."""

    rows: dict[tuple[ObjectKind, str], Accepted] = field(default_factory=dict)
    refused: list[RefusedItem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    anchors: list[Anchor] = field(default_factory=list)
    store: AnchorStore = field(default_factory=AnchorStore)
    lists: dict[str, tuple[MasterList, OfferedFile]] = field(default_factory=dict)
    held: list[HeldList] = field(default_factory=list)
    deviations: list[DeviationList] = field(default_factory=list)
    signers: list[Certificate] = field(default_factory=list)
    distrusted: set[str] = field(default_factory=set)
    stored: list[StoredFile] = field(default_factory=list)

    def order(self) -> tuple[tuple[ObjectKind, Callable[[OfferedFile], None]], ...]:
        """Return what takes each kind, in the order in which the kinds are gone through."""
        return (
            (ObjectKind.AUTHORITY, self._authority),
            (ObjectKind.MASTER_LIST, self._master_list),
            (ObjectKind.REVOCATION_LIST, self._revocation_list),
            (ObjectKind.DEVIATION_LIST, self._deviation_list),
            (ObjectKind.SIGNER, self._signer),
            (ObjectKind.DISTRUST, self._distrust),
            *((kind, self._plain) for kind in PLAIN_FILES),
        )

    def settle(self, kind: ObjectKind) -> None:
        """Finish a kind once all its files were seen."""
        if kind is ObjectKind.MASTER_LIST:
            for found, file in self.lists.values():
                self._take_list(found, file)
        if kind in (ObjectKind.AUTHORITY, ObjectKind.MASTER_LIST):
            self.store = AnchorStore.indexed(self.anchors)

    def refuse(self, file: OfferedFile, subject: str, reason: str, country: str = "") -> None:
        """Note a refusal."""
        self.refused.append(RefusedItem(country or file.country, subject, reason, file.name))

    def result(self) -> Intake:
        """Return what came of it."""
        material = TrustMaterial(
            anchors=self.store,
            revocation=RevocationLists(tuple(self.held)),
            deviations=DeviationLists(tuple(self.deviations)),
            distrusted=frozenset(self.distrusted),
            signers=tuple(self.signers),
        )
        order = sorted(self.rows.values(), key=lambda row: (row.kind, row.country, row.subject, row.fingerprint))
        return Intake(
            StoreContents(material, tuple(self.stored)), tuple(order), tuple(sorted(self.refused)), frozenset(self.used)
        )

    def _authority(self, file: OfferedFile) -> None:
        self._take_anchor(_read_authority(file.raw), file)

    def _master_list(self, file: OfferedFile) -> None:
        """Believe a list whose signer one of the certificates handed over vouches for; of each State's the newest."""
        found = _read_master_list(file.raw, self.store.anchors)
        other = self.lists.get(found.country)
        if other is not None and found.signed_at < other[0].signed_at:
            raise NotTaken(OLDER)
        if other is not None:
            self.refuse(other[1], other[1].subject, OLDER)
        self.lists[found.country] = (found, file)

    def _take_list(self, found: MasterList, file: OfferedFile) -> None:
        for anchor in found.anchors.anchors:
            try:
                self._take_anchor(anchor, file)
            except NotTaken as error:
                self.refuse(file, subject_of(anchor.certificate), error.reason, anchor.country)
        for refused in found.anchors.refused:
            self.refuse(file, refused.subject, refused.reason)
        self._add(
            Accepted(
                kind=ObjectKind.MASTER_LIST,
                country=found.country,
                subject=file.subject,
                fingerprint=found.fingerprint,
                key=found.country,
                source=file.name,
                made_at=found.signed_at,
                entries=len(found.anchors),
            ),
            file,
        )

    def _take_anchor(self, anchor: Anchor, file: OfferedFile) -> None:
        certificate = anchor.certificate
        if certificate.is_test:
            raise NotTaken(TEST_CERTIFICATE)
        row = Accepted(
            kind=ObjectKind.AUTHORITY,
            country=anchor.country,
            subject=subject_of(certificate),
            fingerprint=certificate.fingerprint,
            key=anchor.key_fingerprint,
            source=file.name,
            made_at=certificate.validity.begin,
        )
        self.anchors.append(anchor)
        self._add(row, file)

    def _revocation_list(self, file: OfferedFile) -> None:
        held = RevocationLists.verify(_read_revocation_list(file.raw), self.store)
        content = held.content
        key = f"{content.issuer.folded.hex()[:32]}-{held.signer_key[:32]}"
        self._add(
            Accepted(
                kind=ObjectKind.REVOCATION_LIST,
                country=content.country,
                subject=content.issuer.common_name or content.country,
                fingerprint=content.fingerprint,
                key=key,
                source=file.name,
                made_at=content.this_update,
                entries=len(content.revoked),
            ),
            file,
        )
        self.held.append(held)

    def _deviation_list(self, file: OfferedFile) -> None:
        found = DeviationList.read(file.raw, self.store)
        self._add(
            Accepted(
                kind=ObjectKind.DEVIATION_LIST,
                country=found.country,
                subject=file.subject,
                fingerprint=found.fingerprint,
                key=found.country,
                source=file.name,
                made_at=found.signed_at,
                entries=len(found),
            ),
            file,
        )
        self.deviations.append(found)
        self.stored.append(StoredFile(ObjectKind.DEVIATION_LIST.value, file.sha256, file.raw))

    def _signer(self, file: OfferedFile) -> None:
        certificate = Certificate.parse(file.raw)
        if certificate.is_test:
            raise NotTaken(TEST_CERTIFICATE)
        begin = certificate.validity.begin
        if begin is None or find_issuer(certificate, self.store, begin).anchor is None:
            raise NotTaken(SIGNER_NOT_TRUSTED)
        self._add(
            Accepted(
                kind=ObjectKind.SIGNER,
                country=certificate.country,
                subject=subject_of(certificate),
                fingerprint=certificate.fingerprint,
                key=certificate.fingerprint,
                source=file.name,
                made_at=begin,
            ),
            file,
        )
        self.signers.append(certificate)

    def _distrust(self, file: OfferedFile) -> None:
        found = parse_distrust(file.raw)
        self.distrusted |= found
        row = Accepted(file.kind, "", file.subject, file.sha256, file.name, file.name, entries=len(found))
        self._add(row, file)

    def _plain(self, file: OfferedFile) -> None:
        key = PLAIN_FILES[file.kind](file.raw)
        self._add(Accepted(file.kind, "", key, file.sha256, key, file.name), file)
        self.stored.append(StoredFile(file.kind.value, key, file.raw))

    def _add(self, row: Accepted, file: OfferedFile) -> None:
        self.rows.setdefault((row.kind, row.fingerprint), row)
        self.used.add(file.sha256)


# While a change is worked out, the same files are judged for the state before and the one after: each is read once.
@lru_cache(maxsize=8_192)
def _read_authority(raw: bytes) -> Anchor:
    anchor = Anchor.parse(raw)
    _expect_own_signature(anchor)
    return anchor


@lru_cache(maxsize=64)
def _read_revocation_list(raw: bytes) -> RevocationList:
    return RevocationList.parse(raw)


@lru_cache(maxsize=8)
def _read_master_list(raw: bytes, roots: tuple[Anchor, ...]) -> MasterList:
    return MasterList.read(raw, AnchorStore.indexed(roots))


def _expect_own_signature(anchor: Anchor) -> None:
    """Raise NotTaken where a certificate that claims to have signed itself did not: it was damaged on the way."""
    certificate = anchor.certificate
    own = certificate.extensions.authority_key_id in (None, certificate.subject_key_id)
    if not certificate.issuer.matches(certificate.subject) or not own:
        return
    fault = check_signature(anchor.key, certificate.algorithm, certificate.tbs, certificate.signature)
    if fault is SignatureFault.INVALID:
        raise NotTaken("self-signature-invalid")


def subject_of(certificate: Certificate) -> str:
    """Return what people call a certificate: its folded common name, else its country."""
    return certificate.subject.common_name or certificate.country or "no name"


def _reason(error: DataError) -> str:
    if isinstance(error, NotTaken | ListRefused | CrlRefused):
        return error.reason
    return reason_of(error)
