"""The command: it says where it listens, admits whom it is told, and ends when asked."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from ssl import PEM_cert_to_DER_cert
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner

from auth.clerk.desk_clerk import DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser
from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import RegisterError
from auth.purposes import PURPOSES
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from desk.authorization_settings import AuthorizationSettings
from desk.settings import Settings
from mock_cards.build import CardFactory
from mock_cards.personas import EXAMPLE
from mock_registers import open_register_sandbox
from mock_registers.authorization import INVENTED, AuthorizationFault, ClerkLogin
from mock_registers.authorization.browser import SandboxBrowser
from mock_registers.cli import app
from mock_registers.faults import Fault
from mock_registers.kept_keys import KEYS_FILE
from mock_registers.server import bind_loopback
from mock_registers.soap_faults import SoapFault
from mock_registers.soap_variants import VARIANTS
from mock_registers.tls import TlsFault
from reader.lds.identity import CalendarDate

PURPOSE = PURPOSES[0]
T = TypeVar("T")


@contextmanager
def _serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-W", "error", "-c", "from mock_registers.cli import main; main()", "serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, encoding="utf-8"
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _served_here(ask: Callable[[dict[str, Any]], T], *arguments: str) -> T:
    """Run the command in this process until ``ask`` has asked what it tells on standard output; return the answer.

    For what need not be another process, which takes longer to start than to be asked. The command has the main
    thread, where signals come in.
    """
    reading, writing = os.pipe()
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]

    def listen() -> T:
        with open(reading, encoding="utf-8") as said:
            told = json.loads(said.readline())
        try:
            return ask(told)
        finally:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

    try:
        with ThreadPoolExecutor(1) as pool:
            with open(writing, "w", encoding="utf-8") as said, redirect_stdout(said):
                asked = pool.submit(listen)
                assert app(["serve", *arguments], standalone_mode=False) is None
            return asked.result()
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _endpoint(told: dict[str, Any]) -> RegisterEndpoint:
    return RegisterEndpoint(
        told["register"],
        told["base_url"],
        tuple(PEM_cert_to_DER_cert(pem) for pem in told["tls_anchors"]),
        tuple(AnswerKey(key["key_id"], base64.b64decode(key["spki"])) for key in told["answer_keys"]),
        seal_keys=tuple(SealKey(key["key_id"], base64.b64decode(key["spki"])) for key in told["seal_keys"]),
    )


def _run(arguments: Sequence[str]) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_another_process_is_answered_by_what_it_was_told(tmp_path: Path, lookup: Lookup) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    public = tmp_path / "device.pem"
    public.write_bytes(signer.public_pem() + opener.public_pem())
    with _serving("--device", f"desk-7={public}", "--database-url", f"sqlite:///{tmp_path / 'r.db'}") as (
        process,
        told,
    ):
        assert [register["register"] for register in told["registers"]] == ["population", "land", "housing"]
        client = PopulationClient(_endpoint(told["registers"][0]), DeviceCredential("desk-7", signer, opener))
        try:
            assert client.find_citizen(lookup).record is not None
        finally:
            client.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10.0) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_with_a_folder_for_keys_a_restart_tells_a_desk_the_same(tmp_path: Path) -> None:
    with _serving("--keys", str(tmp_path / "keys")) as (_, told):
        port = told["registers"][0]["base_url"].split(":")[2].split("/")[0]
    again = _served_here(lambda told: told, "--keys", str(tmp_path / "keys"), "--port", port)
    assert again["registers"] == told["registers"]
    assert again["enrolment"]["tls_anchors"] == told["enrolment"]["tls_anchors"]
    assert again["enrolment"]["answer_keys"] == told["enrolment"]["answer_keys"]
    (tmp_path / "keys" / KEYS_FILE).write_bytes(b"{")
    code, output = _run(["serve", "--keys", str(tmp_path / "keys")])
    assert code == 2
    assert "is damaged" in " ".join(output.replace("│", " ").split())


def test_with_a_card_issuer_a_presence_verifier_is_served_too(tmp_path: Path) -> None:
    anchor = tmp_path / "csca.der"
    anchor.write_bytes(CardFactory("cli").anchors[0])
    told = _served_here(lambda told: told, "--card-anchor", str(anchor))
    assert [register["register"] for register in told["registers"]] == ["population", "land", "housing", "presence"]
    code, output = _run(["serve", "--card-anchor", str(tmp_path / "missing.der")])
    assert (code, "no certificate" in output) == (2, True)


def _why_not(settings: Settings, register: str, lookup: Lookup) -> str:
    """Return why a stranger's look-up by these settings fails; "unknown-device" where only the device is at fault."""
    (named,) = (one for one in settings.registers if one.register_name == register)
    device = DeviceCredential("desk-7", SoftwareSigner.generate(), SoftwareOpener.generate())
    client = PopulationClient(named.endpoint(), device)
    try:
        with pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
        return caught.value.why
    finally:
        client.close()


def test_its_list_and_a_client_certificate_are_described_as_settings(tmp_path: Path, lookup: Lookup) -> None:
    def ask(told: dict[str, Any]) -> None:
        settings = Settings.model_validate({name: told[name] for name in ("registers", "enrolment")})
        assert settings.enrolment is not None
        assert settings.enrolment.endpoint().client_certificate is not None
        assert _why_not(settings, "population", lookup) == "unknown-device", "TLS and the list are content"
        for name in ("client.key", "client.pass"):
            file = tmp_path / "tls" / name
            assert file.stat().st_mode & 0o077 == 0 or os.name != "posix"
        secret = (tmp_path / "tls" / "client.pass").read_text(encoding="ascii").strip()
        assert secret not in json.dumps(told)
        without = [{**one, "client_certificate": None} for one in told["registers"]]
        why = _why_not(Settings.model_validate({"registers": without}), "population", lookup)
        assert why in ("connection-broken", "tls-alert-certificate-required")

    _served_here(ask, "--tls-folder", str(tmp_path / "tls"), "--client-certificates")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("certificate-revoked", "tls-certificate-revoked"),
        ("crl-expired", "tls-crl-expired"),
        ("crl-of-another", "tls-crl-missing"),
        ("certificate-expired", "tls-certificate-expired"),
        ("client-certificate-expired", "client-certificate-expired"),
    ],
)
def test_its_tls_may_be_wrong_in_ways_that_have_a_name(tmp_path: Path, lookup: Lookup, fault: str, why: str) -> None:
    client = ("--client-certificates",) if fault.startswith("client") else ()

    def ask(told: dict[str, Any]) -> str:
        return _why_not(Settings.model_validate({"registers": told["registers"]}), "population", lookup)

    assert _served_here(ask, "--tls-folder", str(tmp_path), "--fault", f"tls:{fault}", *client) == why


def test_a_device_that_was_not_given_is_refused(lookup: Lookup) -> None:
    def ask(told: dict[str, Any]) -> None:
        device = DeviceCredential("desk-7", SoftwareSigner.generate(), SoftwareOpener.generate())
        client = PopulationClient(_endpoint(told["registers"][0]), device)
        try:
            with pytest.raises(RegisterError, match="unknown-device"):
                client.find_citizen(lookup)
        finally:
            client.close()

    _served_here(ask)


def test_a_gateway_is_described_as_settings_with_its_secret_in_a_file(tmp_path: Path) -> None:
    def ask(told: dict[str, Any]) -> None:
        population, land, _housing = told["registers"]
        assert (population["profile"], "answer_keys" in population) == ("soap", False)
        assert (land["register"], "gateway" in land) == ("land", False)
        secret = Path(population["gateway"]["basic"]["secret_file"])
        assert len(secret.read_text(encoding="ascii")) == 32
        assert secret.stat().st_mode & 0o077 == 0 or os.name != "posix"
        assert Path(population["gateway"]["codes_file"]).is_file()
        assert secret.read_text(encoding="ascii") not in json.dumps(told)

    _served_here(ask, "--soap", "basic", "--soap-folder", str(tmp_path / "g"))


def test_clerks_sign_in_at_the_server_that_is_told(tmp_path: Path) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    public = tmp_path / "device.pem"
    public.write_bytes(signer.public_pem() + opener.public_pem())

    def ask(told: dict[str, Any]) -> None:
        server = AuthorizationSettings.model_validate(told["authorization"]).endpoint()
        mine = next(clerk for clerk in told["clerks"] if clerk["id"] == "canbo.mau")
        login = ClerkLogin(INVENTED[0], mine["password"], base64.b32decode(mine["otp_secret"]))
        client = AuthorizationClient(server, DeviceCredential("desk-7", signer, opener))
        desk = DeskClerk(client)
        desk.sign_in(by_browser(SandboxBrowser(server.tls_anchors[0], login)))
        assert desk.presence.name == mine["name"]
        desk.step_up(by_browser(SandboxBrowser(server.tls_anchors[0], login)))
        desk.close()
        assert [clerk["active"] for clerk in told["clerks"]] == [True, True, True, False]

    _served_here(ask, "--clerks", "--device", f"desk-7={public}")


def test_help_teaches_every_fault() -> None:
    code, output = _run(["serve", "--help"])
    assert code == 0
    for name in (*VARIANTS, *SoapFault, *AuthorizationFault, *TlsFault):
        assert name in output
    for fault in Fault:
        assert fault.value in output
    assert "127.0.0.1" in output
    assert "--device" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--fault", "nothing"],
        ["serve", "--port", "70000"],
        ["serve", "--device", "desk-1"],
        ["serve", "--soap", "basic"],
        ["serve", "--soap-folder", "x"],
        ["serve", "--soap", "nothing", "--soap-folder", "x"],
        ["serve", "--fault", "gateway:hangs"],
        ["serve", "--fault", "tls:nothing"],
        ["serve", "--client-certificates"],
        ["serve", "--client-certificates", "--tls-folder", "x", "--clerks"],
        ["serve", "--host", "192.0.2.1"],
        ["nothing"],
    ],
)
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert _run(arguments)[0] == 2


ONE = SoftwareSigner.generate().public_pem()
OTHER = SoftwareOpener.generate().public_pem()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"nothing", "not two public keys"),
        (ONE, "not two public keys"),
        (ONE + OTHER + ONE, "not two public keys"),
        (ONE + ONE, "one key for both uses"),
        (ONE + b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
    ],
)
def test_a_file_that_is_no_two_public_keys_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "device.pem"
    file.write_bytes(content)
    code, output = _run(["serve", "--device", f"desk-1={file}"])
    assert code == 2
    # The message is wrapped and framed by the command line's library.
    assert told in " ".join(output.replace("│", " ").split())


def test_what_is_not_to_be_had_ends_with_one(tmp_path: Path) -> None:
    with bind_loopback() as taken:
        taken.listen()
        assert _run(["serve", "--port", str(taken.getsockname()[1])])[0] == 1
    assert _run(["serve", "--device", f"desk-1={tmp_path / 'absent.pem'}"])[0] == 1
    assert _run(["serve", "--database-url", f"sqlite:///{tmp_path}/absent/r.db"])[0] == 1


def test_a_person_of_ones_own_is_a_file_and_a_valid_one(tmp_path: Path) -> None:
    assert _run(["serve", "--persona", "nguyen-van-mau"])[0] == 2
    own = tmp_path / "own.toml"
    own.write_text('about = "x"', encoding="utf-8")
    code, said = _run(["serve", "--persona", str(own)])
    assert code == 2
    assert "card" in said


def test_a_person_of_ones_own_is_found_by_who_asks(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(EXAMPLE, encoding="utf-8")
    with open_register_sandbox(people=[str(own)]) as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        asked = Lookup(
            "v1", "099190000123", "Trần Thị Thử", CalendarDate(1990, 1, 15), PURPOSE.id, PURPOSE.legal_basis, "c1"
        )
        record = client.find_citizen(asked).record
        client.close()
    assert record is not None
    assert record.spouse == "Phạm Văn Mẫu"


def test_the_program_says_which_version_it_is() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"mock-registers {version('motcua')}\n")
