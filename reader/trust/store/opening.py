"""Open a store: compare the index and every part with its digest, and hand out the material they hold.

A flipped bit, a part from elsewhere or an index that somebody edited is an error at once, and never an authority that
is missing or a revocation that nobody sees. Hashing all of it costs a few milliseconds; parsing it would cost seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reader.bounded_file import read_bounded_file
from reader.errors import DataError
from reader.trust.algorithms import Scheme, SignatureAlgorithm
from reader.trust.anchors import Anchor, AnchorStore
from reader.trust.certificate import Certificate
from reader.trust.crl import RevocationList, RevokedSerials
from reader.trust.deviations import DeviationLists
from reader.trust.material import TrustMaterial
from reader.trust.names import DistinguishedName
from reader.trust.revocation import HeldList, RevocationLists
from reader.trust.store.building import FORMAT, StoredFile

__all__ = ["DEVIATION_LIST", "INDEX", "PARTS", "OpenedStore", "open_store"]

INDEX, PARTS = "index.json", "parts.bin"
MAX_INDEX = 64 * 1024 * 1024
MAX_PARTS = 512 * 1024 * 1024
DEVIATION_LIST = "deviation-list"


@dataclass(frozen=True, slots=True, repr=False)
class OpenedStore:
    """Hold what an opened store has: the material, the SHA-256 of each anchor in hex, the files, what was sealed."""

    material: TrustMaterial
    fingerprints: tuple[str, ...]
    files: tuple[StoredFile, ...]
    state: Mapping[str, Any]

    def of_kind(self, kind: str) -> dict[str, bytes]:
        """Return the files of one kind by name."""
        return {file.name: file.raw for file in self.files if file.kind == kind}

    def __repr__(self) -> str:
        """Show numbers only."""
        return f"OpenedStore({self.material}, {len(self.files)} files)"


def open_store(folder: Path, sha256: str) -> OpenedStore:
    """Open the store in ``folder`` whose index has the digest ``sha256``; raise DataError where it is not that."""
    index_raw = read_bounded_file(folder / INDEX, MAX_INDEX)
    if not hmac.compare_digest(hashlib.sha256(index_raw).hexdigest(), sha256):
        raise DataError("trust store whose index was changed")
    parts = _Parts(read_bounded_file(folder / PARTS, MAX_PARTS))
    try:
        index = json.loads(index_raw)
        if index["format"] != FORMAT:
            raise DataError("trust store of another format")
        return _opened(index, parts)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError):
        raise DataError("trust store whose index cannot be read") from None


class _Parts:
    """Hand out parts of one file, each compared with its digest."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def get(self, offset: int, length: int, sha256: str) -> bytes:
        """Return a part; raise DataError where it is not the one that the index names."""
        part = self._raw[offset : offset + length] if offset >= 0 and length >= 0 else b""
        if len(part) != length or not hmac.compare_digest(hashlib.sha256(part).hexdigest(), sha256):
            raise DataError("trust store with a part that was changed")
        return part


def _opened(index: Mapping[str, Any], parts: _Parts) -> OpenedStore:
    anchors = AnchorStore.indexed(_anchor(row, parts) for row in index["anchors"])
    files = tuple(StoredFile(row[0], row[1], parts.get(*row[2:])) for row in index["files"])
    deviations = (file.raw for file in files if file.kind == DEVIATION_LIST)
    material = TrustMaterial(
        anchors=anchors,
        revocation=RevocationLists(tuple(_crl(said, parts) for said in index["crls"])),
        deviations=DeviationLists.of(deviations, anchors),
        distrusted=frozenset(index["distrusted"]),
        signers=tuple(Certificate.parse(parts.get(*row)) for row in index["signers"]),
    )
    return OpenedStore(material, tuple(row[-1] for row in index["anchors"]), files, index["state"])


def _anchor(row: list[Any], parts: _Parts) -> Anchor:
    country, key_id, name, key_fingerprint, offset, length, sha256 = row
    raw = parts.get(offset, length, sha256)
    return Anchor(raw, country, None if key_id is None else bytes.fromhex(key_id), bytes.fromhex(name), key_fingerprint)


def _crl(said: Mapping[str, Any], parts: _Parts) -> HeldList:
    """Return a list as it was verified when it was installed; the signed bytes themselves are not kept here."""
    algorithm = dict(said["algorithm"])
    algorithm["scheme"] = None if algorithm["scheme"] is None else Scheme(algorithm["scheme"])
    content = RevocationList(
        issuer=DistinguishedName.parse(bytes.fromhex(said["issuer"])),
        other_names=tuple(DistinguishedName.parse(bytes.fromhex(name)) for name in said["other_names"]),
        authority_key_id=None if said["key_id"] is None else bytes.fromhex(said["key_id"]),
        number=None if said["number"] is None else int(said["number"]),
        this_update=datetime.fromisoformat(said["this_update"]),
        next_update=datetime.fromisoformat(said["next_update"]),
        revoked=RevokedSerials(said["width"], parts.get(*said["revoked"])),
        fingerprint=said["fingerprint"],
        algorithm=SignatureAlgorithm(**algorithm),
        algorithms_agree=True,
        tbs=b"",
        signature=b"",
    )
    return HeldList(content, said["signer_key"])
