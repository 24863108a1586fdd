"""Only the endpoint's own anchors, only its own name, and nothing of this machine's environment."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asn1crypto.x509
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import load_der_x509_certificate

from auth.errors import RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from auth.wire.tls import client_context
from mock_registers.authority import TestAuthority
from mock_registers.keys import SandboxKey

NOW = datetime.now(UTC)


def _why(endpoint: RegisterEndpoint, device: DeviceCredential, lookup: Lookup) -> str:
    client = PopulationClient(endpoint, device, deadline_s=5.0)
    try:
        with pytest.raises(RegisterUnreachable) as caught:
            client.find_citizen(lookup)
        return caught.value.why
    finally:
        client.close()


def test_a_certificate_of_another_authority_of_the_same_name_is_refused(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    register = raw_register(say, tls=TestAuthority().server_context())
    assert _why(register.endpoint, device, lookup) in ("tls-unknown-authority", "tls-certificate-refused")
    assert register.heard == []


def test_a_self_signed_certificate_of_another_name_is_refused(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    register = raw_register(say, tls=TestAuthority("Somebody else").server_context())
    assert _why(register.endpoint, device, lookup) == "tls-unknown-authority"
    assert register.heard == []


@pytest.mark.parametrize("hosts", [["localhost"], ["population.invalid"], ["127.0.0.2"]])
def test_a_certificate_for_another_host_is_refused(
    raw_register, authority: TestAuthority, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes], hosts
) -> None:
    register = raw_register(say, tls=authority.server_context(hosts))
    assert _why(register.endpoint, device, lookup) == "tls-wrong-host"
    assert register.heard == []


def test_a_host_name_is_checked_as_a_name(
    raw_register, authority: TestAuthority, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    register = raw_register(say, tls=authority.server_context(["127.0.0.1"]), host="localhost")
    assert _why(register.endpoint, device, lookup) == "tls-wrong-host"


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (NOW - timedelta(days=10), NOW - timedelta(days=1), "tls-certificate-expired"),
        (NOW + timedelta(days=1), NOW + timedelta(days=10), "tls-certificate-not-yet-valid"),
    ],
)
def test_a_certificate_out_of_its_time_is_refused(
    raw_register, authority: TestAuthority, device, lookup: Lookup, say: Callable[..., bytes], start, end, why: str
) -> None:
    register = raw_register(say, tls=authority.server_context(not_before=start, not_after=end))
    assert _why(register.endpoint, device, lookup) == why
    assert register.heard == []


def test_a_cipher_without_forward_secrecy_is_refused(
    raw_register, authority: TestAuthority, device, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    weak = authority.server_context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    register = raw_register(say, tls=weak)
    assert _why(register.endpoint, device, lookup) == "tls-refused"


def test_tls_1_2_with_an_aead_cipher_is_enough(
    raw_register, authority: TestAuthority, device, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    older = authority.server_context()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    register = raw_register(say, tls=older)
    client = PopulationClient(register.endpoint, device)
    try:
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()


def test_a_server_without_tls_is_refused(raw_register, device, lookup: Lookup) -> None:
    def plain(connection: socket.socket, _stop: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    register = raw_register(talk=plain, tls=None)
    assert _why(register.endpoint, device, lookup) == "tls-refused"


def test_nobody_listening_is_said_as_such(device: DeviceCredential, lookup: Lookup, authority: TestAuthority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    key = SandboxKey()
    endpoint = RegisterEndpoint(
        "population",
        f"https://127.0.0.1:{port}",
        (authority.anchor,),
        (AnswerKey(key.key_id, key.spki),),
        seal_keys=(SealKey(key.key_id, key.spki),),
    )
    assert _why(endpoint, device, lookup) == "connection-refused"


def test_proxies_log_ins_certificate_files_and_key_logs_of_the_environment_are_ignored(
    raw_register,
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    other = TestAuthority("Somebody else")
    trusted = tmp_path / "other.pem"
    trusted.write_text(ssl.DER_cert_to_PEM_cert(other.anchor))
    key_log = tmp_path / "keys.log"
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(key_log))
    monkeypatch.setenv("HOME", str(tmp_path))
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1\nlogin desk\npassword secret\n")
    netrc.chmod(0o600)
    honest = raw_register(say)
    client = PopulationClient(honest.endpoint, device)
    try:
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()
    assert not key_log.exists()
    assert "authorization" not in honest.heard[0].headers
    stranger = raw_register(say, tls=other.server_context())
    assert _why(stranger.endpoint, device, lookup) == "tls-unknown-authority"


def _spki_digest(served: ssl.SSLContext, authority: TestAuthority) -> bytes:
    """Return the digest of the key that ``served`` shows, as an operator takes it from the server's certificate."""
    client = client_context(RegisterEndpoint("land", "https://127.0.0.1:1", (authority.anchor,), ()))
    ours, theirs = socket.socketpair()
    answering = threading.Thread(target=lambda: served.wrap_socket(theirs, server_side=True).close())
    answering.start()
    with client.wrap_socket(ours, server_hostname="127.0.0.1") as connection:
        der = connection.getpeercert(binary_form=True)
    answering.join()
    assert der is not None
    key = load_der_x509_certificate(der).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def test_the_right_name_under_the_right_authority_with_another_key_is_refused(
    raw_register, authority: TestAuthority, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    served = authority.server_context()
    register = raw_register(say, tls=served)
    assert _why(replace(register.endpoint, tls_pins=(bytes(32),)), device, lookup) == "tls-wrong-pin"
    assert register.heard == []
    older_and_newer = (bytes(32), _spki_digest(served, authority))
    client = PopulationClient(replace(register.endpoint, tls_pins=older_and_newer), device)
    try:
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()


def test_a_server_that_speaks_tls_1_1_only_is_refused(
    raw_register, authority: TestAuthority, device, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    old = authority.server_context()
    # Security level 0 lets OpenSSL speak TLS 1.1 at all, so that it is the desk who refuses.
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    register = raw_register(say, tls=old)
    assert _why(register.endpoint, device, lookup) == "tls-refused"
    assert register.heard == []


def _signed_with_sha1(tmp_path: Path) -> tuple[ssl.SSLContext, bytes]:
    """Return a server whose certificate its authority signed over SHA-1, and that authority.

    The library makes no such certificate, so the right one's algorithm and signature are exchanged.
    """
    old, key = TestAuthority("Mot Cua TEST of 2009"), ec.generate_private_key(ec.SECP256R1())
    right = old._issue(key.public_key(), ["127.0.0.1"], None, None)
    made = asn1crypto.x509.Certificate.load(right.public_bytes(Encoding.DER))
    for algorithm in (made["tbs_certificate"]["signature"], made["signature_algorithm"]):
        algorithm["algorithm"] = "sha1_ecdsa"
    signed = made["tbs_certificate"].dump(force=True)
    made["signature_value"] = old._key.sign(signed, ec.ECDSA(SHA1()))  # noqa: S303 - what is to be refused
    chain = tmp_path / "old.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(private + ssl.DER_cert_to_PEM_cert(made.dump(force=True)).encode())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers("DEFAULT:@SECLEVEL=0")
    server.load_cert_chain(chain)
    return server, old.anchor


def test_a_chain_with_sha_1_in_it_is_refused(
    raw_register, device, lookup: Lookup, say: Callable[..., bytes], tmp_path: Path
) -> None:
    served, anchor = _signed_with_sha1(tmp_path)
    register = raw_register(say, tls=served, anchors=(anchor,))
    assert _why(register.endpoint, device, lookup) == "tls-weak-signature"
    assert register.heard == []


@pytest.mark.parametrize(
    ("anchors", "why"), [((), "no-tls-anchor"), ((b"no certificate",), "bad-tls-anchor"), ((b"",), "bad-tls-anchor")]
)
def test_an_endpoint_without_a_usable_anchor_is_no_endpoint(anchors: tuple[bytes, ...], why: str) -> None:
    with pytest.raises(RegisterUnreachable, match=why):
        client_context(RegisterEndpoint("land", "https://127.0.0.1:1", anchors, ()))


def test_the_context_holds_the_endpoints_anchors_and_no_other(authority: TestAuthority) -> None:
    context = client_context(RegisterEndpoint("land", "https://127.0.0.1:1", (authority.anchor,), ()))
    assert context.get_ca_certs(binary_form=True) == [authority.anchor]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.keylog_filename is None
