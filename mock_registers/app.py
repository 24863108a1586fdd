"""The web application: one route a register, each with its own gate and its own answer key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from auth.wire.endpoint import Signer
from auth.wire.profile import LAND_PATH, MAX_REQUEST_BYTES, POPULATION_PATH
from auth.wire.signatures import HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, plain_reply, sign_answer
from mock_registers.faults import Fault, answer_wrongly, http_response
from mock_registers.gate import EnrolledDevice, Gate, Refusal
from mock_registers.messages import Citizen, HoldingsRecord, LookupReply, LookupRequest, PersonRecord
from mock_registers.storage import Storage

__all__ = ["Register", "make_app", "make_registers"]

FindRecord = Callable[[Citizen], PersonRecord | HoldingsRecord | None]


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

    def answer(self, request: HttpRequest) -> Response:
        """Return the signed answer to ``request``, or what the fault makes of it."""
        try:
            plain = plain_reply(self._reply(self.gate.admit(request)))
        except Refusal as refusal:
            plain = plain_refusal(refusal)
        if self.fault is not None:
            return answer_wrongly(self.fault, request, plain, self.key)
        return http_response(sign_answer(request, plain, self.key))

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        plain: PlainAnswer = plain_refusal(refusal)
        return http_response(sign_answer(request, plain, self.key))

    def _reply(self, lookup: LookupRequest) -> LookupReply:
        citizen = lookup.citizen
        if self.fault is Fault.ANOTHER_CITIZEN:
            citizen = self.storage.someone_else(citizen)
        return LookupReply(
            lookup_id=lookup.lookup_id,
            purpose=lookup.purpose,
            legal_basis=lookup.legal_basis,
            record=self.find(citizen),
        )


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


def make_app(registers: tuple[Register, ...], origin: str) -> FastAPI:
    """Return the application of ``registers`` at ``origin``, such as https://127.0.0.1:4443.

    The origin is told, never taken from the Host field: a signature over @target-uri must name the register that
    judges it.
    """
    # No interactive pages: they load scripts from elsewhere.
    app = FastAPI(title="Một Cửa sandbox registers", docs_url=None, redoc_url=None)
    for register in registers:
        path = f"/{register.name}{register.path}"
        handler = _handler(register, origin + path)
        app.add_api_route(path, handler, methods=["POST"], name=register.name, openapi_extra=_REQUEST_SCHEMA)
    return app


_REQUEST_SCHEMA = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": LookupRequest.model_json_schema()}}}
}


def _handler(register: Register, url: str) -> Callable[[Request], object]:
    async def look_up(request: Request) -> Response:
        headers, doubled = _fields(request)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_REQUEST_BYTES:
                empty = HttpRequest(request.method, url, headers, b"")
                return register.refuse(empty, Refusal(413, "malformed-lookup"))
        asked = HttpRequest(request.method, url, headers, bytes(body))
        if doubled:
            return register.refuse(asked, Refusal(400, "signature-invalid"))
        # Asked on the loop itself: an indexed read takes less than handing it to another thread and back.
        return register.answer(asked)

    return look_up


def _fields(request: Request) -> tuple[dict[str, str], bool]:
    """Return the request's fields by lower-case name, and whether one that is signed came twice."""
    fields: dict[str, str] = {}
    doubled = False
    for name_bytes, value in request.headers.raw:
        name = name_bytes.decode("latin-1").lower()
        doubled = doubled or name in fields
        fields[name] = value.decode("latin-1")
    return fields, doubled
