"""Enrol: make two keys, have the register know them, show the code that the registrar compares, ask until approved.

Every step first writes down what it needs to be taken again. A process that is killed anywhere goes on with the same
keys and the same number; the code on the screen stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from auth.device.code import confirmation_code
from auth.device.errors import DeviceNotEnrolled, DeviceRevoked, DeviceWiped
from auth.device.keys import KeyStore
from auth.device.messages import BeginRequest, EnrolmentReply, key_to_text, opened_to_text
from auth.device.record import DeviceFolder, DeviceRecord, StorePlace, make_pair
from auth.device.service import DeviceService, open_challenge
from auth.device.states import DeviceState
from auth.wire.endpoint import RegisterEndpoint

__all__ = ["Applicant", "Enrolment", "ask_again", "begin_enrolment"]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Say who asks to be enrolled: the office and counter that the registrar will read, and the software."""

    office: str
    counter: str
    software: str
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Say where an enrolment stands, and the code by which the registrar knows this computer."""

    device_id: str
    state: DeviceState
    code: str


def begin_enrolment(
    folder: DeviceFolder, place: StorePlace, store: KeyStore, endpoint: RegisterEndpoint, applicant: Applicant
) -> Enrolment:
    """Enrol this computer, or go on with an enrolment that was interrupted; return it, usually pending.

    Raises DeviceRevoked or DeviceWiped for a folder whose device is done with, DeviceError where the keys cannot be
    made or used, RegisterError and EnrolmentFailed without the service's word.
    """
    with folder.locked():
        record = folder.read()
        if record is None:
            record = _make_keys(folder, place, store, applicant)
        _refuse_the_dead(record)
        signer, opener = store.signer(record.keys.signing), store.opener(record.keys.opening)
        with DeviceService(endpoint, signer) as service:
            if record.device_id and record.state is not None:
                return _take(folder, record, service.state(record.device_id))
            begun = service.begin(
                BeginRequest(
                    signing=key_to_text(store.public(record.keys.signing)),
                    opening=key_to_text(store.public(record.keys.opening)),
                    office=record.office,
                    counter=record.counter,
                    software=applicant.software,
                    attestation=applicant.attestation,
                )
            )
            record = record.model_copy(update={"device_id": begun.device})
            folder.write(record)
            opened = opened_to_text(open_challenge(begun.challenge, opener))
            return _take(folder, record, service.confirm(begun.device, opened))


def ask_again(folder: DeviceFolder, store: KeyStore, endpoint: RegisterEndpoint) -> Enrolment:
    """Ask the service how the device stands and write it down; raise as ``begin_enrolment`` does."""
    with folder.locked():
        record = folder.read()
        if record is None or not record.device_id:
            raise DeviceNotEnrolled
        _refuse_the_dead(record)
        with DeviceService(endpoint, store.signer(record.keys.signing)) as service:
            return _take(folder, record, service.state(record.device_id))


def _make_keys(folder: DeviceFolder, place: StorePlace, store: KeyStore, applicant: Applicant) -> DeviceRecord:
    record = DeviceRecord(place=place, office=applicant.office, counter=applicant.counter, keys=make_pair(store))
    folder.write(record)
    return record


def _take(folder: DeviceFolder, record: DeviceRecord, reply: EnrolmentReply) -> Enrolment:
    known = record.model_copy(update={"state": reply.state, "index": reply.index})
    if known != record:
        folder.write(known)
    return Enrolment(reply.device, reply.state, code_of(known))


def code_of(record: DeviceRecord) -> str:
    """Return the confirmation code of an enrolment that has its number."""
    keys = record.keys
    return confirmation_code(record.device_id, keys.signing, keys.opening, record.office, record.counter)


def _refuse_the_dead(record: DeviceRecord) -> None:
    if record.wiping is not None or record.state is DeviceState.WIPED:
        raise DeviceWiped
    if record.state is DeviceState.REVOKED:
        raise DeviceRevoked
