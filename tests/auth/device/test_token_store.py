"""Keys in a real PKCS#11 token: SoftHSM2 of Debian, unpacked and never installed.

``test_tpm.py`` has those that ask for ``token`` run on a TPM too; there, what opens lies in a file that it seals.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
import pytest
from pkcs11 import Attribute, exceptions

from auth.device.errors import DeviceKeyUnusable, PinLocked, PinRefused, TokenUnavailable
from auth.device.keys import KeyStore, KeyUse, StoreKind
from auth.device.opening import open_store
from auth.device.secrets import Secret
from auth.device.token_store import TokenKeyStore
from auth.wire.envelope import EnvelopeInvalid, open_sealed, seal

pytestmark = pytest.mark.peer

T = TypeVar("T")


def inside(store: Any, work: Callable[[pkcs11.Session], T]) -> T:
    """Do something in the token behind a store, whichever kind of place it is."""
    if store.kind is StoreKind.PKCS11_SEALED:
        store = store._token
    return store._do(work)  # type: ignore[no-any-return]  # as the work says


def test_a_key_made_in_the_token_signs_there_and_never_leaves_it(token_store: Callable[..., KeyStore]) -> None:
    store = token_store()
    made = store.create(KeyUse.SIGNING)
    signer = store.signer(made.key_id)
    assert made.verifies(b"message", signer.sign(b"message"))
    assert signer.key_id == made.key_id
    assert signer.public_key == made.key

    def attributes(session: pkcs11.Session) -> dict[str, object]:
        wanted = {Attribute.ID: _cka_id(made.key_id), Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
        (key,) = session.get_objects(wanted)
        names = ("SENSITIVE", "EXTRACTABLE", "NEVER_EXTRACTABLE", "LOCAL", "PRIVATE", "SIGN", "DERIVE")
        found = {name: key[Attribute[name]] for name in names}
        with pytest.raises((exceptions.AttributeSensitive, exceptions.AttributeTypeInvalid)):
            _ = key[Attribute.VALUE]
        return found

    assert inside(store, attributes) == {
        "SENSITIVE": True,
        "EXTRACTABLE": False,
        "NEVER_EXTRACTABLE": True,
        "LOCAL": True,
        "PRIVATE": True,
        "SIGN": True,
        "DERIVE": False,
    }


def _cka_id(key_id: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(key_id + "=")


def test_what_is_sealed_to_a_key_in_the_token_is_opened_with_its_help(
    token_store: Callable[..., KeyStore],
) -> None:
    store = token_store()
    made, other = store.create(KeyUse.OPENING), store.create(KeyUse.OPENING)
    opener = store.opener(made.key_id)
    assert opener.spki == made.to_der()
    envelope = seal("bí mật".encode(), "kind", made.key_id, made.to_der())
    assert open_sealed(envelope, "kind", {made.key_id: opener}).decode() == "bí mật"
    wrongly = seal(b"secret", "kind", made.key_id, other.to_der())
    with pytest.raises(EnvelopeInvalid, match="seal-broken"):
        open_sealed(wrongly, "kind", {made.key_id: opener})
    left = inside(store, lambda session: list(session.get_objects({Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY})))
    assert left == []


def test_a_key_serves_the_one_use_it_was_made_for(token_store: Callable[..., KeyStore]) -> None:
    store = token_store()
    signing, opening = store.create(KeyUse.SIGNING), store.create(KeyUse.OPENING)
    with pytest.raises(DeviceKeyUnusable, match=r"another use|missing"):
        store.opener(signing.key_id)
    with pytest.raises(DeviceKeyUnusable, match=r"another use|missing"):
        store.signer(opening.key_id)


def test_another_opening_of_the_token_finds_the_same_keys(token_store: Callable[..., KeyStore]) -> None:
    made = token_store().create(KeyUse.SIGNING)
    again = token_store()
    assert made.key_id in again.key_ids()
    assert again.public(made.key_id) == made
    assert made.verifies(b"m", again.signer(made.key_id).sign(b"m"))
    again.destroy(made.key_id)
    again.destroy(made.key_id)
    with pytest.raises(DeviceKeyUnusable, match="missing"):
        again.signer(made.key_id)


def test_a_wipe_takes_the_device_s_keys_and_leaves_what_else_is_in_the_token(
    token_store: Callable[..., KeyStore],
) -> None:
    store = token_store()
    ours, others = store.create(KeyUse.SIGNING), store.create(KeyUse.SIGNING)
    store.destroy_everything([ours.key_id])
    assert ours.key_id not in store.key_ids()
    assert others.key_id in store.key_ids()


def test_a_key_that_a_killed_process_left_without_a_name_is_removed(token_store: Callable[..., KeyStore]) -> None:
    store = token_store()
    unnamed = {Attribute.ID: b"motcua-unnamed"}
    made = store.create(KeyUse.SIGNING)

    def rename(session: pkcs11.Session) -> None:
        for half in list(session.get_objects({Attribute.ID: _cka_id(made.key_id)})):
            half[Attribute.ID] = b"motcua-unnamed"

    inside(store, rename)
    assert made.key_id not in store.key_ids()
    store.create(KeyUse.SIGNING)
    assert inside(store, lambda session: list(session.get_objects(unnamed))) == []


@pytest.mark.parametrize("point", [b"", bytes(65), b"\x04" + bytes(64), b"\x04" + b"\xff" * 64])
def test_a_point_that_is_none_is_refused_by_the_token_and_mapped(
    token_store: Callable[..., KeyStore], point: bytes
) -> None:
    store = token_store()
    opener = store.opener(store.create(KeyUse.OPENING).key_id)
    with pytest.raises(DeviceKeyUnusable, match="token refuses"):
        opener.agree(point)


def test_a_token_or_a_module_that_is_not_there_is_told(token: Any) -> None:
    for module, label in ((token.module, "another"), (Path("nowhere.so"), token.label)):
        store = TokenKeyStore(module, label, Secret(token.pin.encode))
        with pytest.raises(TokenUnavailable) as told:
            store.create(KeyUse.SIGNING)
        assert "nowhere" not in str(told.value)


# In a process of its own: the module of this one has the token open already.
ALONE = """
import os, shutil, sys
from pathlib import Path
from auth.device.errors import DeviceError
from auth.device.keys import KeyUse
from auth.device.secrets import secret_from_file
from auth.device.token_store import TokenKeyStore
module, label, tokens, pin_file, what = sys.argv[1:6]
store = TokenKeyStore(Path(module), label, secret_from_file(Path(pin_file)))
def told(work):
    try:
        work()
    except DeviceError as error:
        print(type(error).__name__, error.why)
    else:
        print("done")
if what == "removed":
    made = store.create(KeyUse.SIGNING)
    signer = store.signer(made.key_id)
    told(lambda: signer.sign(b"m"))
    shutil.move(tokens, tokens + ".away")
    told(lambda: signer.sign(b"m"))
    told(lambda: store.create(KeyUse.SIGNING))
else:
    told(lambda: store.create(KeyUse.SIGNING))
    told(lambda: store.create(KeyUse.SIGNING))
"""


def _alone(softhsm: Any, home: Path, pin: str, what: str) -> list[str]:
    peers = softhsm.module.parents[2]
    (home / "tokens").mkdir()
    conf = home / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    environment = {**os.environ, "SOFTHSM2_CONF": str(conf), "PYTHONPATH": os.pathsep.join(sys.path)}
    make = [str(peers / "bin" / "softhsm2-util"), "--module", str(softhsm.module), "--init-token", "--free"]
    make += ["--label", "alone", "--pin", softhsm.pin, "--so-pin", "12345678"]
    subprocess.run(make, check=True, capture_output=True, env=environment)
    pin_file = home / "pin"
    pin_file.touch(mode=0o600)
    pin_file.write_text(pin)
    command = [sys.executable, "-c", ALONE, str(softhsm.module), "alone", str(home / "tokens"), str(pin_file), what]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert pin not in ended.stdout + ended.stderr
    return ended.stdout.splitlines()


def test_a_token_that_is_taken_out_between_two_signatures_is_told_and_nothing_signs_in_its_place(
    softhsm: Any, tmp_path: Path
) -> None:
    first, second, third = _alone(softhsm, tmp_path, softhsm.pin, "removed")
    assert first == "done"
    # SoftHSM has no reader to be empty: it says that the session has lost its objects, or finds none.
    assert second.startswith(("TokenUnavailable", "KeyMissing missing"))
    assert third.startswith(("TokenUnavailable", "DeviceKeyUnusable"))


def test_a_wrong_pin_is_tried_once(softhsm: Any, tmp_path: Path) -> None:
    assert _alone(softhsm, tmp_path, "wrong-wrong", "pin") == ["PinRefused ", "PinRefused not tried again"]


class Module:
    """Play a module whose every opening ends in ``error``; count how often it was asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: list[str] = []

    def open(self, module: Path, label: str, pin: str) -> pkcs11.Session:
        self.asked.append(pin)
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected", "asked"),
    [
        (exceptions.PinIncorrect(), PinRefused, 1),
        (exceptions.PinLenRange(), PinRefused, 1),
        (exceptions.PinLocked(), PinLocked, 1),
        (exceptions.PinExpired(), PinLocked, 1),
        (exceptions.UserPinNotInitialized(), PinLocked, 1),
        (exceptions.TokenNotPresent(), TokenUnavailable, 2),
        (exceptions.DeviceRemoved(), TokenUnavailable, 2),
        (exceptions.NoSuchToken(), TokenUnavailable, 2),
        (exceptions.MultipleTokensReturned(), TokenUnavailable, 2),
        (exceptions.HostMemory(), DeviceKeyUnusable, 2),
        (RuntimeError("a path of this machine"), TokenUnavailable, 2),
    ],
)
def test_each_refusal_of_a_module_has_its_error_and_a_pin_is_never_tried_twice_in_vain(
    error: Exception, expected: type[Exception], asked: int
) -> None:
    module = Module(error)
    store = TokenKeyStore(Path("module"), "label", Secret(lambda: b"1234-secret"), open_token=module.open)
    for _ in range(2):
        with pytest.raises(expected) as told:
            store.create(KeyUse.SIGNING)
        assert "path" not in str(told.value)
        assert "1234" not in f"{told.value!r}{store!r}"
    assert module.asked == ["1234-secret"] * asked


def test_a_token_that_comes_back_is_opened_again(token: Any) -> None:
    broken: list[Exception] = [exceptions.DeviceRemoved(), exceptions.TokenNotPresent()]

    def open_token(module: Path, label: str, pin: str) -> pkcs11.Session:
        if broken:
            raise broken.pop()
        there = pkcs11.lib(str(module)).get_token(token_label=label)
        try:
            return there.open(rw=True, user_pin=pin)
        except exceptions.UserAlreadyLoggedIn:
            return there.open(rw=True)

    store = TokenKeyStore(token.module, token.label, Secret(token.pin.encode), open_token=open_token)
    for _ in range(2):
        with pytest.raises(TokenUnavailable):
            store.create(KeyUse.SIGNING)
    made = store.create(KeyUse.SIGNING)
    assert made.verifies(b"m", store.signer(made.key_id).sign(b"m"))
    store.destroy(made.key_id)
    store.close()


def test_a_closed_store_opens_no_more(token_store: Callable[..., KeyStore]) -> None:
    store = token_store()
    store.close()
    store.close()
    with pytest.raises(TokenUnavailable, match="closed"):
        store.create(KeyUse.SIGNING)


def test_tls_works_on_after_the_token_was_used(token_store: Callable[..., KeyStore], registrar: Any) -> None:
    """SoftHSM leaves its errors in OpenSSL's queue of the thread that called it; Python's TLS reads that queue."""
    from auth.wire.tls import client_context

    store = token_store()
    for _ in range(3):
        store.create(KeyUse.SIGNING)
        assert client_context(registrar.enrolment) is not None


def test_the_record_of_a_device_leads_to_its_token(token: Any, tmp_path: Path) -> None:
    store = open_store(tmp_path, token.place, Secret(token.pin.encode))
    assert store.kind is token.kind
    made = store.create(KeyUse.SIGNING)
    store.destroy(made.key_id)
    store.close()
