"""The sandbox is asked whatever its contract allows, and some more: by strangers, and by a device that seals and signs.

Strangers' requests go out as they were made up: none may bring the registers down, and each is refused as documented.
A device's message is made up from the contract of what is inside the envelope, so that the message itself is tried
and not only its wrapping.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from auth.device.messages import ENROLMENT
from auth.device_opener import SoftwareOpener
from auth.wire import AnswerKey, RegisterEndpoint
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, Inner, open_sealed, seal, wrap
from auth.wire.signatures import AnswerVerifier, HttpAnswer, sign_request
from mock_cards.personas import load_all
from mock_registers.app import make_app, make_registers
from mock_registers.enrolment import EnrolledDevices, EnrolmentService
from mock_registers.faults import REGISTERS
from mock_registers.gate import EnrolledDevice
from mock_registers.keys import SandboxKey
from mock_registers.presence import PRESENCE, PresenceService
from mock_registers.sandbox import published_contract
from mock_registers.storage import Storage
from reader.trust import TrustMaterial

PURPOSE = "land-change-registration"
ORIGIN = "https://127.0.0.1:4443"
EXAMPLES = 8

load_all_checks()
ALWAYS = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]
trying = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@schemathesis.serializer("application/jose")
def _envelope(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


class Served:
    """Hold the application and all keys of both sides."""

    def __init__(self) -> None:
        self.storage = Storage()
        self.storage.fill(load_all())
        self.signer, self.opener = SandboxKey(), SoftwareOpener.generate()
        device = EnrolledDevice("desk-1", self.signer.key_id, self.signer.public_key, self.opener.public_key)
        devices = {device.key_id: device}
        self.keys = {name: SandboxKey() for name in (*REGISTERS, PRESENCE, ENROLMENT)}
        self.openers = {name: SoftwareOpener.generate() for name in (*REGISTERS, PRESENCE)}
        registers = make_registers(
            self.storage, self.keys, devices, {}, {name: (self.openers[name],) for name in REGISTERS}
        )
        presence = PresenceService(TrustMaterial(), self.keys[PRESENCE], devices, {}, [self.openers[PRESENCE]])
        enrolment = EnrolmentService(EnrolledDevices(self.storage.database), self.keys[ENROLMENT])
        self.app: FastAPI = make_app((*registers, presence, enrolment), ORIGIN)

    def verifier(self, register: str) -> AnswerVerifier:
        key = self.keys[register]
        return AnswerVerifier(RegisterEndpoint(register, ORIGIN, (), (AnswerKey(key.key_id, key.spki),)))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    opened = Served()
    yield opened
    opened.storage.close()


def _inner(published: dict[str, Any]) -> dict[str, Any]:
    """Return the contract of what is inside the envelopes, as if it went in the open."""
    contract = copy.deepcopy(published)
    for item in contract["paths"].values():
        operation = item["post"]
        # The fields are the device's to make.
        operation["parameters"] = [one for one in operation["parameters"] if one["in"] == "path"]
        for content in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
            envelope = content.pop("application/jose", None)
            if envelope is not None:
                content["application/json"] = {"schema": _message(envelope["schema"]["contentSchema"])}
    return contract


def _message(content: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the message: of a request, what stands beside the presence proof."""
    found: dict[str, Any] = content.get("properties", {}).get("request", {}).get("contentSchema", content)
    return found


CONTRACT = json.loads(published_contract())
POLLS = {path for path in CONTRACT["paths"] if path.endswith("/answers/{ticket}")}
SEALED = {
    path for path, item in CONTRACT["paths"].items() if "application/jose" in item["post"]["requestBody"]["content"]
}
LOOK_UPS = {path for path in SEALED if path.split("/")[1] in REGISTERS}
# What a purpose may ask there, since a contract cannot say that.
ALLOWED: dict[str, dict[str, object]] = {
    "/population/v1/persons:lookup": {"fields": ["full_name"]},
    "/population/v1/persons:confirm": {
        "purpose": "marriage-registration",
        "fields": [],
        "questions": ["personal-number", "full-name", "date-of-birth"],
    },
    "/land/v1/parcels:lookup": {"fields": ["map_sheet"]},
    "/land/v1/parcels:by-certificate": {"fields": ["map_sheet"]},
    "/housing/v1/dwellings:lookup": {"fields": ["address"]},
    "/housing/v1/dwellings:by-certificate": {"fields": ["address"]},
}
by_strangers = schemathesis.openapi.from_dict(CONTRACT)
by_a_device = schemathesis.openapi.from_dict(_inner(CONTRACT))
by_a_friend = schemathesis.openapi.from_dict(_inner(CONTRACT))
by_a_friend.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])


@by_strangers.parametrize()
@trying
def test_what_a_stranger_sends_is_refused_as_documented(case: schemathesis.Case, served: Served) -> None:
    made = requests.Request(**case.as_transport_kwargs(base_url=ORIGIN)).prepare()
    body = made.body if isinstance(made.body, bytes) else (made.body or "").encode("utf-8", "replace")
    fields = [(name.encode("latin-1"), _bytes(value)) for name, value in made.headers.items()]
    response = _over_asgi(served.app, str(made.url), fields, body)
    case.validate_response(response, checks=ALWAYS)
    assert 400 <= response.status_code < 500
    assert "signature" in response.headers


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1", "replace")


@by_a_device.parametrize()
@trying
def test_what_a_device_seals_and_signs_is_answered_as_documented(case: schemathesis.Case, served: Served) -> None:
    response = _conversed(served, case)
    case.validate_response(response, checks=ALWAYS)


@by_a_friend.include(path=sorted(LOOK_UPS)).parametrize()
@settings(trying, max_examples=8)
def test_a_message_that_keeps_to_the_contract_is_answered(case: schemathesis.Case, served: Served) -> None:
    """Made-up messages name devices and purposes that there are not; with ours in them they must be let in."""
    assert isinstance(case.body, dict)
    said = {**case.body, "device": "desk-1", "purpose": PURPOSE, "questions": [], **ALLOWED[case.path]}
    # A certificate is named where it is asked by, and nowhere else.
    said["certificate"] = "CN 20230200" if case.path.endswith(":by-certificate") else ""
    response = _conversed(served, case, said)
    case.validate_response(response, checks=ALWAYS)
    assert response.status_code == (200 if said["legal_basis"].strip() else 400)


def _conversed(served: Served, case: schemathesis.Case, said: Any = None) -> httpx2.Response:
    """Seal, sign and send the message of ``case``; return the answer, verified and opened."""
    body = json.dumps(case.body if said is None else said, default=str).encode("utf-8", "replace")
    register = case.path.split("/")[1]
    sealed = case.path in SEALED
    if sealed:
        opener = served.openers[register]
        body = seal(wrap(Inner(body)), SEALED_REQUEST, opener.key_id, opener.spki)
    purpose = PURPOSE if sealed or register == PRESENCE or case.path in POLLS else "ledger"
    if said is not None:
        purpose = str(said["purpose"])
    request = sign_request(
        ORIGIN + case.formatted_path,
        body,
        purpose,
        served.signer,
        content_type="application/jose" if sealed else "application/json",
    )
    came = _over_asgi(served.app, request.url, [(n.encode(), v.encode()) for n, v in request.headers.items()], body)
    headers = {name.lower(): value for name, value in came.headers.items()}
    served.verifier(register).verify(HttpAnswer(came.status_code, headers, came.content, request))
    if came.status_code != 200 or not sealed:
        return came
    opened = open_sealed(came.content, SEALED_ANSWER, {served.opener.key_id: served.opener}, 1_000_000)
    fields = {**headers, "content-type": "application/json", "content-length": str(len(opened))}
    answer = httpx2.Response(200, headers=fields, content=opened, request=came.request)
    answer.elapsed = came.elapsed
    return answer


def _over_asgi(app: FastAPI, url: str, fields: Sequence[tuple[bytes, bytes]], body: bytes) -> httpx2.Response:
    async def send() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), trust_env=False) as client:
            return await client.post(url, content=body, headers=list(fields))

    return asyncio.run(send())
