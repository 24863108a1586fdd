"""Which device is asking: private_key_jwt (RFC 7523 §2.2) and a DPoP proof, both with the device's own key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from auth.wire.dpop import DpopRefused, Proven, SeenProofs, judge_proof
from auth.wire.jwt import JwtRefused, read_jwt
from auth.wire.oauth import ASSERTION_JWT, ASSERTION_TYPE, REQUEST_JWT
from mock_registers.authorization.errors import OAuthError
from mock_registers.authorization.nonces import Nonces
from mock_registers.gate import Devices, EnrolledDevice
from mock_registers.refusal import Refusal

__all__ = ["ClientGate", "active_device"]

_KEY_ID = re.compile(r"[\x21-\x7e]{1,200}")
_FUTURE_S = 10
_PAST_S = 60
_MAX_LIFE_S = 120


@dataclass(frozen=True, slots=True)
class ClientGate:
    """Tell devices apart; ``issuer`` is the one audience that their assertions may name (RFC 7523bis)."""

    issuer: str
    devices: Devices
    nonces: Nonces
    seen_proofs: SeenProofs
    seen_assertions: SeenProofs

    def authenticate(self, form: Mapping[str, str], now: float) -> EnrolledDevice:
        """Return the device that made the client assertion; raise OAuthError invalid_client."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError("invalid_client", "client_assertion_type", 401)
        device, claims = self._signed_by_device(form.get("client_assertion", ""), ASSERTION_JWT, now)
        if claims.get("sub") != device.device_id or form.get("client_id", device.device_id) != device.device_id:
            raise OAuthError("invalid_client", "another client", 401)
        return device

    def request_object(self, token: str, device: EnrolledDevice, now: float) -> dict[str, Any]:
        """Return the claims of a signed request (JAR, RFC 9101) of ``device``; raise OAuthError."""
        try:
            signer, claims = self._signed_by_device(token, REQUEST_JWT, now)
        except OAuthError as error:
            raise OAuthError("invalid_request_object", error.reason) from None
        if signer.device_id != device.device_id or claims.get("client_id") != device.device_id:
            raise OAuthError("invalid_request_object", "another client")
        return claims

    def prove_possession(self, headers: Mapping[str, str], url: str, now: float) -> str:
        """Return the thumbprint of the key that made the proof, with a nonce of ours in it; raise OAuthError."""
        try:
            proven = judge_proof(
                headers.get("dpop", ""),
                "POST",
                url,
                now,
                self.seen_proofs,
                nonce_counts=lambda nonce: self.nonces.counts(nonce, now),
            )
        except DpopRefused as error:
            raise OAuthError("use_dpop_nonce" if error.why == "nonce" else "invalid_dpop_proof", error.why) from None
        return proven.thumbprint

    def _signed_by_device(self, token: str, kind: str, now: float) -> tuple[EnrolledDevice, dict[str, Any]]:
        found: list[EnrolledDevice] = []

        def key_for(header: dict[str, Any]) -> ec.EllipticCurvePublicKey | None:
            key_id = str(header.get("kid"))
            # Anybody may write here, and JSON can say text that no database takes.
            device = active_device(self.devices, key_id) if _KEY_ID.fullmatch(key_id) else None
            if device is None:
                return None
            found.append(device)
            return device.public_key

        try:
            claims = read_jwt(token, kind, frozenset({"kid"}), key_for)
        except JwtRefused as error:
            raise OAuthError("invalid_client", error.why, 401) from None
        device = found[0]
        if claims.get("iss") != device.device_id or claims.get("aud") != self.issuer:
            raise OAuthError("invalid_client", "issuer or audience", 401)
        if not _in_time(claims.get("iat"), claims.get("exp"), now):
            raise OAuthError("invalid_client", "out of time", 401)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 8 <= len(jti) <= 128:
            raise OAuthError("invalid_client", "jti", 401)
        if not self.seen_assertions.first_time(Proven(f"{kind} {device.key_id}", jti), now):
            raise OAuthError("invalid_client", "replayed", 401)
        return device, claims


def active_device(devices: Devices, key_id: str) -> EnrolledDevice | None:
    """Return the device that signs with a key; None for one that is unknown, suspended or revoked at this moment."""
    try:
        return devices.get(key_id)
    except Refusal:
        return None


def _in_time(issued: object, expires: object, now: float) -> bool:
    # A bool is an int to Python and no time to anybody else.
    if not isinstance(issued, int) or not isinstance(expires, int) or isinstance(issued, bool):
        return False
    # Compared and not subtracted: a difference with a number beyond all floats is an error, a comparison is not.
    return now - _PAST_S <= issued <= now + _FUTURE_S and now < expires <= issued + _MAX_LIFE_S
