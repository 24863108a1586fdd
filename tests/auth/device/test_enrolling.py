"""Enrolment over real TLS: both keys proven, one code on both screens, nobody in before the registrar says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from auth.device import SoftwareOpener, SoftwareSigner
from auth.device.code import confirmation_code
from auth.device.enrolling import ask_again, begin_enrolment
from auth.device.errors import DeviceNotEnrolled, DevicePending, DeviceRevoked, EnrolmentFailed
from auth.device.keys import StoreKind
from auth.device.messages import BeginRequest, key_to_text, opened_to_text
from auth.device.record import StorePlace
from auth.device.service import DeviceService, open_challenge
from auth.device.states import DeviceAct, DeviceState
from auth.device_key import DeviceKey
from auth.errors import AnswerNotTrusted, RegisterError, RegisterRefused, RequestRejected
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint


def keys_of(signer: SoftwareSigner, opener: SoftwareOpener, **changes: str) -> BeginRequest:
    said = {
        "signing": key_to_text(DeviceKey.from_pem(signer.public_pem())),
        "opening": key_to_text(DeviceKey.from_der(opener.spki)),
        "office": "UBND xã Thử 099",
        "counter": "Quầy 9",
        "software": "motcua test",
    }
    return BeginRequest(**{**said, **changes})


@contextmanager
def asking(desk: Any, lookup: Lookup, device: DeviceCredential | None = None) -> Iterator[PopulationClient]:
    client = PopulationClient(desk.registrar.endpoints["population"], device or desk.credential)
    with closing(client):
        yield client


def test_a_desk_is_pending_with_one_code_on_both_screens_until_it_is_approved(desk: Any, lookup: Lookup) -> None:
    enrolment = desk.enrol()
    seen = desk.registrar.devices.find(enrolment.device_id)
    assert enrolment.state is DeviceState.PENDING
    assert enrolment.code == seen.code
    assert (seen.office, seen.counter, seen.proven) == ("UBND xã Thử 099", "Quầy 3", True)
    with pytest.raises(DevicePending):
        _ = desk.credential
    desk.registrar.act(enrolment.device_id, DeviceAct.APPROVE)
    assert ask_again(desk.folder, desk.store, desk.registrar.enrolment).state is DeviceState.ACTIVE
    assert desk.credential.device_id == enrolment.device_id
    with asking(desk, lookup) as client:
        assert client.find_citizen(lookup).record is not None


def test_asking_again_keeps_the_number_the_keys_and_the_code(desk: Any) -> None:
    first, keys = desk.enrol(), desk.record.keys
    assert desk.enrol() == first
    assert desk.record.keys == keys


def test_the_code_is_twelve_digits_and_another_for_every_number_key_and_counter() -> None:
    said = ("desk-1", "s" * 43, "o" * 43, "office", "counter")
    code = confirmation_code(*said)
    assert [len(group) for group in code.split(" ")] == [4, 4, 4]
    assert code.replace(" ", "").isdecimal()
    others = {confirmation_code(*said[:place], said[place] + "x", *said[place + 1 :]) for place in range(len(said))}
    assert len(others | {code}) == 6


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ([], "device-pending"),
        ([DeviceAct.APPROVE, DeviceAct.SUSPEND], "device-suspended"),
        ([DeviceAct.APPROVE, DeviceAct.REVOKE], "device-revoked"),
        ([DeviceAct.REVOKE], "device-revoked"),
        ([DeviceAct.APPROVE, DeviceAct.ORDER_WIPE], "device-revoked"),
    ],
)
def test_the_registers_let_in_none_but_active_devices_at_once(
    desk: Any, lookup: Lookup, acts: list[DeviceAct], why: str
) -> None:
    device = desk.enrol().device_id
    keys = desk.record.keys
    known = DeviceCredential(device, desk.store.signer(keys.signing), desk.store.opener(keys.opening))
    with asking(desk, lookup, known) as client:
        for act in acts:
            if act is not DeviceAct.APPROVE and acts[0] is DeviceAct.APPROVE:
                assert client.find_citizen(lookup).record is not None
            desk.registrar.act(device, act)
        with pytest.raises(RegisterRefused) as refused:
            client.find_citizen(lookup)
        assert refused.value.why == why


def test_a_suspended_desk_is_let_in_again_once_it_is_resumed(desk: Any, lookup: Lookup) -> None:
    device = desk.become_active()
    desk.registrar.act(device, DeviceAct.SUSPEND, DeviceAct.RESUME)
    with asking(desk, lookup) as client:
        assert client.find_citizen(lookup).record is not None


def test_a_revoked_device_does_not_come_again_with_its_keys(desk: Any) -> None:
    device = desk.become_active()
    desk.registrar.act(device, DeviceAct.REVOKE)
    assert ask_again(desk.folder, desk.store, desk.registrar.enrolment).state is DeviceState.REVOKED
    for again in (desk.enrol, lambda: ask_again(desk.folder, desk.store, desk.registrar.enrolment)):
        with pytest.raises(DeviceRevoked):
            again()


def test_who_cannot_open_what_was_sealed_to_the_opening_key_is_never_seen_by_the_registrar(registrar: Any) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    with DeviceService(registrar.enrolment, signer) as service:
        begun = service.begin(keys_of(signer, opener))
        with pytest.raises(EnrolmentFailed):
            open_challenge(begun.challenge, SoftwareOpener.generate())
        with pytest.raises(RegisterRefused, match="possession-not-proven"):
            service.confirm(begun.device, opened_to_text(bytes(32)))
        assert begun.device not in {device.device_id for device in registrar.devices.list()}
        assert open_challenge(begun.challenge, opener)


def test_a_challenge_proves_once(registrar: Any) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    with DeviceService(registrar.enrolment, signer) as service:
        begun = service.begin(keys_of(signer, opener))
        opened = opened_to_text(open_challenge(begun.challenge, opener))
        assert service.confirm(begun.device, opened).state is DeviceState.PENDING
        service.begin(keys_of(signer, opener))
        with pytest.raises(RegisterRefused, match="possession-not-proven"):
            service.confirm(begun.device, opened)


def test_keys_that_another_signs_for_are_not_enrolled(registrar: Any) -> None:
    with (
        DeviceService(registrar.enrolment, SoftwareSigner.generate()) as service,
        pytest.raises(RegisterRefused, match="unknown-device"),
    ):
        service.begin(keys_of(SoftwareSigner.generate(), SoftwareOpener.generate()))


def test_known_keys_do_not_come_with_another_counter_or_another_opening_key(registrar: Any) -> None:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    with DeviceService(registrar.enrolment, signer) as service:
        device = service.begin(keys_of(signer, opener)).device
        assert service.begin(keys_of(signer, opener)).device == device
        for other in (keys_of(signer, opener, counter="Quầy 1"), keys_of(signer, SoftwareOpener.generate())):
            with pytest.raises(RegisterError, match="wrong-device-state"):
                service.begin(other)


def test_one_key_for_both_uses_is_refused(registrar: Any) -> None:
    signer = SoftwareSigner.generate()
    public = key_to_text(DeviceKey.from_pem(signer.public_pem()))
    with (
        DeviceService(registrar.enrolment, signer) as service,
        pytest.raises(RequestRejected, match="malformed-device-message"),
    ):
        service.begin(keys_of(signer, SoftwareOpener.generate(), opening=public))


def test_a_device_hears_nothing_about_another(registrar: Any) -> None:
    one, other = SoftwareSigner.generate(), SoftwareSigner.generate()
    with DeviceService(registrar.enrolment, one) as service:
        device = service.begin(keys_of(one, SoftwareOpener.generate())).device
    with DeviceService(registrar.enrolment, other) as service:
        service.begin(keys_of(other, SoftwareOpener.generate()))
        for ask in (service.state, service.status):
            with pytest.raises(RegisterRefused, match="unknown-device"):
                ask(device)


def test_an_answer_under_another_key_than_the_pinned_one_enrols_nobody(desk: Any) -> None:
    stranger = SoftwareSigner.generate()
    key = AnswerKey(stranger.key_id, DeviceKey.from_pem(stranger.public_pem()).to_der())
    foreign: RegisterEndpoint = dataclasses.replace(desk.registrar.enrolment, answer_keys=(key,))
    with pytest.raises(AnswerNotTrusted, match="unknown-key"):
        begin_enrolment(
            desk.folder, desk.place, desk.store, foreign, dataclasses.replace(_applicant(desk), software="x")
        )
    assert desk.record.device_id == ""
    assert desk.enrol().state is DeviceState.PENDING


def _applicant(desk: Any) -> Any:
    from auth.device.enrolling import Applicant

    return Applicant("UBND xã Thử 099", "Quầy 3", "motcua test")


def test_nothing_is_asked_about_a_desk_that_was_never_enrolled(desk: Any) -> None:
    with pytest.raises(DeviceNotEnrolled):
        ask_again(desk.folder, desk.store, desk.registrar.enrolment)


def test_every_kind_of_store_enrols(
    desk: Any,
    token: Any,
    passphrase_store: Callable[..., Any],
    token_store: Callable[..., Any],
    tmp_path: Any,
    lookup: Lookup,
) -> None:
    places = {
        StoreKind.PASSPHRASE: (passphrase_store, StorePlace(kind=StoreKind.PASSPHRASE)),
        token.kind: (token_store, token.place),
    }
    for kind, (open_store, place) in places.items():
        other = dataclasses.replace(desk, folder=type(desk.folder)(tmp_path / kind), open_store=open_store, place=place)
        other.become_active()
        with asking(other, lookup) as client:
            assert client.find_citizen(lookup).record is not None
        assert other.record.place.kind is kind
        assert datetime.fromtimestamp(other.record.keys.made, UTC) <= datetime.now(UTC)
