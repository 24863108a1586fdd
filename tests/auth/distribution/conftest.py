"""Invented States whose certificates bear no test mark, as a real State's do not; a store with two operators."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from auth.distribution.change_file import ChangeFile
from auth.distribution.installation import Installation
from auth.distribution.offered import OfferedFile, offered_files
from auth.distribution.operators import OperatorKey, OperatorSet
from auth.distribution.proposal import Proposal, propose_import, propose_operators

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
# It adds attributes to the table of CMS, which asn1crypto reads once: slips, in the same process, are signed with them.
assert tsp.SigningCertificateV2
MASTER_LIST = "2.23.136.1.1.2"
MASTER_LIST_SIGNER = "2.23.136.1.1.3"


def name_of(country: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Invented State"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@dataclass
class InventedState:
    """A State with one CSCA key; everything is signed by it unless another is handed in."""

    country: str
    common_name: str = "CSCA one"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    numbers: int = 0

    def csca(self, *, begin: datetime = NOW - timedelta(days=400), years: int = 10) -> bytes:
        """Return a self-signed certificate of the CSCA; each call makes another one of the same key."""
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return self._certificate(
            name_of(self.country, self.common_name),
            self.key.public_key(),
            begin,
            years,
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (usage, True),
        )

    def signer(self, public: ec.EllipticCurvePublicKey, purpose: str = "", country: str = "") -> bytes:
        """Return a certificate that the CSCA issued, of a Document Signer or of a list's signer."""
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        extensions: list[tuple[x509.ExtensionType, bool]] = [(usage, True)]
        if purpose:
            extensions.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(purpose)]), True))
        name = name_of(country or self.country, "signer")
        return self._certificate(name, public, NOW - timedelta(days=200), 3, *extensions)

    def crl(
        self, serials: tuple[int, ...] = (), *, issued: datetime = NOW - timedelta(days=5), number: int = 1
    ) -> bytes:
        """Return a revocation list."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(name_of(self.country, self.common_name))
            .last_update(issued)
            .next_update(issued + timedelta(days=90))
            .add_extension(x509.CRLNumber(number), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(issued)
            builder = builder.add_revoked_certificate(revoked.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def master_list(self, certificates: tuple[bytes, ...], *, signed: datetime = NOW - timedelta(days=10)) -> bytes:
        """Return a CSCA master list, signed by a master-list signer of this State (ICAO 9303-12 §9)."""
        key = ec.generate_private_key(ec.SECP256R1())
        return signed_list(certificates, key, self.signer(key.public_key(), MASTER_LIST_SIGNER), signed)

    def _certificate(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        begin: datetime,
        years: int,
        *extensions: tuple[x509.ExtensionType, bool],
    ) -> bytes:
        self.numbers += 1
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name_of(self.country, self.common_name))
            .public_key(public)
            .serial_number(1000 + self.numbers)
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=365 * years))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def signed_list(
    certificates: tuple[bytes, ...], key: ec.EllipticCurvePrivateKey, signer: bytes, signed: datetime
) -> bytes:
    """Return a CMS SignedData of type CscaMasterList."""
    inner = core.SetOf([core.Any.load(raw) for raw in sorted(certificates)], spec=core.Any).dump()
    content = _sequence(core.Integer(0).dump() + inner)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "1.2.840.113549.1.9.3", "values": [MASTER_LIST]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": signed})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
        ]
    )
    certificate = cms.CertificateChoices.load(signer)
    issuer = certificate.chosen["tbs_certificate"]
    sid = {"issuer": issuer["issuer"], "serial_number": issuer["serial_number"].native}
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": sid}),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": MASTER_LIST, "content": core.ParsableOctetString(content)},
            "certificates": [certificate],
            "signer_infos": [info],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


def _sequence(content: bytes) -> bytes:
    return core.Sequence(contents=content).dump()


@dataclass
class Office:
    """A store with three operators, two of whom must agree."""

    installation: Installation
    keys: dict[str, OperatorKey]

    def offer(self, *files: tuple[str, bytes]) -> tuple[OfferedFile, ...]:
        return tuple(one for name, raw in files for one in offered_files(name, raw)[0])

    def propose(self, *files: tuple[str, bytes], remove: tuple[str, ...] = (), moment: datetime = NOW) -> Proposal:
        refused = [one for name, raw in files for one in offered_files(name, raw)[1]]
        return propose_import(self.installation, self.offer(*files), refused, moment, remove)

    def signed(self, change: ChangeFile, *names: str) -> ChangeFile:
        for name in names or ("an", "binh"):
            change = change.sign(self.keys[name])
        return change

    def install(self, *files: tuple[str, bytes], moment: datetime = NOW) -> Proposal:
        proposal = self.propose(*files, moment=moment)
        self.installation.apply(self.signed(proposal.change))
        return proposal

    def anchors(self) -> set[bytes]:
        """Return the certificates that a desk would trust now."""
        return {anchor.raw for anchor in self.installation.opened()[1].material.anchors.anchors}


@pytest.fixture(scope="session")
def operator_keys() -> dict[str, OperatorKey]:
    return {name: OperatorKey.generate() for name in ("an", "binh", "chi", "stranger")}


@pytest.fixture
def new_office(tmp_path: Path, operator_keys: dict[str, OperatorKey]) -> Callable[[str], Office]:
    def make(name: str = "store") -> Office:
        installation = Installation(tmp_path / name)
        operators = OperatorSet(2, tuple(operator_keys[one].operator(one) for one in ("an", "binh", "chi")))
        office = Office(installation, operator_keys)
        founding = propose_operators(installation, operators, NOW)
        installation.apply(office.signed(founding.change, "an", "binh", "chi"))
        return office

    return make


@pytest.fixture
def office(new_office: Callable[[str], Office]) -> Office:
    return new_office("store")


@pytest.fixture(scope="session")
def utopia() -> InventedState:
    return InventedState("UT")


@pytest.fixture(scope="session")
def arcadia() -> InventedState:
    return InventedState("AC")
