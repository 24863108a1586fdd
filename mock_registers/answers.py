"""Say it so that it can be believed: sign an answer and bind it to the request it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from http_message_signatures import ContentDigest, HTTPMessageSigner
from http_message_signatures.algorithms import ECDSA_P256_SHA256

from auth.wire.endpoint import Signer
from auth.wire.profile import ANSWER_COMPONENTS, ANSWER_LABEL, ANSWER_TAG, CONTENT_TYPE, PROBLEM_BASE, PROBLEM_TYPE
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_registers.gate import Refusal
from mock_registers.messages import ConfirmReply, LookupReply

__all__ = ["PlainAnswer", "plain_refusal", "plain_reply", "sign_answer"]


@dataclass(frozen=True, slots=True, repr=False)
class PlainAnswer:
    """Hold what a register says before it is signed."""

    status: int
    media_type: str
    body: bytes


def plain_reply(reply: LookupReply | ConfirmReply) -> PlainAnswer:
    """Return ``reply`` as JSON."""
    return PlainAnswer(200, CONTENT_TYPE, reply.model_dump_json().encode())


def plain_refusal(refusal: Refusal) -> PlainAnswer:
    """Return ``refusal`` as a problem document (RFC 9457)."""
    problem = {
        "type": PROBLEM_BASE + refusal.name,
        "title": refusal.name.replace("-", " "),
        "status": refusal.status,
        "origin": "registry",
    }
    return PlainAnswer(refusal.status, PROBLEM_TYPE, json.dumps(problem).encode())


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

    A request that carried no signature of its own cannot be bound by it; then the other components must do.
    """
    headers = {"content-type": answer.media_type, "content-digest": ContentDigest.create(answer.body), **dict(extra)}
    message = HttpAnswer(answer.status, headers, answer.body, request)
    profile = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256)
    prepared = profile.prepare(
        message,
        key_id=key.key_id,
        created=created or datetime.now(UTC),
        label=label,
        tag=tag,
        covered_component_ids=[name for name in components if _present(name, request)],
        use_existing_digest=True,
    )
    profile.apply(message, prepared, key.sign(prepared.signature_base))
    return replace(message, headers={name.lower(): value for name, value in headers.items()})


def _present(component: str, request: HttpRequest) -> bool:
    name, _, flags = component.replace('"', "").partition(";")
    return flags != "req" or name.startswith("@") or name in request.headers
