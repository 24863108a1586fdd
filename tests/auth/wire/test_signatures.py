"""Signatures both ways: the worked examples of the RFCs first, then everything an answer may lack."""

from __future__ import annotations

import base64
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.errors import AnswerNotTrusted, RegisterUnreachable
from auth.wire import AnswerKey, RegisterEndpoint
from auth.wire.profile import ANSWER_COMPONENTS, REQUEST_COMPONENTS
from auth.wire.signatures import AnswerVerifier, HttpAnswer, HttpRequest, sign_request, signature_fields
from mock_registers.answers import PlainAnswer, sign_answer
from mock_registers.keys import SandboxKey

KEY = SandboxKey()
ENDPOINT = RegisterEndpoint("land", "https://127.0.0.1:1", (), (AnswerKey(KEY.key_id, KEY.spki),))
VERIFIER = AnswerVerifier(ENDPOINT)
REQUEST = sign_request("https://127.0.0.1:1/v1/parcels:lookup", b"{}", "land-change-registration", SandboxKey())
ANSWER = PlainAnswer(200, "application/json", b'{"record": null}')


def _why(answer: HttpAnswer) -> str:
    with pytest.raises(AnswerNotTrusted) as caught:
        VERIFIER.verify(answer)
    return caught.value.why


def test_the_library_accepts_the_ecdsa_example_of_rfc_9421_b_2_4() -> None:
    # RFC 9421 appendix B.1.3 (test-key-ecc-p256) and B.2.4 (a signed response).
    pem = b"""-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----
"""
    digest = "mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ=="
    signature = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="
    covered = '("@status" "content-type" "content-digest" "content-length")'
    headers = {
        "content-type": "application/json",
        "content-digest": f"sha-512=:{digest}:",
        "content-length": "23",
        "signature-input": f'sig-b24={covered};created=1618884473;keyid="test-key-ecc-p256"',
        "signature": f"sig-b24=:{signature}:",
    }
    keys = {"test-key-ecc-p256": load_pem_public_key(pem)}
    verifier = HTTPMessageVerifier(
        signature_algorithm=ECDSA_P256_SHA256,
        key_resolver=MappingKeyResolver(public_keys=keys, private_keys={}),
    )
    body = b'{"message": "good dog"}'
    (verified,) = verifier.verify(HttpAnswer(200, headers, body, REQUEST), max_age=None, body=body)
    assert verified.parameters["keyid"] == "test-key-ecc-p256"


def test_a_request_carries_the_digest_of_rfc_9530_appendix_b_1() -> None:
    request = sign_request("https://127.0.0.1:1/x", b'{"hello": "world"}\n', "p", SandboxKey())
    assert request.headers["content-digest"] == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_a_request_is_signed_over_all_that_the_profile_names_with_a_fresh_nonce() -> None:
    signer = SoftwareSigner.generate()
    one, other = (sign_request("https://127.0.0.1:1/x", b"{}", "p", signer) for _ in range(2))
    covered = " ".join(f'"{name}"' for name in REQUEST_COMPONENTS)
    assert one.headers["signature-input"].startswith(f"device=({covered});created=")
    assert f'keyid="{signer.key_id}"' in one.headers["signature-input"]
    assert one.headers["signature-input"] != other.headers["signature-input"]
    assert len(base64.b64decode(one.headers["signature"].removeprefix("device=:").removesuffix(":"))) == 64


def test_the_fields_of_a_signature_are_those_that_the_library_writes() -> None:
    headers = {"content-type": "application/json", "purpose": "p"}
    message = HttpRequest("POST", "https://127.0.0.1:1/x?a=b", headers, b"")
    profile = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256)
    prepared = profile.prepare(
        message,
        key_id='one "quoted" \\ key',
        nonce="n",
        tag="t",
        label="device",
        covered_component_ids=("@method", "@target-uri", "purpose"),
    )
    signature = KEY.sign(prepared.signature_base)
    ours = {**headers, **signature_fields(prepared, signature)}
    profile.apply(message, prepared, signature)
    assert ours == {name.lower(): value for name, value in headers.items()}


def test_a_right_answer_tells_who_signed_it_and_when() -> None:
    verified = VERIFIER.verify(sign_answer(REQUEST, ANSWER, KEY))
    assert verified.key_id == KEY.key_id
    assert abs(verified.created - datetime.now(UTC)) < timedelta(seconds=60)


@pytest.mark.parametrize("missing", ANSWER_COMPONENTS)
def test_an_answer_must_cover_every_component(missing: str) -> None:
    components = [name for name in ANSWER_COMPONENTS if name != missing]
    why = _why(sign_answer(REQUEST, ANSWER, KEY, components=components))
    assert why == ("unbound" if missing.endswith(";req") else "signature-covers-too-little")


@pytest.mark.parametrize("seconds", [-3600, -61, 62, 86_400])
def test_an_answer_out_of_its_time_is_refused(seconds: int) -> None:
    created = datetime.now(UTC) + timedelta(seconds=seconds)
    assert _why(sign_answer(REQUEST, ANSWER, KEY, created=created)) == "signature-out-of-time"


@pytest.mark.parametrize("seconds", [-55, 0, 55])
def test_an_answer_within_a_minute_of_our_clock_is_accepted(seconds: int) -> None:
    created = datetime.now(UTC) + timedelta(seconds=seconds)
    assert VERIFIER.verify(sign_answer(REQUEST, ANSWER, KEY, created=created)).key_id == KEY.key_id


def test_label_and_tag_are_pinned() -> None:
    assert _why(sign_answer(REQUEST, ANSWER, KEY, label="proxy")) == "signature-label"
    assert _why(sign_answer(REQUEST, ANSWER, KEY, tag="motcua-request-1")) == "signature-tag"


def test_only_the_endpoints_own_keys_count() -> None:
    assert _why(sign_answer(REQUEST, ANSWER, SandboxKey())) == "unknown-key"
    assert _why(sign_answer(REQUEST, ANSWER, SandboxKey(key_id=KEY.key_id))) == "signature-wrong"


def test_an_answer_to_another_request_is_refused() -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    again = sign_request(REQUEST.url, REQUEST.body, "land-change-registration", SandboxKey())
    assert _why(dataclasses.replace(answer, request=again)) == "signature-wrong"


def test_status_and_body_cannot_be_changed() -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    assert _why(dataclasses.replace(answer, status_code=201)) == "signature-wrong"
    assert _why(dataclasses.replace(answer, body=b'{"record": {}}')) == "digest-mismatch"


@pytest.mark.parametrize(
    ("header", "value", "why"),
    [
        ("content-type", "application/problem+json", "signature-wrong"),
        ("content-digest", "sha-256=:AAAA:", "digest-mismatch"),
        ("content-digest", "md5=:AAAA:", "digest-mismatch"),
        ("content-digest", "", "digest-mismatch"),
        ("signature", "register=:AAAA:", "signature-wrong"),
        ("signature", "other=:AAAA:", "signature-wrong"),
        ("signature", "é", "signature-wrong"),
        ("signature-input", "register", "signature-malformed"),
        ("signature-input", "register=1", "signature-malformed"),
        ("signature-input", "register=()", "unbound"),
        ("signature-input", "", "signature-label"),
        ("signature-input", "é", "signature-malformed"),
        ("signature-input", "register=(", "signature-malformed"),
    ],
)
def test_a_changed_header_is_refused(header: str, value: str, why: str) -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    assert _why(dataclasses.replace(answer, headers={**answer.headers, header: value})) == why


@pytest.mark.parametrize("header", ["signature", "signature-input"])
def test_half_a_signature_is_none(header: str) -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    left = {name: value for name, value in answer.headers.items() if name != header}
    assert _why(dataclasses.replace(answer, headers=left)) == "unsigned"


def test_a_second_signature_beside_ours_is_refused() -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    doubled = {
        name: f"{value}, {value.replace('register=', 'proxy=', 1)}" if name.startswith("signature") else value
        for name, value in answer.headers.items()
    }
    assert _why(dataclasses.replace(answer, headers=doubled)) == "signature-label"


def test_one_label_twice_is_refused() -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    twice = {**answer.headers, "signature-input": ", ".join([answer.headers["signature-input"]] * 2)}
    assert _why(dataclasses.replace(answer, headers=twice)) == "signature-wrong"


@pytest.mark.parametrize("name", ["retry-after", "dpop-nonce"])
def test_what_is_acted_upon_must_be_signed_and_the_rest_is_not_read(name: str) -> None:
    signed = sign_answer(REQUEST, dataclasses.replace(ANSWER, headers=((name, "7"),)), KEY)
    assert VERIFIER.verify(signed).key_id == KEY.key_id
    assert _why(dataclasses.replace(signed, headers={**signed.headers, name: "8"})) == "signature-wrong"
    assert _why(sign_answer(REQUEST, ANSWER, KEY, extra=[(name, "7")])) == "uncovered-header"
    # What something on the way adds says nothing to us.
    beside = sign_answer(REQUEST, ANSWER, KEY, extra=[("x-request-id", "7"), ("via", "1.1 lgsp")])
    assert VERIFIER.verify(beside).key_id == KEY.key_id


def test_a_clerks_fields_are_signed_and_no_other_field_comes_in_with_them() -> None:
    access = {"authorization": "DPoP t", "dpop": "p", "purpose": "curiosity", "x-other": "x"}
    request = sign_request("https://127.0.0.1:1/x", b"{}", "p", SandboxKey(), access=access)
    covered = " ".join(f'"{name}"' for name in (*REQUEST_COMPONENTS, "authorization", "dpop"))
    assert request.headers["signature-input"].startswith(f"device=({covered});created=")
    assert (request.headers["purpose"], "x-other" in request.headers) == ("p", False)


def test_another_algorithm_is_refused_by_name() -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    for name in ("hmac-sha256", "none", "rsa-v1_5-sha256"):
        lied = answer.headers["signature-input"].replace("ecdsa-p256-sha256", name)
        assert _why(dataclasses.replace(answer, headers={**answer.headers, "signature-input": lied})) == (
            "signature-algorithm"
        )


@pytest.mark.parametrize("spki", [b"", b"no key", SandboxKey().spki[:-1]], ids=["empty", "words", "cut short"])
def test_an_endpoint_with_a_bad_answer_key_is_no_endpoint(spki: bytes) -> None:
    endpoint = RegisterEndpoint("land", "https://127.0.0.1:1", (), (AnswerKey("k", spki),))
    with pytest.raises(RegisterUnreachable, match="bad-answer-key"):
        AnswerVerifier(endpoint)


@given(
    st.dictionaries(st.sampled_from(["signature", "signature-input", "content-digest", "content-type"]), st.text()),
    st.binary(max_size=64),
)
def test_no_header_whatsoever_makes_an_answer_believed_or_the_verifier_fall(
    headers: dict[str, str], body: bytes
) -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    changed = HttpAnswer(200, {**answer.headers, **headers}, body if headers else body + b"x", REQUEST)
    with pytest.raises(AnswerNotTrusted):
        VERIFIER.verify(changed)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=1))
def test_no_changed_character_of_a_signature_is_believed(where: int, what: bytes) -> None:
    answer = sign_answer(REQUEST, ANSWER, KEY)
    text = answer.headers["signature-input"].encode()
    at = where % len(text)
    if text[at : at + 1] == what:
        what = bytes([what[0] ^ 1])
    changed = (text[:at] + what + text[at + 1 :]).decode("latin-1")
    with pytest.raises(AnswerNotTrusted):
        VERIFIER.verify(dataclasses.replace(answer, headers={**answer.headers, "signature-input": changed}))


def test_requests_and_answers_show_nothing_of_the_citizen() -> None:
    request = HttpRequest("POST", "https://127.0.0.1:1/x", {}, b"099090000001")
    answer = HttpAnswer(200, {}, b"099090000001", request)
    assert "099090000001" not in repr(request) + repr(answer)
