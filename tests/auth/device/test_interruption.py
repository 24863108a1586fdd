"""A process that is killed at any write or any message of a rotation or a wipe leaves a desk that can go on."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.device.errors import DeviceKeyUnusable, DeviceWiped
from auth.device.keeper import DeviceKeeper
from auth.device.keychain import Keychain
from auth.device.record import DeviceFolder
from auth.device.rotating import forget_previous, rotate
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import KeychainSeal
from auth.device.self_rotating import SelfRotation
from auth.device.states import DeviceState
from auth.registers import Lookup
from auth.registers.population import PopulationClient

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are cloned, which Windows does not know")

# One device for each place to die at: right before the n-th file that is put in place or removed, or before the n-th
# message to the service, or before an act is written into the ledger or looked for there. There is no other kind of
# commit, so right after one is right before the next.
#
# The process that clones itself starts no thread ever: a clone taken beside one that is ending may inherit a lock (of
# the TLS library, say) which nobody is left to open, and would wait for ever. So the enrolment has a clone as well.
KILLED = """
import base64, json, os, signal, sys, traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
what, results, told = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
from auth.device.enrolling import Applicant, begin_enrolment
from auth.device.keeper import DeviceKeeper
from auth.device.keychain import Keychain
from auth.device.keys import StoreKind
from auth.device.record import DeviceFolder, StorePlace
from auth.device.rotating import rotate
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import KeychainSeal
from auth.device.self_rotating import SelfRotation
from auth.device.states import DeviceAct
from auth.wire import AnswerKey, RegisterEndpoint
from auth.wire.client import WireClient
from mock_registers.enrolment import EnrolledDevices
from mock_registers.storage import Storage

endpoint = RegisterEndpoint(
    "enrolment", told["base_url"], (base64.b64decode(told["anchor"]),),
    (AnswerKey(told["key_id"], base64.b64decode(told["spki"])),),
)

class FileKeychain:
    def __init__(self, folder):
        self.folder = folder
    def get_password(self, service, username):
        file = self.folder / username
        return file.read_text() if file.exists() else None
    def set_password(self, service, username, password):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / username).write_text(password)
    def delete_password(self, service, username):
        os.unlink(self.folder / username)

class Told:
    def __init__(self, file):
        self.file = file
    def write_down(self, said):
        with self.file.open("a") as stream:
            stream.write(said + "\\n")
    def is_written(self, said):
        return self.file.exists() and said in self.file.read_text().splitlines()

def store_in(home):
    keychain = Keychain(lambda: FileKeychain(home / "keychain"))
    return SealedKeyStore(home / "device", KeychainSeal(home / "device", keychain))

def killing(kind, name, state):
    real = getattr(kind, name)
    def counted(*arguments, **named):
        state["count"] += 1
        if state["count"] == state["place"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)
    setattr(kind, name, counted)

def enrol(devices, home, folder):
    place_of_keys = StorePlace(kind=StoreKind.KEYCHAIN)
    applicant = Applicant("UBND 099", home.name, "test")
    device = begin_enrolment(folder, place_of_keys, store_in(home), endpoint, applicant).device_id
    devices.act(device, DeviceAct.APPROVE)
    begin_enrolment(folder, place_of_keys, store_in(home), endpoint, applicant)
    if what == "wipe":
        (home / "device" / "sealed").mkdir()
        (home / "device" / "sealed" / "outbox.db").write_bytes(b"what the outbox had sealed")
        devices.act(device, DeviceAct.ORDER_WIPE)

def die_at(place, home, folder):
    state = {"count": 0, "place": place}
    killing(Path, "replace", state)
    killing(Path, "unlink", state)
    killing(WireClient, "ask_unsealed", state)
    if what == "wipe":
        DeviceKeeper(folder, store_in(home), endpoint).refresh()
    elif what == "by-itself":
        in_use = folder.read().keys.signing
        due = lambda: datetime.now(UTC) + timedelta(days=90)
        ledger = Told(home / "told")
        killing(Told, "write_down", state)
        killing(Told, "is_written", state)
        SelfRotation(
            folder, store_in(home), lambda: endpoint, idle=lambda: True,
            write_down=ledger.write_down, is_written=ledger.is_written, now=due,
        ).step(in_use)
    else:
        rotate(folder, store_in(home), endpoint)

def cloned(work, *arguments):
    child = os.fork()
    if child == 0:
        try:
            work(*arguments)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]

def enrol_all(homes):
    devices = EnrolledDevices(Storage(told["url"]).database)
    for home in homes:
        enrol(devices, home, DeviceFolder(home / "device"))

# How many places there are is not known before, and to open the registrar's database takes longer than an enrolment.
AT_ONCE = 8
for place in range(1, 60):
    if place % AT_ONCE == 1:
        ready = [results.parent / "enrolled" / str(number) for number in range(place, place + AT_ONCE)]
        enrolled = cloned(enrol_all, ready)
        if enrolled:
            sys.exit(os.waitstatus_to_exitcode(enrolled))
    home = ready.pop(0).rename(results / str(place))
    status = cloned(die_at, place, home, DeviceFolder(home / "device"))
    if not os.WIFSIGNALED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
"""


class FileKeychain:
    """Read the keychain that the killed process left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_password(self, service: str, username: str) -> str | None:
        file = self.folder / username
        return file.read_text() if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        (self.folder / username).write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        (self.folder / username).unlink()


@pytest.fixture
def killed_everywhere(registrar: Any, desk: Any, tmp_path: Path) -> Callable[[str], list[Any]]:
    """Return desks, each left by a process that was killed at another place; the last ran through."""

    def run(what: str) -> list[Any]:
        endpoint = registrar.enrolment
        told = {
            "url": registrar.url,
            "base_url": endpoint.base_url,
            "anchor": base64.b64encode(endpoint.tls_anchors[0]).decode(),
            "key_id": endpoint.answer_keys[0].key_id,
            "spki": base64.b64encode(endpoint.answer_keys[0].spki).decode(),
        }
        results = tmp_path / "killed"
        results.mkdir()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", KILLED, what, str(results), json.dumps(told)]
        subprocess.run(command, check=True, timeout=200, env=environment)
        homes = sorted(results.iterdir(), key=lambda path: int(path.name))
        return [_desk_in(type(desk), home, registrar) for home in homes]

    return run


def _desk_in(kind: Any, home: Path, registrar: Any) -> Any:
    def open_store(folder: Path) -> SealedKeyStore:
        return SealedKeyStore(folder, KeychainSeal(folder, Keychain(lambda: FileKeychain(home / "keychain"))))

    return kind(DeviceFolder(home / "device"), open_store, registrar)


def _looks_up(desk: Any, lookup: Lookup) -> bool:
    with closing(PopulationClient(desk.registrar.endpoints["population"], desk.credential)) as client:
        return client.find_citizen(lookup).record is not None


@NEEDS_FORK
def test_a_rotation_killed_anywhere_never_leaves_a_desk_without_a_usable_key(
    killed_everywhere: Callable[[str], list[Any]], lookup: Lookup
) -> None:
    desks = killed_everywhere("rotate")
    assert len(desks) > 10
    firsts, unfinished = set(), 0
    for desk in desks:
        before = desk.record
        firsts.add(before.previous is None)
        unfinished += before.next is not None
        assert _looks_up(desk, lookup)
        if before.previous is None:
            after = rotate(desk.folder, desk.store, desk.registrar.enrolment)
            assert after.keys.signing != before.keys.signing
            assert before.next is None or after.keys == before.next
        assert _looks_up(desk, lookup)
        assert desk.record.next is None
        # When the old keys are taken no more, they and what an interrupted call left are gone.
        forget_previous(desk.folder, desk.store, desk.record.previous_until + 1)
        assert desk.store.key_ids() == set(desk.record.all_keys)
        assert len(desk.record.all_keys) == 2
        assert _looks_up(desk, lookup)
    assert firsts == {True, False}
    assert unfinished > 2


@NEEDS_FORK
def test_a_rotation_by_itself_killed_anywhere_goes_on_once_at_the_next_start(
    killed_everywhere: Callable[[str], list[Any]], lookup: Lookup
) -> None:
    desks = killed_everywhere("by-itself")
    assert len(desks) > 10
    late = 0
    for desk in desks:
        before = desk.record
        file = desk.folder.path.parent / "told"
        told: list[str] = file.read_text().splitlines() if file.exists() else []
        done = [said for said in told if said.startswith("done")]
        assert _looks_up(desk, lookup)
        if before.previous is None:
            assert done == [], "it was not done, and nothing says that it was"
        late += before.previous is not None and not done
        # At the next start the keys are looked after again: on the same day where they were replaced before the kill.
        now = datetime.now(UTC) + timedelta(days=90 if before.previous is None else 0)
        for moment in (now, datetime.now(UTC)):
            _by_itself(desk, moment, told).step(desk.record.keys.signing)
        after = desk.record
        assert (after.next, after.previous is not None, after.untold) == (None, True, ())
        assert before.next is None or after.keys == before.next
        assert before.previous is None or after.keys == before.keys, "it was done, and is not done again"
        first = before.keys if before.previous is None else before.previous
        assert told[0] == f"begun {first.signing}"
        assert set(told) == {told[0], f"done {after.keys.signing}"}
        assert told.count(f"done {after.keys.signing}") == 1, "told once, however late"
        assert _looks_up(desk, lookup)
    assert late > 0


def _by_itself(desk: Any, now: datetime, told: list[str]) -> SelfRotation:
    where = desk.registrar.enrolment
    return SelfRotation(
        desk.folder,
        desk.store,
        lambda: where,
        idle=lambda: True,
        write_down=told.append,
        is_written=told.__contains__,
        now=lambda: now,
    )


@NEEDS_FORK
def test_a_wipe_killed_anywhere_is_finished_at_the_next_start_and_acknowledged_once(
    killed_everywhere: Callable[[str], list[Any]],
) -> None:
    desks = killed_everywhere("wipe")
    assert len(desks) > 10
    seen = set()
    for desk in desks:
        device = desk.record.device_id
        seen.add((desk.record.wiping is not None, desk.registrar.devices.find(device).state))
        keeper = DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment)
        for _ in range(2):
            standing = keeper.refresh()
            assert (standing.state, standing.may_look_up, standing.outbox_frozen) == (DeviceState.WIPED, False, True)
        with pytest.raises(DeviceWiped):
            keeper.require_lookup()
        assert desk.registrar.devices.find(device).state is DeviceState.WIPED
        home = desk.folder.path.parent
        left = {path.name for path in home.rglob("*") if path.is_file()}
        assert left <= {"device.json", "lock", ".device.json.new"}
        for use in (desk.store.signer, desk.store.opener):
            for key_id in desk.record.all_keys:
                with pytest.raises(DeviceKeyUnusable):
                    use(key_id)
    assert {state for _, state in seen} == {DeviceState.REVOKED, DeviceState.WIPED}
    assert {begun for begun, _ in seen} == {True, False}
