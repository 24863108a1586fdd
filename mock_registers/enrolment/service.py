"""The service that devices speak to: enrolment, status, rotation, the last word of a wiped one; every answer signed."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from functools import cached_property, partial

from fastapi import Response
from pydantic import BaseModel

from auth.device.certificate import certificate_to_text
from auth.device.messages import (
    BEGIN_PATH,
    CERTIFICATE_PATH,
    CONFIRM_PATH,
    DEVICE_PURPOSE,
    ENROLMENT,
    NEW_KEYS_KIND,
    ROTATE_PATH,
    STATE_PATH,
    STATUS_PATH,
    SWITCH_PATH,
    WIPED_PATH,
    BeginReply,
    BeginRequest,
    CertificateReply,
    ConfirmRequest,
    DeviceQuestion,
    EnrolmentReply,
    NewKeysClaims,
    RotateReply,
    RotateRequest,
    StatusReply,
    SwitchReply,
    SwitchRequest,
    WipedReply,
    WipedRequest,
    key_from_text,
    key_to_text,
    opened_from_text,
    read_message,
)
from auth.device.service import CHALLENGE_KIND
from auth.device.statements import read_statement, write_statement
from auth.device.states import DeviceAct, DeviceState, WrongAct
from auth.device.status import FETCH_SECONDS, MAX_AGE_SECONDS, STATUS_KIND, StatusClaims, pack_states
from auth.device.wiping import ACKNOWLEDGEMENT_KIND, WIPE_KIND, AcknowledgementClaims, WipeClaims
from auth.device_key import DeviceKey
from auth.wire.endpoint import Signer
from auth.wire.envelope import seal
from auth.wire.profile import CONTENT_TYPE, PURPOSE_HEADER
from auth.wire.signatures import HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, sign_answer
from mock_registers.app import Way
from mock_registers.enrolment.devices import EnrolledDevices, NoSuchDevice
from mock_registers.enrolment.office import OfficeAuthority, certificate_of, office_authority
from mock_registers.enrolment.register import DeviceRegister
from mock_registers.faults import http_response
from mock_registers.gate import EnrolledDevice, Gate, Refusal
from reader.errors import DataError

__all__ = ["EnrolmentService"]

_CHALLENGE_BYTES = 32

Work = Callable[[HttpRequest], BaseModel]


class _InAnyState:
    """Find devices for the service itself: one that is suspended or revoked must still learn that it is."""

    def __init__(self, devices: EnrolledDevices) -> None:
        self._devices = devices

    def get(self, key_id: str, /) -> EnrolledDevice | None:
        return self._devices.in_any_state(key_id, announced=True)


class EnrolmentService:
    """Answer devices (``mock_registers.app.Service``); ``key`` signs answers, status lists and orders."""

    name = ENROLMENT

    def __init__(self, devices: EnrolledDevices, key: Signer) -> None:
        self._devices = devices
        self._register = DeviceRegister(devices.database)
        self._key = key
        self._gate = Gate(ENROLMENT, _InAnyState(devices))

    @cached_property
    def authority(self) -> OfficeAuthority:
        """Return who certifies the devices' keys, made where the database has none yet."""
        return office_authority(self._devices.database)

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return all that a device may say."""
        return (
            Way(BEGIN_PATH, partial(self._answer, self._begin), BeginRequest, "enrolment", BeginReply),
            Way(CONFIRM_PATH, partial(self._answer, self._confirm), ConfirmRequest, "proof", EnrolmentReply),
            Way(STATE_PATH, partial(self._answer, self._state), DeviceQuestion, "state", EnrolmentReply),
            Way(STATUS_PATH, partial(self._answer, self._status), DeviceQuestion, "status", StatusReply),
            Way(
                CERTIFICATE_PATH,
                partial(self._answer, self._certificate),
                DeviceQuestion,
                "certificate",
                CertificateReply,
            ),
            Way(ROTATE_PATH, partial(self._answer, self._rotate), RotateRequest, "rotation", RotateReply),
            Way(SWITCH_PATH, partial(self._answer, self._switch), SwitchRequest, "switch", SwitchReply),
            Way(WIPED_PATH, partial(self._answer, self._wiped), WipedRequest, "last word", WipedReply),
        )

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        return http_response(sign_answer(request, plain_refusal(request, refusal), self._key))

    def _answer(self, work: Work, request: HttpRequest) -> Response:
        try:
            body = work(request).model_dump_json().encode()
        except Refusal as refusal:
            return self.refuse(request, refusal)
        except NoSuchDevice:
            return self.refuse(request, Refusal(401, "unknown-device"))
        except WrongAct:
            return self.refuse(request, Refusal(409, "wrong-device-state"))
        except DataError:
            return self.refuse(request, Refusal(400, "malformed-device-message"))
        return http_response(sign_answer(request, PlainAnswer(200, CONTENT_TYPE, body), self._key))

    def _begin(self, request: HttpRequest) -> BeginReply:
        """Take up a device by the keys in its own request, whose signature the first of them must verify."""
        said = read_message(BeginRequest, request.body)
        signing, opening = key_from_text(said.signing), key_from_text(said.opening)
        if signing.key_id == opening.key_id:
            raise Refusal(400, "malformed-device-message")
        applicant = EnrolledDevice("", signing.key_id, signing.key, opening.key)
        self._by(Gate(ENROLMENT, {signing.key_id: applicant}), request)
        secret = secrets.token_bytes(_CHALLENGE_BYTES)
        device = self._register.apply(said, signing, hashlib.sha256(secret).hexdigest())
        return BeginReply(device=device, challenge=_seal(secret, opening))

    def _confirm(self, request: HttpRequest) -> EnrolmentReply:
        said = read_message(ConfirmRequest, request.body)
        device = self._known(request, said.device)
        self._register.prove(device.key_id, opened_from_text(said.opened))
        return self._reply(said.device)

    def _state(self, request: HttpRequest) -> EnrolmentReply:
        said = read_message(DeviceQuestion, request.body)
        self._known(request, said.device)
        return self._reply(said.device)

    def _status(self, request: HttpRequest) -> StatusReply:
        said = read_message(DeviceQuestion, request.body)
        device = self._known(request, said.device)
        now = int(time.time())
        claims = StatusClaims(
            iss=ENROLMENT,
            iat=now,
            exp=now + MAX_AGE_SECONDS,
            ttl=FETCH_SECONDS,
            status_list=pack_states(self._devices.states()),
        )
        status_list = write_statement(STATUS_KIND, claims, self._key)
        return StatusReply(device=said.device, status_list=status_list, wipe_order=self._order(device))

    def _certificate(self, request: HttpRequest) -> CertificateReply:
        """Certify the key that signs the request, where it is the one that counts and the device may look up."""
        said = read_message(DeviceQuestion, request.body)
        known = self._known(request, said.device)
        device, key = self._devices.find(said.device), self._devices.key_of(said.device)
        if device.state is not DeviceState.ACTIVE or key.key_id != known.key_id:
            raise Refusal(409, "wrong-device-state")
        certificate = certificate_of(self._devices.database, self.authority, device, key)
        anchor = certificate_to_text(self.authority.anchor)
        return CertificateReply(device=said.device, certificate=certificate, issuers=(anchor,))

    def _rotate(self, request: HttpRequest) -> RotateReply:
        said = read_message(RotateRequest, request.body)
        device = self._known(request, said.device)
        if self._devices.find(said.device).state is not DeviceState.ACTIVE:
            raise Refusal(409, "wrong-device-state")
        signing, opening = key_from_text(said.signing), key_from_text(said.opening)
        claims = read_statement(NEW_KEYS_KIND, NewKeysClaims, said.statement, {signing.key_id: signing})
        told = (claims.device, claims.signing, claims.opening)
        if told != (said.device, signing.key_id, opening.key_id) or claims.old != device.key_id:
            raise Refusal(400, "malformed-device-message")
        secret = secrets.token_bytes(_CHALLENGE_BYTES)
        keys = (signing.key_id, key_to_text(signing), key_to_text(opening))
        self._register.announce(device, keys, hashlib.sha256(secret).hexdigest())
        return RotateReply(device=said.device, challenge=_seal(secret, opening))

    def _switch(self, request: HttpRequest) -> SwitchReply:
        said = read_message(SwitchRequest, request.body)
        device = self._known(request, said.device)
        until = self._register.switch(said.device, device.key_id, opened_from_text(said.opened))
        return SwitchReply(device=said.device, signing=device.key_id, previous_until=until)

    def _wiped(self, request: HttpRequest) -> WipedReply:
        """Hear the last word; who sends it has no key any more, so only the statement counts."""
        said = read_message(WipedRequest, request.body)
        keys = self._register.keys_ever(said.device)
        claims = read_statement(ACKNOWLEDGEMENT_KIND, AcknowledgementClaims, said.acknowledgement, keys)
        if claims.device != said.device or claims.order != self._register.order_of(said.device).order:
            raise Refusal(400, "malformed-device-message")
        if self._register.hear_last_word(said.device, said.acknowledgement):
            self._devices.act(said.device, DeviceAct.ACKNOWLEDGE_WIPE)
        return WipedReply(device=said.device)

    def _order(self, device: EnrolledDevice) -> str:
        ordered = self._register.order_of(device.device_id)
        if not ordered.order:
            return ""
        claims = WipeClaims(
            iss=ENROLMENT,
            order=ordered.order,
            device=device.device_id,
            key=device.key_id,
            iat=ordered.at,
            ledger=ordered.ledger,
        )
        return write_statement(WIPE_KIND, claims, self._key)

    def _known(self, request: HttpRequest, device_id: str) -> EnrolledDevice:
        device = self._by(self._gate, request)
        if device.device_id != device_id:
            raise Refusal(401, "unknown-device")
        return device

    @staticmethod
    def _by(gate: Gate, request: HttpRequest) -> EnrolledDevice:
        device = gate.identify(request)
        if request.headers[PURPOSE_HEADER] != DEVICE_PURPOSE:
            raise Refusal(400, "purpose-mismatch")
        return device

    def _reply(self, device_id: str) -> EnrolmentReply:
        device = self._devices.find(device_id)
        return EnrolmentReply(device=device_id, state=device.state, index=device.place)


def _seal(secret: bytes, opening: DeviceKey) -> str:
    return seal(secret, CHALLENGE_KIND, opening.key_id, opening.to_der()).decode("ascii")
