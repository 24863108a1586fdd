"""Keys in a TPM: swtpm behind its resource manager and tpm2-pkcs11, all of Debian, on private sockets.

Every test has the module in a process of its own: its bus ends the process that is connected to it when it closes.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from auth.device.states import DeviceAct

pytestmark = pytest.mark.peer

HERE = Path(__file__).parent
# Those of any token, and those of a device whose keys are in one.
TESTS_OF_TOKENS = {
    "test_token_store.py": [
        "test_a_key_made_in_the_token_signs_there_and_never_leaves_it",
        "test_what_is_sealed_to_a_key_in_the_token_is_opened_with_its_help",
        "test_a_key_serves_the_one_use_it_was_made_for",
        "test_another_opening_of_the_token_finds_the_same_keys",
        "test_a_wipe_takes_the_device_s_keys_and_leaves_what_else_is_in_the_token",
        "test_a_key_that_a_killed_process_left_without_a_name_is_removed",
        "test_a_token_or_a_module_that_is_not_there_is_told",
        "test_a_token_that_comes_back_is_opened_again",
        "test_a_closed_store_opens_no_more",
        "test_tls_works_on_after_the_token_was_used",
        "test_the_record_of_a_device_leads_to_its_token",
    ],
    "test_enrolling.py": ["test_every_kind_of_store_enrols"],
    "test_rotating.py": ["test_a_rotation_in_a_real_token"],
}
# Three wrong PINs, then none for a day: what a person who guesses meets.
FEW = ("--setup-parameters", "--max-tries", "3", "--recovery-time", "86400", "--lockout-recovery-time", "86400")


@pytest.fixture(scope="module")
def a_tpm(key_places: Any, project_root_of_all: Path) -> Iterator[Any]:
    with key_places.SoftwareTpm(project_root_of_all) as tpm:
        tpm.make_token()
        yield tpm


@pytest.fixture(scope="module")
def project_root_of_all() -> Path:
    return HERE.parents[2]


@pytest.fixture
def tpm(a_tpm: Any) -> Iterator[Any]:
    """Return the TPM with its token; whoever locked it out, it is open again."""
    a_tpm.tool("tpm2_dictionarylockout", *FEW)
    yield a_tpm
    a_tpm.tool("tpm2_dictionarylockout", "--clear-lockout")


@pytest.mark.timeout(300)  # a test run within one, beside others
def test_what_holds_of_a_token_holds_of_a_tpm(tpm: Any, project_root: Path) -> None:
    environment = {name: value for name, value in tpm.environment().items() if not name.startswith("PYTEST_")}
    environment["MOTCUA_TEST_TPM"] = f"{tpm.module}\n{tpm.label}\n{tpm.pin}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    # All files in one run: it takes longer to begin than many of the tests do.
    wanted = [f"{HERE / file}::{test}" for file, tests in TESTS_OF_TOKENS.items() for test in tests]
    command += wanted
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=project_root)
    assert ended.returncode == 0, ended.stdout
    told = ended.stdout.splitlines()[-1]
    assert re.match(rf"{len(wanted)} passed in ", told), told
    assert tpm.pin not in ended.stdout + ended.stderr


# What each process begins with; what it has to say is one line each.
ALONE = """
import sys
from pathlib import Path
from auth.device.errors import DeviceError
from auth.device.keys import KeyUse
from auth.device.opening import open_store
from auth.device.record import StorePlace, make_pair
from auth.device.secrets import secret_from_file
from auth.wire.envelope import EnvelopeInvalid, open_sealed, seal
module, label, folder, pin_file, kind = sys.argv[1:6]
def store(pin_file=pin_file):
    place = StorePlace(kind=kind, module=module, token=label)
    return open_store(Path(folder), place, secret_from_file(Path(pin_file)))
def told(work):
    try:
        print(work() or "done", flush=True)
    except DeviceError as error:
        print(error, flush=True)
def wait():
    print("over to you", flush=True)
    sys.stdin.readline()
"""
Begin = Callable[..., Any]


@pytest.fixture
def begin(key_places: Any) -> Iterator[Begin]:
    """Return what has work done in a process of its own, at a TPM, with its PIN or another."""
    begun: list[Any] = []

    def begin(tpm: Any, home: Path, work: str, *, pin: str = "", kind: str = "pkcs11-sealed") -> Any:
        home.mkdir(exist_ok=True)
        pin_file = home / "pin"
        pin_file.touch(mode=0o600)
        pin_file.write_text(pin or tpm.pin)
        arguments = (tpm.module, tpm.label, home / "device", pin_file, kind)
        begun.append(key_places.Work(tpm.environment(), ALONE + work, *arguments, hides=pin or tpm.pin))
        return begun[-1]

    yield begin
    for work in begun:
        work.end()


def test_a_tpm_that_agrees_on_no_secrets_says_so_before_anything_is_made_in_it(
    tpm: Any, begin: Begin, tmp_path: Path
) -> None:
    work = """
tpm = store()
before = tpm.key_ids()
told(lambda: make_pair(tpm))
print(tpm.key_ids() == before)
"""
    assert begin(tpm, tmp_path, work, kind="pkcs11").to_its_end() == ["device-token-cannot-open", "True"]


def test_a_wrong_pin_counts_once_in_the_tpm_however_often_the_desk_asks(tpm: Any, begin: Begin, tmp_path: Path) -> None:
    work = """
tpm = store()
for _ in range(5):
    told(lambda: tpm.create(KeyUse.SIGNING))
"""
    first, *others = begin(tpm, tmp_path, work, pin="wrong-wrong").to_its_end()
    assert first == "device-pin-refused"
    assert set(others) == {"device-pin-refused: not tried again"}
    assert tpm.variable("TPM2_PT_LOCKOUT_COUNTER") == 1


USES = """
tpm = store()
opening, signing = tpm.create(KeyUse.OPENING), tpm.create(KeyUse.SIGNING)
signer, opener = tpm.signer(signing.key_id), tpm.opener(opening.key_id)
envelope = seal(b"opened", "kind", opening.key_id, opening.to_der())
def sign():
    return "signed" if signing.verifies(b"m", signer.sign(b"m")) else "signed by something else"
def open_it():
    return open_sealed(envelope, "kind", {opening.key_id: opener}).decode()
def use():
    told(sign)
    told(open_it)
    told(lambda: tpm.create(KeyUse.SIGNING) and "made")
use()
wait()
"""
WRONG = "told(lambda: store().create(KeyUse.SIGNING))\n"


def test_a_tpm_that_is_locked_out_is_told_and_nothing_signs_or_opens_until_it_is_unlocked(
    tpm: Any, begin: Begin, tmp_path: Path
) -> None:
    desk = begin(tpm, tmp_path, f"{USES}use()\nuse()\nwait()\nuse()\n")
    assert desk.until_it_waits() == ["signed", "opened", "made"]

    guesses = [tmp_path / f"guess-{number}" for number in range(4)]
    said = [begin(tpm, guess, WRONG, pin=f"guess-{guess.name}").to_its_end() for guess in guesses]
    assert said == [["device-pin-refused"]] * 3 + [["device-token-locked-out"]]
    assert tpm.variable("TPM2_PT_LOCKOUT_COUNTER") == 3

    # The desk that is open, and one that is opened now, with the right PIN.
    desk.go_on()
    assert set(desk.until_it_waits()) == {"device-token-locked-out"}
    assert begin(tpm, tmp_path / "other", WRONG).to_its_end() == ["device-token-locked-out"]
    assert tpm.variable("TPM2_PT_LOCKOUT_COUNTER") == 3, "no PIN was spent in vain"

    tpm.tool("tpm2_dictionarylockout", "--clear-lockout")
    desk.go_on()
    assert desk.to_its_end() == ["signed", "opened", "made"]


def test_a_tpm_that_is_gone_is_told_and_nothing_signs_or_opens_in_its_place(
    key_places: Any, project_root: Path, begin: Begin, tmp_path: Path
) -> None:
    with key_places.SoftwareTpm(project_root) as tpm:
        tpm.make_token()
        desk = begin(tpm, tmp_path, f"{USES}use()\n")
        assert desk.until_it_waits() == ["signed", "opened", "made"]
        tpm.end_tpm()
        desk.go_on()
        assert {line.partition(":")[0] for line in desk.to_its_end()} == {"device-token-unavailable"}
        (told,) = begin(tpm, tmp_path / "later", WRONG).to_its_end()
        assert told.startswith("device-token-unavailable")


def test_what_the_tpm_seals_opens_nowhere_else_and_a_damaged_seal_never_reaches_it(
    tpm: Any, begin: Begin, tmp_path: Path
) -> None:
    work = """
import json
tpm = store()
opening = tpm.create(KeyUse.OPENING)
file = Path(folder) / "seal.json"
whole = file.read_text()
said = json.loads(whole)
def reads(text):
    file.write_text(text)
    told(lambda: tpm.opener(opening.key_id) and "opened")
damaged = ("0" if said["wrapped"][0] != "0" else "1") + said["wrapped"][1:]
reads(json.dumps({**said, "wrapped": damaged}))
reads(json.dumps({**said, "wrapped": "00"}))
reads(json.dumps({**said, "key": opening.key_id}))
reads(whole[:100])
reads(whole)
tpm._token.destroy(said["key"])
reads(whole)
"""
    assert begin(tpm, tmp_path, work).to_its_end() == [
        "device-key-unusable: seal.json is damaged",
        "device-key-unusable: seal.json is damaged",
        "device-key-unusable: missing",
        "device-key-unusable: seal.json is damaged",
        "opened",
        "device-key-unusable: missing",
    ]


def test_what_the_operators_page_says_to_type_is_what_the_tpm_s_tools_take(tpm: Any, project_root: Path) -> None:
    page = (project_root / "docs" / "operator.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    (tpm2_(?:getcap|dictionarylockout) .+)$", page, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        tpm.tool(*line.split())


def test_the_command_enrols_a_desk_whose_keys_a_tpm_keeps_and_says_what_it_cannot_do(
    tpm: Any, registrar: Any, tmp_path: Path
) -> None:
    endpoint, key = registrar.enrolment, registrar.enrolment.answer_keys[0]
    anchor = json.dumps(ssl.DER_cert_to_PEM_cert(endpoint.tls_anchors[0]))
    settings, folder, pin = tmp_path / "own.toml", tmp_path / "device", tmp_path / "pin"
    settings.write_text(
        f'[enrolment]\nbase_url = "{endpoint.base_url}"\ntls_anchors = [{anchor}]\n'
        f'answer_keys = [{{ key_id = "{key.key_id}", spki = "{base64.b64encode(key.spki).decode()}" }}]\n'
    )
    pin.touch(mode=0o600)
    pin.write_text(tpm.pin)
    command = [str(Path(sys.executable).parent / "motcua"), "enrol", "--settings", str(settings)]
    command += ["--folder", str(folder), "--lang", "en"]

    def enrol(*words: str) -> tuple[int, str]:
        ended = subprocess.run(
            [*command, *words], capture_output=True, text=True, check=False, timeout=90, env=tpm.environment()
        )
        assert tpm.pin not in ended.stdout + ended.stderr
        return ended.returncode, ended.stdout + ended.stderr

    where = ("--module", str(tpm.module), "--token", tpm.label, "--secret-file", str(pin))
    who = ("--office", "UBND xã Thử 099", "--counter", "Quầy 3")
    code, said = enrol("--store", "pkcs11", *where, *who)
    assert code == 4
    assert "This token cannot hold the key that opens" in said
    assert "--store pkcs11-sealed" in said
    assert not (folder / "device.json").exists()

    code, said = enrol("--store", "pkcs11-sealed", *where, *who)
    assert code == 10
    assert "the one that opens in a file which that token seals" in said
    record = json.loads((folder / "device.json").read_text())
    registrar.act(record["device_id"], DeviceAct.APPROVE)
    code, said = enrol()
    assert (code, "State: active" in said) == (0, True), said
    assert enrol("--rotate")[0] == 0
