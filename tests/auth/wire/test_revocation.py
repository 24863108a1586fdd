"""Where there are revocation lists, a server whose certificate is not covered by a current one hears nothing."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from auth.errors import ClockInDoubt, RegisterUnreachable, RevocationOutdated, RevocationUnknown, ServerRevoked
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint
from auth.wire.revocation import (
    MAX_LIST_BYTES,
    BadRevocationList,
    FileLists,
    HeldLists,
    JoinedLists,
    check_against,
    cut_lists,
    validity_of,
)
from auth.wire.server_time import ServerTime
from auth.wire.tls import client_context
from mock_registers.authority import TestAuthority
from reader.errors import DataError

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def asked(
    raw_register: Callable[..., object], device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> Callable[..., RegisterUnreachable | None]:
    """Return what asks a register under the given lists: the error, or None where it answered.

    ``served`` is the server's TLS; ``anchors`` are its authorities. Where it is refused it has heard nothing.
    """

    def ask(
        served: ssl.SSLContext, source: object, anchors: tuple[bytes, ...], clock: ServerTime | None = None
    ) -> RegisterUnreachable | None:
        register = raw_register(say, tls=served, anchors=anchors)
        who = device if clock is None else replace(device, clock=clock)
        client = PopulationClient(replace(register.endpoint, tls_revocation=source), who, deadline_s=5.0)
        try:
            client.find_citizen(lookup)
        except RegisterUnreachable as error:
            assert register.heard == []
            return error
        finally:
            client.close()
        return None

    return ask


def test_a_server_that_its_authority_has_not_revoked_is_asked(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority = TestAuthority()
    authority.server_context()
    served = authority.server_context()
    others = authority.serials[:1]
    assert asked(served, HeldLists((authority.revocation_list(others),)), (authority.anchor,)) is None


def test_without_a_list_nothing_is_checked(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority = TestAuthority()
    assert asked(authority.server_context(), HeldLists(()), (authority.anchor,)) is None


def test_a_revoked_certificate_is_refused_by_a_code_of_its_own(
    asked: Callable[..., RegisterUnreachable | None],
) -> None:
    authority = TestAuthority()
    served = authority.server_context()
    error = asked(served, HeldLists((authority.revocation_list(authority.serials),)), (authority.anchor,))
    assert isinstance(error, ServerRevoked)
    assert (error.code, error.why) == ("register-certificate-revoked", "tls-certificate-revoked")


def test_an_expired_list_ends_the_connection(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority = TestAuthority()
    served = authority.server_context()
    expired = authority.revocation_list(this_update=NOW - 8 * DAY, next_update=NOW - DAY)
    error = asked(served, HeldLists((expired,)), (authority.anchor,))
    assert isinstance(error, RevocationOutdated)
    assert (error.code, error.why) == ("register-crl-expired", "tls-crl-expired")


def test_a_list_of_the_future_speaks_against_the_clock(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority = TestAuthority()
    served = authority.server_context()
    future = authority.revocation_list(this_update=NOW + DAY, next_update=NOW + 8 * DAY)
    error = asked(served, HeldLists((future,)), (authority.anchor,))
    assert isinstance(error, ClockInDoubt)
    assert error.why == "tls-crl-not-yet-valid"


def _told(ahead: timedelta) -> ServerTime:
    """Return what is known where a register has said that our clock is ahead."""
    time = ServerTime(NOW.timestamp)
    time.learn((NOW - ahead).timestamp())
    return time


@pytest.mark.parametrize(
    ("begins", "ends", "ahead", "error"),
    [
        (-8 * DAY, -DAY, 2 * DAY, ClockInDoubt),
        (-8 * DAY, -DAY, timedelta(hours=3), RevocationOutdated),
        (-8 * DAY, -timedelta(hours=1), timedelta(hours=3), ClockInDoubt),
        (DAY, 8 * DAY, -2 * DAY, ClockInDoubt),
        (DAY, 8 * DAY, -timedelta(hours=3), RevocationUnknown),
    ],
    ids=["by-days", "not-by-hours", "by-hours", "behind-by-days", "not-behind-by-hours"],
)
def test_a_list_out_of_its_time_is_the_clocks_fault_where_it_is_valid_at_the_time_that_a_register_said(
    asked: Callable[..., RegisterUnreachable | None],
    begins: timedelta,
    ends: timedelta,
    ahead: timedelta,
    error: type[RegisterUnreachable],
) -> None:
    authority = TestAuthority()
    listed = HeldLists((authority.revocation_list(this_update=NOW + begins, next_update=NOW + ends),))
    assert type(asked(authority.server_context(), listed, (authority.anchor,), _told(ahead))) is error


def test_a_list_of_another_authority_covers_nobody(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority, stranger = TestAuthority(), TestAuthority("Somebody else")
    error = asked(authority.server_context(), HeldLists((stranger.revocation_list(),)), (authority.anchor,))
    assert isinstance(error, RevocationUnknown)
    assert (error.code, error.why) == ("register-crl-unusable", "tls-crl-missing")


def test_a_list_that_a_namesake_signed_covers_nobody(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority, namesake = TestAuthority(), TestAuthority()
    error = asked(authority.server_context(), HeldLists((namesake.revocation_list(),)), (authority.anchor,))
    assert isinstance(error, RevocationUnknown)
    assert error.why.startswith("tls-crl-")


def test_a_list_with_one_bit_changed_covers_nobody(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority = TestAuthority()
    changed = bytearray(authority.revocation_list())
    changed[-1] ^= 1
    error = asked(authority.server_context(), HeldLists((bytes(changed),)), (authority.anchor,))
    assert isinstance(error, RevocationUnknown)


def test_of_several_lists_the_newest_counts(asked: Callable[..., RegisterUnreachable | None]) -> None:
    authority = TestAuthority()
    served = authority.server_context()
    older = authority.revocation_list(this_update=NOW - 3 * DAY)
    newer = authority.revocation_list(authority.serials, this_update=NOW - DAY)
    joined = JoinedLists((HeldLists((newer,)), HeldLists((older,))))
    assert isinstance(asked(served, joined, (authority.anchor,)), ServerRevoked)
    expired = authority.revocation_list(authority.serials, this_update=NOW - 9 * DAY, next_update=NOW - 2 * DAY)
    assert asked(served, HeldLists((expired, older)), (authority.anchor,)) is None


def test_a_list_that_comes_while_the_desk_is_open_counts_from_the_next_look_up(
    raw_register: Callable[..., object],
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    authority, file = TestAuthority(), tmp_path / "authority.crl"
    register = raw_register(say, tls=authority.server_context(), anchors=(authority.anchor,))
    file.write_bytes(authority.revocation_list())
    client = PopulationClient(replace(register.endpoint, tls_revocation=FileLists((file,))), device)
    try:
        assert client.find_citizen(lookup).record is None
        file.write_bytes(authority.revocation_list(authority.serials))
        with pytest.raises(ServerRevoked):
            client.find_citizen(lookup)
        file.unlink()
        with pytest.raises(RevocationUnknown, match="crl-malformed"):
            client.find_citizen(lookup)
        assert len(register.heard) == 1
    finally:
        client.close()


class _Between:
    """An authority in the middle, under a root that has lists too."""

    def __init__(self) -> None:
        self.root_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name, name = (_name(text) for text in ("Mot Cua TEST root", "Mot Cua TEST middle"))
        self.root = _certificate(root_name, root_name, self.root_key, self.root_key.public_key(), authority=True)
        self.middle = _certificate(name, root_name, self.root_key, self.key.public_key(), authority=True)
        self.server_key = ec.generate_private_key(ec.SECP256R1())
        self.server = _certificate(_name("server"), name, self.key, self.server_key.public_key(), authority=False)

    @property
    def anchor(self) -> bytes:
        return self.root.public_bytes(Encoding.DER)

    def server_context(self, folder: Path) -> ssl.SSLContext:
        chain = folder / "chain.pem"
        private = self.server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain.write_bytes(b"".join((private, *(one.public_bytes(Encoding.PEM) for one in (self.server, self.middle)))))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def roots_list(self, *revoked: x509.Certificate) -> bytes:
        return _list(self.root.subject, self.root_key, revoked)

    def middles_list(self, *revoked: x509.Certificate) -> bytes:
        return _list(self.middle.subject, self.key, revoked)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey,
    *,
    authority: bool,
) -> x509.Certificate:
    # It signs answers, or else certificates and lists.
    usage = x509.KeyUsage(not authority, *[False] * 4, authority, authority, *[False] * 2)
    builder = (
        x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), NOW - DAY, NOW + 30 * DAY)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not authority:
        names = [x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, SHA256())


def _list(issuer: x509.Name, key: ec.EllipticCurvePrivateKey, revoked: tuple[x509.Certificate, ...]) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder(issuer, NOW - DAY, NOW + 7 * DAY)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder(one.serial_number, NOW - DAY).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def test_every_authority_of_the_chain_is_checked(
    raw_register: Callable[..., object],
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    tmp_path: Path,
) -> None:
    chain = _Between()
    register = raw_register(say, tls=chain.server_context(tmp_path), anchors=(chain.anchor,), host="localhost")

    def outcome(*lists: bytes) -> str:
        client = PopulationClient(replace(register.endpoint, tls_revocation=HeldLists(lists)), device)
        try:
            client.find_citizen(lookup)
        except RegisterUnreachable as error:
            return error.why
        finally:
            client.close()
        return "answered"

    assert outcome(chain.roots_list(), chain.middles_list()) == "answered"
    assert outcome(chain.roots_list(chain.middle), chain.middles_list()) == "tls-certificate-revoked"
    assert outcome(chain.roots_list(), chain.middles_list(chain.server)) == "tls-certificate-revoked"
    assert outcome(chain.roots_list()) == "tls-crl-missing", "the authority in the middle has one of its own"
    assert outcome(chain.middles_list()) == "tls-crl-missing"
    assert len(register.heard) == 1


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"", "crl-malformed"),
        (b"no list", "crl-malformed"),
        (b"\x30\x80" + bytes(40), "crl-malformed"),
        (bytes(MAX_LIST_BYTES + 1), "crl-too-large"),
    ],
    ids=["empty", "text", "endless", "too-large"],
)
def test_what_is_no_list_never_reaches_openssl(bad: bytes, why: str) -> None:
    context = _plain_context()
    with pytest.raises(BadRevocationList) as caught:
        check_against(context, (bad,))
    assert caught.value.why == why
    assert context.cert_store_stats()["crl"] == 0


def test_a_list_of_changes_only_is_no_list() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    delta = (
        x509.CertificateRevocationListBuilder(_name("authority"), NOW - DAY, NOW + DAY)
        .add_extension(x509.DeltaCRLIndicator(1), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )
    with pytest.raises(BadRevocationList, match="crl-malformed"):
        check_against(_plain_context(), (delta,))


def test_more_lists_than_anybody_has_are_refused() -> None:
    many = tuple(TestAuthority(f"authority {number}").revocation_list() for number in range(21))
    with pytest.raises(BadRevocationList, match="crl-malformed"):
        check_against(_plain_context(), many)
    check_against(_plain_context(), (many[0],) * 30)


def test_where_there_is_no_room_for_the_lists_nobody_is_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(BadRevocationList, match="crl-not-loaded"):
        check_against(_plain_context(), (TestAuthority().revocation_list(),))


def test_a_file_may_hold_several_lists_in_pem_or_one_in_der(tmp_path: Path) -> None:
    one, two = (TestAuthority(name).revocation_list() for name in ("one", "two"))
    pem, der = tmp_path / "lists.pem", tmp_path / "list.crl"
    pem.write_bytes(b"# of this week\n" + b"".join(map(_pem, (one, two))))
    der.write_bytes(one)
    assert FileLists((pem, der)).lists() == (one, two, one)


def test_of_several_lists_the_newest_of_each_authority_count_together() -> None:
    one, two = TestAuthority("one"), TestAuthority("two")
    spans = [(one, -9, 3), (one, -2, 20), (two, -5, 5)]
    lists = [
        authority.revocation_list(this_update=NOW + begins * DAY, next_update=NOW + ends * DAY)
        for authority, begins, ends in spans
    ]
    validity = validity_of(lists)
    assert validity is not None
    assert abs(validity.begins - (NOW - 2 * DAY).timestamp()) < 1
    assert abs(validity.ends - (NOW + 5 * DAY).timestamp()) < 1
    assert validity_of(()) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"-----BEGIN CERTIFICATE-----\nMFkw\n-----END CERTIFICATE-----\n",
        b"-----BEGIN X509 CRL-----\nMFk\n-----END X509 CRL-----\n",
        b"-----BEGIN X509 CRL-----\nMFkw\n-----END X509 CRL-----\n" * 21,
    ],
    ids=["certificate", "no-base64", "too-many"],
)
def test_a_pem_file_without_a_list_is_none(raw: bytes) -> None:
    with pytest.raises(DataError):
        cut_lists(raw)


def _pem(der: bytes) -> bytes:
    return b"-----BEGIN X509 CRL-----\n" + base64.encodebytes(der) + b"-----END X509 CRL-----\n"


def _plain_context() -> ssl.SSLContext:
    return client_context(RegisterEndpoint("land", "https://127.0.0.1:1", (TestAuthority().anchor,), ()))
