"""The sandbox's presence verifier: the module that a register operator takes, behind the sandbox's gate."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from fastapi import Response

from auth.device_key import DeviceKey
from auth.presence import (
    Caller,
    PresenceRefused,
    PresenceVerifier,
    RelaySecrets,
    SqliteStore,
)
from auth.presence.wire import (
    PRESENCE_CHALLENGE_PATH,
    PRESENCE_PROOF_PATH,
    ProofMessage,
    WishMessage,
    read_proof,
    read_wish,
    write_offer,
    write_receipt,
    write_refusal,
)
from auth.wire.profile import CONTENT_TYPE, PURPOSE_HEADER
from auth.wire.signatures import HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, sign_answer
from mock_registers.app import Way
from mock_registers.faults import http_response
from mock_registers.gate import Devices, EnrolledDevice, Gate, Refusal
from mock_registers.keys import SandboxKey
from reader.errors import DataError
from reader.trust import TrustMaterial

__all__ = ["PRESENCE", "PresenceService"]

PRESENCE = "presence"
_TRUST_VERSION = "sandbox-1"

Work = Callable[[bytes, "_Asking"], bytes]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Hold who asks, as the gate knows the device and the request names the purpose."""

    device: EnrolledDevice
    purpose: str

    def caller(self, clerk: str) -> Caller:
        return Caller(self.device.device_id, self.device.key_id, clerk, self.purpose)


class PresenceService:
    """Answer a desk's two questions to a presence verifier (``mock_registers.app.Service``).

    The verifier believes cards issued under ``anchors``, DER certificates of CSCAs.
    """

    name = PRESENCE

    def __init__(self, anchors: Iterable[bytes], key: SandboxKey, devices: Devices) -> None:
        self._gate = Gate(PRESENCE, devices)
        self._key = key
        self._verifier = PresenceVerifier(
            PRESENCE,
            key,
            RelaySecrets({"k1": secrets.token_bytes(32)}, "k1"),
            {PRESENCE: {key.key_id: DeviceKey(key.public_key, key.key_id)}},
            TrustMaterial.of(anchors),
            _TRUST_VERSION,
            SqliteStore(),
        )

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the wish for a challenge and the proof."""
        return (
            Way(PRESENCE_CHALLENGE_PATH, partial(self._answer, self._challenge), WishMessage, "challenge"),
            Way(PRESENCE_PROOF_PATH, partial(self._answer, self._judge), ProofMessage, "proof"),
        )

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        return http_response(sign_answer(request, plain_refusal(request, refusal), self._key))

    def _answer(self, work: Work, request: HttpRequest) -> Response:
        """Return the signed answer; what the verifier refuses is signed as well."""
        try:
            asking = _Asking(self._gate.admit_device(request), request.headers[PURPOSE_HEADER])
            plain = PlainAnswer(200, CONTENT_TYPE, work(request.body, asking))
        except Refusal as refusal:
            return self.refuse(request, refusal)
        except DataError:
            return self.refuse(request, Refusal(400, "malformed-lookup"))
        return http_response(sign_answer(request, plain, self._key))

    def _challenge(self, body: bytes, asking: _Asking) -> bytes:
        wish, clerk = read_wish(body)
        try:
            return write_offer(self._verifier.challenge(wish, asking.caller(clerk)))
        except PresenceRefused as refused:
            return write_refusal(refused.reason)

    def _judge(self, body: bytes, asking: _Asking) -> bytes:
        given, clerk = read_proof(body)
        caller = asking.caller(clerk)
        return write_receipt(self._verifier.judge(given.proof, given.body, given.audience, caller, given.subject))
