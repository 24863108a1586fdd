"""The register's side: who is let in, and with which refusal the others are sent away."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from auth.wire.profile import REFUSALS
from auth.wire.signatures import HttpRequest, sign_request
from mock_registers.gate import EnrolledDevice, Gate, Refusal
from mock_registers.keys import SandboxKey

KEY = SandboxKey()
DEVICE = EnrolledDevice("desk-1", KEY.key_id, KEY.public_key)
URL = "https://127.0.0.1:1/population/v1/persons:lookup"
PURPOSE = "citizen-information"


def _body(**changes: object) -> bytes:
    lookup = {
        "device": "desk-1",
        "lookup_id": "visit-1",
        "purpose": PURPOSE,
        "legal_basis": "Luật Căn cước 26/2023/QH15, Điều 22",
        "clerk": "cb-001",
        "citizen": {"personal_number": "099090000001", "full_name": "Nguyễn Văn Mẫu", "date_of_birth": "1990-01-15"},
    }
    return json.dumps({**lookup, **changes}).encode()


def _request(body: bytes = b"", *, purpose: str = PURPOSE, key: SandboxKey = KEY) -> HttpRequest:
    return sign_request(URL, body or _body(), purpose, key)


def _refused(request: HttpRequest, gate: Gate | None = None) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        (gate or Gate("population", {KEY.key_id: DEVICE})).admit(request)
    assert caught.value.name in REFUSALS
    return caught.value.status, caught.value.name


def _with(request: HttpRequest, **headers: str) -> HttpRequest:
    return dataclasses.replace(
        request, headers={**request.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


def _without(request: HttpRequest, name: str) -> HttpRequest:
    return dataclasses.replace(request, headers={k: v for k, v in request.headers.items() if k != name})


def test_an_enrolled_device_is_admitted() -> None:
    assert Gate("population", {KEY.key_id: DEVICE}).admit(_request()).citizen.personal_number == "099090000001"


def test_an_unknown_device_is_refused() -> None:
    assert _refused(_request(key=SandboxKey())) == (401, "unknown-device")


def test_a_device_under_anothers_name_is_refused() -> None:
    assert _refused(_request(_body(device="desk-2"))) == (401, "unknown-device")


def test_a_stranger_with_a_known_key_id_is_refused() -> None:
    assert _refused(_request(key=SandboxKey(key_id=KEY.key_id))) == (401, "signature-invalid")


@pytest.mark.parametrize("name", ["signature", "signature-input"])
def test_an_unsigned_request_is_refused(name: str) -> None:
    assert _refused(_without(_request(), name)) == (401, "unsigned-request")


def test_another_body_than_was_signed_is_refused() -> None:
    request = dataclasses.replace(_request(), body=_body(clerk="cb-002"))
    assert _refused(request) == (400, "digest-mismatch")


def test_another_body_with_its_own_digest_is_refused() -> None:
    other = _request(_body(clerk="cb-002"))
    request = dataclasses.replace(_request(), body=other.body)
    assert _refused(_with(request, content_digest=other.headers["content-digest"])) == (401, "signature-invalid")


def test_another_target_than_was_signed_is_refused() -> None:
    request = dataclasses.replace(_request(), url=URL.replace("population", "land"))
    assert _refused(request) == (401, "signature-invalid")


@pytest.mark.parametrize("seconds", [-3600, -61, 62, 3600])
def test_a_request_out_of_its_time_is_refused(seconds: int) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=False):
        request = _request()
    assert _refused(request) == (401, "signature-out-of-time")


def test_a_request_sent_twice_is_refused_the_second_time() -> None:
    gate = Gate("population", {KEY.key_id: DEVICE})
    request = _request()
    gate.admit(request)
    assert _refused(request, gate) == (409, "replayed-request")
    gate.admit(_request())


def test_a_request_without_a_purpose_is_refused() -> None:
    assert _refused(_without(_request(), "purpose")) == (400, "purpose-missing")


def test_another_purpose_in_the_open_than_inside_is_refused() -> None:
    assert _refused(_request(purpose="permanent-residence")) == (400, "purpose-mismatch")


def test_a_purpose_that_may_not_ask_this_register_is_refused() -> None:
    assert _refused(_request(), Gate("land", {KEY.key_id: DEVICE})) == (403, "purpose-not-allowed")
    assert _refused(_request(_body(purpose="curiosity"), purpose="curiosity")) == (403, "purpose-not-allowed")


def test_a_request_without_a_legal_basis_is_refused() -> None:
    assert _refused(_request(_body(legal_basis=" "))) == (400, "legal-basis-missing")


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b"null", _body(extra=1), _body(citizen={}), _body(clerk=7)])
def test_a_malformed_look_up_is_refused(body: bytes) -> None:
    assert _refused(_request(body)) == (400, "malformed-lookup")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"purpose")', ")"),
        ('"@target-uri" ', ""),
        ("motcua-request-1", "motcua-answer-1"),
        ("device=(", "proxy=("),
        ("ecdsa-p256-sha256", "none"),
        (";nonce=", ";nance="),
    ],
)
def test_a_signature_over_less_or_of_another_kind_is_refused(old: str, new: str) -> None:
    request = _request()
    assert old in request.headers["signature-input"]
    changed = _with(request, signature_input=request.headers["signature-input"].replace(old, new))
    assert _refused(changed) == (401, "signature-invalid")


@given(
    st.dictionaries(
        st.sampled_from(["signature", "signature-input", "content-digest", "purpose"]), st.text(), min_size=1
    )
)
def test_no_header_whatsoever_opens_the_gate_or_makes_it_fall(headers: dict[str, str]) -> None:
    request = _request()
    with pytest.raises(Refusal):
        Gate("population", {KEY.key_id: DEVICE}).admit(
            dataclasses.replace(request, headers={**request.headers, **headers})
        )
