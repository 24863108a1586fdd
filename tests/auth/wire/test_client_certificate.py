"""A certificate for servers that ask for one: judged before anybody is called, shown, and its refusal told as such."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from auth.device.errors import SecretFileUnsafe
from auth.device.secrets import secret_from_file
from auth.errors import (
    ClientCertificateOutOfTime,
    ClientCertificateRefused,
    ClientCertificateUnusable,
    ClientCertificateWanted,
    ClockInDoubt,
    RegisterError,
    RegisterUnreachable,
)
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.registers.population_soap import PopulationSoapClient
from auth.wire import DeviceCredential, RegisterEndpoint
from auth.wire.client_certificate import BadClientCertificate, ClientCertificate
from auth.wire.server_time import ServerTime
from auth.wire.soap_gateway import SoapGateway
from auth.wire.tls import client_context
from mock_registers import open_register_sandbox
from mock_registers.authority import ClientPems, TestAuthority

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PASSPHRASE = b"a passphrase of the office"
GATEWAY = SoapGateway(procedure_codes=(("land-change-registration", "1.000001"),))

Asked = Callable[..., RegisterError | None]


def wanting(authority: TestAuthority, version: ssl.TLSVersion, clients: TestAuthority | None = None) -> ssl.SSLContext:
    """Return a server of ``version`` that answers nobody without a certificate of ``clients``."""
    served = authority.server_context()
    served.load_verify_locations(cadata=(clients or authority).anchor)
    served.verify_mode = ssl.CERT_REQUIRED
    served.minimum_version = served.maximum_version = version
    return served


def written(folder: Path, pems: ClientPems) -> ClientCertificate:
    """Write the files of an office."""
    certificate, key = folder / "client.pem", folder / "client.key"
    certificate.write_bytes(pems.certificate)
    key.write_bytes(pems.key)
    return ClientCertificate(certificate, key, lambda: PASSPHRASE)


@pytest.fixture(params=["rest", "soap"])
def asked(
    request: pytest.FixtureRequest,
    raw_register: Callable[..., object],
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
) -> Asked:
    """Return what asks a register, or a gateway of today, whose TLS is ``served``: its error, None for an answer."""
    soap = request.param == "soap"

    def ask(served: ssl.SSLContext, certificate: ClientCertificate | None, clock: ServerTime | None = None):
        register = raw_register(_nobody if soap else say, tls=served)
        endpoint = replace(register.endpoint, client_certificate=certificate)
        who = device if clock is None else replace(device, clock=clock)
        client: PopulationClient | PopulationSoapClient
        if soap:
            client = PopulationSoapClient(replace(endpoint, gateway=GATEWAY, answer_keys=()), who, deadline_s=5.0)
        else:
            client = PopulationClient(endpoint, who, deadline_s=5.0)
        try:
            client.find_citizen(lookup)
        except RegisterError as error:
            assert register.heard == []
            return error
        finally:
            client.close()
        assert len(register.heard) == 1
        return None

    return ask


def _nobody(_request: object, _key: object) -> bytes:
    """Return the answer of a gateway that knows nobody like this."""
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<CongdanCollection xmlns="http://www.mic.gov.vn/dancu/1.0"/></s:Body></s:Envelope>'
    )
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_server_that_asks_for_a_certificate_is_shown_it(
    asked: Asked, authority: TestAuthority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    certificate = written(tmp_path, authority.client_pems(PASSPHRASE))
    assert asked(wanting(authority, version), certificate) is None


def test_one_that_does_not_ask_is_shown_nothing_and_answers(
    asked: Asked, authority: TestAuthority, tmp_path: Path
) -> None:
    assert asked(authority.server_context(), written(tmp_path, authority.client_pems(PASSPHRASE))) is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("turn", range(3))
def test_a_certificate_that_the_server_refuses_is_told_as_such(
    asked: Asked, authority: TestAuthority, tmp_path: Path, version: ssl.TLSVersion, turn: int
) -> None:
    """Several times, since in TLS 1.3 the reset that follows the alert may overtake it."""
    stranger = TestAuthority(f"Somebody else {turn}")
    error = asked(wanting(authority, version), written(tmp_path, stranger.client_pems(PASSPHRASE)))
    assert isinstance(error, ClientCertificateRefused)
    assert (error.code, error.why) == ("client-certificate-refused", "tls-alert-unknown-ca")


def test_a_certificate_that_the_servers_authority_revoked_is_told_as_such(
    asked: Asked, authority: TestAuthority, tmp_path: Path
) -> None:
    clients = TestAuthority("Mot Cua TEST clients")
    certificate = written(tmp_path, clients.client_pems(PASSPHRASE))
    served = wanting(authority, ssl.TLSVersion.TLSv1_3, clients)
    lists = tmp_path / "clients.pem"
    lists.write_bytes(_crl_pem(clients.revocation_list(clients.serials)))
    served.load_verify_locations(cafile=lists)
    served.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    error = asked(served, certificate)
    assert isinstance(error, ClientCertificateRefused)
    assert error.why == "tls-alert-certificate-revoked"


def test_a_desk_that_has_none_is_told_that_one_is_wanted(
    raw_register: Callable[..., object], authority: TestAuthority, device: DeviceCredential, lookup: Lookup
) -> None:
    served = wanting(authority, ssl.TLSVersion.TLSv1_3)

    def talk(plain: socket.socket, _stop: threading.Event) -> None:
        """Refuse, then read on until the desk hangs up, as servers do so that their alert is not lost."""
        with pytest.raises(ssl.SSLError):
            served.wrap_socket(plain.dup(), server_side=True)
        while plain.recv(4096):
            pass

    register = raw_register(talk=talk, tls=None)
    client = PopulationClient(register.endpoint, device, deadline_s=5.0)
    try:
        with pytest.raises(ClientCertificateWanted) as caught:
            client.find_citizen(lookup)
    finally:
        client.close()
    assert (caught.value.code, caught.value.why) == ("client-certificate-wanted", "tls-alert-certificate-required")


@pytest.mark.parametrize(
    ("begin", "end", "why"),
    [
        (NOW - 9 * DAY, NOW - DAY, "client-certificate-expired"),
        (NOW + DAY, NOW + 9 * DAY, "client-certificate-not-yet-valid"),
    ],
)
def test_a_certificate_out_of_its_time_is_told_before_anybody_is_called(
    asked: Asked, authority: TestAuthority, tmp_path: Path, begin: datetime, end: datetime, why: str
) -> None:
    certificate = written(tmp_path, authority.client_pems(PASSPHRASE, not_before=begin, not_after=end))
    right = ServerTime()
    right.learn(NOW.timestamp())
    called: list[str] = []
    served = authority.server_context()
    served.sni_callback = lambda *_: called.append("called")
    error = asked(served, certificate, right)
    assert isinstance(error, ClientCertificateOutOfTime)
    assert (error.code, error.why) == ("client-certificate-out-of-time", why)


def test_one_that_is_not_valid_yet_speaks_against_a_clock_that_nobody_has_confirmed(
    asked: Asked, authority: TestAuthority, tmp_path: Path
) -> None:
    pems = authority.client_pems(PASSPHRASE, not_before=NOW + DAY, not_after=NOW + 9 * DAY)
    error = asked(authority.server_context(), written(tmp_path, pems))
    assert isinstance(error, ClockInDoubt)
    assert error.why == "client-certificate-not-yet-valid"


def test_it_is_judged_by_the_registers_time_where_that_is_known(
    asked: Asked, authority: TestAuthority, tmp_path: Path
) -> None:
    slow = ServerTime(lambda: time.time() - 2 * DAY.total_seconds())
    slow.learn(time.time())
    pems = authority.client_pems(PASSPHRASE, not_before=NOW - DAY, not_after=NOW + 9 * DAY)
    assert asked(wanting(authority, ssl.TLSVersion.TLSv1_3), written(tmp_path, pems), slow) is None


def test_a_renewed_certificate_is_shown_without_a_restart(
    raw_register: Callable[..., object],
    authority: TestAuthority,
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    old = written(tmp_path, TestAuthority("Before").client_pems(PASSPHRASE))
    register = raw_register(say, tls=wanting(authority, ssl.TLSVersion.TLSv1_3))
    client = PopulationClient(replace(register.endpoint, client_certificate=old), device)
    try:
        with pytest.raises(ClientCertificateRefused):
            client.find_citizen(lookup)
        written(tmp_path, authority.client_pems(PASSPHRASE))
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()


def _open_key(pems: ClientPems) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pems.key, PASSPHRASE)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def test_a_key_that_lies_open_is_refused_in_every_form(authority: TestAuthority, tmp_path: Path) -> None:
    pems = authority.client_pems(PASSPHRASE)
    certificate, key = written(tmp_path, pems), _open_key(pems)
    older = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(PASSPHRASE))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for form in (
        plain,
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        older,
        pems.key + plain,
        pems.certificate + pems.key,
        b"",
    ):
        certificate.key_file.write_bytes(form)
        assert _why_unusable(certificate) == "client-key-not-encrypted"


def _why_unusable(certificate: ClientCertificate) -> str:
    with _context() as context, pytest.raises(BadClientCertificate) as caught:
        certificate.load_into(context)
    return caught.value.why


@contextmanager
def _context() -> Iterator[ssl.SSLContext]:
    yield client_context(RegisterEndpoint("land", "https://127.0.0.1:1", (TestAuthority().anchor,), ()))


def test_a_wrong_passphrase_opens_nothing_and_is_not_shown(authority: TestAuthority, tmp_path: Path) -> None:
    certificate = written(tmp_path, authority.client_pems(b"another passphrase"))
    assert _why_unusable(certificate) == "client-key-locked"
    assert PASSPHRASE.decode() not in repr(certificate)


def test_a_key_of_another_certificate_is_refused(authority: TestAuthority, tmp_path: Path) -> None:
    certificate = written(tmp_path, authority.client_pems(PASSPHRASE))
    certificate.key_file.write_bytes(authority.client_pems(PASSPHRASE).key)
    assert _why_unusable(certificate) == "client-key-of-another"


def test_a_certificate_for_servers_is_none_for_clients(authority: TestAuthority, tmp_path: Path) -> None:
    pems = authority.client_pems(PASSPHRASE, usage=ExtendedKeyUsageOID.SERVER_AUTH)
    assert _why_unusable(written(tmp_path, pems)) == "client-certificate-wrong-purpose"


def test_a_weak_key_is_refused(authority: TestAuthority, tmp_path: Path) -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # what is to be refused
    made = authority._issue(weak.public_key(), ("client.invalid",), None, None, ExtendedKeyUsageOID.CLIENT_AUTH)
    key = weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE))
    assert _why_unusable(written(tmp_path, ClientPems(made.public_bytes(Encoding.PEM), key))) == "client-key-weak"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "client-certificate-malformed"),
        (b"no certificate", "client-certificate-malformed"),
        (b"-----BEGIN CERTIFICATE-----\nMFkw\n-----END CERTIFICATE-----\n", "client-certificate-malformed"),
        (b"\xff" * 100, "client-certificate-malformed"),
        (b"x" * (128 * 1024 + 1), "client-certificate-not-read"),
    ],
    ids=["empty", "text", "no-der", "not-ascii", "endless"],
)
def test_what_is_no_certificate_is_refused(authority: TestAuthority, tmp_path: Path, content: bytes, why: str) -> None:
    certificate = written(tmp_path, authority.client_pems(PASSPHRASE))
    certificate.certificate_file.write_bytes(content)
    assert _why_unusable(certificate) == why


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("06082a8648ce3d030107", "06082a8648ce3d030177"),
        ("0603551d25", "0603551d13"),
        ("a003020102", "a003020107"),
    ],
    ids=["unknown-curve", "extension-twice", "unknown-version"],
)
def test_a_certificate_that_the_library_can_make_nothing_of_is_refused(
    authority: TestAuthority, tmp_path: Path, said: str, instead: str
) -> None:
    certificate = written(tmp_path, authority.client_pems(PASSPHRASE))
    der = ssl.PEM_cert_to_DER_cert(certificate.certificate_file.read_text())
    assert der.count(bytes.fromhex(said)) == 1
    changed = der.replace(bytes.fromhex(said), bytes.fromhex(instead))
    certificate.certificate_file.write_text(ssl.DER_cert_to_PEM_cert(changed))
    with pytest.raises(BadClientCertificate) as caught:
        certificate.read()
    assert caught.value.why == "client-certificate-malformed"
    assert _why_unusable(certificate) == "client-certificate-malformed"


def test_a_longer_chain_than_anybody_has_is_refused(authority: TestAuthority, tmp_path: Path) -> None:
    pems = authority.client_pems(PASSPHRASE)
    certificate = written(tmp_path, ClientPems(pems.certificate * 9, pems.key))
    assert _why_unusable(certificate) == "client-certificate-malformed"


def test_a_file_that_is_gone_is_told(asked: Asked, authority: TestAuthority, tmp_path: Path) -> None:
    certificate = written(tmp_path, authority.client_pems(PASSPHRASE))
    certificate.key_file.unlink()
    error = asked(authority.server_context(), certificate)
    assert isinstance(error, ClientCertificateUnusable)
    assert (error.code, error.why) == ("client-certificate-unusable", "client-certificate-not-read")


def test_a_passphrase_that_others_can_read_is_refused_by_the_devices_own_code(
    raw_register: Callable[..., object],
    authority: TestAuthority,
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    file = tmp_path / "client.pass"
    file.write_bytes(PASSPHRASE)
    file.chmod(0o644)
    made = written(tmp_path, authority.client_pems(PASSPHRASE))
    certificate = replace(made, passphrase=lambda: secret_from_file(file).reveal())
    register = raw_register(say, tls=wanting(authority, ssl.TLSVersion.TLSv1_3))
    client = PopulationClient(replace(register.endpoint, client_certificate=certificate), device)
    try:
        with pytest.raises(SecretFileUnsafe):
            client.find_citizen(lookup)
        assert register.heard == []
        file.chmod(0o600)
        assert client.find_citizen(lookup).record is None
    finally:
        client.close()


def test_how_long_it_is_valid_is_told_without_its_key(authority: TestAuthority, tmp_path: Path) -> None:
    certificate = written(tmp_path, authority.client_pems(b"not ours", not_after=NOW + 5 * DAY))
    shown = certificate.read()
    assert shown.days_left(NOW) == 4, "some seconds less than five days, to the second"
    assert shown.days_left(NOW + 6 * DAY) == -2


@pytest.mark.parametrize("soap", ["", "basic"], ids=["rest", "soap"])
def test_the_sandbox_asks_for_a_certificate_and_gives_one(tmp_path: Path, lookup: Lookup, soap: str) -> None:
    with open_register_sandbox(client_folder=tmp_path, soap=soap) as sandbox:
        endpoint = sandbox.endpoint("population")
        make = PopulationSoapClient if soap else PopulationClient
        client = make(endpoint, sandbox.device)
        without = make(replace(endpoint, client_certificate=None), sandbox.device)
        try:
            if soap:
                lookup = replace(lookup, purpose="permanent-residence")
            assert client.find_citizen(lookup).record is not None
            with pytest.raises(RegisterUnreachable):
                without.find_citizen(lookup)
        finally:
            client.close()
            without.close()


def _crl_pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "X509 CRL").encode()
