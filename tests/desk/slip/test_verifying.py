"""Slips that somebody brings: the genuine one is believed, every forgery is found, no test passes for anything more."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
import typer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from auth.device.certificate import DeviceCertificate
from auth.device.software import SoftwareSigner
from auth.device_key import DeviceKey
from auth.distribution.installation import Installation
from auth.distribution.offered import offered_files
from auth.distribution.operators import OperatorKey, OperatorSet
from auth.distribution.proposal import propose_import, propose_operators
from auth.wire.endpoint import DeviceCredential
from desk.cli.session import Session
from desk.cli.verify_slip import verify_slip_file
from desk.exit_codes import ExitCode
from desk.language import Language
from desk.settings import Settings
from desk.slip import (
    DeskSlips,
    PreparedSlip,
    SlipDamaged,
    SlipReason,
    slip_page,
    verify_slip,
)
from desk.texts import Texts
from gui.print import render_slip
from reader.inspection.report import Decision

NOW = datetime.now(UTC)
DEVICE = "desk-0123"


class Office:
    """An authority with any name: a real one does not say TEST."""

    def __init__(self, organisation: str = "Sở Mẫu") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        named = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, f"{organisation} CA")]
        self._name = x509.Name([x509.NameAttribute(oid, text) for oid, text in named])
        self.anchor = self._issue(self._name, self._key.public_key(), timedelta(days=3650), authority=True)

    def certify(
        self,
        signer: SoftwareSigner,
        device: str = DEVICE,
        *,
        begin: timedelta = timedelta(minutes=-5),
        days: int = 120,
        signs: bool = True,
    ) -> DeviceCertificate:
        named = [(NameOID.COMMON_NAME, "Quầy 3"), (NameOID.SERIAL_NUMBER, device)]
        subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in named])
        der = self._issue(subject, signer.public_key, timedelta(days=days), begin=begin, signs=signs)
        return DeviceCertificate.parse(der, (self.anchor,))

    def _issue(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        lifetime: timedelta,
        *,
        begin: timedelta = timedelta(minutes=-5),
        authority: bool = False,
        signs: bool = True,
    ) -> bytes:
        usage = x509.KeyUsage(
            digital_signature=not authority,
            content_commitment=not authority and signs,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=authority,
            crl_sign=authority,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + begin)
            .not_valid_after(NOW + lifetime)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, SHA256())
            .public_bytes(Encoding.DER)
        )


@dataclass
class Counter:
    """A desk that signs slips, and the office that certified it."""

    office: Office
    signer: SoftwareSigner
    certificate: DeviceCertificate

    @classmethod
    def of(cls, office: Office | None = None, **how: object) -> Counter:
        office, signer = office or Office(), SoftwareSigner.generate()
        return cls(office, signer, office.certify(signer, **how))  # type: ignore[arg-type]  # by name, of a test

    def make(self, prepared: PreparedSlip, *, test: bool = False) -> tuple[bytes, PreparedSlip]:
        """Return a signed slip, as a desk makes it, and what it was made of."""
        desk = DeskSlips(DeviceCredential(DEVICE, self.signer), lambda: self.certificate)
        slip = replace(prepared.slip, test=test, maker=replace(prepared.slip.maker, device=desk.device))
        made = desk.prepare(slip)
        return desk.seal(made, render_slip(slip_page(made, Texts(Language.VIETNAMESE)))), made


@pytest.fixture(scope="module")
def counter() -> Counter:
    return Counter.of()


@pytest.fixture
def signed(counter: Counter, prepared: PreparedSlip) -> tuple[bytes, PreparedSlip]:
    return counter.make(prepared)


def test_a_slip_that_a_known_device_signed_is_believed(counter: Counter, signed: tuple[bytes, PreparedSlip]) -> None:
    pdf, made = signed
    judged = verify_slip(pdf, made.record, [counter.office.anchor])
    assert (judged.decision, judged.reasons, judged.test) == (Decision.PROCEED, (), False)
    assert judged.page is not None
    assert judged.page.certificate.device_id == DEVICE
    assert judged.head is not None
    assert judged.head.slip_id == made.slip.slip_id


def test_another_program_finds_the_signature_good_too(
    poppler: object, signed: tuple[bytes, PreparedSlip], tmp_path: object
) -> None:
    said = poppler.signatures(signed[0], tmp_path)  # type: ignore[attr-defined]  # lives in tests/peers
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said


def test_one_changed_byte_of_the_page_is_found_wherever_it_is(
    counter: Counter, signed: tuple[bytes, PreparedSlip]
) -> None:
    pdf, made = signed
    verdicts = set()
    for place in range(1000, len(pdf), len(pdf) // 24):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        try:
            judged = verify_slip(changed, made.record, [counter.office.anchor])
        except SlipDamaged:
            continue
        # A bit of the signature's own padding changes nothing that is signed, and is not worth finding.
        if changed[place : place + 1] in b"01" and judged.decision is Decision.PROCEED:
            continue
        verdicts.add(judged.decision)
    assert verdicts == {Decision.STOP}


def test_pages_that_are_appended_are_found(counter: Counter, signed: tuple[bytes, PreparedSlip]) -> None:
    pdf, made = signed
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Lang"] = PdfFileReader(BytesIO(pdf)).trailer["/Info"]["/Creator"]
    writer.update_root()
    longer = BytesIO()
    writer.write(longer)
    judged = verify_slip(longer.getvalue(), made.record, [counter.office.anchor])
    assert judged.decision is Decision.STOP
    assert SlipReason.CHANGED_AFTER in judged.reasons


def test_bytes_after_the_end_are_found(counter: Counter, signed: tuple[bytes, PreparedSlip]) -> None:
    pdf, made = signed
    try:
        judged = verify_slip(pdf + b"\n% more\n", made.record, [counter.office.anchor])
    except SlipDamaged:
        return
    assert judged.decision is Decision.STOP


def test_a_slip_json_of_another_slip_does_not_belong(
    counter: Counter, signed: tuple[bytes, PreparedSlip], prepared: PreparedSlip
) -> None:
    _, other = counter.make(prepared, test=True)
    judged = verify_slip(signed[0], other.record, [counter.office.anchor])
    assert (judged.decision, judged.head) == (Decision.STOP, None)
    assert SlipReason.RECORD_DIFFERS in judged.reasons


def test_without_its_twin_a_slip_is_not_wholly_verified(counter: Counter, signed: tuple[bytes, PreparedSlip]) -> None:
    judged = verify_slip(signed[0], None, [counter.office.anchor])
    assert (judged.decision, judged.reasons) == (Decision.ATTENTION, (SlipReason.RECORD_MISSING,))


def test_a_certificate_of_an_authority_that_nobody_named_is_no_certificate(
    signed: tuple[bytes, PreparedSlip],
) -> None:
    pdf, made = signed
    for authorities in ([], [Office().anchor]):
        judged = verify_slip(pdf, made.record, authorities)
        assert (judged.decision, judged.reasons) == (Decision.ATTENTION, (SlipReason.UNKNOWN_AUTHORITY,))


def test_the_command_judges_by_the_authorities_that_came_with_the_trust(
    counter: Counter, signed: tuple[bytes, PreparedSlip], tmp_path: Path
) -> None:
    pdf, made = signed
    (tmp_path / "slip.pdf").write_bytes(pdf)
    (tmp_path / "slip.json").write_bytes(made.record)
    session = Session(Settings(trust_store=tmp_path / "store"), Texts(Language.VIETNAMESE))

    def judged() -> int:
        return verify_slip_file(session, tmp_path / "slip.pdf", pdf, (), as_json=True)

    assert judged() == ExitCode.ATTENTION
    install_authority(tmp_path / "store", counter.office.anchor)
    assert judged() == ExitCode.PROCEED
    (tmp_path / "store" / "current.json").write_bytes(b"{}")
    with pytest.raises(typer.Exit) as ended:
        judged()
    assert ended.value.exit_code == ExitCode.USAGE


def install_authority(store: Path, anchor: bytes) -> None:
    """Found a store with two operators, who install ``anchor`` as an office's."""
    installation, keys = Installation(store), (OperatorKey.generate(), OperatorKey.generate())
    operators = OperatorSet(2, tuple(key.operator(name) for name, key in zip(("an", "binh"), keys, strict=True)))
    told = {
        "format": "motcua-enrolment-authorities-1",
        "office": "so-mau",
        "certificates": [base64.b64encode(anchor).decode()],
    }
    offered, refused = offered_files("office.json", json.dumps(told).encode())
    for propose in (
        lambda: propose_operators(installation, operators, NOW),
        lambda: propose_import(installation, offered, refused, NOW, ()),
    ):
        change = propose().change
        for key in keys:
            change = change.sign(key)
        installation.apply(change)


def test_a_slip_in_the_name_of_another_device_is_a_forgery(counter: Counter, prepared: PreparedSlip) -> None:
    """Somebody with a certificate of the same office signs what says that another computer made it."""
    from desk.slip.signing import SlipNotSigned, sign_pdf

    other = Counter.of(counter.office, device="desk-other")
    desk = DeskSlips(DeviceCredential("desk-other", other.signer), lambda: other.certificate)
    device = DeskSlips(DeviceCredential(DEVICE, counter.signer)).device
    made = desk.prepare(replace(prepared.slip, maker=replace(prepared.slip.maker, device=device)))
    page = render_slip(slip_page(made, Texts(Language.VIETNAMESE)))
    # No desk does that.
    with pytest.raises(SlipNotSigned):
        desk.seal(made, page)
    judged = verify_slip(sign_pdf(page, other.signer, other.certificate), made.record, [counter.office.anchor])
    assert (judged.decision, judged.reasons) == (Decision.STOP, (SlipReason.ANOTHER_DEVICE,))


def test_a_certificate_that_is_not_for_documents_signs_none(prepared: PreparedSlip) -> None:
    counter = Counter.of(signs=False)
    pdf, made = counter.make(prepared)
    judged = verify_slip(pdf, made.record, [counter.office.anchor])
    assert (judged.decision, judged.reasons) == (Decision.ATTENTION, (SlipReason.UNKNOWN_AUTHORITY,))


def test_a_slip_whose_certificate_has_run_out_since_wants_attention(
    counter: Counter, signed: tuple[bytes, PreparedSlip]
) -> None:
    pdf, made = signed
    judged = verify_slip(pdf, made.record, [counter.office.anchor], NOW + timedelta(days=130))
    assert (judged.decision, judged.reasons) == (Decision.ATTENTION, (SlipReason.CERTIFICATE_EXPIRED,))


def test_a_slip_that_was_signed_with_a_certificate_that_had_run_out_is_refused(prepared: PreparedSlip) -> None:
    """The desk refuses to sign with it; whoever makes it sign all the same is found by the moment of signing."""
    counter = Counter.of(begin=timedelta(days=-30), days=-1)
    assert counter.make(prepared)[1].signed_by is None
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        pdf, made = counter.make(prepared)
    early = pdf
    judged = verify_slip(early, made.record, [counter.office.anchor])
    assert (judged.decision, judged.reasons) == (Decision.ATTENTION, (SlipReason.CERTIFICATE_EXPIRED,))
    from desk.slip.signing import sign_pdf

    late = sign_pdf(render_slip(slip_page(made, Texts(Language.VIETNAMESE))), counter.signer, counter.certificate)
    judged = verify_slip(late, made.record, [counter.office.anchor])
    assert judged.decision is Decision.STOP
    assert SlipReason.OUT_OF_VALIDITY in judged.reasons


def test_an_unsigned_slip_is_told_as_that(prepared: PreparedSlip) -> None:
    pdf = render_slip(slip_page(prepared, Texts(Language.VIETNAMESE)))
    judged = verify_slip(pdf, prepared.record, [Office().anchor])
    assert (judged.decision, judged.reasons, judged.page) == (Decision.ATTENTION, (SlipReason.NOT_SIGNED,), None)


def test_a_test_never_verifies_as_anything_more(counter: Counter, prepared: PreparedSlip) -> None:
    pdf, made = counter.make(prepared, test=True)
    judged = verify_slip(pdf, made.record, [counter.office.anchor])
    assert (judged.decision, judged.reasons, judged.test) == (Decision.ATTENTION, (SlipReason.TEST,), True)
    assert verify_slip(pdf, None, [counter.office.anchor]).test, "the page alone says so"


def test_a_test_authority_cannot_vouch_for_a_slip_that_claims_to_be_real(prepared: PreparedSlip) -> None:
    counter = Counter.of(Office("Một Cửa TEST"))
    pdf, made = counter.make(prepared, test=False)
    judged = verify_slip(pdf, made.record, [counter.office.anchor])
    assert judged.test
    assert judged.decision is Decision.STOP
    assert SlipReason.TEST_AS_REAL in judged.reasons


def test_the_page_and_its_twin_must_agree_on_whether_it_is_a_test(counter: Counter, prepared: PreparedSlip) -> None:
    """A forger with a device of his own signs a page without watermark over the twin of a test."""
    desk = DeskSlips(DeviceCredential(DEVICE, counter.signer), lambda: counter.certificate)
    test = desk.prepare(replace(prepared.slip, test=True, maker=replace(prepared.slip.maker, device=desk.device)))
    page = slip_page(test, Texts(Language.VIETNAMESE))
    bare = replace(page, watermark=(), creator=page.creator.removesuffix("; TEST"))
    judged = verify_slip(desk.seal(test, render_slip(bare)), test.record, [counter.office.anchor])
    assert judged.decision is Decision.STOP
    assert SlipReason.TEST_AS_REAL in judged.reasons


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pdf: b"",
        lambda pdf: b"%PDF-1.4\n",
        lambda pdf: pdf[: len(pdf) // 2],
        lambda pdf: pdf.replace(b"%PDF-1.4", b"%PDF-1.7", 1),
        lambda pdf: pdf + b"/ObjStm",
        lambda pdf: re.sub(rb"SHA.{0,4}256", b"SHA-512x", pdf),
        lambda pdf: b"%PDF-1.4" + bytes(17 << 20),
        lambda pdf: b"%PDF-1.4\n" + b"[" * 100_000,
    ],
    ids=["empty", "head-only", "half", "version", "object-stream", "no-digest", "too-large", "deep"],
)
def test_what_is_no_slip_is_refused_as_that(
    signed: tuple[bytes, PreparedSlip], spoil: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(SlipDamaged):
        verify_slip(spoil(signed[0]), None, [])


def test_a_slip_is_not_signed_twice_over(counter: Counter, signed: tuple[bytes, PreparedSlip]) -> None:
    """A second signature would leave it open which of the two a reader shows."""
    from pyhanko.sign import fields, signers

    from desk.slip.signing import _DeviceSigner

    twice = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(signed[0])),
        signers.PdfSignatureMetadata(field_name="Another", subfilter=fields.SigSeedSubFilter.PADES),
        signer=_DeviceSigner(counter.signer, counter.certificate),
    )
    with pytest.raises(SlipDamaged):
        verify_slip(twice.getvalue(), signed[1].record, [counter.office.anchor])


def test_a_certificate_that_its_issuer_did_not_sign_is_refused() -> None:
    signer = SoftwareSigner.generate()
    with pytest.raises(Exception, match="not by its issuer"):
        DeviceCertificate.parse(Office().certify(signer).der, (Office().anchor,))
    spki = signer.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert Office().certify(signer).key_id == DeviceKey.from_der(spki).key_id


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    """Draw within a running application."""
