"""The authorization server as a whole: its metadata (RFC 8414), its endpoints, and what each answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sqlalchemy import Engine

from auth.wire.dpop import SeenProofs
from auth.wire.oauth import ACR_PASSWORD, ACR_TWO_FACTOR, AUTHORIZATION, DETAIL_TYPE, DEVICE_GRANT, REQUEST_URI
from mock_registers.authorization.clerks import ClerkBook
from mock_registers.authorization.client import ClientGate
from mock_registers.authorization.errors import OAuthError
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.grants import Grants
from mock_registers.authorization.keyring import Keyring
from mock_registers.authorization.nonces import Nonces
from mock_registers.authorization.requests import DeviceRequest, SignInRequest, parse_request
from mock_registers.authorization.sign_in import SignIns
from mock_registers.authorization.store import TokenStore, new_secret
from mock_registers.authorization.tokens import TokenMaker
from mock_registers.gate import Devices, EnrolledDevice

__all__ = ["AuthorizationService", "Said", "as_json", "issuer_at", "parse_form"]

PUSHED_SECONDS = 600
DEVICE_SECONDS = 600


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """Hold an answer to a desk: its status, its JSON and the nonce for the next proof."""

    status: int
    body: Mapping[str, object]
    nonce: str = ""


Answering = Callable[["AuthorizationService", dict[str, str], EnrolledDevice, float], Mapping[str, object]]


class AuthorizationService:
    """Answer desks and browsers at ``issuer``; ``devices`` knows those that may ask at this moment."""

    def __init__(self, issuer: str, engine: Engine, devices: Devices, fault: AuthorizationFault | None = None) -> None:
        self.issuer = issuer
        self.fault = fault
        self.keyring = Keyring()
        self.store = TokenStore(engine)
        self.clerks = ClerkBook(engine)
        self.sign_ins = SignIns(issuer, self.store, self.clerks, devices, fault)
        self._nonces = Nonces()
        self._gate = ClientGate(issuer, devices, self._nonces, SeenProofs(), SeenProofs())
        self._grants = Grants(self.store, self.clerks, TokenMaker(issuer, self.keyring, fault))

    def metadata(self) -> dict[str, object]:
        """Return what the server says of itself (RFC 8414 §2)."""
        issuer = self.issuer
        if self.fault is AuthorizationFault.FOREIGN_METADATA:
            issuer = f"{issuer}/another"
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "revocation_endpoint": f"{self.issuer}/revoke",
            "device_authorization_endpoint": f"{self.issuer}/device-authorization",
            "pushed_authorization_request_endpoint": f"{self.issuer}/par",
            "require_pushed_authorization_requests": True,
            "authorization_response_iss_parameter_supported": True,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "request_object_signing_alg_values_supported": ["ES256"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_details_types_supported": [DETAIL_TYPE],
            "acr_values_supported": [ACR_PASSWORD, ACR_TWO_FACTOR],
            "ui_locales_supported": ["vi", "en"],
        }

    def push(self, body: bytes, headers: Mapping[str, str], now: float | None = None) -> Said:
        """Take an authorization request (RFC 9126), signed (RFC 9101) or as it is."""
        return self._answer("par", body, headers, now, AuthorizationService._push, status=201)

    def token(self, body: bytes, headers: Mapping[str, str], now: float | None = None) -> Said:
        """Give tokens out."""
        return self._answer("token", body, headers, now, lambda self, form, who, at: self._grants.grant(form, who, at))

    def authorize_device(self, body: bytes, headers: Mapping[str, str], now: float | None = None) -> Said:
        """Give a kiosk its two codes (RFC 8628 §3.2)."""
        return self._answer("device-authorization", body, headers, now, AuthorizationService._codes)

    def revoke(self, body: bytes, headers: Mapping[str, str], now: float | None = None) -> Said:
        """Take tokens back (RFC 7009); no proof is wanted, since nothing is given."""
        return self._answer("revoke", body, headers, now, AuthorizationService._revoke, proof=False)

    def _push(self, form: dict[str, str], device: EnrolledDevice, now: float) -> Mapping[str, object]:
        given: Mapping[str, object] = form
        if "request" in form:
            if set(form) - {"request", "client_id", "client_assertion", "client_assertion_type"}:
                raise OAuthError("invalid_request", "parameters beside a signed request")
            given = self._gate.request_object(form["request"], device, now)
        parameters = parse_request(given, SignInRequest)
        self.store.forget_expired(now)
        secret = new_secret()
        self.store.push(secret, device, parameters, now + PUSHED_SECONDS)
        return {"request_uri": REQUEST_URI + secret, "expires_in": PUSHED_SECONDS}

    def _codes(self, form: dict[str, str], device: EnrolledDevice, now: float) -> Mapping[str, object]:
        parameters = parse_request(form, DeviceRequest)
        self.store.forget_expired(now)
        secret = new_secret()
        user_code = self.store.wait_for_device(secret, device, parameters, now + DEVICE_SECONDS)
        return {
            "device_code": secret,
            "user_code": user_code,
            "verification_uri": f"{self.issuer}/device",
            "verification_uri_complete": f"{self.issuer}/device?user_code={user_code}",
            "expires_in": DEVICE_SECONDS,
            "interval": 5,
        }

    def _revoke(self, form: dict[str, str], device: EnrolledDevice, _now: float) -> Mapping[str, object]:
        self._grants.revoke(form.get("token", ""), device)
        return {}

    def _answer(
        self,
        name: str,
        body: bytes,
        headers: Mapping[str, str],
        now: float | None,
        answering: Answering,
        *,
        status: int = 200,
        proof: bool = True,
    ) -> Said:
        now = time.time() if now is None else now
        fresh = self._nonces.fresh(now)
        try:
            form = parse_form(body)
            # The proof first: its refusal brings the nonce and our time, by which a desk can set a wrong clock right.
            proven = self._gate.prove_possession(headers, f"{self.issuer}/{name}", now) if proof else ""
            if proof and self.fault is AuthorizationFault.NONCE_LOOP:
                raise OAuthError("use_dpop_nonce")
            device = self._gate.authenticate(form, now)
            if proof and proven != device.key_id:
                raise OAuthError("invalid_dpop_proof", "another key than the device's")
            return Said(status, answering(self, form, device, now), fresh)
        except OAuthError as error:
            told: dict[str, object] = {"error": error.error}
            if error.reason:
                told["error_description"] = error.reason
            return Said(error.status, told, fresh)


def parse_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; raise OAuthError for one that is none or names a field twice (RFC 6749 §3.1)."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=40
        )
    except ValueError:
        raise OAuthError("invalid_request", "no form") from None
    if len({name for name, _value in pairs}) != len(pairs):
        raise OAuthError("invalid_request", "a parameter twice")
    return dict(pairs)


def as_json(said: Said) -> bytes:
    """Return the body of an answer."""
    return json.dumps(said.body).encode()


def issuer_at(origin: str) -> str:
    """Return the issuer that the sandbox serves at ``origin``."""
    return f"{origin}/{AUTHORIZATION}"
