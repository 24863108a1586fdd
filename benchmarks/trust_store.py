"""The installed store at its largest: 2,000 certificates and a revocation list of 100,000 entries.

What a desk waits for is the opening: every digest compared, the last change's signatures verified. Looking up is what
each card costs. Importing is an operator's act; its figures have no goal but the real list's.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from auth.distribution.installation import Installation
from auth.distribution.installed import InstalledStore
from auth.distribution.intake import take_in
from auth.distribution.offered import OfferedFile, offered_files
from auth.distribution.operators import OperatorKey, OperatorSet
from auth.distribution.proposal import propose_import, propose_operators
from benchmarks.clock import median_ms
from benchmarks.figure import Figure

CERTIFICATES = 2_000
REVOKED = 100_000
ROUNDS = 15
NOW = datetime(2026, 11, 26, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        keys = [OperatorKey.generate() for _ in range(2)]
        operators = OperatorSet(2, tuple(key.operator(f"operator {n}") for n, key in enumerate(keys, start=1)))
        installation = Installation(store)
        founding = propose_operators(installation, operators, NOW).change
        installation.apply(founding.sign(keys[0]).sign(keys[1]))
        offered = _offered()
        begin = time.perf_counter()
        change = propose_import(installation, offered, (), NOW).change
        proposed = time.perf_counter() - begin
        begin = time.perf_counter()
        installation.apply(change.sign(keys[0]).sign(keys[1]))
        applied = time.perf_counter() - begin
        material = InstalledStore(store).opened()[1].material
        assert (len(material.anchors), len(material.revocation.lists[0].content.revoked)) == (CERTIFICATES, REVOKED)
        serials = material.revocation.lists[0].content.revoked
        assert serials.revoked_on(10**12 + 7) is not None
        return [
            Figure("open", median_ms(lambda: InstalledStore(store).opened(), ROUNDS), "ms", 50.0),
            Figure("look a serial up", median_ms(lambda: serials.revoked_on(10**12 + 7), ROUNDS), "ms", 0.1),
            Figure(
                "find a country's anchors", median_ms(lambda: material.anchors.for_country("AB"), ROUNDS), "ms", 0.1
            ),
            Figure("work a change of all of it out", proposed, "s"),
            Figure("install it", applied, "s"),
            *_real_list(),
        ]


def _real_list() -> list[Figure]:
    """Judge the German list as it is published, from the files' bytes to every certificate."""
    root, listed = SHARED / "de-root-csca07.cer", SHARED / "de-master-list-2026-05-28.ml"
    if not listed.is_file():
        return []
    files = [(file.name, file.read_bytes()) for file in (root, listed)]
    begin = time.perf_counter()
    intake = take_in([one for name, raw in files for one in offered_files(name, raw)[0]])
    taken = time.perf_counter() - begin
    assert len(intake.accepted) == 589
    assert not intake.refused
    return [Figure("judge the real list of 588 certificates", taken, "s", 2.0)]


def _offered() -> list[OfferedFile]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificates = b"".join(_certificate(number, key) for number in range(CERTIFICATES))
    found, refused = offered_files("anchors.pem", certificates)
    assert not refused
    lists, refused = offered_files("AA.crl", _revocation_list(key))
    assert not refused
    return [*found, *lists]


def _name(number: int) -> x509.Name:
    """Spread the certificates over fifty countries that there are not."""
    country = f"{chr(65 + number % 50 // 26)}{chr(65 + number % 50 % 26)}"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, f"CSCA {number // 50}"),
        ]
    )


def _certificate(number: int, key: ec.EllipticCurvePrivateKey) -> bytes:
    own = key if number == 0 else ec.generate_private_key(ec.SECP256R1())
    return (
        x509.CertificateBuilder()
        .subject_name(_name(number))
        .issuer_name(_name(number))
        .public_key(own.public_key())
        .serial_number(number + 1)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=3_000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False)
        .sign(own, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )


def _revocation_list(key: ec.EllipticCurvePrivateKey) -> bytes:
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=_name(0), last_update=NOW, next_update=NOW + timedelta(days=90)
    )
    entries = [
        x509.RevokedCertificateBuilder().serial_number(10**12 + number).revocation_date(NOW).build()
        for number in range(REVOKED)
    ]
    # The library's own adding copies the list each time; a hundred thousand entries would take minutes.
    builder._revoked_certificates = entries
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
