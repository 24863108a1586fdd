"""Build a store: one file of parts, and one index that names each part by place and SHA-256.

The index holds what anchors are looked up by (country, key identifier, folded name) beside the certificate's place, and
of a revocation list everything but its entries; these stand sorted in a part of their own. So nothing is parsed when a
store is opened, however large it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from reader.trust.anchors import Anchor
from reader.trust.material import TrustMaterial
from reader.trust.revocation import HeldList

__all__ = ["FORMAT", "StoreContents", "StoredFile", "build_store"]

FORMAT = "motcua-trust-store-1"


@dataclass(frozen=True, slots=True, repr=False)
class StoredFile:
    """Hold a file that is kept as it came: a deviation list, register keys, a policy."""

    kind: str
    name: str
    raw: bytes


@dataclass(frozen=True, slots=True, repr=False)
class StoreContents:
    """Hold everything that a store is built from.

    ``files`` go with the material; deviation lists are among them, since they are read anew from their own bytes.
    ``state`` is whatever the installer wants to be sealed with it.
    """

    material: TrustMaterial
    files: tuple[StoredFile, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)


def build_store(contents: StoreContents) -> tuple[bytes, bytes]:
    """Return (index, parts); the same contents give the same bytes."""
    parts = _Parts()
    material = contents.material
    index = {
        "format": FORMAT,
        "anchors": [
            _anchor(anchor, parts)
            for anchor in sorted(material.anchors.anchors, key=lambda anchor: (anchor.country, anchor.raw))
        ],
        "signers": [parts.add(raw) for raw in sorted(signer.raw for signer in material.signers)],
        "crls": [
            _crl(held, parts) for held in sorted(material.revocation.lists, key=lambda held: held.content.fingerprint)
        ],
        "distrusted": sorted(material.distrusted),
        "files": [
            [file.kind, file.name, *parts.add(file.raw)]
            for file in sorted(contents.files, key=lambda file: (file.kind, file.name, file.raw))
        ],
        "state": dict(contents.state),
    }
    return json.dumps(index, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode(), parts.joined()


class _Parts:
    """Collect parts and tell where each will lie."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, raw: bytes) -> list[Any]:
        """Take one more part; return its offset, length and SHA-256."""
        offset = self._size
        self._parts.append(raw)
        self._size += len(raw)
        return [offset, len(raw), hashlib.sha256(raw).hexdigest()]

    def joined(self) -> bytes:
        """Return all parts."""
        return b"".join(self._parts)


def _anchor(anchor: Anchor, parts: _Parts) -> list[Any]:
    key_id = anchor.subject_key_id
    return [
        anchor.country,
        None if key_id is None else key_id.hex(),
        anchor.name.hex(),
        anchor.key_fingerprint,
        *parts.add(anchor.raw),
    ]


def _crl(held: HeldList, parts: _Parts) -> dict[str, Any]:
    content = held.content
    key_id = content.authority_key_id
    return {
        "signer_key": held.signer_key,
        "issuer": content.issuer.raw.hex(),
        "other_names": [name.raw.hex() for name in content.other_names],
        "key_id": None if key_id is None else key_id.hex(),
        "number": None if content.number is None else str(content.number),
        "this_update": content.this_update.isoformat(),
        "next_update": content.next_update.isoformat(),
        "fingerprint": content.fingerprint,
        "algorithm": asdict(content.algorithm),
        "width": content.revoked.width,
        "revoked": parts.add(content.revoked.records),
    }
