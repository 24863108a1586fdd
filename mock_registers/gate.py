"""Who may ask: the register's side of the request signature, the purpose and the replay guard."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import http_sf
from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import ContentDigest, HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from pydantic import ValidationError

from auth.wire.profile import (
    CREATED_WINDOW_S,
    LEDGER_PURPOSE,
    PURPOSE_HEADER,
    REQUEST_COMPONENTS,
    REQUEST_LABEL,
    REQUEST_TAG,
)
from auth.wire.signatures import HttpRequest
from mock_registers.messages import CheckpointRequest, LookupRequest

__all__ = ["EnrolledDevice", "Gate", "Refusal"]

# Which register each purpose may ask: the register's own list, which the desk's must agree with.
_PURPOSES = {
    "land-change-registration": frozenset({"population", "land"}),
    "permanent-residence": frozenset({"population"}),
    "citizen-information": frozenset({"population"}),
}


class Refusal(Exception):
    """Refuse a request with an HTTP status and a problem name of ``auth.wire.profile.REFUSALS``."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(name)
        self.status = status
        self.name = name


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """Hold a device that may ask: its id and the public key that it signs with."""

    device_id: str
    key_id: str
    public_key: ec.EllipticCurvePublicKey


class Gate:
    """Admit requests of enrolled devices to one register."""

    def __init__(self, register: str, devices: Mapping[str, EnrolledDevice]) -> None:
        """Take the devices by key id."""
        self._register = register
        self._devices = dict(devices)
        keys = {key_id: device.public_key for key_id, device in devices.items()}
        self._verifier = HTTPMessageVerifier(
            signature_algorithm=ECDSA_P256_SHA256,
            key_resolver=MappingKeyResolver(public_keys=keys, private_keys={}),
        )
        self._verifier.max_clock_skew = timedelta(seconds=CREATED_WINDOW_S)
        self._seen: dict[tuple[str, str], float] = {}
        # Over a database that answers slowly, requests are judged on several threads.
        self._remembering = threading.Lock()

    def admit(self, request: HttpRequest) -> LookupRequest:
        """Return what is asked; raise Refusal for the first reason not to answer."""
        return self._authorize(request, self._identify(request))

    def admit_checkpoint(self, request: HttpRequest) -> tuple[EnrolledDevice, CheckpointRequest]:
        """Return who says what of its ledger; raise Refusal for the first reason not to answer."""
        device = self._identify(request)
        try:
            said = CheckpointRequest.model_validate_json(request.body)
        except (ValidationError, ValueError):
            raise Refusal(400, "malformed-checkpoint") from None
        if said.device != device.device_id:
            raise Refusal(401, "unknown-device")
        if request.headers[PURPOSE_HEADER] != LEDGER_PURPOSE:
            raise Refusal(400, "purpose-mismatch")
        return device, said

    def admit_device(self, request: HttpRequest) -> EnrolledDevice:
        """Return whose request it is, for whatever purpose there is; raise Refusal where it is nobody's."""
        device = self._identify(request)
        if request.headers[PURPOSE_HEADER] not in _PURPOSES:
            raise Refusal(403, "purpose-not-allowed")
        return device

    def _identify(self, request: HttpRequest) -> EnrolledDevice:
        device, nonce = self._authenticate(request)
        self._remember(device.key_id, nonce)
        return device

    def _authenticate(self, request: HttpRequest) -> tuple[EnrolledDevice, str]:
        parameters = _signature_parameters(request)
        device = self._devices.get(str(parameters.get("keyid")))
        created, nonce = parameters.get("created"), parameters.get("nonce")
        if device is None:
            raise Refusal(401, "unknown-device")
        if not isinstance(created, int) or abs(time.time() - created) > CREATED_WINDOW_S:
            raise Refusal(401, "signature-out-of-time")
        if not isinstance(nonce, str) or not 16 <= len(nonce) <= 64:
            raise Refusal(401, "signature-invalid")
        if PURPOSE_HEADER not in request.headers:
            raise Refusal(400, "purpose-missing")
        try:
            ContentDigest.verify(request.headers.get("content-digest", ""), request.body)
        except (InvalidSignature, ValueError, TypeError):
            raise Refusal(400, "digest-mismatch") from None
        try:
            self._verifier.verify(
                request,
                max_age=timedelta(0),
                expect_tag=REQUEST_TAG,
                expect_label=REQUEST_LABEL,
                require_components=REQUEST_COMPONENTS,
                body=request.body,
            )
        except Exception:
            # A hostile header may raise anything in the parsers; it is refused all the same.
            raise Refusal(401, "signature-invalid") from None
        return device, nonce

    def _remember(self, key_id: str, nonce: str) -> None:
        """Refuse a nonce seen before; keep each as long as its signature could still count."""
        now = time.monotonic()
        with self._remembering:
            self._seen = {seen: until for seen, until in self._seen.items() if until > now}
            if (key_id, nonce) in self._seen:
                raise Refusal(409, "replayed-request")
            self._seen[key_id, nonce] = now + 2 * CREATED_WINDOW_S

    def _authorize(self, request: HttpRequest, device: EnrolledDevice) -> LookupRequest:
        try:
            lookup = LookupRequest.model_validate_json(request.body)
        except (ValidationError, ValueError):
            raise Refusal(400, "malformed-lookup") from None
        if lookup.device != device.device_id:
            raise Refusal(401, "unknown-device")
        if lookup.purpose != request.headers[PURPOSE_HEADER]:
            raise Refusal(400, "purpose-mismatch")
        if self._register not in _PURPOSES.get(lookup.purpose, frozenset()):
            raise Refusal(403, "purpose-not-allowed")
        if not lookup.legal_basis.strip():
            raise Refusal(400, "legal-basis-missing")
        return lookup


def _signature_parameters(request: HttpRequest) -> Mapping[str, Any]:
    if "signature" not in request.headers or "signature-input" not in request.headers:
        raise Refusal(401, "unsigned-request")
    try:
        # Any: the library's type is the union of all structured fields; what does not unpack is malformed.
        inputs: Any = http_sf.parse(request.headers["signature-input"].encode("ascii"), tltype="dictionary")
        _, parameters = inputs[REQUEST_LABEL]
        return dict(parameters)
    except (ValueError, TypeError, KeyError):
        raise Refusal(401, "signature-invalid") from None
