"""Any file that bears on trust, told by what is in it, alone or in a directory."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards import der
from mock_cards.issuing import Pki, PkiOrder, make_pki
from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import (
    ItemKind,
    TrustMaterial,
    read_trust_file,
)

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def pki(*defects: str) -> Pki:
    return make_pki(PkiOrder("lists", AT, defects=defects))


def pem(label: str, raw: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(raw) + f"-----END {label}-----\n".encode()


def kinds(raw: bytes) -> list[str]:
    return [item.kind.value for item in read_trust_file(raw).accepted]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("csca.cer", "authority"),
        ("csca-link.cer", "authority"),
        ("ds.cer", "signer"),
        ("csca.crl", "revocation-list"),
        ("master-list.ml", "master-list"),
        ("deviation-list.dl", "deviation-list"),
    ],
)
def test_every_kind_of_file_is_known_in_der_and_pem(file: str, kind: str) -> None:
    raw = pki()[file]
    assert kinds(raw) == kinds(pem("WHATEVER IT IS", raw)) == [kind]
    item = read_trust_file(raw).accepted[0]
    assert (item.country, item.raw) == ("VN", raw)
    assert item.subject
    assert item.fingerprint == hashlib.sha256(raw).hexdigest()
    assert repr(item) == f"TrustItem({kind}, VN)"


def test_a_bundle_is_cut_into_its_certificates(authority: Any) -> None:
    made = pki()
    empty = signed_bundle(made["csca.cer"], made["ds.cer"])
    assert sorted(kinds(empty)) == ["authority", "signer"]
    assert kinds(signed_bundle()) == []


def signed_bundle(*certificates: bytes) -> bytes:
    """Write a PKCS #7 bundle: SignedData without a content and without a signer (RFC 5652 §5)."""
    data = der.sequence(
        der.integer(1),
        der.set_of(),
        der.sequence(der.object_identifier("1.2.840.113549.1.7.1")),
        encode(0xA0, b"".join(certificates)) if certificates else b"",
        der.set_of(),
    )
    return der.sequence(der.object_identifier("1.2.840.113549.1.7.2"), encode(0xA0, data))


def test_a_download_of_the_icao_directory_is_read() -> None:
    made = pki()

    def entry(attribute: str, raw: bytes) -> bytes:
        text = base64.b64encode(raw).decode()
        lines = [f"dn: o=dsc,c=VN,dc=data,dc=download,dc=pkd,dc=icao,dc=int\nsn:: {base64.b64encode(b'x').decode()}"]
        lines.append(f"{attribute}:: {text[:70]}")
        lines += [f" {text[place : place + 76]}" for place in range(70, len(text), 76)]
        return "\n".join(lines).encode() + b"\n\n"

    raw = (
        b"version: 1\n\n"
        + entry("userCertificate;binary", made["ds.cer"])
        + entry("certificateRevocationList;binary", made["csca.crl"])
        + entry("pkdMasterListContent", made["master-list.ml"])
        + entry("userCertificate;binary", b"\x30\x00")
    )
    found = read_trust_file(raw, "icaopkd.ldif")
    assert [item.kind.value for item in found.accepted] == ["signer", "revocation-list", "master-list"]
    assert [(refused.subject, refused.reason) for refused in found.refused] == [("icaopkd.ldif, item 4", "malformed")]
    assert repr(found) == "TrustFile(3 accepted, 1 refused)"
    assert found.of_kind(ItemKind.SIGNER) == (made["ds.cer"],)


def test_what_cannot_be_read_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pki()
    assert [refused.reason for refused in read_trust_file(pki("crl-delta")["csca.crl"]).refused] == ["delta-list"]
    assert [refused.reason for refused in read_trust_file(b"").refused] == ["malformed"]
    assert [refused.reason for refused in read_trust_file(pem("X", b"")).refused] == ["malformed"]
    assert read_trust_file(b"-----BEGIN X-----\nA\n-----END X-----\n").refused[0].reason == "malformed"
    assert read_trust_file(b"dn: c=VN\n").accepted == ()
    monkeypatch.setattr("reader.trust.trust_file.MAX_FILE_BYTES", 10)
    assert read_trust_file(made["ds.cer"], "ds.cer").refused[0].reason == "too-large"
    monkeypatch.undo()
    monkeypatch.setattr("reader.trust.trust_file.MAX_ITEMS", 2)
    found = read_trust_file(pem("A", made["ds.cer"]) + pem("B", made["csca.cer"]) + pem("C", made["csca.crl"]))
    assert (len(found.accepted), found.refused[0].reason) == (2, "too-many-items")


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_a_file(raw: bytes) -> None:
    found = read_trust_file(raw)
    assert found.accepted == ()


def test_a_directory_holds_everything_together(tmp_path: Path) -> None:
    made = pki("revoked-ds")
    for name in ("csca.cer", "ds.cer", "csca.crl", "deviation-list.dl", "master-list.ml"):
        (tmp_path / name).write_bytes(made[name])
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "bad.crl").write_bytes(b"\x30")
    trust = TrustMaterial.load_directory(tmp_path)
    assert repr(trust).startswith("TrustMaterial(AnchorStore(1 anchors, 0 refused), RevocationLists(1 lists")
    assert [signer.raw for signer in trust.signers] == [made["ds.cer"]]
    assert [(refused.subject, refused.reason) for refused in trust.refused] == [("bad.crl", "malformed")]
    assert len(trust.deviations.lists) == 1


def test_a_directory_is_bounded_and_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        TrustMaterial.load_directory(tmp_path / "nowhere")
    (tmp_path / "a.cer").write_bytes(b"")
    monkeypatch.setattr("reader.trust.material.MAX_FILES", 0)
    with pytest.raises(DataError, match="more than 0 files"):
        TrustMaterial.load_directory(tmp_path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cer").write_bytes(pki()["csca.cer"])

    def unreadable(*_: Any, **__: Any) -> Any:
        raise OSError

    monkeypatch.setattr(Path, "open", unreadable)
    assert [refused.reason for refused in TrustMaterial.load_directory(tmp_path).refused] == ["malformed"]
