"""Who may ask: the register's side of the request signature, the seal, the purpose, the clerk and the replay guard."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import http_sf
from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import ContentDigest, HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from pydantic import ValidationError

from auth.presence import Receipt
from auth.wire.endpoint import Opener
from auth.wire.envelope import SEALED_REQUEST, EnvelopeInvalid, Inner, open_sealed, read_inner
from auth.wire.identifiers import trace_id_of
from auth.wire.profile import (
    ACCESS_COMPONENTS,
    CREATED_WINDOW_S,
    IDEMPOTENCY_HEADER,
    LEDGER_PURPOSE,
    PURPOSE_HEADER,
    REQUEST_COMPONENTS,
    REQUEST_LABEL,
    REQUEST_TAG,
    SEALED_TYPE,
    TRACE_HEADER,
    UNKNOWN_SEAL_KEY,
)
from auth.wire.signatures import HttpRequest
from mock_registers.messages import CheckpointRequest, LookupRequest, PollRequest
from mock_registers.purposes import RULES, NotAllowed, check_purpose
from mock_registers.refusal import Refusal

__all__ = [
    "Admitted",
    "AskedFor",
    "ClerkJudge",
    "Devices",
    "EnrolledDevice",
    "Gate",
    "NotReadable",
    "PresenceJudge",
    "Refusal",
    "Unread",
    "trace_of",
]


# A structured-field String (RFC 9651 §3.3.3) without escapes: what draft-ietf-httpapi-idempotency-key-header-07 wants.
_IDEMPOTENCY_KEY = re.compile(r'"([0-9A-Za-z_-]{16,64})"')


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """Hold a device that may ask: its id, the key that it signs with, and the key to which its answers are sealed.

    Without the second it may speak of its ledger and ask for a challenge, but look nothing up and prove nothing.
    """

    device_id: str
    key_id: str
    public_key: ec.EllipticCurvePublicKey
    encryption_key: ec.EllipticCurvePublicKey | None = None


class Devices(Protocol):
    """Know devices by the key that they sign with; a mapping does."""

    def get(self, key_id: str, /) -> EnrolledDevice | None:
        """Return the device, None where there is none; raise Refusal for one that may not ask now."""
        ...


class ClerkJudge(Protocol):
    """Judge the clerk's token and the proof that comes with it (RFC 9449, RFC 9068)."""

    def judge(self, request: HttpRequest, device: EnrolledDevice, register: str, purpose: str) -> str:
        """Return the clerk's id, the token's ``sub``; raise Refusal where the request shows no clerk who may ask."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Admitted:
    """Hold a look-up that may be answered: who asks what, word for word, and the key under which it has one effect."""

    device: EnrolledDevice
    lookup: LookupRequest
    inner: Inner
    idempotency_key: str
    fingerprint: str

    def __repr__(self) -> str:
        """Show who asks, not about whom."""
        return f"Admitted({self.device.device_id}, {self.idempotency_key})"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Hold who asks for an answer that was promised, and for which request; ``clerk`` is None where nobody judges."""

    device: EnrolledDevice
    purpose: str
    clerk: str | None
    idempotency_key: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Hold who asks what this register cannot read, by the fingerprint of its bytes; ``clerk`` as in ``AskedFor``."""

    device: EnrolledDevice
    clerk: str | None
    idempotency_key: str
    fingerprint: str


class NotReadable(Refusal):
    """Refuse an envelope to a key that is not ours, or is no longer; ``request`` and ``device`` were identified."""

    def __init__(self, request: HttpRequest, device: EnrolledDevice) -> None:
        super().__init__(400, UNKNOWN_SEAL_KEY)
        self.request, self.device = request, device


class PresenceJudge(Protocol):
    """Judge the proof of the card's presence that comes beside a look-up, in the same envelope."""

    def judge(self, admitted: Admitted, register: str) -> Receipt | None:
        """Return the signed receipt, of success or of refusal; None where no proof came.

        The proof's token is used up by it. Raise Refusal where the register asks for more than was shown.
        """
        ...


class Gate:
    """Admit requests of enrolled devices to one register."""

    def __init__(
        self,
        register: str,
        devices: Devices,
        openers: Iterable[Opener] = (),
        judge: ClerkJudge | None = None,
    ) -> None:
        """Take the devices, looked for anew at every request, the keys to seal look-ups to, and who judges clerks.

        Without a judge any clerk's name is believed, as the device tells it.
        """
        self._register = register
        self._openers = {opener.key_id: opener for opener in openers}
        self._judge = judge
        self._devices = devices
        self._seen: dict[tuple[str, str], float] = {}
        # Over a database that answers slowly, requests are judged on several threads.
        self._remembering = threading.Lock()

    def admit(self, request: HttpRequest) -> Admitted:
        """Return what is asked; raise Refusal for the first reason not to answer, NotReadable for a key we have not."""
        device = self.identify(request)
        try:
            inner = self._open(request)
        except Refusal as refusal:
            if refusal.name == UNKNOWN_SEAL_KEY:
                raise NotReadable(request, device) from None
            raise
        lookup = self._authorize(request, device, inner)
        if device.encryption_key is None:
            raise Refusal(403, "device-cannot-be-answered")
        return Admitted(device, lookup, inner, _idempotency_key(request), _fingerprint(request))

    def admit_unread(self, refusal: NotReadable) -> Unread:
        """Return who asks for what was answered before, perhaps; raise Refusal for a clerk who may not ask."""
        request, device = refusal.request, refusal.device
        clerk = self._clerk(request, device, request.headers[PURPOSE_HEADER])
        return Unread(device, clerk, _idempotency_key(request), _fingerprint(request))

    def admit_checkpoint(self, request: HttpRequest) -> tuple[EnrolledDevice, CheckpointRequest]:
        """Return who says what of its ledger; raise Refusal for the first reason not to answer."""
        device = self.identify(request)
        try:
            said = CheckpointRequest.model_validate_json(request.body)
        except (ValidationError, ValueError):
            raise Refusal(400, "malformed-checkpoint") from None
        if said.device != device.device_id:
            raise Refusal(401, "unknown-device")
        if request.headers[PURPOSE_HEADER] != LEDGER_PURPOSE:
            raise Refusal(400, "purpose-mismatch")
        return device, said

    def admit_poll(self, request: HttpRequest) -> AskedFor:
        """Return who asks for which answer; raise Refusal for the first reason not to look for one."""
        device = self.admit_device(request)
        purpose = request.headers[PURPOSE_HEADER]
        try:
            said = PollRequest.model_validate_json(request.body)
        except (ValidationError, ValueError):
            raise Refusal(400, "malformed-lookup") from None
        clerk = self._clerk(request, device, purpose)
        return AskedFor(device, purpose, clerk, _idempotency_key(request), said.request_digest)

    def admit_device(self, request: HttpRequest, purposes: Container[str] = RULES) -> EnrolledDevice:
        """Return whose request it is, for one of ``purposes``, by default whatever there is; else raise Refusal."""
        device = self.identify(request)
        if request.headers[PURPOSE_HEADER] not in purposes:
            raise Refusal(403, "purpose-not-allowed")
        return device

    def admit_sealed(self, request: HttpRequest) -> tuple[EnrolledDevice, bytes]:
        """Return whose request it is and what it says, sealed to this register; raise Refusal, also for a proof beside.

        Whose answer could not be sealed is refused here too.
        """
        device = self.admit_device(request)
        inner = self._open(request)
        if inner.presence is not None:
            raise Refusal(400, "malformed-lookup")
        if device.encryption_key is None:
            raise Refusal(403, "device-cannot-be-answered")
        return device, inner.request

    def identify(self, request: HttpRequest) -> EnrolledDevice:
        """Return whose request it is, whatever it says; raise Refusal where it is nobody's or was here before."""
        device, nonce = self._authenticate(request)
        self._remember(device.key_id, nonce)
        return device

    def _clerk(self, request: HttpRequest, device: EnrolledDevice, purpose: str) -> str | None:
        return self._judge.judge(request, device, self._register, purpose) if self._judge is not None else None

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
        _idempotency_key(request)
        if not trace_of(request):
            raise Refusal(400, "trace-malformed")
        try:
            ContentDigest.verify(request.headers.get("content-digest", ""), request.body)
        except (InvalidSignature, ValueError, TypeError):
            raise Refusal(400, "digest-mismatch") from None
        try:
            _verifier_of(device).verify(
                request,
                max_age=timedelta(0),
                expect_tag=REQUEST_TAG,
                expect_label=REQUEST_LABEL,
                require_components=(*REQUEST_COMPONENTS, *(n for n in ACCESS_COMPONENTS if n in request.headers)),
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
            # The oldest stand first, since all are kept equally long: only those that go are looked at.
            while self._seen and self._seen[oldest := next(iter(self._seen))] <= now:
                del self._seen[oldest]
            if (key_id, nonce) in self._seen:
                raise Refusal(409, "replayed-request")
            self._seen[key_id, nonce] = now + 2 * CREATED_WINDOW_S

    def _open(self, request: HttpRequest) -> Inner:
        if request.headers.get("content-type") != SEALED_TYPE:
            raise Refusal(415, "not-sealed")
        try:
            return read_inner(open_sealed(request.body, SEALED_REQUEST, self._openers))
        except EnvelopeInvalid as invalid:
            # What does not open says nothing; what opened and is no message is a malformed one.
            name = "malformed-lookup" if invalid.why == "inner-malformed" else invalid.why
            raise Refusal(413 if name == "too-large" else 400, name) from None

    def _authorize(self, request: HttpRequest, device: EnrolledDevice, inner: Inner) -> LookupRequest:
        try:
            lookup = LookupRequest.model_validate_json(inner.request)
        except (ValidationError, ValueError):
            raise Refusal(400, "malformed-lookup") from None
        if lookup.device != device.device_id:
            raise Refusal(401, "unknown-device")
        if lookup.purpose != request.headers[PURPOSE_HEADER]:
            raise Refusal(400, "purpose-mismatch")
        try:
            check_purpose(self._register, lookup)
        except NotAllowed as refused:
            raise Refusal(403, refused.name) from None
        if not lookup.legal_basis.strip():
            raise Refusal(400, "legal-basis-missing")
        if self._clerk(request, device, lookup.purpose) not in (None, lookup.clerk):
            raise Refusal(403, "clerk-mismatch")
        return lookup


def _verifier_of(device: EnrolledDevice) -> HTTPMessageVerifier:
    keys = MappingKeyResolver(public_keys={device.key_id: device.public_key}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=ECDSA_P256_SHA256, key_resolver=keys)
    verifier.max_clock_skew = timedelta(seconds=CREATED_WINDOW_S)
    return verifier


def trace_of(request: HttpRequest) -> str:
    """Return the id of the request's trace, empty where it begins none."""
    try:
        return trace_id_of(request.headers.get(TRACE_HEADER, ""))
    except ValueError:
        return ""


def _fingerprint(request: HttpRequest) -> str:
    """Return what makes two requests the same: where they go, for what, and the very bytes of the envelope."""
    same = b"\0".join((request.url.encode(), request.headers[PURPOSE_HEADER].encode(), request.body))
    return hashlib.sha256(same).hexdigest()


def _idempotency_key(request: HttpRequest) -> str:
    found = _IDEMPOTENCY_KEY.fullmatch(request.headers.get(IDEMPOTENCY_HEADER, ""))
    if found is None:
        raise Refusal(400, "idempotency-key-missing")
    return found.group(1)


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
