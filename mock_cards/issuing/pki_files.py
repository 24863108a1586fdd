"""A test PKI as files: certificates and lists as DER, private keys as PKCS#8, and a manifest that says what is what."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mock_cards.issuing.cv_pki import CV_DEFECTS, CvPki
from mock_cards.issuing.pki import Pki, pki_defects
from mock_cards.issuing.private_keys import to_pkcs8
from mock_cards.issuing.signatures import Key

__all__ = ["MANIFEST", "DefectEntry", "defect_entries", "write_pki"]

MANIFEST = "manifest.json"
_CV_ABOUT = {
    "cvca": "the authority that chips trust",
    "cvca-link": "the authority's new key, vouched for by the old one",
    "cvca-new": "the authority's new key, self-signed",
    "dv": "the document verifier",
    "is": "the inspection system: the terminal",
    "dv-new": "the document verifier under the authority's new key",
    "is-new": "the inspection system under the authority's new key",
}


@dataclass(frozen=True, slots=True)
class DefectEntry:
    """Say what a defect is, for people: the file it spoils, what is wrong, and which rule that breaks."""

    name: str
    file: str
    about: str
    rule: str


@dataclass(frozen=True, slots=True, repr=False)
class _Entry:
    """Hold one file on its way to the disk."""

    name: str
    kind: str
    about: str
    content: bytes
    is_anchor: bool
    key: Key | None
    defects: tuple[str, ...]


def defect_entries() -> tuple[DefectEntry, ...]:
    """Return every defect there is, those of the terminals' PKI included."""
    return tuple(
        DefectEntry(defect.name, defect.file, defect.about, defect.rule) for defect in (*pki_defects(), *CV_DEFECTS)
    )


def write_pki(folder: Path, pki: Pki, terminals: CvPki, order: dict[str, object]) -> Path:
    """Write everything into ``folder``, which is made where there is none; return the manifest's path.

    Private keys are readable by their owner only. ``order`` says in the manifest how it was made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = tuple(_entries(pki, terminals))
    for entry in entries:
        (folder / entry.name).write_bytes(entry.content)
        if (name := _key_name(entry)) and entry.key is not None:
            _write_secret(folder / name, to_pkcs8(entry.key))
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps(_manifest(entries, order), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return manifest


def _entries(pki: Pki, terminals: CvPki) -> Iterator[_Entry]:
    for file in pki.files.values():
        yield _Entry(file.name, file.kind, file.about, file.content, file.is_anchor, file.key, file.defects)
    for name, holder in terminals.holders.items():
        about = _CV_ABOUT[name.removesuffix(".cvcert")]
        # The link carries the key of the new authority, whose own file holds it.
        key = None if name == "cvca-link.cvcert" else holder.key
        is_anchor = name == "cvca.cvcert"
        yield _Entry(name, "cv-certificate", about, holder.certificate, is_anchor, key, terminals.defects[name])


def _key_name(entry: _Entry) -> str:
    """Return the name of the file with the private key; empty where there is none, or none that can be written."""
    if entry.key is None or getattr(entry.key, "public_exponent", 0) == 1:
        return ""
    return f"{entry.name.rpartition('.')[0]}.p8"


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _manifest(entries: Iterable[_Entry], order: dict[str, object]) -> dict[str, object]:
    entries = tuple(entries)
    chosen = {name for entry in entries for name in entry.defects}
    return {
        "schema": 1,
        "test": True,
        **order,
        "files": [
            {
                "file": entry.name,
                "kind": entry.kind,
                "about": entry.about,
                "anchor": entry.is_anchor,
                "key": _key_name(entry) or None,
                "sha256": hashlib.sha256(entry.content).hexdigest(),
                "defects": list(entry.defects),
            }
            for entry in entries
        ],
        "defects": [
            {"name": one.name, "file": one.file, "about": one.about, "rule": one.rule}
            for one in defect_entries()
            if one.name in chosen
        ],
    }
