"""The wire profile: what both ends must agree on, and the limits. The sandbox registers read the same page.

A request is signed by the device over its method, target, content and purpose; an answer is signed by the register
over its status and content and, with ``;req``, over the request it answers including that request's own signature
(RFC 9421 §2.4). A later profile adds components to these tuples; it never takes one away.
"""

from __future__ import annotations

__all__ = [
    "ALGORITHM",
    "ANSWER_COMPONENTS",
    "ANSWER_LABEL",
    "ANSWER_TAG",
    "CONTENT_TYPE",
    "COUNTERSIGN_PATH",
    "CREATED_WINDOW_S",
    "LAND_PATH",
    "LAST_CHECKPOINT_PATH",
    "LEDGER_PURPOSE",
    "MAX_ANSWER_BYTES",
    "MAX_HEADER_BYTES",
    "MAX_REQUEST_BYTES",
    "POPULATION_PATH",
    "PROBLEM_BASE",
    "PROBLEM_TYPE",
    "PURPOSE_HEADER",
    "REFUSALS",
    "REQUEST_COMPONENTS",
    "REQUEST_LABEL",
    "REQUEST_TAG",
]

ALGORITHM = "ecdsa-p256-sha256"

REQUEST_LABEL = "device"
REQUEST_TAG = "motcua-request-1"
REQUEST_COMPONENTS = ("@method", "@target-uri", "content-type", "content-digest", "purpose")

ANSWER_LABEL = "register"
ANSWER_TAG = "motcua-answer-1"
ANSWER_COMPONENTS = (
    "@status",
    "content-type",
    "content-digest",
    '"@method";req',
    '"@target-uri";req',
    '"content-digest";req',
    '"signature";req',
)

PURPOSE_HEADER = "purpose"
CONTENT_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"

# Look-ups are POST with the number in the body: a number in a URL ends up in every log on the way.
POPULATION_PATH = "/v1/persons:lookup"
LAND_PATH = "/v1/parcels:lookup"
# A device's ledger: what was seen of it last, and a countersignature on what has come since.
LAST_CHECKPOINT_PATH = "/v1/checkpoints:last"
COUNTERSIGN_PATH = "/v1/checkpoints:countersign"
LEDGER_PURPOSE = "ledger"

# A signature counts from 60 s before its ``created`` to 60 s after it: clocks at desks drift by seconds.
CREATED_WINDOW_S = 60
MAX_ANSWER_BYTES = 1_000_000
MAX_HEADER_BYTES = 16_384
MAX_REQUEST_BYTES = 16_384

# Problem types (RFC 9457) are this base and one of the names below; a name not on the list is shown as "refused".
PROBLEM_BASE = "urn:motcua:problem:"
REFUSALS = frozenset(
    {
        "checkpoint-does-not-continue",
        "clerk-not-allowed",
        "clerk-proof-invalid",
        "clerk-sign-in-too-weak",
        "clerk-token-expired",
        "clerk-token-invalid",
        "clerk-token-missing",
        "digest-mismatch",
        "legal-basis-missing",
        "malformed-checkpoint",
        "malformed-lookup",
        "purpose-mismatch",
        "purpose-missing",
        "purpose-not-allowed",
        "replayed-request",
        "signature-invalid",
        "signature-out-of-time",
        "too-many-requests",
        "unknown-device",
        "unsigned-request",
    }
)
