"""The web application: three routes a register, each register with its own gate and its own answer key."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect

from auth.presence import Receipt
from auth.wire.endpoint import Opener, Signer
from auth.wire.profile import (
    ANSWERS_PATH,
    CONFIRM_PATH,
    COUNTERSIGN_PATH,
    HOUSING_CERTIFICATE_PATH,
    HOUSING_PATH,
    LAND_CERTIFICATE_PATH,
    LAND_PATH,
    LAST_CHECKPOINT_PATH,
    MAX_REQUEST_BYTES,
    MAX_SEALED_BYTES,
    POPULATION_PATH,
    SEALED_TYPE,
)
from auth.wire.signatures import HttpRequest
from mock_registers.answering_later import LATER, TakesLookups
from mock_registers.answers import PlainAnswer, plain_refusal, seal_answer, sign_answer
from mock_registers.contract import contract_of
from mock_registers.database import trouble_of
from mock_registers.database_errors import DatabaseTrouble
from mock_registers.faults import Fault, http_response
from mock_registers.gate import Admitted, ClerkJudge, Devices, EnrolledDevice, Gate, NotReadable, PresenceJudge, Refusal
from mock_registers.housing import HousingStorage
from mock_registers.housing_messages import DwellingRecord, DwellingsRecord
from mock_registers.idempotency import Answered
from mock_registers.messages import (
    CheckpointRequest,
    Citizen,
    ConfirmReply,
    HoldingsRecord,
    LookupReply,
    LookupRequest,
    ParcelRecord,
    PersonRecord,
    PollRequest,
)
from mock_registers.promises import Promises
from mock_registers.soap import SOAP_PATH, SoapRegister
from mock_registers.storage import Storage, fold_name
from mock_registers.telling import confirm, only_asked, parcels_under
from mock_registers.ways import Service, Way
from mock_registers.witness import CheckpointReply, LedgerWitness
from mock_registers.wrong_answers import answer_wrongly, lose_answer, seal_wrongly

__all__ = ["Register", "Service", "Way", "make_app", "make_registers"]

_LOG = logging.getLogger(__name__)

Record = PersonRecord | HoldingsRecord | DwellingsRecord
FindRecord = Callable[[Citizen], Record | None]
FindByCertificate = Callable[[Citizen, str], Record | None]
Handler = Callable[[Request], Awaitable[Response]]
Replying = Callable[[LookupRequest, Receipt | None], LookupReply | ConfirmReply]


@dataclass(frozen=True, slots=True)
class Register:
    """Hold one register: where it listens, how it finds a record, whom it admits and with which key it answers.

    ``by_certificate`` is where else it listens, and how it finds what is asked for by a certificate, where it can.
    ``later`` gives what it promised, None where it always answers at once.
    """

    name: str
    path: str
    find: FindRecord
    gate: Gate
    key: Signer
    storage: Storage
    answered: Answered
    fault: Fault | None = None
    by_certificate: tuple[str, FindByCertificate] | None = None
    presence: PresenceJudge | None = None
    later: TakesLookups | None = None

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the look-up and the other questions to the register, and the two about a desk's ledger."""
        return (
            Way(self.path, self.answer, LookupRequest, "look-up", LookupReply, sealed=True, later=True),
            *self._searching(),
            *self._promised(),
            Way(LAST_CHECKPOINT_PATH, self.tell_last_checkpoint, CheckpointRequest, "last checkpoint", CheckpointReply),
            Way(COUNTERSIGN_PATH, self.countersign, CheckpointRequest, "countersignature", CheckpointReply),
        )

    def answer(self, request: HttpRequest) -> Response:
        """Return the sealed and signed answer to ``request``, or what the fault makes of it."""
        return self._answer(self._reply, request)

    def _answer(self, reply: Replying, request: HttpRequest) -> Response:
        try:
            admitted = self.gate.admit(request)
            given = self.answered.once(admitted, lambda: self._seal_reply(reply, admitted))
        except NotReadable as refusal:
            return self._answer_again(request, refusal)
        except Refusal as refusal:
            return self._say(request, plain_refusal(request, refusal))
        if self.fault is Fault.LOST_ANSWER and not given.again:
            return lose_answer()
        if self.later is not None and self.fault in LATER:
            return self._say(request, self.later.take(request, admitted, given.sealed))
        return self._say(request, PlainAnswer(200, SEALED_TYPE, given.sealed))

    def _answer_again(self, request: HttpRequest, unreadable: NotReadable) -> Response:
        """Return what was answered to the same bytes before, whichever key they were sealed to; else the refusal.

        Whoever lost an answer would else seal the question anew, and ask for what has had its effect as for another.
        """
        try:
            sealed = self.answered.again(self.gate.admit_unread(unreadable))
        except Refusal as refusal:
            return self._say(request, plain_refusal(request, refusal))
        if sealed is None:
            return self._say(request, plain_refusal(request, unreadable))
        return self._say(request, PlainAnswer(200, SEALED_TYPE, sealed))

    def _give_promised(self, later: TakesLookups, request: HttpRequest) -> Response:
        """Return the sealed and signed answer that was promised, or that it will still come."""
        try:
            plain = later.give(request)
        except Refusal as refusal:
            plain = plain_refusal(request, refusal)
        return self._say(request, plain)

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
            plain = plain_refusal(request, refusal)
        return self._say(request, plain)

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        return http_response(sign_answer(request, plain_refusal(request, refusal), self.key))

    def _say(self, request: HttpRequest, plain: PlainAnswer) -> Response:
        if self.fault is not None:
            return answer_wrongly(self.fault, request, plain, self.key)
        return http_response(sign_answer(request, plain, self.key))

    def _promised(self) -> tuple[Way, ...]:
        if self.later is None:
            return ()
        give = partial(self._give_promised, self.later)
        return (Way(f"{ANSWERS_PATH}{{ticket}}", give, PollRequest, "promised answer", promised=True),)

    def _searching(self) -> tuple[Way, ...]:
        if self.by_certificate is None:
            confirm = partial(self._answer, self._confirm)
            return (Way(CONFIRM_PATH, confirm, LookupRequest, "confirmation", ConfirmReply, sealed=True, later=True),)
        path, find = self.by_certificate
        reply = partial(self._reply_by_certificate, find)
        answer = partial(self._answer, reply)
        return (Way(path, answer, LookupRequest, "look-up by certificate", LookupReply, sealed=True, later=True),)

    def _seal_reply(self, reply_to: Replying, admitted: Admitted) -> bytes:
        receipt = self.presence.judge(admitted, self.name) if self.presence is not None else None
        reply = reply_to(admitted.lookup, receipt).model_dump_json().encode()
        key = admitted.device.encryption_key
        if key is None:
            raise Refusal(403, "device-cannot-be-answered")
        return seal_answer(reply, key) if self.fault is None else seal_wrongly(self.fault, reply, key)

    def _reply(self, lookup: LookupRequest, receipt: Receipt | None) -> LookupReply:
        if lookup.certificate:
            raise Refusal(400, "malformed-lookup")
        return self._tell(lookup, receipt, self.find(self._about(lookup)))

    def _reply_by_certificate(
        self, find: FindByCertificate, lookup: LookupRequest, receipt: Receipt | None
    ) -> LookupReply:
        if not lookup.certificate:
            raise Refusal(400, "malformed-lookup")
        return self._tell(lookup, receipt, find(self._about(lookup), lookup.certificate))

    def _confirm(self, lookup: LookupRequest, _receipt: Receipt | None) -> ConfirmReply:
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

    def _tell(self, lookup: LookupRequest, receipt: Receipt | None, record: Record | None) -> LookupReply:
        if not lookup.fields or lookup.questions:
            raise Refusal(400, "malformed-lookup")
        fields = _EVERYTHING if self.fault is Fault.MORE_THAN_ASKED else lookup.fields
        return LookupReply(
            lookup_id=lookup.lookup_id,
            purpose=lookup.purpose,
            legal_basis=lookup.legal_basis,
            record=only_asked(record, fields) if record is not None else None,
            receipt=receipt.token if receipt else "",
            receipt_log=receipt.log.to_text() if receipt else "",
        )


_EVERYTHING = (*PersonRecord.model_fields, *ParcelRecord.model_fields, *DwellingRecord.model_fields)


def make_registers(
    storage: Storage,
    keys: Mapping[str, Signer],
    devices: Devices,
    faults: Mapping[str, Fault],
    openers: Mapping[str, Sequence[Opener]],
    judge: ClerkJudge | None = None,
    presence: PresenceJudge | None = None,
) -> tuple[Register, ...]:
    """Return the population, land and housing registers over one storage; keys, faults and openers by name."""
    housing = HousingStorage(storage)
    ways: tuple[tuple[str, str, FindRecord, tuple[str, FindByCertificate] | None], ...] = (
        ("population", POPULATION_PATH, storage.find_person, None),
        ("land", LAND_PATH, storage.find_holdings, (LAND_CERTIFICATE_PATH, partial(parcels_under, storage))),
        ("housing", HOUSING_PATH, housing.find_dwellings, (HOUSING_CERTIFICATE_PATH, housing.find_by_certificate)),
    )
    gates = {name: Gate(name, devices, openers[name], judge) for name, *_ in ways}
    return tuple(
        Register(
            name,
            path,
            find,
            gates[name],
            keys[name],
            storage,
            Answered(name, storage.engine),
            faults.get(name),
            by_certificate,
            presence,
            TakesLookups(name, gates[name], Promises(name, storage.engine), faults.get(name)),
        )
        for name, path, find, by_certificate in ways
    )


def make_app(
    registers: Iterable[Service],
    origin: str,
    gateway: SoapRegister | None = None,
    workers: Executor | None = None,
) -> FastAPI:
    """Return the application of ``registers`` and of the gateway at ``origin``, such as https://127.0.0.1:4443.

    The origin is told, never taken from the Host field: a signature over @target-uri must name the register that
    judges it.

    Requests are answered by ``workers`` where the database may be slow; without, on the event loop itself, since an
    indexed read of SQLite takes less than handing it to another thread and back.
    """
    # No interactive pages: they load scripts from elsewhere.
    app = FastAPI(docs_url=None, redoc_url=None)
    app.add_exception_handler(ClientDisconnect, _nobody_there)
    app.add_exception_handler(DatabaseTrouble, _out_of_order)
    app.add_exception_handler(SQLAlchemyError, _out_of_order)
    services = tuple(registers)
    for service in services:
        for way in service.ways:
            path = f"/{service.name}{way.path}"
            handler = _handler(service, origin + path, way, workers)
            # A plain route: what is in requests and answers the ways say, and FastAPI need not look for it.
            app.add_route(path, handler, methods=["POST"], name=f"{service.name} {way.name}")
    app.openapi = lambda: contract_of(services)  # type: ignore[method-assign]  # the documented way to have one's own
    if gateway is not None:
        app.add_route(SOAP_PATH, _soap_handler(gateway, workers), methods=["POST"], name="gateway")
    return app


def _handler(register: Service, target: str, way: Way, workers: Executor | None) -> Handler:
    limit = MAX_SEALED_BYTES if way.sealed else MAX_REQUEST_BYTES

    async def answer(request: Request) -> Response:
        # A ticket is of letters that need no escape; whatever else stood there, this is an address and not that one.
        url = target.format(**{name: quote(part, safe="") for name, part in request.path_params.items()})
        headers, doubled = _fields(request)
        body = await _body(request, limit)
        if body is None:
            empty = HttpRequest(request.method, url, headers, b"")
            return register.refuse(empty, Refusal(413, "too-large"))
        asked = HttpRequest(request.method, url, headers, body)
        if doubled:
            return register.refuse(asked, Refusal(400, "signature-invalid"))
        return await _done(workers, lambda: way.answer(asked))

    return answer


def _soap_handler(gateway: SoapRegister, workers: Executor | None) -> Handler:
    async def look_up(request: Request) -> Response:
        headers, doubled = _fields(request)
        body = await _body(request)
        if body is None or doubled:
            return Response(status_code=413 if body is None else 400)
        return await _done(workers, lambda: gateway.answer(headers, body))

    return look_up


async def _done(workers: Executor | None, work: Callable[[], Response]) -> Response:
    """Return what ``work`` returns, without holding up the loop where there are workers."""
    return work() if workers is None else await asyncio.get_running_loop().run_in_executor(workers, work)


async def _out_of_order(_request: Request, trouble: Exception) -> Response:
    """Answer as a register that is down: unsigned and empty, since there is nothing to vouch for."""
    if isinstance(trouble, SQLAlchemyError):
        trouble = trouble_of(trouble, "the registers' database")
    _LOG.warning("a request was not answered: %s", trouble)
    return Response(status_code=503, headers={"retry-after": "5"})


async def _nobody_there(_request: Request, _error: Exception) -> Response:
    """Answer nobody: a client that left in the middle of its request is no fault of ours."""
    return Response(status_code=400)


async def _body(request: Request, limit: int = MAX_REQUEST_BYTES) -> bytes | None:
    """Return the body; None for one that is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
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
