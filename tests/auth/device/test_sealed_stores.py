"""Software keys: nothing of them on the disk unsealed, and no other way in than the one they were sealed by."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring import errors
from keyring.backends import chainer, fail, null

from auth.device.errors import (
    DeviceError,
    DeviceKeyUnusable,
    KeychainInsecure,
    KeychainUnavailable,
    PassphraseRefused,
)
from auth.device.keychain import Keychain, judge_backend
from auth.device.keys import KeyUse, StoreKind
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import KeychainSeal, PassphraseSeal
from auth.device.secrets import Secret
from auth.device_opener import SoftwareOpener
from auth.wire.envelope import open_sealed, seal

PASSPHRASE = b"a passphrase of a test"
# PKCS#8 of a P-256 key begins so, whatever the key (RFC 5915, RFC 5958).
PKCS8 = bytes.fromhex("30818702010030130607 2a8648ce3d0201".replace(" ", ""))


@pytest.fixture(params=["keychain", "passphrase"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SealedKeyStore]:
    make = request.getfixturevalue(f"{request.param}_store")
    return lambda: make(tmp_path / "device")


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_keys_come_back_as_the_same_after_a_restart(open_store: Callable[[], SealedKeyStore]) -> None:
    store = open_store()
    signing, opening = store.create(KeyUse.SIGNING), store.create(KeyUse.OPENING)
    again = open_store()
    assert again.key_ids() == {signing.key_id, opening.key_id}
    assert signing.verifies(b"message", again.signer(signing.key_id).sign(b"message"))
    envelope = seal(b"secret", "kind", opening.key_id, opening.to_der())
    assert open_sealed(envelope, "kind", {opening.key_id: again.opener(opening.key_id)}) == b"secret"
    assert again.public(opening.key_id) == opening


def test_nothing_on_the_disk_is_a_key_in_the_clear(open_store: Callable[[], SealedKeyStore], tmp_path: Path) -> None:
    store = open_store()
    ids = [store.create(use).key_id for use in KeyUse]
    raw = everything_in(tmp_path)
    assert PKCS8 not in raw
    assert PASSPHRASE not in raw
    for key_id in ids:
        secret = store._load(key_id, KeyUse.SIGNING if key_id == ids[0] else KeyUse.OPENING)
        number = secret.private_numbers().private_value
        assert number.to_bytes(32, "big") not in raw
        assert f"{number:064x}".encode() not in raw
    if os.name == "posix":
        assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]


def test_a_key_serves_the_one_use_it_was_made_for(open_store: Callable[[], SealedKeyStore]) -> None:
    store = open_store()
    signing, opening = store.create(KeyUse.SIGNING), store.create(KeyUse.OPENING)
    for wrong in (lambda: store.opener(signing.key_id), lambda: store.signer(opening.key_id)):
        with pytest.raises(DeviceKeyUnusable):
            wrong()


def test_a_file_under_another_name_or_for_another_use_does_not_open(
    open_store: Callable[[], SealedKeyStore], tmp_path: Path
) -> None:
    store = open_store()
    one, other = store.create(KeyUse.SIGNING), store.create(KeyUse.SIGNING)
    keys = tmp_path / "device" / "keys"
    shutil.copy(keys / f"{one.key_id}.signing", keys / f"{other.key_id}.signing")
    shutil.copy(keys / f"{one.key_id}.signing", keys / f"{one.key_id}.opening")
    with pytest.raises(DeviceKeyUnusable, match="damaged"):
        store.signer(other.key_id)
    with pytest.raises(DeviceKeyUnusable, match="damaged"):
        store.opener(one.key_id)


def test_one_flipped_bit_anywhere_in_a_key_is_noticed(
    keychain_store: Callable[[Path], SealedKeyStore], tmp_path: Path
) -> None:
    store = keychain_store(tmp_path)
    key_id = store.create(KeyUse.SIGNING).key_id
    file = tmp_path / "keys" / f"{key_id}.signing"
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DeviceKeyUnusable):
            store.signer(key_id)
    for cut in (b"", whole[:5], whole[:-1], whole + b"x", bytes(5_000)):
        file.write_bytes(cut)
        with pytest.raises(DeviceKeyUnusable):
            store.signer(key_id)


@pytest.mark.parametrize("key_id", ["", "../../x", "a/b", "a\\b", "x\0y", "."])
def test_a_name_that_is_no_key_id_reaches_no_file(
    keychain_store: Callable[[Path], Any], tmp_path: Path, key_id: str
) -> None:
    with pytest.raises(DeviceKeyUnusable, match="no key id"):
        keychain_store(tmp_path).signer(key_id)


def test_a_wrong_a_short_and_no_passphrase_are_refused_and_never_shown(
    passphrase_store: Callable[..., SealedKeyStore], tmp_path: Path
) -> None:
    key_id = passphrase_store(tmp_path).create(KeyUse.SIGNING).key_id
    with pytest.raises(PassphraseRefused, match="wrong") as wrong:
        passphrase_store(tmp_path, b"another passphrase").signer(key_id)
    assert "another" not in f"{wrong.value!r}{wrong.value}"
    for passphrase, why in ((b"", "no secret"), (b"elevenchars", "too short")):
        with pytest.raises(PassphraseRefused, match=why):
            passphrase_store(tmp_path / "new", passphrase).create(KeyUse.SIGNING)
    assert not (tmp_path / "new" / "seal.json").exists()


@pytest.mark.parametrize("change", [{"cost": 2}, {"cost": 1 << 30}, {"salt": "00"}, {"kind": "none"}, {"format": "x"}])
def test_a_seal_that_asks_for_less_or_for_endless_work_is_refused(
    passphrase_store: Callable[..., SealedKeyStore], tmp_path: Path, change: dict[str, object]
) -> None:
    key_id = passphrase_store(tmp_path).create(KeyUse.SIGNING).key_id
    file = tmp_path / "seal.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(DeviceKeyUnusable, match=r"seal\.json"):
        passphrase_store(tmp_path).signer(key_id)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_seal_or_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-seal"
    folder.mkdir(exist_ok=True)
    (folder / "seal.json").write_bytes(raw)
    with pytest.raises(DeviceError):
        SealedKeyStore(folder, PassphraseSeal(folder, Secret(lambda: PASSPHRASE))).create(KeyUse.SIGNING)


def test_a_folder_that_was_sealed_one_way_is_opened_in_no_other(
    passphrase_store: Callable[..., Any], keychain_store: Callable[[Path], Any], tmp_path: Path
) -> None:
    by_passphrase = passphrase_store(tmp_path / "p").create(KeyUse.SIGNING).key_id
    by_keychain = keychain_store(tmp_path / "k").create(KeyUse.SIGNING).key_id
    for store, key_id in (
        (keychain_store(tmp_path / "p"), by_passphrase),
        (passphrase_store(tmp_path / "k"), by_keychain),
    ):
        with pytest.raises(DeviceKeyUnusable, match="another way"):
            store.signer(key_id)
        with pytest.raises(DeviceKeyUnusable, match="another way"):
            store.create(KeyUse.SIGNING)


def test_what_was_destroyed_stays_so_whoever_kept_a_copy_of_the_keys(
    open_store: Callable[[], SealedKeyStore], tmp_path: Path
) -> None:
    store = open_store()
    key_id = store.create(KeyUse.SIGNING).key_id
    shutil.copytree(tmp_path / "device" / "keys", tmp_path / "copy")
    store.destroy_everything()
    store.destroy_everything()
    assert list((tmp_path / "device").rglob("*")) == []
    shutil.copytree(tmp_path / "copy", tmp_path / "device" / "keys")
    with pytest.raises(DeviceKeyUnusable):
        open_store().signer(key_id)


def test_destroying_one_key_leaves_the_other(open_store: Callable[[], SealedKeyStore]) -> None:
    store = open_store()
    one, other = store.create(KeyUse.SIGNING), store.create(KeyUse.SIGNING)
    store.destroy(one.key_id)
    store.destroy(one.key_id)
    assert store.key_ids() == {other.key_id}
    with pytest.raises(DeviceKeyUnusable, match="missing"):
        store.public(one.key_id)


class Troubled:
    """Raise what a keychain of the system may raise."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error

    def delete_password(self, service: str, username: str) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (errors.KeyringLocked("secret-in-text"), "locked"),
        (errors.NoKeyringError("secret-in-text"), "there is none"),
        (errors.InitError("secret-in-text"), "there is none"),
        (errors.PasswordSetError("secret-in-text"), "refuses"),
        (OSError("secret-in-text"), "refuses"),
    ],
)
def test_a_locked_or_absent_keychain_is_told_and_nothing_is_written_elsewhere(
    keychain_store: Callable[[Path], Any], tmp_path: Path, error: Exception, why: str
) -> None:
    key_id = keychain_store(tmp_path / "made").create(KeyUse.SIGNING).key_id
    for folder, use in ((tmp_path / "new", KeyUse.SIGNING), (tmp_path / "made", None)):
        store = SealedKeyStore(folder, KeychainSeal(folder, Keychain(lambda: Troubled(error))))
        with pytest.raises(KeychainUnavailable, match=why) as told:
            store.create(use) if use is not None else store.signer(key_id)
        assert "secret-in-text" not in str(told.value)
    assert not list((tmp_path / "new").rglob("*.signing"))


def test_a_keychain_that_forgets_or_gives_back_something_else_is_none(keychain: Any, tmp_path: Path) -> None:
    keychain.set_password = lambda service, username, password: None
    store = SealedKeyStore(tmp_path, KeychainSeal(tmp_path, Keychain(lambda: keychain)))
    with pytest.raises(KeychainUnavailable, match="does not keep"):
        store.create(KeyUse.SIGNING)
    assert not (tmp_path / "seal.json").exists()


def test_a_lost_or_damaged_entry_of_the_keychain_is_told(keychain: Any, keychain_store: Any, tmp_path: Path) -> None:
    key_id = keychain_store(tmp_path).create(KeyUse.SIGNING).key_id
    (name,) = keychain.kept
    for entry in ("", "no base64!", "c2hvcnQ="):
        keychain.kept[name] = entry
        with pytest.raises(DeviceKeyUnusable, match="entry is damaged"):
            keychain_store(tmp_path).signer(key_id)
    keychain.kept.clear()
    with pytest.raises(KeychainUnavailable, match="gone"):
        keychain_store(tmp_path).signer(key_id)


def _plaintext() -> Any:
    kind = type("PlaintextKeyring", (Troubled,), {"__module__": "keyrings.alt.file"})
    return kind(RuntimeError())


@pytest.mark.parametrize("backend", [null.Keyring(), _plaintext(), Troubled(RuntimeError())])
def test_what_keeps_nothing_secret_is_refused_by_its_name(backend: Any) -> None:
    with pytest.raises(KeychainInsecure) as refused:
        judge_backend(backend)
    assert type(backend).__name__ in refused.value.why


def test_where_there_is_no_keychain_that_is_said() -> None:
    with pytest.raises(KeychainUnavailable, match="there is none"):
        judge_backend(fail.Keyring())


def test_of_several_keychains_the_first_is_judged_and_used_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    good = type("Keyring", (Troubled,), {"__module__": "keyring.backends.SecretService"})(RuntimeError())
    chain = chainer.ChainerBackend()
    for behind, expected in (
        ([good, _plaintext()], good),
        ([_plaintext(), good], KeychainInsecure),
        ([], KeychainUnavailable),
    ):
        monkeypatch.setattr(chainer.ChainerBackend, "backends", behind)
        if expected is good:
            assert judge_backend(chain) is good
        else:
            with pytest.raises(expected):
                judge_backend(chain)


def test_the_environment_cannot_choose_a_keychain_that_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import keyring

    before = keyring.get_keyring()
    try:
        keyring.set_keyring(null.Keyring())
        with pytest.raises(KeychainInsecure):
            SealedKeyStore(tmp_path, KeychainSeal(tmp_path, Keychain())).create(KeyUse.SIGNING)
    finally:
        keyring.set_keyring(before)
    assert not list(tmp_path.rglob("*.signing"))


def test_stores_show_what_kind_they_are_and_no_more(open_store: Callable[[], SealedKeyStore]) -> None:
    store = open_store()
    assert store.kind in (StoreKind.KEYCHAIN, StoreKind.PASSPHRASE)
    assert repr(store) == f"SealedKeyStore({store.kind})"
    assert isinstance(store.opener(store.create(KeyUse.OPENING).key_id), SoftwareOpener)


def test_a_folder_that_cannot_be_written_is_told(keychain_store: Any, tmp_path: Path) -> None:
    (tmp_path / "device").write_text("a file where the folder should be")
    with pytest.raises(DeviceKeyUnusable, match="cannot be"):
        keychain_store(tmp_path / "device").create(KeyUse.SIGNING)


def test_what_is_asked_right_after_an_answer_is_answered_too(monkeypatch: pytest.MonkeyPatch, keychain: Any) -> None:
    """The thread that answered may still be ending; nobody is at the keychain's question any more."""
    last = threading.Event()

    class Lingering(threading.Thread):
        def run(self) -> None:
            super().run()
            last.wait(30)

    monkeypatch.setattr("auth.device.keychain.threading.Thread", Lingering)
    secrets = Keychain(lambda: keychain)
    try:
        secrets.put("a", "1")
        assert secrets.get("a") == "1"
    finally:
        last.set()
