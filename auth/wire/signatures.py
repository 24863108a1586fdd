"""HTTP message signatures both ways (RFC 9421) with Content-Digest (RFC 9530): sign a request, verify its answer."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import http_sf
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    PreparedSignature,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256

from auth.errors import AnswerNotTrusted, RegisterUnreachable
from auth.wire.endpoint import RegisterEndpoint, Signer
from auth.wire.identifiers import idempotency_field, new_idempotency_key, new_traceparent
from auth.wire.profile import (
    ACCESS_COMPONENTS,
    ACTED_UPON,
    ALGORITHM,
    ANSWER_COMPONENTS,
    ANSWER_LABEL,
    ANSWER_TAG,
    CONTENT_TYPE,
    CREATED_WINDOW_S,
    IDEMPOTENCY_HEADER,
    PURPOSE_HEADER,
    REQUEST_COMPONENTS,
    REQUEST_LABEL,
    REQUEST_TAG,
    TRACE_HEADER,
)
from auth.wire.server_time import ServerTime

__all__ = [
    "AnswerVerifier",
    "HttpAnswer",
    "HttpRequest",
    "VerifiedSignature",
    "digest_of",
    "sign_request",
    "signature_fields",
]

_NONCE_BYTES = 16
# A century: more than any clock is off, and less than what a date can be moved by.
_ANY_TIME = timedelta(days=36_500)


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """Hold a request as it goes out; header names in lower case, each at most once."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Show where to, not what."""
        return f"HttpRequest({self.method} {self.url})"


@dataclass(frozen=True, slots=True, repr=False)
class HttpAnswer:
    """Hold an answer as it came in, together with the request it must answer; nothing in it is trusted yet."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes
    request: HttpRequest

    def __repr__(self) -> str:
        """Show the status, not what was said."""
        return f"HttpAnswer({self.status_code}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """Hold who signed an answer and when."""

    key_id: str
    created: datetime


def sign_request(
    url: str,
    body: bytes,
    purpose: str,
    signer: Signer,
    *,
    content_type: str = CONTENT_TYPE,
    idempotency_key: str = "",
    traceparent: str = "",
    access: Mapping[str, str] | None = None,
    clock: ServerTime | None = None,
) -> HttpRequest:
    """Return a POST of ``body`` to ``url``, signed over REQUEST_COMPONENTS with a fresh nonce, now by ``clock``.

    ``access`` are the clerk's two fields, which are then signed too. A key and a trace are drawn where none is given.
    Raise ValueError for an idempotency key that is no UUID.
    """
    shown = {name: value for name, value in (access or {}).items() if name in ACCESS_COMPONENTS}
    headers = {
        "content-type": content_type,
        "content-digest": ContentDigest.create(body),
        PURPOSE_HEADER: purpose,
        IDEMPOTENCY_HEADER: idempotency_field(idempotency_key or new_idempotency_key()),
        TRACE_HEADER: traceparent or new_traceparent(),
        **shown,
    }
    request = HttpRequest("POST", url, headers, body)
    profile = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256)
    prepared = profile.prepare(
        request,
        key_id=signer.key_id,
        created=datetime.fromtimestamp((clock or ServerTime()).now(), UTC),
        nonce=secrets.token_urlsafe(_NONCE_BYTES),
        label=REQUEST_LABEL,
        tag=REQUEST_TAG,
        covered_component_ids=(*REQUEST_COMPONENTS, *shown),
        use_existing_digest=True,
    )
    fields = signature_fields(prepared, signer.sign(prepared.signature_base))
    return replace(request, headers={**headers, **fields})


def signature_fields(prepared: PreparedSignature, signature: bytes) -> dict[str, str]:
    """Return the two fields of a message that was prepared for signing, names in lower case (RFC 9421 §4).

    The library's own ``apply`` would put the whole message together once more, to see whether it changed while
    somebody elsewhere signed it; ours does not change.
    """
    value = base64.b64encode(signature).decode("ascii")
    return {
        "signature-input": f"{prepared.label}={prepared.signature_params}",
        "signature": f"{prepared.label}=:{value}:",
    }


class AnswerVerifier:
    """Verify that answers were signed by one register, lately, and for the request that was sent.

    Only the endpoint's own answer keys count, so an answer of another register is as foreign as a stranger's.
    """

    def __init__(self, endpoint: RegisterEndpoint, clock: ServerTime | None = None) -> None:
        """Take what time it is from ``clock``, else from this computer; raise RegisterUnreachable for a bad key."""
        self._register = endpoint.register
        self._clock = clock or ServerTime()
        self._keys = {key.key_id: _p256_key(endpoint.register, key.spki) for key in endpoint.answer_keys}
        self._verifier = HTTPMessageVerifier(
            signature_algorithm=ECDSA_P256_SHA256,
            key_resolver=MappingKeyResolver(public_keys=self._keys, private_keys={}),
        )
        # The library knows this computer's clock only, which may be the one that is wrong: the time is judged here.
        self._verifier.max_clock_skew = _ANY_TIME

    def verify(self, answer: HttpAnswer, *, at_any_time: bool = False) -> VerifiedSignature:
        """Return who signed ``answer``; raise AnswerNotTrusted with the first reason not to believe it.

        The reasons are told apart here, from the still unproven Signature-Input; the proof is the library's call at
        the end, which judges all but the time once more. With ``at_any_time`` that is not judged here either: for the
        one word by which a register tells us the time. It is bound to our request, so it is no older than that.
        """
        covered, parameters = self._signature_parameters(answer.headers)
        self._check_coverage(covered, answer.headers)
        self._check_parameters(parameters)
        if not at_any_time and abs(self._clock.now() - parameters["created"]) > CREATED_WINDOW_S:
            raise AnswerNotTrusted(self._register, "signature-out-of-time")
        self._check_digest(answer)
        try:
            (verified,) = self._verifier.verify(
                answer,
                max_age=None,
                expect_tag=ANSWER_TAG,
                expect_label=ANSWER_LABEL,
                require_components=ANSWER_COMPONENTS,
                body=answer.body,
            )
        except Exception:
            # Whatever a hostile header makes the parser raise, the verdict is the same: nothing is shown.
            raise AnswerNotTrusted(self._register, "signature-wrong") from None
        created = datetime.fromtimestamp(int(verified.parameters["created"]), tz=UTC)
        return VerifiedSignature(str(verified.parameters["keyid"]), created)

    def _signature_parameters(self, headers: Mapping[str, str]) -> tuple[set[str], Mapping[str, Any]]:
        """Return what the one signature under our label covers, and its parameters."""
        if "signature" not in headers or "signature-input" not in headers:
            raise AnswerNotTrusted(self._register, "unsigned")
        try:
            # Any: the library's type is the union of all structured fields; what does not unpack is malformed.
            inputs: Any = http_sf.parse(headers["signature-input"].encode("ascii"), tltype="dictionary")
            if set(inputs) != {ANSWER_LABEL}:
                raise AnswerNotTrusted(self._register, "signature-label")
            components, parameters = inputs[ANSWER_LABEL]
            covered = {_component(name, flags) for name, flags in components}
        except (ValueError, TypeError):
            raise AnswerNotTrusted(self._register, "signature-malformed") from None
        return covered, dict(parameters)

    def _check_coverage(self, covered: set[str], headers: Mapping[str, str]) -> None:
        missing = {component for component in ANSWER_COMPONENTS if component not in covered}
        if missing:
            bound = not any(component.endswith(";req") for component in missing)
            raise AnswerNotTrusted(self._register, "signature-covers-too-little" if bound else "unbound")
        if any(name in headers and name not in covered for name in ACTED_UPON):
            raise AnswerNotTrusted(self._register, "uncovered-header")

    def _check_parameters(self, parameters: Mapping[str, Any]) -> None:
        if parameters.get("tag") != ANSWER_TAG:
            raise AnswerNotTrusted(self._register, "signature-tag")
        if parameters.get("alg", ALGORITHM) != ALGORITHM:
            raise AnswerNotTrusted(self._register, "signature-algorithm")
        if parameters.get("keyid") not in self._keys:
            raise AnswerNotTrusted(self._register, "unknown-key")
        if type(parameters.get("created")) is not int:
            raise AnswerNotTrusted(self._register, "signature-out-of-time")

    def _check_digest(self, answer: HttpAnswer) -> None:
        try:
            ContentDigest.verify(answer.headers.get("content-digest", ""), answer.body)
        except (InvalidSignature, ValueError, TypeError):
            raise AnswerNotTrusted(self._register, "digest-mismatch") from None


def digest_of(answer: HttpAnswer) -> bytes:
    """Return SHA-256 over an answer as it came: status, who says they signed it, and the body, each by its length."""
    said = (str(answer.status_code), answer.headers.get("signature-input", ""), answer.headers.get("signature", ""))
    parts = [*(part.encode("utf-8", "surrogateescape") for part in said), answer.body]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def _component(name: str, flags: Mapping[str, Any]) -> str:
    """Return a covered component as the profile writes it: a bare name, or the quoted name with ``;req``."""
    if not flags:
        return name
    return f'"{name}"' + "".join(f";{flag}" if value is True else f";{flag}=?" for flag, value in flags.items())


def _p256_key(register: str, spki: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise RegisterUnreachable(register, "bad-answer-key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise RegisterUnreachable(register, "bad-answer-key")
    return key
