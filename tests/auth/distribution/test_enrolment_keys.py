"""The keys of the enrolment service, published by TUF: a desk is enrolled by them, and follows when they change."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device import SoftwareSigner
from auth.device.enrolling import Applicant, begin_enrolment
from auth.device.errors import EnrolmentFailed
from auth.device.keeper import DeviceKeeper
from auth.device.keys import StoreKind
from auth.device.record import DeviceFolder, StorePlace
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import PassphraseSeal
from auth.device.secrets import Secret
from auth.device.states import DeviceAct
from auth.distribution.fetchers import FolderFetcher
from auth.distribution.operators import OperatorKey
from auth.distribution.register_keys import parse_register_keys
from auth.distribution.update import update
from auth.errors import RegisterError
from auth.wire import AnswerKey, RegisterEndpoint
from desk.enrolment import enrolment_endpoint
from desk.settings import Settings, SettingsInvalid
from desk.trust_source import TrustSource
from mock_registers.enrolment import EnrolledDevices
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage
from reader.errors import DataError

from .conftest import Office
from .served import Repository


@dataclass
class Place:
    """A desk whose settings say where the service is, and a repository that says by what it is known."""

    office: Office
    repository: Repository
    service: RegisterEndpoint
    devices: EnrolledDevices
    home: Path

    def settings(self, **enrolment: Any) -> Settings:
        told = {"base_url": self.service.base_url, **enrolment}
        return Settings.model_validate(
            {"trust_store": self.office.installation.folder.path, "enrolment": told}, strict=False
        )

    def publish(self, *keys: AnswerKey, anchors: tuple[bytes, ...] | None = None) -> None:
        self.repository.publish(
            {"enrolment.json": file_of(keys, self.service.tls_anchors if anchors is None else anchors)}
        )
        self.take()

    def take(self) -> None:
        update(self.office.installation, FolderFetcher(self.repository.path), datetime.now(UTC))

    def enrol(self, source: TrustSource) -> DeviceKeeper:
        folder = DeviceFolder(self.home / "device")
        store = SealedKeyStore(folder.path, PassphraseSeal(folder.path, Secret(lambda: b"a passphrase of a test")))
        place, applicant = StorePlace(kind=StoreKind.PASSPHRASE), Applicant("UBND xã Thử 099", "Quầy 3", "motcua test")

        def endpoint() -> RegisterEndpoint:
            return enrolment_endpoint(self.settings(), source)

        device = begin_enrolment(folder, place, store, endpoint(), applicant).device_id
        self.devices.act(device, DeviceAct.APPROVE)
        begin_enrolment(folder, place, store, endpoint(), applicant)
        return DeviceKeeper(folder, store, endpoint)


def file_of(keys: tuple[AnswerKey, ...], anchors: tuple[bytes, ...]) -> bytes:
    said = {
        "format": "motcua-register-keys-1",
        "register": "enrolment",
        "answer_keys": [{"key_id": key.key_id, "spki": base64.b64encode(key.spki).decode()} for key in keys],
        "tls_anchors": [base64.b64encode(anchor).decode() for anchor in anchors],
    }
    return json.dumps({name: value for name, value in said.items() if value}).encode()


def another_key() -> AnswerKey:
    signer = SoftwareSigner.generate()
    return AnswerKey(signer.key_id, signer.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.fixture
def place(office: Office, tmp_path: Path) -> Iterator[Place]:
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    people = {name: OperatorKey.generate() for name in ("pa", "pb", "pc")}
    repository = Repository(tmp_path / "published", people, OperatorKey.generate())
    with serve_registers([], database_url=url, enrolment=True) as endpoints, closing(Storage(url)) as storage:
        (service,) = (one for one in endpoints if one.register == "enrolment")
        root = repository.create({"enrolment.json": file_of(service.answer_keys, service.tls_anchors)})
        office.install(("root.json", root))
        yield Place(office, repository, service, EnrolledDevices(storage.database), tmp_path)


def test_a_desk_whose_settings_hold_no_key_is_enrolled_by_those_that_were_published(place: Place) -> None:
    with pytest.raises(SettingsInvalid, match="neither the settings nor the trust store"):
        enrolment_endpoint(place.settings())
    place.take()
    found = enrolment_endpoint(place.settings())
    assert (found.base_url, found.answer_keys) == (place.service.base_url, place.service.answer_keys)
    assert found.tls_anchors == place.service.tls_anchors
    keeper = place.enrol(TrustSource(place.settings()))
    assert keeper.refresh().may_look_up


def test_what_was_published_takes_the_place_of_what_the_settings_name(place: Place) -> None:
    wrong = another_key()
    named = {
        "tls_anchors": [ssl.DER_cert_to_PEM_cert(anchor) for anchor in place.service.tls_anchors],
        "answer_keys": [{"key_id": wrong.key_id, "spki": base64.b64encode(wrong.spki).decode()}],
    }
    assert enrolment_endpoint(place.settings(**named)).answer_keys == (wrong,)
    place.publish(*place.service.answer_keys, anchors=())
    found = enrolment_endpoint(place.settings(**named))
    assert (found.answer_keys, found.tls_anchors) == (place.service.answer_keys, place.service.tls_anchors)


def test_a_desk_that_is_open_follows_a_rotation_of_the_services_keys(place: Place) -> None:
    place.take()
    keeper, new = place.enrol(TrustSource(place.settings())), another_key()
    assert keeper.refresh().may_look_up
    place.publish(*place.service.answer_keys, new)
    assert keeper.standing().may_look_up, "while both stand there, what either has signed is believed"
    assert keeper.refresh().may_look_up
    place.publish(new)
    assert not keeper.standing().fresh, "a list that the old key signed says nothing any more"
    with pytest.raises((RegisterError, EnrolmentFailed)):
        keeper.refresh()
    place.publish(*place.service.answer_keys)
    assert keeper.refresh().may_look_up


def test_certificates_of_another_authority_make_the_service_unreachable(place: Place) -> None:
    place.take()
    keeper = place.enrol(TrustSource(place.settings()))
    with serve_registers([]) as elsewhere:
        other = elsewhere[0].tls_anchors
    place.publish(*place.service.answer_keys, anchors=other)
    with pytest.raises(RegisterError):
        keeper.refresh()


@pytest.mark.parametrize("anchors", [[], "x", ["!"], ["AAAA"], [1], [None] * 21])
def test_certificates_that_are_none_are_refused_before_anybody_relies_on_them(anchors: object) -> None:
    key = another_key()
    said = json.loads(file_of((key,), ())) | {"tls_anchors": anchors}
    with pytest.raises(DataError):
        parse_register_keys(json.dumps(said).encode())
