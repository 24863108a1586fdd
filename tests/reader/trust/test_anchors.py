"""The store of anchors: what cannot be used is refused with a reason and never in the way of the others."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from reader.errors import DataError
from reader.trust import AnchorStore, TrustMaterial


def test_usable_and_unusable_certificates_are_told_apart(authority: Any) -> None:
    good = authority.csca(authority.key(explicit=True))
    denies = authority.csca(authority.key(), ca=False)
    forged = authority.csca(authority.key("secp256r1", b=5))
    store = AnchorStore.of([good, b"nonsense", denies, forged, good])
    assert len(store) == 1
    assert [(refused.subject, refused.reason) for refused in store.refused] == [
        ("certificate 2", "malformed"),
        ("certificate 3", "not-an-authority"),
        ("certificate 4", "unknown-curve"),
    ]
    assert [anchor.country for anchor in store.for_country("vn")] == ["VN"]
    assert store.for_country("DE") == ()


def test_a_link_certificate_is_another_certificate_of_the_same_key(authority: Any) -> None:
    old, new = authority.key(), authority.key()
    store = AnchorStore.of([authority.csca(new), authority.csca(new, signer=old, serial=9)])
    assert len(store) == 2
    assert len({anchor.key_fingerprint for anchor in store.anchors}) == 1


def test_a_directory_is_read_in_der_and_pem(authority: Any, tmp_path: Path) -> None:
    first, second, third = (authority.csca(authority.key()) for _ in range(3))
    (tmp_path / "a.cer").write_bytes(first)
    pem = b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(raw) + b"-----END CERTIFICATE-----\n"
        for raw in (second, third)
    )
    (tmp_path / "b.pem").write_bytes(pem)
    (tmp_path / "c.crt").write_bytes(b"\x30")
    (tmp_path / "d.der").write_bytes(bytes(70_000))
    (tmp_path / "readme.txt").write_text("not a certificate")
    store = TrustMaterial.load_directory(tmp_path)
    assert {anchor.certificate.raw for anchor in store.anchors.anchors} == {first, second, third}
    assert [(refused.subject, refused.reason) for refused in store.refused] == [
        ("c.crt", "malformed"),
        ("d.der", "malformed"),
    ]


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        TrustMaterial.load_directory(tmp_path / "nowhere")
