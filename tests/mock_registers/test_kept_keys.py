"""Keys that a sandbox keeps: the same from start to start, for one user alone, and never lost for a damaged file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential
from mock_registers.authority import TestAuthority
from mock_registers.gate import EnrolledDevice
from mock_registers.kept_keys import KEYS_FILE, SandboxKeys, kept_keys, new_keys
from mock_registers.sandbox import serve_registers

NOW = datetime.now(UTC)


def opened(folder: Path, now: datetime = NOW, said: list[str] | None = None) -> SandboxKeys:
    return kept_keys(folder, now, (said if said is not None else []).append)


def ids(keys: SandboxKeys) -> dict[str, str]:
    signing = {f"signing {name}": key.key_id for name, key in keys.signing.items()}
    return signing | {f"opening {name}": key.key_id for name, key in keys.opening.items()}


def test_what_a_desk_was_told_at_the_first_start_holds_at_the_next(tmp_path: Path, lookup: Lookup) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    known = EnrolledDevice("desk-1", signer.key_id, signer.public_key, opener.public_key)
    with serve_registers([known], kept=opened(tmp_path / "keys")) as told:
        settings = next(one for one in told if one.register == "population")
    port = int(settings.base_url.split(":")[2].split("/")[0])
    with serve_registers([known], port=port, kept=opened(tmp_path / "keys")) as again:
        assert [(one.register, one.base_url, one.tls_anchors, one.answer_keys, one.seal_keys) for one in again] == [
            (one.register, one.base_url, one.tls_anchors, one.answer_keys, one.seal_keys) for one in told
        ]
        client = PopulationClient(settings, DeviceCredential("desk-1", signer, opener))
        try:
            assert client.find_citizen(lookup).record is not None
        finally:
            client.close()


def test_every_service_has_keys_of_its_own_and_without_a_folder_new_ones(tmp_path: Path) -> None:
    kept = ids(opened(tmp_path))
    assert len(set(kept.values())) == len(kept)
    assert set(kept.values()).isdisjoint(ids(new_keys()).values())


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_nobody_else_may_read_what_is_kept(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        opened(tmp_path / "keys")
    finally:
        os.umask(before)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {0o600}
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == [KEYS_FILE, "lock"]
    (tmp_path / "keys" / KEYS_FILE).chmod(0o640)
    with pytest.raises(ValueError, match="open to others"):
        opened(tmp_path / "keys")


def test_servers_that_begin_at_once_over_one_folder_have_the_same_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        all_of_them = list(pool.map(lambda _: opened(tmp_path / "keys"), range(16)))
    assert all(ids(keys) == ids(all_of_them[0]) for keys in all_of_them)
    assert {keys.authority.anchor for keys in all_of_them} == {opened(tmp_path / "keys").authority.anchor}


def test_an_authority_whose_time_is_over_is_made_anew_with_a_word_and_the_keys_stay(tmp_path: Path) -> None:
    said: list[str] = []
    first = opened(tmp_path, NOW, said)
    assert opened(tmp_path, NOW + timedelta(days=363), said).authority.anchor == first.authority.anchor
    assert said == []
    late = NOW + timedelta(days=366)
    second = opened(tmp_path, late, said)
    assert second.authority.anchor != first.authority.anchor
    assert second.authority.ends > late + timedelta(days=364)
    assert ids(second) == ids(first)
    assert len(said) == 1
    assert "tls_anchors" in said[0]
    assert opened(tmp_path, late, said).authority.anchor == second.authority.anchor
    assert len(said) == 1


def test_a_service_that_is_new_gets_a_key_and_the_others_keep_theirs(tmp_path: Path) -> None:
    first = ids(opened(tmp_path))
    kept = json.loads((tmp_path / KEYS_FILE).read_bytes())
    kept["signing"]["of-another-version"] = kept["signing"].pop("housing")
    (tmp_path / KEYS_FILE).write_text(json.dumps(kept))
    second = ids(opened(tmp_path))
    assert {name for name in first if first[name] != second[name]} == {"signing housing"}
    assert "of-another-version" in json.loads((tmp_path / KEYS_FILE).read_bytes())["signing"]


def test_what_a_killed_start_left_behind_harms_nobody(tmp_path: Path) -> None:
    left = tmp_path / f".{KEYS_FILE}.new"
    left.write_bytes(b"half")
    assert ids(opened(tmp_path)) == ids(opened(tmp_path))
    assert not left.exists()


def _cut(kept: dict[str, object]) -> bytes:
    return json.dumps(kept).encode()[:-40]


def _nothing(_kept: dict[str, object]) -> bytes:
    return b""


def _another_key(kept: dict[str, object]) -> bytes:
    return json.dumps(kept | {"authority_key": TestAuthority().to_pems()[0]}).encode()


def _no_certificate(kept: dict[str, object]) -> bytes:
    return json.dumps(kept | {"authority_certificate": "none"}).encode()


def _too_long(kept: dict[str, object]) -> bytes:
    return json.dumps(kept).encode() + b" " * 65_536


def _pem(curve: ec.EllipticCurve, passphrase: bytes = b"") -> str:
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return ec.generate_private_key(curve).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode()


def _other_curve(kept: dict[str, object]) -> bytes:
    return json.dumps(kept | {"signing": {"land": _pem(ec.SECP384R1())}}).encode()


def _under_a_passphrase(kept: dict[str, object]) -> bytes:
    return json.dumps(kept | {"opening": {"land": _pem(ec.SECP256R1(), b"a passphrase")}}).encode()


@pytest.mark.parametrize(
    "damage", [_cut, _nothing, _another_key, _no_certificate, _too_long, _other_curve, _under_a_passphrase]
)
def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path: Path, damage: Callable[[dict[str, object]], bytes]) -> None:
    opened(tmp_path)
    file = tmp_path / KEYS_FILE
    whole = file.read_bytes()
    file.write_bytes(damage(json.loads(whole)))
    damaged = file.read_bytes()
    with pytest.raises(ValueError, match=f"{KEYS_FILE} is damaged: put a copy of it back"):
        opened(tmp_path)
    assert file.read_bytes() == damaged
    file.write_bytes(whole)
    assert ids(opened(tmp_path)).keys() == ids(new_keys()).keys()


def test_what_is_kept_says_that_it_is_a_test(tmp_path: Path) -> None:
    keys = opened(tmp_path)
    kept = json.loads((tmp_path / KEYS_FILE).read_bytes())
    assert kept["about"].startswith("TEST keys")
    assert "Một Cửa TEST".encode() in keys.authority.anchor
    assert isinstance(load_pem_private_key(kept["authority_key"].encode(), None), ec.EllipticCurvePrivateKey)
