"""docs/operator.md is walked: every command on the page is run as it stands, in its order, and does what is said."""

from __future__ import annotations

import base64
import json
import re
import shlex
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from auth.device import SoftwareSigner
from auth.device.states import DeviceAct
from auth.ledger import Act, ActKind, Ledger
from desk.cli import main
from mock_registers.enrolment import EnrolledDevices
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage

COMMAND = re.compile(r"^    motcua (trust .+)$", re.MULTILINE)
# What a page can only name: an address that is not here, and files that each office has of its own.
NOT_HERE = ("https://trust.example",)
OWN_FILES = {"FILES…": ["csca.cer"], "FILE": ["csca.cer"], "list.ml": [], "list.crl": []}
MOVED = {"1.root.json": "repo/metadata/1.root.json", "/media/stick/repo": "repo"}


def csca(country: str) -> bytes:
    now = datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=100))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def as_run(line: str) -> list[str]:
    """Return the words of a command of the page, with the passphrases that the page has people type."""
    words: list[str] = []
    for word in shlex.split(line):
        words += OWN_FILES.get(word, [MOVED.get(word, word)])
    passphrases = words.count("--key") + words.count("--machine") * (words[2:3] in (["release"], ["refresh"]))
    passphrases += words[1] == "key"
    words += ["--passphrase-file", "secret"] * passphrases
    return words if words[1] in ("key", "repository") else [*words, "--store", "store"]


def test_the_page_is_walked_from_the_first_key_to_the_update(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (project_root / "docs" / "operator.md").read_text(encoding="utf-8")
    lines = [line for line in COMMAND.findall(page) if not any(mark in line for mark in NOT_HERE)]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Path("secret").write_text("a long passphrase")
    Path("csca.cer").write_bytes(csca("UT"))
    for name in ("binh", "chi", "pa", "pb", "m"):
        run(["trust", "key", f"{name}.key", "--passphrase-file", "secret"])
    done = []
    for line in lines:
        words = as_run(line)
        if "undo" in words:
            words[words.index("4")] = "1"
        if words[1] == "import" and words[2] == "csca.cer" and "--key" in words:
            Path("csca.cer").write_bytes(csca("AC"))  # the page's second way, with another certificate
        assert run(words) == 0, f"{line}: {capsys.readouterr().err}"
        done.append(words[1])
        if words[1:3] == ["repository", "release"]:
            Path("csca.cer").write_bytes(csca("RE"))
    told = {"check", "key", "operators", "sign", "import", "history", "undo", "repository", "update"}
    assert told <= set(done)


def test_the_pages_commands_about_the_record_do_what_is_said(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (project_root / "docs" / "operator.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    motcua (audit .+)$", page, re.MULTILINE)
    assert len(lines) == 5
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    device, register = SoftwareSigner.generate(), SoftwareSigner.generate()
    Path("device.pem").write_bytes(device.public_pem())
    Path("register.pem").write_bytes(register.public_pem())
    Path("device.key").write_bytes(device.to_encrypted_pem(b"secret"))
    Path("passphrase").write_bytes(b"secret")
    Path("motcua").mkdir()
    Path("motcua/motcua.toml").write_text(
        'ledger = "../ledger.db"\nledger_hours = 24\n'
        '[device]\nid = "desk-1"\nkey_file = "../device.key"\npassphrase_file = "../passphrase"\n'
    )
    ledger = Ledger(Path("ledger.db"), device, machine="")
    for number in range(4):
        ledger.append(Act(ActKind.ASKED, datetime.now(UTC), lookup=f"id-{number}"))
    signed = ledger.checkpoint(datetime.now(UTC))
    ledger.keep(signed.with_signature(register.key_id, register.sign(signed.checkpoint.to_text().encode())))
    ledger.close()
    for line in lines:
        assert run(shlex.split(line)) == 0, line
    assert len(Path("acts.jsonl").read_text().splitlines()) == 2 + 4
    assert len(Path("later.jsonl").read_text().splitlines()) == 2 + 2


def test_the_pages_commands_about_the_device_do_what_is_said(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (project_root / "docs" / "operator.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    motcua (enrol.*)$", page, re.MULTILINE)
    stores = ["pkcs11", "pkcs11-sealed", "passphrase"]
    assert [line.split()[1:3] for line in lines[:3]] == [["--store", store] for store in stores]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    Path("secret").touch(mode=0o600)
    Path("secret").write_text("a long passphrase")
    Path("motcua").mkdir()
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    with serve_registers([], database_url=url, enrolment=True) as served:
        (endpoint,) = (endpoint for endpoint in served if endpoint.register == "enrolment")
        anchor = json.dumps(ssl.DER_cert_to_PEM_cert(endpoint.tls_anchors[0]))
        key = endpoint.answer_keys[0]
        Path("motcua/motcua.toml").write_text(
            f'[enrolment]\nbase_url = "{endpoint.base_url}"\ntls_anchors = [{anchor}]\n'
            f'answer_keys = [{{ key_id = "{key.key_id}", spki = "{base64.b64encode(key.spki).decode()}" }}]\n'
        )
        # The page's token and TPM are the reader's own; that they enrol stands in the tests of the device.
        assert run(shlex.split(lines[2])) == 10
        registrar = EnrolledDevices(Storage(url).database)
        (device,) = registrar.list()
        assert device.code in capsys.readouterr().out
        registrar.act(device.device_id, DeviceAct.APPROVE)
        for line in lines[3:]:
            assert run(shlex.split(line)) == 0, line
        registrar.database.close()


def run(words: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        main(words)
    return int(end.value.code or 0)


@pytest.mark.parametrize("option", ["--anchor", "--json", "--remove", "--tls-anchor", "--from", "--days", "--to"])
def test_every_option_on_the_page_is_one_that_there_is(project_root: Path, option: str) -> None:
    page = (project_root / "docs" / "operator.md").read_text(encoding="utf-8")
    assert option in page
    sources = (project_root / "desk" / "cli" / "trust").glob("*.py")
    said = "".join(source.read_text(encoding="utf-8") for source in sources)
    assert f'"{option}"' in said or re.search(rf"\b{option[2:].replace('-', '_')}: ", said)
