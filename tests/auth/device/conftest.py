"""A served sandbox with its registrar, stores that need no person, and one real token for the tests of devices."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from auth.device.enrolling import Applicant, Enrolment, begin_enrolment
from auth.device.keychain import Keychain
from auth.device.keys import KeyStore, StoreKind
from auth.device.opening import credential_of, open_store
from auth.device.record import DeviceFolder, DeviceRecord, StorePlace
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import KeychainSeal, PassphraseSeal
from auth.device.secrets import Secret
from auth.device.states import DeviceAct
from auth.wire import DeviceCredential, RegisterEndpoint
from mock_registers.enrolment import EnrolledDevices
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage

PIN = "8-digit-PIN-of-a-test"
APPLICANT = Applicant("UBND xã Thử 099", "Quầy 3", "motcua test")


class MemoryKeychain:
    """Keep passwords in a dictionary: the system's keychain, for as long as a test lasts."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@dataclass
class Token:
    """A real token: its module, its name and its PIN, and what kind of place it is."""

    module: Path
    label: str
    folder: Path
    pin: str = PIN
    kind: StoreKind = StoreKind.PKCS11

    @property
    def place(self) -> StorePlace:
        return StorePlace(kind=self.kind, module=str(self.module), token=self.label)


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """Return a token of SoftHSM2 with a folder and settings of its own, opened once by this process.

    Without SoftHSM2 skip, or fail where the peers must be there.
    """
    peers = Path(__file__).resolve().parents[3] / "build" / "peers" / "usr"
    module = peers / "lib" / "softhsm" / "libsofthsm2.so"
    if not module.is_file():
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail("SoftHSM2 is not unpacked under build/peers")
        pytest.skip("SoftHSM2 is not unpacked under build/peers")
    home = tmp_path_factory.mktemp("softhsm")
    token = make_token(peers, module, home)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(home / "softhsm2.conf")
    yield token
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="session")
def token(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Token:
    """Return a real token: SoftHSM2's, or that of a TPM where ``test_tpm.py`` runs these tests on one."""
    tpm = os.environ.get("MOTCUA_TEST_TPM")
    if tpm is None:
        softhsm: Token = request.getfixturevalue("softhsm")
        return softhsm
    module, label, pin = tpm.split("\n")
    return Token(Path(module), label, tmp_path_factory.mktemp("sealed"), pin, StoreKind.PKCS11_SEALED)


def make_token(peers: Path, module: Path, home: Path) -> Token:
    (home / "tokens").mkdir()
    conf = home / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    command = [str(peers / "bin" / "softhsm2-util"), "--module", str(module), "--init-token", "--free"]
    command += ["--label", "motcua", "--pin", PIN, "--so-pin", "12345678"]
    environment = {**os.environ, "SOFTHSM2_CONF": str(conf)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return Token(module, "motcua", home / "tokens")


@pytest.fixture
def keychain() -> MemoryKeychain:
    return MemoryKeychain()


@pytest.fixture
def keychain_store(keychain: MemoryKeychain) -> Callable[[Path], SealedKeyStore]:
    """Return what opens the keychain-sealed store of a folder, as often as a process starts."""
    return lambda folder: SealedKeyStore(folder, KeychainSeal(folder, Keychain(lambda: keychain)))


@pytest.fixture
def passphrase_store() -> Callable[..., SealedKeyStore]:
    def make(folder: Path, passphrase: bytes = b"a passphrase of a test") -> SealedKeyStore:
        return SealedKeyStore(folder, PassphraseSeal(folder, Secret(lambda: passphrase)))

    return make


@dataclass
class Registrar:
    """The sandbox, and the person who decides about desks."""

    endpoints: dict[str, RegisterEndpoint]
    devices: EnrolledDevices
    url: str = ""

    @property
    def enrolment(self) -> RegisterEndpoint:
        return self.endpoints["enrolment"]

    def act(self, device: str, *acts: DeviceAct) -> None:
        for act in acts:
            self.devices.act(device, act)


@pytest.fixture(scope="session")
def registrar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registrar]:
    """Serve the sandbox once; every test brings devices of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('registrar') / 'sandbox.db'}"
    with serve_registers([], database_url=url, enrolment=True) as endpoints:
        storage = Storage(url)
        yield Registrar({endpoint.register: endpoint for endpoint in endpoints}, EnrolledDevices(storage.database), url)
        storage.close()


@dataclass
class Desk:
    """One desk's folder with the store that opens it."""

    folder: DeviceFolder
    open_store: Callable[[Path], KeyStore]
    registrar: Registrar
    place: StorePlace = field(default_factory=lambda: StorePlace(kind=StoreKind.KEYCHAIN))

    @property
    def store(self) -> KeyStore:
        return self.open_store(self.folder.path)

    @property
    def record(self) -> DeviceRecord:
        record = self.folder.read()
        assert record is not None
        return record

    @property
    def credential(self) -> DeviceCredential:
        return credential_of(self.record, self.store)

    def enrol(self) -> Enrolment:
        return begin_enrolment(self.folder, self.place, self.store, self.registrar.enrolment, APPLICANT)

    def become_active(self) -> str:
        device = self.enrol().device_id
        self.registrar.act(device, DeviceAct.APPROVE)
        self.enrol()
        return device


@pytest.fixture
def desk(tmp_path: Path, registrar: Registrar, keychain_store: Callable[[Path], SealedKeyStore]) -> Desk:
    return Desk(DeviceFolder(tmp_path / "device"), keychain_store, registrar)


@pytest.fixture
def token_store(token: Token) -> Iterator[Callable[..., KeyStore]]:
    """Return what opens the real token, and the folder of what it seals where it does."""
    opened: list[KeyStore] = []

    def make(folder: Path = token.folder) -> KeyStore:
        opened.append(open_store(folder, token.place, Secret(token.pin.encode)))
        return opened[-1]

    yield make
    for store in opened:
        store.close()
