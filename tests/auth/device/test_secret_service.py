"""Software keys under a real keychain: gnome-keyring of Debian, on a private bus, as the desk finds it by itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.peer

# What each process begins with; what it has to say is one line each.
ALONE = """
import sys
from pathlib import Path
from auth.device.errors import DeviceError
from auth.device.keychain import Keychain
from auth.device.keys import KeyUse
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import KeychainSeal
folder = Path(sys.argv[1])
keychain = Keychain(patience_s=float(sys.argv[2]))
def store():
    return SealedKeyStore(folder, KeychainSeal(folder, keychain))
def told(work):
    try:
        print(work() or "done", flush=True)
    except DeviceError as error:
        print(error, flush=True)
def make():
    made = store().create(KeyUse.SIGNING)
    return "made " + made.key_id
def sign():
    (key_id,) = store().key_ids()
    made = store().public(key_id)
    return "signed " + key_id if made.verifies(b"m", store().signer(key_id).sign(b"m")) else "signed by another"
def wait():
    print("over to you", flush=True)
    sys.stdin.readline()
"""
Begin = Callable[..., Any]


@pytest.fixture
def service(key_places: Any, project_root: Path) -> Iterator[Any]:
    """Return a bus on which a keychain may be."""
    with key_places.SecretService(project_root) as service:
        yield service


@pytest.fixture
def begin(key_places: Any, service: Any, tmp_path: Path) -> Iterator[Begin]:
    """Return what has work done in a new process, which looks for the keychain as the desk does."""
    begun: list[Any] = []

    def begin(work: str, *, patience_s: float = 30.0) -> Any:
        begun.append(key_places.Work(service.environment(), ALONE + work, tmp_path / "device", patience_s))
        return begun[-1]

    yield begin
    for work in begun:
        work.end()


def test_keys_are_found_again_by_another_process_and_after_another_log_in(service: Any, begin: Begin) -> None:
    service.open()
    (made,) = begin("told(make)").to_its_end()
    key_id = made.removeprefix("made ")
    assert begin("told(sign)").to_its_end() == [f"signed {key_id}"]
    service.shut()
    service.open()
    assert begin("told(sign)").to_its_end() == [f"signed {key_id}"]


def test_the_seal_is_nowhere_but_in_the_keychain_s_own_file_and_there_not_in_the_clear(
    service: Any, begin: Begin, tmp_path: Path
) -> None:
    service.open()
    work = begin("told(make)\nprint(store()._seal.key().hex())")
    made, seal = work.to_its_end()
    assert made.startswith("made ")
    files = [*service.files(), *(path for path in tmp_path.rglob("*") if path.is_file())]
    assert [path.name for path in files if path.suffix == ".keyring"] == ["login.keyring"]
    raw = b"".join(path.read_bytes() for path in files)
    for shape in (bytes.fromhex(seal), seal.encode(), base64.b64encode(bytes.fromhex(seal))):
        assert shape not in raw


def test_where_no_keychain_answers_nothing_is_made_and_one_that_comes_is_found(
    service: Any, begin: Begin, tmp_path: Path
) -> None:
    desk = begin("told(make)\nwait()\ntold(make)")
    assert desk.until_it_waits() == ["device-keychain-unavailable: there is none"]
    assert not list(tmp_path.rglob("*.signing"))
    service.open()
    desk.go_on()
    (made,) = desk.to_its_end()
    assert made.startswith("made ")


def test_without_a_bus_there_is_no_keychain(service: Any, begin: Begin) -> None:
    desk = begin("told(make)\nwait()\ntold(make)")
    desk.until_it_waits()
    service.end_bus()
    desk.go_on()
    assert desk.to_its_end() == ["device-keychain-unavailable: there is none"]
    assert begin("told(make)").to_its_end() == ["device-keychain-unavailable: there is none"]


def test_a_keychain_that_goes_between_two_uses_is_told_and_its_keys_are_there_when_it_is_back(
    service: Any, begin: Begin, tmp_path: Path
) -> None:
    service.open()
    desk = begin("told(make)\nwait()\ntold(sign)\nwait()\ntold(sign)\nwait()\ntold(sign)")
    (made,) = desk.until_it_waits()
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    service.shut()
    desk.go_on()
    assert desk.until_it_waits() == ["device-keychain-unavailable: there is none"]
    service.open()
    desk.go_on()
    assert desk.until_it_waits() == [made.replace("made", "signed")]
    service.end_bus()
    desk.go_on()
    (gone,) = desk.to_its_end()
    assert gone.startswith("device-keychain-unavailable")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before


def test_a_locked_keychain_that_nobody_can_unlock_is_told(service: Any, begin: Begin, tmp_path: Path) -> None:
    service.open()
    desk = begin("told(make)\nwait()\ntold(sign)\ntold(make)\nwait()\ntold(sign)")
    (made,) = desk.until_it_waits()
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    service.lock()
    desk.go_on()
    assert desk.until_it_waits() == ["device-keychain-unavailable: locked"] * 2
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before
    service.shut()
    service.open()
    desk.go_on()
    assert desk.to_its_end() == [made.replace("made", "signed")]


def test_a_keychain_that_asks_somebody_who_does_not_answer_is_not_waited_for_for_ever(
    key_places: Any, service: Any, begin: Begin
) -> None:
    service.open()
    begin("told(make)").to_its_end()
    service.lock()
    work = "told(sign)\ntold(sign)\nwait()\nkeychain._asked.exception(30)\ntold(sign)\nwait()\ntold(sign)"
    desk = begin(work, patience_s=1.0)
    with key_places.SilentPrompter(service) as prompter:
        assert desk.until_it_waits() == ["device-keychain-unavailable: it waits for its password"] * 2
        assert prompter.asked.is_set()
    # The window was closed: that is an answer too.
    desk.go_on()
    assert desk.until_it_waits() == ["device-keychain-unavailable: locked"]
    service.unlock()
    desk.go_on()
    (signed,) = desk.to_its_end()
    assert signed.startswith("signed ")


def test_a_program_can_end_while_the_keychain_waits_for_its_password(
    key_places: Any, service: Any, begin: Begin
) -> None:
    service.open()
    begin("told(make)").to_its_end()
    service.lock()
    with key_places.SilentPrompter(service):
        desk = begin("told(sign)", patience_s=0.5)
        assert desk.to_its_end() == ["device-keychain-unavailable: it waits for its password"]


def test_an_entry_that_was_removed_between_two_uses_is_told(service: Any, begin: Begin) -> None:
    service.open()
    desk = begin("told(make)\nwait()\ntold(sign)")
    desk.until_it_waits()
    removed = begin("import json\nkeychain.remove(json.loads((folder / 'seal.json').read_text())['entry'])")
    assert removed.to_its_end() == []
    desk.go_on()
    assert desk.to_its_end() == ["device-keychain-unavailable: the entry is gone"]


def test_what_is_destroyed_is_out_of_the_keychain(service: Any, begin: Begin, tmp_path: Path) -> None:
    service.open()
    work = """
import json
told(make)
entry = json.loads((folder / "seal.json").read_text())["entry"]
print(keychain.get(entry) is not None)
store().destroy_everything()
store().destroy_everything()
print(keychain.get(entry))
"""
    _, before, after = begin(work).to_its_end()
    assert (before, after) == ("True", "None")
    assert [path for path in (tmp_path / "device").rglob("*") if path.is_file()] == []
