"""``motcua enrol`` against the sandbox: it goes on by itself, says where it stands, and never shows a secret."""

from __future__ import annotations

import base64
import json
import os
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from auth.device.states import DeviceAct, DeviceState
from auth.ledger import Act, ActKind, LedgerReader
from auth.registers import Lookup
from desk.assembly import desk_on_pcsc
from desk.device import desk_device
from desk.device_place import device_folder, ledger_file
from desk.registers_assembly import registers_of
from desk.settings import Settings
from desk.view import DeskView
from reader.lds.identity import CalendarDate

LOOKUP = Lookup(
    lookup_id="visit-1",
    personal_number="099090000001",
    full_name="Nguyễn Văn Mẫu",
    date_of_birth=CalendarDate(1990, 1, 15),
    purpose="land-change-registration",
    legal_basis="Luật Đất đai 31/2024/QH15, Điều 133",
    clerk="cb-001",
)
# The classes of these fixtures live in conftest.py, which cannot be imported from here.
Office = Any


def _look_up(settings: Settings) -> Any:
    device = desk_device(settings)
    assert device.keeper is not None
    endpoints = [register.endpoint() for register in settings.registers]
    registers = registers_of(settings, endpoints, device.credential, device.require_lookup)
    try:
        find = registers.of("population").find
        assert find is not None
        return find(LOOKUP)
    finally:
        registers.close()
        device.keeper.close()


def test_a_computer_is_enrolled_approved_and_looks_up_as_a_device(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    assert first.code == 10
    (seen,) = office.devices.list()
    assert f"Confirmation code:  {seen.code}" in first.out
    assert seen.office == "UBND xã Thử"
    again = enrol()
    assert (again.code, seen.code in again.out) == (10, True)
    office.devices.act(seen.device_id, DeviceAct.APPROVE)
    ready = enrol()
    assert ready.code == 0
    assert f"Device: {seen.device_id}" in ready.out
    assert "motcua desk" in ready.out
    assert _look_up(office.load()).record is not None


def test_status_tells_people_and_programs_and_asks_the_service(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    (seen,) = office.devices.list()
    told = json.loads(enrol("--status", "--json").out)
    assert (told["state"], told["code"], told["store"]) == ("pending", seen.code, "passphrase")
    office.devices.act(seen.device_id, DeviceAct.APPROVE)
    assert enrol("--status").code == 0
    office.devices.act(seen.device_id, DeviceAct.SUSPEND)
    suspended = enrol("--status", "--json")
    told = json.loads(suspended.out)
    assert (suspended.code, told["state"], told["code"], told["fresh"]) == (10, "suspended", None, True)
    assert told["rotate_in_days"] in (89, 90)
    office.devices.act(seen.device_id, DeviceAct.REVOKE)
    revoked = enrol("--status")
    assert (revoked.code, "revoked" in revoked.out) == (20, True)
    assert enrol().code == 20


def test_a_suspended_desk_looks_nobody_up_before_a_byte_is_sent_and_its_ledger_stays_empty(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    from auth.device.errors import DeviceSuspended

    (seen,) = office.devices.list()
    office.devices.act(seen.device_id, DeviceAct.APPROVE)
    enrol()
    office.devices.act(seen.device_id, DeviceAct.SUSPEND)
    enrol("--status")
    with pytest.raises(DeviceSuspended):
        _look_up(office.load())
    assert not ledger_file(office.load(), json.loads(enrol("--status", "--json").out)["key_id"]).exists()


def test_rotation_happens_when_it_is_due_or_wished_and_begins_a_new_ledger(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    enrol()
    _look_up(office.load())
    before = json.loads(enrol("--status", "--json").out)["key_id"]
    due = enrol("--rotate", "--if-due")
    assert (due.code, "no rotation yet" in due.out) == (0, True)
    rotated = enrol("--rotate")
    assert (rotated.code, "a new ledger begins" in rotated.out) == (0, True)
    after = json.loads(enrol("--status", "--json").out)["key_id"]
    assert after != before
    assert _look_up(office.load()).record is not None
    logs = [ledger_file(office.load(), key) for key in (before, after)]
    assert [log.exists() for log in logs] == [True, True]
    named = office.load(ledger=office.folder / "named.db")
    assert _look_up(named).record is not None
    assert (office.folder / f"named-{after}.db").exists()


def test_an_old_rotation_is_due_after_ninety_days(first: Any, enrol: Callable[..., Any], office: Office) -> None:
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    enrol()
    record = json.loads((office.folder / "device.json").read_text())
    record["keys"]["made"] -= 91 * 86_400
    (office.folder / "device.json").write_text(json.dumps(record))
    overdue = enrol("--status")
    assert (overdue.code, "--rotate" in overdue.out) == (0, True)
    assert "Keys rotated" in enrol("--rotate", "--if-due").out


def test_a_wipe_is_executed_by_the_next_status_and_the_ledger_is_kept_and_exported(
    first: Any, enrol: Callable[..., Any], office: Office, run: Callable[..., Any]
) -> None:
    (seen,) = office.devices.list()
    office.devices.act(seen.device_id, DeviceAct.APPROVE)
    enrol()
    _look_up(office.load())
    key = json.loads(enrol("--status", "--json").out)["key_id"]
    ledger = ledger_file(office.load(), key)
    office.devices.act(seen.device_id, DeviceAct.ORDER_WIPE, ledger="export")
    wiped = enrol("--status")
    assert (wiped.code, "destroyed by order" in wiped.out) == (20, True)
    assert office.devices.find(seen.device_id).state is DeviceState.WIPED
    assert ledger.exists()
    left = {path.name for path in office.folder.rglob("*") if path.is_file()}
    assert left == {"device.json", "lock", "ledger-export.jsonl"}
    # Verified by the public key that the record kept, for there is no other any more.
    assert run("audit", "verify", "--settings", str(office.settings)).code == 0
    exported = str(office.folder / "ledger-export.jsonl")
    assert run("audit", "verify", exported, "--settings", str(office.settings)).code == 0
    assert enrol().code == 20


def test_the_passphrase_and_the_keys_are_in_no_output_no_file_and_no_argument(
    first: Any, enrol: Callable[..., Any], office: Office, tmp_path: Path
) -> None:
    from auth.device.keys import KeyUse
    from desk.device import store_of

    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    ended = [first, enrol(), enrol("--status"), enrol("--rotate"), enrol("--status", "--json")]
    settings = office.load()
    record = desk_device(settings).keeper._folder.read()  # type: ignore[union-attr]  # an enrolled desk has a keeper
    store = store_of(settings, record)
    secrets = [office.passphrase.encode()]
    for pair in (record.keys, record.previous):
        for key_id, use in ((pair.signing, KeyUse.SIGNING), (pair.opening, KeyUse.OPENING)):
            secrets.append(store._load(key_id, use).private_numbers().private_value.to_bytes(32, "big"))
    said = "".join(one.out + one.err for one in ended).encode()
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != office.secret)
    for secret in secrets:
        for form in (
            secret,
            secret.hex().encode(),
            base64.b64encode(secret),
            base64.urlsafe_b64encode(secret).rstrip(b"="),
        ):
            assert form not in said
            assert form not in files
    if os.name == "posix":
        kept = [path for path in office.folder.rglob("*") if path.is_file() and path.name != "lock"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_without_the_service_the_last_confirmed_state_is_told_with_exit_five(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    enrol()
    text = office.settings.read_text(encoding="utf-8")
    address = next(line for line in text.splitlines() if line.endswith('/enrolment"'))
    office.settings.write_text(text.replace(address, 'base_url = "https://127.0.0.1:1/enrolment"'), encoding="utf-8")
    away = enrol("--status")
    assert away.code == 5
    assert "State: active" in away.out
    assert "connection-refused" in away.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--store", "passphrase"),
        ("--store", "floppy", "--office", "o", "--counter", "c"),
        ("--store", "pkcs11", "--office", "o", "--counter", "c"),
        ("--store", "keychain", "--module", "x.so", "--token", "t", "--office", "o", "--counter", "c"),
        ("--status", "--rotate"),
        ("--if-due",),
        ("--secret-fd", "0", "--secret-file", "x"),
    ],
)
def test_wrong_usage_ends_with_two_and_makes_no_key(
    enrol: Callable[..., Any], office: Office, arguments: tuple[str, ...]
) -> None:
    assert enrol(*arguments).code == 2
    assert not (office.folder / "keys").exists()


def test_settings_without_a_service_end_with_two(run: Callable[..., Any], office: Office, tmp_path: Path) -> None:
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    ended = run("enrol", "--settings", str(empty), "--store", "passphrase", "--secret-file", str(office.secret))
    assert ended.code == 2
    options = ("--office", "o", "--counter", "c", "--store", "passphrase", "--secret-file", str(office.secret))
    ended = run("enrol", "--settings", str(empty), "--lang", "en", *options)
    assert (ended.code, "[enrolment]" in ended.err) == (2, True)
    assert not (office.folder / "keys").exists()


def test_nothing_weaker_takes_the_place_of_the_store_that_was_chosen(
    enrol: Callable[..., Any], office: Office, tmp_path: Path
) -> None:
    import keyring
    from keyring.backends import fail, null

    before = keyring.get_keyring()
    try:
        for backend, word in ((fail.Keyring(), "keychain"), (null.Keyring(), "null")):
            keyring.set_keyring(backend)
            ended = enrol("--store", "keychain", "--office", "o", "--counter", "c")
            assert (ended.code, word in ended.err) == (4, True)
    finally:
        keyring.set_keyring(before)
    office.secret.write_text("short\n")
    ended = enrol("--store", "passphrase", "--secret-file", str(office.secret), "--office", "o", "--counter", "c")
    assert (ended.code, "too short" in ended.err) == (4, True)
    token = (
        "--store",
        "pkcs11",
        "--module",
        str(tmp_path / "none.so"),
        "--token",
        "t",
        "--office",
        "o",
        "--counter",
        "c",
    )
    assert enrol(*token, "--secret-file", str(office.secret)).code == 4
    assert office.devices.list() == ()


def test_another_store_than_the_keys_live_in_is_refused(first: Any, enrol: Callable[..., Any]) -> None:
    ended = enrol("--store", "keychain")
    assert (ended.code, "passphrase" in ended.err) == (2, True)


def test_a_secret_may_come_through_a_descriptor_and_a_wrong_one_is_told(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    for secret, code in ((office.passphrase, 10), ("another passphrase", 4)):
        read, write = os.pipe()
        os.write(write, secret.encode() + b"\n")
        os.close(write)
        ended = enrol("--secret-fd", str(read))
        assert ended.code == code
        assert "another" not in ended.err.replace("Tell", "")


def test_a_folder_of_ones_own_is_told_for_the_settings_and_serves_from_there(
    enrol: Callable[..., Any], office: Office, tmp_path: Path
) -> None:
    named = tmp_path / "máy 1"
    options = ("--store", "passphrase", "--secret-file", str(office.secret), "--office", "o", "--counter", "c")
    ended = enrol("--folder", str(named), *options)
    assert "[device]" in ended.out
    line = next(line for line in ended.out.splitlines() if line.startswith("folder"))
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    text = office.settings.read_text(encoding="utf-8")
    office.settings.write_text(f"{text}\n[device]\n{line}\n", encoding="utf-8")
    assert enrol().code == 0
    assert _look_up(office.load()).record is not None
    desk_on_pcsc(office.load()).close()


def test_a_desk_that_is_open_rotates_keys_that_are_due_and_tells_ledger_and_clerk(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    assert enrol().code == 0
    folder = device_folder(office.load())
    record = folder.read()
    assert record is not None
    old = record.keys.model_copy(update={"made": record.keys.made - 91 * 86_400})
    folder.write(record.model_copy(update={"keys": old}))
    desk = desk_on_pcsc(office.load())
    told_clerk = threading.Event()

    def see(view: DeskView) -> None:
        if view.device is not None and view.device.restart_by:
            told_clerk.set()

    desk.subscribe(see)
    desk.start()
    assert told_clerk.wait(60)
    desk.close()
    rotated = folder.read()
    assert rotated is not None
    assert (rotated.previous, rotated.next) == (old, None)
    with closing(LedgerReader(ledger_file(office.load(), old.signing))) as ledger:
        acts = [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]
    told = [act.detail for act in acts if act.kind is ActKind.ROTATED]
    assert told == [f"begun {old.signing}", f"done {rotated.keys.signing}"]


def test_help_teaches(run: Callable[..., Any]) -> None:
    said = run("enrol", "--help").out
    for word in ("--store", "--rotate", "registrar", "Exit codes", "--if-due", "pkcs11"):
        assert word in said
