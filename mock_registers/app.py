"""The web application: three routes a register, each register with its own gate and its own answer key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from auth.wire.endpoint import Signer
from auth.wire.profile import (
    CONFIRM_PATH,
    COUNTERSIGN_PATH,
    LAND_CERTIFICATE_PATH,
    LAND_PATH,
    LAST_CHECKPOINT_PATH,
    MAX_REQUEST_BYTES,
    POPULATION_PATH,
)
from auth.wire.signatures import HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, plain_reply, sign_answer
from mock_registers.faults import Fault, answer_wrongly, http_response
from mock_registers.gate import EnrolledDevice, Gate, Refusal
from mock_registers.messages import (
    CheckpointRequest,
    Citizen,
    ConfirmReply,
    HoldingsRecord,
    LookupReply,
    LookupRequest,
    ParcelRecord,
    PersonRecord,
)
from mock_registers.soap import SOAP_PATH, SoapRegister
from mock_registers.storage import Storage, fold_name
from mock_registers.telling import confirm, only_asked
from mock_registers.witness import LedgerWitness

__all__ = ["Register", "Service", "Way", "make_app", "make_registers"]

Answering = Callable[[HttpRequest], Response]
Replying = Callable[[LookupRequest], LookupReply | ConfirmReply]
FindRecord = Callable[[Citizen], PersonRecord | HoldingsRecord | None]


@dataclass(frozen=True, slots=True)
class Way:
    """Hold one kind of request: the path below the register's name, who answers it, its body, its name in words."""

    path: str
    answer: Answering
    message: type[BaseModel]
    name: str


class Service(Protocol):
    """Answer requests below one name."""

    @property
    def name(self) -> str:
        """Return the register's name, the first part of every path."""
        ...

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the kinds of requests that are answered."""
        ...

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Register:
    """Hold one register: where it listens, how it finds a record, whom it admits and with which key it answers."""

    name: str
    path: str
    find: FindRecord
    gate: Gate
    key: Signer
    storage: Storage
    fault: Fault | None = None

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the look-up and its like, and the two questions about a desk's ledger."""
        return (
            Way(self.path, self.answer, LookupRequest, "look-up"),
            *(
                Way(path, partial(self._answer, reply), LookupRequest, name)
                for path, name, reply in (self._confirming() if self.name == "population" else self._searching())
            ),
            Way(LAST_CHECKPOINT_PATH, self.tell_last_checkpoint, CheckpointRequest, "last checkpoint"),
            Way(COUNTERSIGN_PATH, self.countersign, CheckpointRequest, "countersignature"),
        )

    def answer(self, request: HttpRequest) -> Response:
        """Return the signed answer to a look-up, or what the fault makes of it."""
        return self._answer(self._reply, request)

    def _answer(self, reply: Replying, request: HttpRequest) -> Response:
        try:
            plain = plain_reply(reply(self.gate.admit(request)))
        except Refusal as refusal:
            plain = plain_refusal(refusal)
        if self.fault is not None:
            return answer_wrongly(self.fault, request, plain, self.key)
        return http_response(sign_answer(request, plain, self.key))

    def tell_last_checkpoint(self, request: HttpRequest) -> Response:
        """Return the signed answer to what this register saw last of a device's ledger."""
        return self._of_ledger(request, lambda witness, device, _said: witness.last(device))

    def countersign(self, request: HttpRequest) -> Response:
        """Return the signed answer to a checkpoint that is offered."""
        return self._of_ledger(request, lambda witness, device, said: witness.countersign(device, said))

    def _of_ledger(
        self,
        request: HttpRequest,
        act: Callable[[LedgerWitness, EnrolledDevice, CheckpointRequest], PlainAnswer],
    ) -> Response:
        try:
            plain = act(LedgerWitness(self.name, self.key, self.storage), *self.gate.admit_checkpoint(request))
        except Refusal as refusal:
            plain = plain_refusal(refusal)
        if self.fault is not None:
            return answer_wrongly(self.fault, request, plain, self.key)
        return http_response(sign_answer(request, plain, self.key))

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        plain: PlainAnswer = plain_refusal(refusal)
        return http_response(sign_answer(request, plain, self.key))

    def _confirming(self) -> tuple[tuple[str, str, Replying], ...]:
        return ((CONFIRM_PATH, "confirmation", self._confirm),)

    def _searching(self) -> tuple[tuple[str, str, Replying], ...]:
        return ((LAND_CERTIFICATE_PATH, "look-up by certificate", self._by_certificate),)

    def _reply(self, lookup: LookupRequest) -> LookupReply:
        if lookup.certificate:
            raise Refusal(400, "malformed-lookup")
        return self._tell(lookup, self.find(self._about(lookup)))

    def _by_certificate(self, lookup: LookupRequest) -> LookupReply:
        """Tell of the citizen's parcels those that stand under the certificate."""
        found = self.find(self._about(lookup))
        if not lookup.certificate or not isinstance(found, HoldingsRecord):
            raise Refusal(400, "malformed-lookup")
        wanted = _plain_serial(lookup.certificate)
        parcels = tuple(parcel for parcel in found.parcels if _plain_serial(parcel.certificate_serial) == wanted)
        return self._tell(lookup, found.model_copy(update={"parcels": parcels}))

    def _confirm(self, lookup: LookupRequest) -> ConfirmReply:
        if not lookup.questions or lookup.fields:
            raise Refusal(400, "malformed-lookup")
        citizen = lookup.citizen
        found = self.storage.find_person(citizen)
        same_name = found is not None and fold_name(found.full_name) == fold_name(citizen.full_name)
        questions = (*lookup.questions, "over-1") if self.fault is Fault.MORE_THAN_ASKED else lookup.questions
        return ConfirmReply(
            lookup_id=lookup.lookup_id,
            purpose=lookup.purpose,
            legal_basis=lookup.legal_basis,
            answers=confirm(citizen, questions, found, same_name, datetime.now(UTC).date()),
        )

    def _about(self, lookup: LookupRequest) -> Citizen:
        other = self.fault is Fault.ANOTHER_CITIZEN
        return self.storage.someone_else(lookup.citizen) if other else lookup.citizen

    def _tell(self, lookup: LookupRequest, record: PersonRecord | HoldingsRecord | None) -> LookupReply:
        if not lookup.fields or lookup.questions:
            raise Refusal(400, "malformed-lookup")
        everything = (*PersonRecord.model_fields, *ParcelRecord.model_fields)
        fields = everything if self.fault is Fault.MORE_THAN_ASKED else lookup.fields
        return LookupReply(
            lookup_id=lookup.lookup_id,
            purpose=lookup.purpose,
            legal_basis=lookup.legal_basis,
            record=only_asked(record, fields) if record is not None else None,
        )


def _plain_serial(serial: str) -> str:
    return "".join(serial.split()).upper()


def make_registers(
    storage: Storage,
    keys: Mapping[str, Signer],
    devices: Mapping[str, EnrolledDevice],
    faults: Mapping[str, Fault],
) -> tuple[Register, ...]:
    """Return the population and the land register over one storage; ``keys`` and ``faults`` by register name."""
    ways: tuple[tuple[str, str, FindRecord], ...] = (
        ("population", POPULATION_PATH, storage.find_person),
        ("land", LAND_PATH, storage.find_holdings),
    )
    return tuple(
        Register(name, path, find, Gate(name, devices), keys[name], storage, faults.get(name))
        for name, path, find in ways
    )


def make_app(registers: Iterable[Service], origin: str, gateway: SoapRegister | None = None) -> FastAPI:
    """Return the application of ``registers`` and of the gateway at ``origin``, such as https://127.0.0.1:4443.

    The origin is told, never taken from the Host field: a signature over @target-uri must name the register that
    judges it.
    """
    # No interactive pages: they load scripts from elsewhere.
    app = FastAPI(title="Một Cửa sandbox registers", docs_url=None, redoc_url=None)
    app.add_exception_handler(ClientDisconnect, _nobody_there)
    for register in registers:
        for way in register.ways:
            path = f"/{register.name}{way.path}"
            handler = _handler(register, origin + path, way.answer)
            schema = _request_schema(way.message)
            app.add_api_route(path, handler, methods=["POST"], name=f"{register.name} {way.name}", openapi_extra=schema)
    if gateway is not None:
        app.add_api_route(SOAP_PATH, _soap_handler(gateway), methods=["POST"], name="gateway", include_in_schema=False)
    return app


def _request_schema(message: type[BaseModel]) -> dict[str, object]:
    content = {"application/json": {"schema": message.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


def _handler(register: Service, url: str, answering: Answering) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        headers, doubled = _fields(request)
        body = await _body(request)
        if body is None:
            empty = HttpRequest(request.method, url, headers, b"")
            return register.refuse(empty, Refusal(413, "malformed-lookup"))
        asked = HttpRequest(request.method, url, headers, body)
        if doubled:
            return register.refuse(asked, Refusal(400, "signature-invalid"))
        # Asked on the loop itself: an indexed read takes less than handing it to another thread and back.
        return answering(asked)

    return answer


def _soap_handler(gateway: SoapRegister) -> Callable[[Request], object]:
    async def look_up(request: Request) -> Response:
        headers, doubled = _fields(request)
        body = await _body(request)
        if body is None or doubled:
            return Response(status_code=413 if body is None else 400)
        return gateway.answer(headers, body)

    return look_up


async def _nobody_there(_request: Request, _error: Exception) -> Response:
    """Answer nobody: a client that left in the middle of its request is no fault of ours."""
    return Response(status_code=400)


async def _body(request: Request) -> bytes | None:
    """Return the body; None for one that is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            return None
    return bytes(body)


def _fields(request: Request) -> tuple[dict[str, str], bool]:
    """Return the request's fields by lower-case name, and whether one that is signed came twice."""
    fields: dict[str, str] = {}
    doubled = False
    for name_bytes, value in request.headers.raw:
        name = name_bytes.decode("latin-1").lower()
        doubled = doubled or name in fields
        fields[name] = value.decode("latin-1")
    return fields, doubled
