"""The register's side: who is let in, and with which refusal the others are sent away."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from auth.device_opener import SoftwareOpener
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, Inner, seal, wrap
from auth.wire.profile import CREATED_WINDOW_S, MAX_SEALED_BYTES, REFUSALS, SEALED_TYPE
from auth.wire.signatures import HttpRequest, sign_request
from mock_registers import gate as judging
from mock_registers.gate import ClerkJudge, EnrolledDevice, Gate, NotReadable, Refusal
from mock_registers.keys import SandboxKey

KEY = SandboxKey()
OPENER = SoftwareOpener.generate()
DEVICE = EnrolledDevice("desk-1", KEY.key_id, KEY.public_key, SoftwareOpener.generate().public_key)
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


def _sealed(body: bytes = b"", presence: bytes | None = None) -> bytes:
    return seal(wrap(Inner(body or _body(), presence)), SEALED_REQUEST, OPENER.key_id, OPENER.spki)


def _request(
    body: bytes = b"",
    *,
    purpose: str = PURPOSE,
    key: SandboxKey = KEY,
    sealed: bytes = b"",
    media_type: str = SEALED_TYPE,
    access: dict[str, str] | None = None,
) -> HttpRequest:
    return sign_request(URL, sealed or _sealed(body), purpose, key, content_type=media_type, access=access)


def _gate(register: str = "population", judge: ClerkJudge | None = None) -> Gate:
    return Gate(register, {KEY.key_id: DEVICE}, [OPENER], judge)


def _refused(request: HttpRequest, gate: Gate | None = None) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        (gate or _gate()).admit(request)
    assert caught.value.name in REFUSALS
    return caught.value.status, caught.value.name


def _with(request: HttpRequest, **headers: str) -> HttpRequest:
    return dataclasses.replace(
        request, headers={**request.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


def _without(request: HttpRequest, name: str) -> HttpRequest:
    return dataclasses.replace(request, headers={k: v for k, v in request.headers.items() if k != name})


def test_an_enrolled_device_is_admitted() -> None:
    admitted = _gate().admit(_request())
    assert admitted.lookup.citizen.personal_number == "099090000001"
    assert admitted.inner.request == _body()
    assert admitted.inner.presence is None
    assert "099090000001" not in repr(admitted)


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
    request = dataclasses.replace(_request(), body=_sealed())
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
    gate = _gate()
    request = _request()
    gate.admit(request)
    assert _refused(request, gate) == (409, "replayed-request")
    gate.admit(_request())


def test_a_request_is_remembered_as_long_as_its_signature_can_count(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, passed = _gate(), 0.0
    monkeypatch.setattr(judging, "time", SimpleNamespace(time=time.time, monotonic=lambda: passed))
    first, second = _request(), _request()
    gate.admit(first)
    passed = 2 * CREATED_WINDOW_S - 1
    gate.admit(second)
    assert _refused(first, gate) == (409, "replayed-request")
    passed = 2 * CREATED_WINDOW_S
    # The first is forgotten, whose signature counts no more by then; the second, which came later, is not.
    gate.admit(first)
    assert _refused(second, gate) == (409, "replayed-request")


def test_a_request_without_a_purpose_is_refused() -> None:
    assert _refused(_without(_request(), "purpose")) == (400, "purpose-missing")


def test_another_purpose_in_the_open_than_inside_is_refused() -> None:
    assert _refused(_request(purpose="permanent-residence")) == (400, "purpose-mismatch")


def test_a_purpose_that_may_not_ask_this_register_is_refused() -> None:
    assert _refused(_request(), _gate("land")) == (403, "purpose-not-allowed")
    assert _refused(_request(_body(purpose="curiosity"), purpose="curiosity")) == (403, "purpose-not-allowed")


def test_a_request_without_a_legal_basis_is_refused() -> None:
    assert _refused(_request(_body(legal_basis=" "))) == (400, "legal-basis-missing")


@pytest.mark.parametrize("body", [b"[]", b"{", b"x", b"null", _body(extra=1), _body(citizen={}), _body(clerk=7)])
def test_a_malformed_look_up_is_refused(body: bytes) -> None:
    assert _refused(_request(body)) == (400, "malformed-lookup")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"purpose" ', ""),
        ('"idempotency-key" ', ""),
        (' "traceparent")', ")"),
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
        _gate().admit(dataclasses.replace(request, headers={**request.headers, **headers}))


def test_a_request_without_a_good_idempotency_key_or_trace_is_refused() -> None:
    assert _refused(_without(_request(), "idempotency-key")) == (400, "idempotency-key-missing")
    for bad in (
        "",
        "0198c1f0-0000-7000-8000-000000000000",
        '"short"',
        '"' + "x" * 65 + '"',
        '"0198c1f0-\\"-7000-8000"',
    ):
        assert _refused(_with(_request(), idempotency_key=bad)) == (400, "idempotency-key-missing")
    assert _refused(_without(_request(), "traceparent")) == (400, "trace-malformed")
    for bad in (
        "",
        "00-" + "0" * 32 + "-b7ad6b7169203331-00",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    ):
        assert _refused(_with(_request(), traceparent=bad)) == (400, "trace-malformed")


@pytest.mark.parametrize("name", ["idempotency-key", "traceparent"])
def test_the_names_of_a_request_cannot_be_exchanged(name: str) -> None:
    request, other = _request(), _request()
    assert _refused(_with(request, **{name: other.headers[name]})) == (401, "signature-invalid")


def test_an_open_look_up_is_refused_however_well_it_is_signed() -> None:
    assert _refused(_request(sealed=_body(), media_type="application/json")) == (415, "not-sealed")
    assert _refused(_request(sealed=_body())) == (400, "not-sealed")


def test_what_is_sealed_to_another_or_as_something_else_is_refused() -> None:
    stranger = SoftwareOpener.generate()
    plain = wrap(Inner(_body()))
    to_another = seal(plain, SEALED_REQUEST, stranger.key_id, stranger.spki)
    under_our_name = seal(plain, SEALED_REQUEST, OPENER.key_id, stranger.spki)
    an_answer = seal(plain, SEALED_ANSWER, OPENER.key_id, OPENER.spki)
    assert _refused(_request(sealed=to_another)) == (400, "unknown-seal-key")
    assert _refused(_request(sealed=under_our_name)) == (400, "seal-broken")
    assert _refused(_request(sealed=an_answer)) == (400, "sealed-otherwise")
    assert _refused(_request(sealed=b"x" * (MAX_SEALED_BYTES + 1))) == (413, "too-large")


def test_an_envelope_without_a_message_in_it_is_a_malformed_look_up() -> None:
    for plain in (b"", b"[]", b'{"request": 7, "presence": null}', b'{"request": "{}"}'):
        sealed = seal(plain, SEALED_REQUEST, OPENER.key_id, OPENER.spki)
        assert _refused(_request(sealed=sealed)) == (400, "malformed-lookup")


def test_the_presence_proof_comes_with_the_request() -> None:
    admitted = _gate().admit(_request(sealed=_sealed(presence=b'{"mode": "chip", "n": [1, 2]}')))
    assert admitted.inner.presence == b'{"mode":"chip","n":[1,2]}'


def test_two_keys_may_be_sealed_to_while_one_takes_the_place_of_the_other() -> None:
    newer = SoftwareOpener.generate()
    gate = Gate("population", {KEY.key_id: DEVICE}, [newer, OPENER])
    for opener in (newer, OPENER):
        sealed = seal(wrap(Inner(_body())), SEALED_REQUEST, opener.key_id, opener.spki)
        assert gate.admit(_request(sealed=sealed)).lookup.device == "desk-1"


def test_a_device_to_which_nothing_can_be_sealed_gets_no_record() -> None:
    device = EnrolledDevice("desk-1", KEY.key_id, KEY.public_key)
    gate = Gate("population", {KEY.key_id: device}, [OPENER])
    assert _refused(_request(), gate) == (403, "device-cannot-be-answered")


def test_the_same_bytes_for_the_same_end_are_the_same_request_and_others_are_not() -> None:
    sealed = _sealed()
    one, again, other = (_gate().admit(_request(sealed=each)) for each in (sealed, sealed, _sealed()))
    assert one.fingerprint == again.fingerprint != other.fingerprint


class _Judge:
    """Believe a token whose text is the clerk's id."""

    def judge(self, request: HttpRequest, device: EnrolledDevice, register: str, purpose: str) -> str:
        assert (device.device_id, register, purpose) == ("desk-1", "population", PURPOSE)
        token = request.headers.get("authorization", "")
        if not token:
            raise Refusal(401, "use-dpop-nonce", {"dpop-nonce": "n1"})
        return token.removeprefix("DPoP ")


def test_with_a_judge_the_clerk_in_the_message_is_the_one_of_the_token() -> None:
    gate = _gate(judge=_Judge())
    assert gate.admit(_request(access={"authorization": "DPoP cb-001", "dpop": "p"})).lookup.clerk == "cb-001"
    assert _refused(_request(access={"authorization": "DPoP cb-002", "dpop": "p"}), gate) == (403, "clerk-mismatch")
    assert _refused(_request(), gate) == (401, "use-dpop-nonce")


def test_who_asks_for_what_is_read_no_longer_is_judged_all_the_same() -> None:
    stranger = SoftwareOpener.generate()
    sealed = seal(wrap(Inner(_body(), None)), SEALED_REQUEST, stranger.key_id, stranger.spki)
    gate = _gate(judge=_Judge())
    with pytest.raises(NotReadable) as caught:
        gate.admit(_request(sealed=sealed, access={"authorization": "DPoP cb-002", "dpop": "p"}))
    unread = gate.admit_unread(caught.value)
    assert (unread.device.device_id, unread.clerk) == ("desk-1", "cb-002")
    with pytest.raises(NotReadable) as caught:
        gate.admit(_request(sealed=sealed))
    with pytest.raises(Refusal, match="use-dpop-nonce"):
        gate.admit_unread(caught.value)


@pytest.mark.parametrize("name", ["authorization", "dpop"])
def test_a_clerks_fields_that_the_device_did_not_sign_are_refused(name: str) -> None:
    signed = _request(access={"authorization": "DPoP cb-001", "dpop": "p"})
    gate = _gate(judge=_Judge())
    assert _refused(_with(signed, **{name: "DPoP cb-009"}), gate) == (401, "signature-invalid")
    assert _refused(_with(_request(), **{name: "DPoP cb-001"}), gate) == (401, "signature-invalid")
