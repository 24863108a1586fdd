"""The certificate of a device's key: issued to whoever holds the key that counts, kept, and asked for anew in time."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject, pdf_name, pdf_string
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from sqlalchemy import select, update

from auth.device.certificate import RENEW_BEFORE, DeviceCertificate, certificate_to_text
from auth.device.certifying import renew_certificate
from auth.device.errors import EnrolmentFailed
from auth.device.keeper import DeviceKeeper
from auth.device.keys import StoreKind
from auth.device.record import StorePlace
from auth.device.rotating import ROTATION_DAYS, rotate
from auth.device.service import DeviceService
from auth.device.states import DeviceAct
from auth.errors import RegisterError
from auth.wire.sandbox_mark import is_test_endpoint
from desk.slip.page_signature import read_page
from desk.slip.signing import sign_pdf
from mock_registers.enrolment.office import LIFETIME, office_authority
from mock_registers.enrolment_tables import DeviceCertificateRow
from reader.errors import DataError
from reader.trust import Certificate

NOW = datetime.now(UTC)


def renew(desk: Any, now: datetime = NOW) -> bool:
    return renew_certificate(desk.folder, desk.store, desk.registrar.enrolment, now)


def test_an_active_device_is_certified_once_under_the_offices_authority(desk: Any) -> None:
    device = desk.become_active()
    assert renew(desk)
    kept = desk.folder.certificate()
    assert kept is not None
    assert (kept.device_id, kept.key_id) == (device, desk.record.keys.signing)
    assert kept.signs_documents
    assert kept.issuers == desk.registrar.enrolment.certificate_anchors
    assert Certificate.parse(kept.der).is_test, "the sandbox certifies tests, and its name says so"
    assert not renew(desk), "it has one"


def test_the_same_key_gets_the_same_certificate_again(desk: Any) -> None:
    device = desk.become_active()
    with DeviceService(desk.registrar.enrolment, desk.store.signer(desk.record.keys.signing)) as service:
        assert service.certificate(device) == service.certificate(device)
    with desk.registrar.devices.database.reading() as session:
        of_device = select(DeviceCertificateRow).where(DeviceCertificateRow.device_id == device)
        assert len(session.scalars(of_device).all()) == 1


def test_a_device_that_nobody_has_approved_is_not_certified(desk: Any) -> None:
    device = desk.enrol().device_id
    assert not renew(desk)
    with (
        DeviceService(desk.registrar.enrolment, desk.store.signer(desk.record.keys.signing)) as service,
        pytest.raises(RegisterError),
    ):
        service.certificate(device)


@pytest.mark.parametrize("act", [DeviceAct.SUSPEND, DeviceAct.REVOKE])
def test_a_device_that_is_shut_out_gets_no_new_certificate(desk: Any, act: DeviceAct) -> None:
    device = desk.become_active()
    desk.registrar.act(device, act)
    with pytest.raises(RegisterError):
        renew(desk)
    assert desk.folder.certificate() is None


def test_after_a_rotation_the_new_key_is_certified_and_the_old_certificate_signs_nothing(desk: Any) -> None:
    desk.become_active()
    renew(desk)
    before = desk.folder.certificate()
    rotate(desk.folder, desk.store, desk.registrar.enrolment)
    assert desk.folder.certificate() is None, "the certificate that is kept is of another key"
    assert renew(desk)
    after = desk.folder.certificate()
    assert before is not None
    assert after is not None
    assert after.key_id == desk.record.keys.signing != before.key_id


def test_a_key_that_is_replaced_is_not_certified_any_more(desk: Any) -> None:
    device = desk.become_active()
    old = desk.record.keys.signing
    rotate(desk.folder, desk.store, desk.registrar.enrolment)
    with (
        DeviceService(desk.registrar.enrolment, desk.store.signer(old)) as service,
        pytest.raises(RegisterError),
    ):
        service.certificate(device)


def test_one_that_runs_out_soon_is_asked_for_anew(desk: Any) -> None:
    desk.become_active()
    renew(desk)
    kept = desk.folder.certificate()
    assert kept is not None
    assert not kept.wants_renewal(NOW)
    assert kept.wants_renewal(kept.not_after - RENEW_BEFORE + timedelta(hours=1))
    assert LIFETIME.days > ROTATION_DAYS + RENEW_BEFORE.days - 1, "a key that is rotated in time never outlives it"


def test_the_keeper_has_the_key_certified_by_itself(desk: Any) -> None:
    desk.become_active()
    keeper = DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment)
    assert keeper.refresh().may_look_up
    assert desk.folder.certificate() is not None


def test_a_service_that_certifies_nobody_is_in_nobodys_way(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.become_active()
    monkeypatch.setattr("auth.device.service.CERTIFICATE_PATH", "/v1/devices:nothing-here")
    keeper = DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment)
    assert keeper.refresh().may_look_up
    assert desk.folder.certificate() is None


def test_a_certificate_of_somebody_else_is_not_kept(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.become_active()
    renew(desk)
    mine = desk.folder.certificate()
    assert mine is not None
    for device_id, key_id, now in (
        ("desk-other", mine.key_id, NOW),
        (mine.device_id, "another-key", NOW),
        (mine.device_id, mine.key_id, mine.not_after),
        (mine.device_id, mine.key_id, mine.not_before - timedelta(hours=2)),
    ):
        with pytest.raises(DataError):
            mine.require(device_id, key_id, now)
    with pytest.raises(EnrolmentFailed):
        renew(desk, mine.not_after + timedelta(days=1))
    assert desk.folder.certificate() == mine


@pytest.mark.parametrize("spoil", ["no base64 !", "AAAA" * 40, "A" * 12_000])
def test_what_is_no_certificate_is_refused(spoil: str) -> None:
    with pytest.raises(DataError):
        DeviceCertificate.from_texts(spoil, ())


def strange_certificate(what: str) -> bytes:
    """Return a certificate that its form lets pass and the library does not read."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, "desk-1")])
    # An alternative name of the kind x400Address (RFC 5280 §4.2.1.6).
    post = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), bytes.fromhex("3004a3020500"))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 5, NOW, NOW + timedelta(days=1))
    der = builder.add_extension(post, critical=False).sign(key, SHA256()).public_bytes(Encoding.DER)
    if what == "general-name":
        return der
    der = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
    old, new = {
        "curve": ("06082a8648ce3d030107", "06082a8648ce3d030109"),
        "kind-of-key": ("06072a8648ce3d0201", "06072a8648ce3d027f"),
        "version": ("a003020102", "a003020109"),
    }[what]
    assert bytes.fromhex(old) in der
    return der.replace(bytes.fromhex(old), bytes.fromhex(new))


@pytest.mark.parametrize("what", ["curve", "kind-of-key", "version", "general-name"])
def test_a_certificate_of_a_kind_that_nobody_here_knows_is_refused_as_any_other(desk: Any, what: str) -> None:
    strange, office = strange_certificate(what), desk.registrar.enrolment.certificate_anchors[0]
    for der, issuers in ((strange, ()), (strange, (office,)), (office, (strange,))):
        with pytest.raises(DataError):
            DeviceCertificate.parse(der, issuers)


@pytest.mark.parametrize("what", ["version", "general-name"])
def test_a_strange_certificate_from_the_service_does_not_end_the_keeper(desk: Any, what: str) -> None:
    device = desk.become_active()
    with DeviceService(desk.registrar.enrolment, desk.store.signer(desk.record.keys.signing)) as service:
        service.certificate(device)
    with desk.registrar.devices.database.writing() as session:
        of_device = update(DeviceCertificateRow).where(DeviceCertificateRow.device_id == device)
        session.execute(of_device.values(certificate=certificate_to_text(strange_certificate(what))))
    with pytest.raises(EnrolmentFailed):
        renew(desk)
    keeper = DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment)
    assert keeper.refresh().may_look_up
    assert desk.folder.certificate() is None


def test_a_damaged_certificate_in_the_record_leaves_the_desk_without_one(desk: Any) -> None:
    desk.become_active()
    renew(desk)
    kept = desk.record.certificate
    spoiled = kept.model_copy(update={"certificate": "A" * 400})
    desk.folder.write(desk.record.model_copy(update={"certificate": spoiled}))
    assert desk.folder.certificate() is None
    assert desk.credential.device_id


def test_two_sandboxes_on_one_database_are_one_office(desk: Any) -> None:
    database = desk.registrar.devices.database
    assert office_authority(database).anchor == office_authority(database).anchor
    assert desk.registrar.enrolment.certificate_anchors == (office_authority(database).anchor,)


def test_a_sandbox_is_known_for_one_by_its_authority(desk: Any) -> None:
    for endpoint in desk.registrar.endpoints.values():
        assert is_test_endpoint(endpoint)


def test_a_wiped_device_has_no_certificate(desk: Any) -> None:
    device = desk.become_active()
    renew(desk)
    desk.registrar.act(device, DeviceAct.ORDER_WIPE)
    DeviceKeeper(desk.folder, desk.store, desk.registrar.enrolment).refresh()
    assert desk.folder.certificate() is None


@pytest.mark.parametrize("kind", [StoreKind.KEYCHAIN, StoreKind.PASSPHRASE, StoreKind.PKCS11])
def test_a_page_is_signed_wherever_the_key_lives_and_the_authority_vouches_for_it(
    desk: Any, request: pytest.FixtureRequest, tmp_path: Path, kind: StoreKind
) -> None:
    if kind is StoreKind.PKCS11:
        softhsm, token_store = request.getfixturevalue("softhsm"), request.getfixturevalue("token_store")
        place = StorePlace(kind=kind, module=str(softhsm.module), token=softhsm.label)
        folder = type(desk.folder)(tmp_path / "token")
        desk = dataclasses.replace(desk, folder=folder, open_store=lambda _: token_store(), place=place)
    elif kind is StoreKind.PASSPHRASE:
        store = request.getfixturevalue("passphrase_store")
        folder = type(desk.folder)(tmp_path / "sealed")
        desk = dataclasses.replace(desk, folder=folder, open_store=store, place=StorePlace(kind=kind))
    device = desk.become_active()
    renew(desk)
    certificate = desk.folder.certificate()
    assert certificate is not None
    writer = PdfFileWriter()
    writer.insert_page(
        PageObject(contents=writer.add_object(StreamObject(stream_data=b"")), media_box=(0, 0, 100, 100))
    )
    writer.set_info(DictionaryObject({pdf_name("/Creator"): pdf_string("a test")}))
    blank = BytesIO()
    writer.write(blank)
    signed = sign_pdf(blank.getvalue(), desk.credential.signer, certificate)
    creator, signature = read_page(BytesIO(signed), desk.registrar.enrolment.certificate_anchors)
    assert creator == "a test"
    assert signature is not None
    assert (signature.intact, signature.whole, signature.trusted) == (True, True, True)
    assert signature.certificate.device_id == device
    _, unknown = read_page(BytesIO(signed), ())
    assert unknown is not None
    assert not unknown.trusted
