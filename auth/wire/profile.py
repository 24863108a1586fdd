"""The wire profile: what both ends must agree on, and the limits. The sandbox registers read the same page.

A request is signed by the device over its method, target, content and purpose; an answer is signed by the register
over its status and content and, with ``;req``, over the request it answers including that request's own signature
(RFC 9421 §2.4). A later profile adds components to these tuples; it never takes one away.

The body of a look-up, of a presence proof and of their answers is an envelope (``auth.wire.envelope``). What a device
says of itself and of its ledger, the wish for a challenge (a chip's public key and its issuer's signature) and every
problem document (RFC 9457) go signed but open, for they name nobody.
"""

from __future__ import annotations

__all__ = [
    "ACCESS_COMPONENTS",
    "ACTED_UPON",
    "ALGORITHM",
    "ANSWERS_PATH",
    "ANSWER_COMPONENTS",
    "ANSWER_LABEL",
    "ANSWER_TAG",
    "CONFIRM_PATH",
    "CONTENT_TYPE",
    "COUNTERSIGN_PATH",
    "CREATED_WINDOW_S",
    "DPOP_NONCE_HEADER",
    "HOUSING_CERTIFICATE_PATH",
    "HOUSING_PATH",
    "IDEMPOTENCY_HEADER",
    "IN_PROGRESS",
    "LAND_CERTIFICATE_PATH",
    "LAND_PATH",
    "LAST_CHECKPOINT_PATH",
    "LEDGER_PURPOSE",
    "LOCATION_HEADER",
    "MAX_ANSWER_BYTES",
    "MAX_HEADER_BYTES",
    "MAX_KEY_ID",
    "MAX_REQUEST_BYTES",
    "MAX_RETRY_AFTER_S",
    "MAX_SEALED_BYTES",
    "POPULATION_PATH",
    "PROBLEM_BASE",
    "PROBLEM_TYPE",
    "PROMISE_FORGOTTEN",
    "PROOF_INVALID",
    "PURPOSE_HEADER",
    "REFUSALS",
    "REQUEST_COMPONENTS",
    "REQUEST_DIGEST_HEADER",
    "REQUEST_LABEL",
    "REQUEST_TAG",
    "RETRY_AFTER_HEADER",
    "SEALED_TYPE",
    "SIGNATURE_OUT_OF_TIME",
    "TOKEN_EXPIRED",
    "TOO_MANY_REQUESTS",
    "TRACE_HEADER",
    "UNKNOWN_ANSWER",
    "UNKNOWN_SEAL_KEY",
    "USE_DPOP_NONCE",
]

ALGORITHM = "ecdsa-p256-sha256"

PURPOSE_HEADER = "purpose"
IDEMPOTENCY_HEADER = "idempotency-key"
TRACE_HEADER = "traceparent"
DPOP_NONCE_HEADER = "dpop-nonce"
RETRY_AFTER_HEADER = "retry-after"
LOCATION_HEADER = "location"
REQUEST_DIGEST_HEADER = "request-digest"

REQUEST_LABEL = "device"
REQUEST_TAG = "motcua-request-1"
REQUEST_COMPONENTS = (
    "@method",
    "@target-uri",
    "content-type",
    "content-digest",
    PURPOSE_HEADER,
    IDEMPOTENCY_HEADER,
    TRACE_HEADER,
)
# Of the clerk's session; whichever of them a request carries is signed with the rest.
ACCESS_COMPONENTS = ("authorization", "dpop")

ANSWER_LABEL = "register"
ANSWER_TAG = "motcua-answer-1"
ANSWER_COMPONENTS = (
    "@status",
    "content-type",
    "content-digest",
    '"@method";req',
    '"@target-uri";req',
    '"content-digest";req',
    '"idempotency-key";req',
    '"signature";req',
)
# What we act upon in an answer beside its body; one of these that the signature leaves out makes the answer no answer.
# Other fields that something on the way adds are never read.
ACTED_UPON = (
    "content-type",
    "content-digest",
    RETRY_AFTER_HEADER,
    DPOP_NONCE_HEADER,
    LOCATION_HEADER,
    REQUEST_DIGEST_HEADER,
)

CONTENT_TYPE = "application/json"
SEALED_TYPE = "application/jose"
PROBLEM_TYPE = "application/problem+json"

# Look-ups are POST with the number in the body: a number in a URL ends up in every log on the way.
POPULATION_PATH = "/v1/persons:lookup"
LAND_PATH = "/v1/parcels:lookup"
# Yes or no to questions about a person, without any data; and the parcels of one certificate that was shown.
CONFIRM_PATH = "/v1/persons:confirm"
LAND_CERTIFICATE_PATH = "/v1/parcels:by-certificate"
HOUSING_PATH = "/v1/dwellings:lookup"
# By the serial of a certificate that was shown, with its holder's number and name.
HOUSING_CERTIFICATE_PATH = "/v1/dwellings:by-certificate"
# Where an answer is fetched that was promised with a 202, under the ticket that stands behind it (auth.wire.promise).
ANSWERS_PATH = "/v1/answers/"
# A device's ledger: what was seen of it last, and a countersignature on what has come since.
LAST_CHECKPOINT_PATH = "/v1/checkpoints:last"
COUNTERSIGN_PATH = "/v1/checkpoints:countersign"
LEDGER_PURPOSE = "ledger"

# A signature counts from 60 s before its ``created`` to 60 s after it: clocks at desks drift by seconds.
CREATED_WINDOW_S = 60
MAX_ANSWER_BYTES = 1_000_000
MAX_HEADER_BYTES = 16_384
# One question; a sealed request holds it with a presence proof, each quoted in JSON and all of it in base64.
MAX_REQUEST_BYTES = 16_384
MAX_SEALED_BYTES = 98_304
MAX_KEY_ID = 200
# However long a register says to wait, it is asked again after this.
MAX_RETRY_AFTER_S = 900

# Problem types (RFC 9457) are this base and one of the names below; a name not on the list is shown as "refused".
PROBLEM_BASE = "urn:motcua:problem:"
IN_PROGRESS = "request-in-progress"
TOO_MANY_REQUESTS = "too-many-requests"
USE_DPOP_NONCE = "use-dpop-nonce"
PROOF_INVALID = "proof-invalid"
SIGNATURE_OUT_OF_TIME = "signature-out-of-time"
TOKEN_EXPIRED = "token-expired"
UNKNOWN_ANSWER = "unknown-answer"
UNKNOWN_SEAL_KEY = "unknown-seal-key"
# Our own word where a register knows nothing of an answer that it promised.
PROMISE_FORGOTTEN = "promise-forgotten"
REFUSALS = frozenset(
    {
        "checkpoint-does-not-continue",
        "clerk-mismatch",
        "clerk-not-allowed",
        "clerk-not-signed-in",
        "consent-missing",
        "device-cannot-be-answered",
        "device-pending",
        "device-revoked",
        "device-suspended",
        "digest-mismatch",
        "field-not-allowed",
        "idempotency-key-missing",
        "idempotency-key-reused",
        "legal-basis-missing",
        "maintenance",
        "malformed-checkpoint",
        "malformed-device-message",
        "malformed-lookup",
        "not-sealed",
        "possession-not-proven",
        "presence-too-low",
        PROOF_INVALID,
        "purpose-mismatch",
        "purpose-missing",
        "purpose-not-allowed",
        "question-not-allowed",
        "replayed-request",
        IN_PROGRESS,
        "seal-broken",
        "sealed-otherwise",
        "signature-invalid",
        SIGNATURE_OUT_OF_TIME,
        "step-up-needed",
        "token-invalid",
        TOKEN_EXPIRED,
        "too-large",
        TOO_MANY_REQUESTS,
        "trace-malformed",
        "unknown-device",
        "unsigned-request",
        "way-not-allowed",
        "wrong-device-state",
        UNKNOWN_ANSWER,
        UNKNOWN_SEAL_KEY,
        USE_DPOP_NONCE,
    }
)
