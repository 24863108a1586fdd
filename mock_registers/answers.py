"""Say it so that it can be believed and read by one desk only: seal an answer, sign it, bind it to its request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import ContentDigest, HTTPMessageSigner
from http_message_signatures.algorithms import ECDSA_P256_SHA256

from auth.wire.endpoint import Signer
from auth.wire.envelope import SEALED_ANSWER, seal
from auth.wire.profile import ANSWER_COMPONENTS, ANSWER_LABEL, ANSWER_TAG, PROBLEM_BASE, PROBLEM_TYPE
from auth.wire.signatures import HttpAnswer, HttpRequest, signature_fields
from auth.wire.thumbprint import thumbprint
from mock_registers.gate import trace_of
from mock_registers.refusal import Refusal

__all__ = ["PlainAnswer", "plain_refusal", "seal_answer", "sign_answer"]


@dataclass(frozen=True, slots=True, repr=False)
class PlainAnswer:
    """Hold what a register says before it is signed."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def seal_answer(plain: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """Return ``plain`` sealed to a device's key."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return seal(plain, SEALED_ANSWER, thumbprint(key), spki)


def plain_refusal(request: HttpRequest, refusal: Refusal) -> PlainAnswer:
    """Return ``refusal`` as a problem document (RFC 9457); its trace is the one of ``request``."""
    problem = {
        "type": PROBLEM_BASE + refusal.name,
        "title": refusal.name.replace("-", " "),
        "status": refusal.status,
        "origin": refusal.origin,
        "retryable": refusal.retryable,
        "trace_id": trace_of(request),
    }
    return PlainAnswer(refusal.status, PROBLEM_TYPE, json.dumps(problem).encode(), tuple(refusal.headers.items()))


def sign_answer(
    request: HttpRequest,
    answer: PlainAnswer,
    key: Signer,
    *,
    components: Sequence[str] = ANSWER_COMPONENTS,
    created: datetime | None = None,
    label: str = ANSWER_LABEL,
    tag: str = ANSWER_TAG,
    extra: Sequence[tuple[str, str]] = (),
) -> HttpAnswer:
    """Return ``answer`` signed with ``key`` over ``components``; the rest lets tests sign it wrongly.

    Fields of the answer itself are signed with it, those in ``extra`` are not. A request that carried no signature of
    its own cannot be bound by it; then the other components must do.
    """
    headers = {
        "content-type": answer.media_type,
        "content-digest": ContentDigest.create(answer.body),
        **dict(answer.headers),
        **dict(extra),
    }
    message = HttpAnswer(answer.status, headers, answer.body, request)
    profile = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256)
    prepared = profile.prepare(
        message,
        key_id=key.key_id,
        created=created or datetime.now(UTC),
        label=label,
        tag=tag,
        covered_component_ids=[
            *(name for name in components if _present(name, request)),
            *(name for name, _ in answer.headers),
        ],
        use_existing_digest=True,
    )
    signed = signature_fields(prepared, key.sign(prepared.signature_base))
    return replace(message, headers={**{name.lower(): value for name, value in headers.items()}, **signed})


def _present(component: str, request: HttpRequest) -> bool:
    name, _, flags = component.replace('"', "").partition(";")
    return flags != "req" or name.startswith("@") or name in request.headers
