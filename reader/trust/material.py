"""Everything that a desk holds to judge a document's signer by, in one frozen value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from reader.errors import DataError
from reader.trust.anchors import AnchorStore, Refused
from reader.trust.certificate import Certificate
from reader.trust.defects import NationalDefects
from reader.trust.deviations import DeviationLists
from reader.trust.revocation import RevocationLists
from reader.trust.trust_file import MAX_FILE_BYTES, ItemKind, read_trust_file

__all__ = ["TrustMaterial"]

SUFFIXES = (".der", ".cer", ".crt", ".pem", ".p7b", ".p7c", ".crl", ".ml", ".dl", ".ldif")
MAX_FILES = 4_096


@dataclass(frozen=True, slots=True, repr=False)
class TrustMaterial:
    """Hold the anchors and what was published under them.

    ``distrusted`` are SHA-256 fingerprints in hex, of certificates or of keys, that vouch for nothing any more.
    ``signers`` are Document Signer certificates for documents that do not carry theirs; ``unreadable`` is what stood in
    the files and could not be read. Everything in ``revocation`` and ``deviations`` was verified against ``anchors``.
    """

    anchors: AnchorStore = field(default_factory=AnchorStore)
    revocation: RevocationLists = field(default_factory=RevocationLists)
    deviations: DeviationLists = field(default_factory=DeviationLists)
    defects: NationalDefects = field(default_factory=NationalDefects.shipped)
    distrusted: frozenset[str] = frozenset()
    signers: tuple[Certificate, ...] = ()
    unreadable: tuple[Refused, ...] = ()

    @classmethod
    def of(
        cls, certificates: Iterable[bytes], crls: Iterable[bytes] = (), deviation_lists: Iterable[bytes] = ()
    ) -> TrustMaterial:
        """Build it from DER: CSCA certificates that are to be believed, and lists, which are verified under them."""
        anchors = AnchorStore.of(certificates)
        return cls(anchors, RevocationLists.of(crls, anchors), DeviationLists.of(deviation_lists, anchors))

    @classmethod
    def load_directory(cls, path: Path) -> TrustMaterial:
        """Build it from the files of a directory that ``reader.trust.trust_file`` can read.

        Authorities' certificates become anchors, since an administrator put them there; lists are verified under them.
        Master lists are passed over: what is in them has to be imported by somebody. Raise DataError where it is none.
        """
        try:
            files = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES and entry.is_file())
        except OSError:
            raise DataError("the directory of trust material cannot be read") from None
        if len(files) > MAX_FILES:
            raise DataError(f"more than {MAX_FILES} files of trust material")
        return cls.of_files((file.name, _read(file)) for file in files)

    @classmethod
    def of_files(cls, files: Iterable[tuple[str, bytes]]) -> TrustMaterial:
        """Build it from files by name; what cannot be used is in ``refused``."""
        read = [read_trust_file(raw, name) for name, raw in files]

        def of_kind(kind: ItemKind) -> list[bytes]:
            return [raw for file in read for raw in file.of_kind(kind)]

        found = cls.of(of_kind(ItemKind.AUTHORITY), of_kind(ItemKind.REVOCATION_LIST), of_kind(ItemKind.DEVIATION_LIST))
        return replace(
            found,
            signers=tuple(Certificate.parse(raw) for raw in of_kind(ItemKind.SIGNER)),
            unreadable=tuple(refused for file in read for refused in file.refused),
        )

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Return what could not be used, with the reasons."""
        return (*self.unreadable, *self.anchors.refused, *self.revocation.refused, *self.deviations.refused)

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"TrustMaterial({self.anchors}, {self.revocation}, {self.deviations})"


def _read(file: Path) -> bytes:
    """Return what a file holds, as much of it as may be; one that cannot be opened is as one that is empty."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except OSError:
        return b""
