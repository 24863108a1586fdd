"""Talk to the authorization server as this device: pushed requests, tokens, revocation, its keys.

Every request carries an assertion signed with the device's key (RFC 7523) and a DPoP proof (RFC 9449) with the nonce
that the server gave last. Where it gave a new one the request is made once more, with both made anew.

Its answers are not signed, so that the time in them is only a hint. What is said to this server is dated by it, and
what this server says of its own times is judged by it: whether an identity token is made just now, and how long ago the
clerk signed in (a register judges that for itself). It never sets the clock that a desk goes by
(``auth.wire.server_time``): that takes an identity token, which is signed, and which the hint must bear out.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from auth.clerk.endpoint import AuthorizationEndpoint
from auth.clerk.keys import ServerKeys
from auth.clerk.metadata import ServerMetadata, parse_metadata, well_known
from auth.errors import AnswerNotTrusted, RegisterTimeout, RegisterUnreachable
from auth.wire.dpop import make_proof
from auth.wire.endpoint import DeviceCredential
from auth.wire.exchange import HttpsExchange
from auth.wire.jwt import sign_jwt
from auth.wire.oauth import ASSERTION_JWT, ASSERTION_TYPE, AUTHORIZATION, REQUEST_JWT
from auth.wire.signatures import HttpAnswer, HttpRequest
from reader.errors import MotCuaError

__all__ = ["AuthorizationClient", "OAuthRefused"]

_FORM = "application/x-www-form-urlencoded"
_ASSERTION_SECONDS = 60
_NEW_NONCE = "use_dpop_nonce"
# What a proof or an assertion out of its time is refused with, among other things.
_OUT_OF_TIME = ("invalid_dpop_proof", "invalid_client")
_MAX_NONCE = 256


class OAuthRefused(Exception):
    """Say that the server refused, with its error code where it is one that we know, else "refused"."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


_ERRORS = frozenset(
    {
        "access_denied",
        "authorization_pending",
        "expired_token",
        "invalid_authorization_details",
        "invalid_client",
        "invalid_dpop_proof",
        "invalid_grant",
        "invalid_request",
        "invalid_request_object",
        "slow_down",
        _NEW_NONCE,
    }
)


@dataclass(slots=True)
class _Heard:
    """What the server said last: its nonce, and how far it seems to be ahead of this computer's clock."""

    nonce: str | None = None
    hint: float | None = None


class AuthorizationClient:
    """Ask one authorization server, from any thread."""

    def __init__(
        self,
        endpoint: AuthorizationEndpoint,
        device: DeviceCredential,
        *,
        deadline_s: float = 10.0,
    ) -> None:
        """Take ``deadline_s`` as the total of one exchange; raise RegisterUnreachable for anchors that are none."""
        self.issuer = endpoint.issuer
        self.device = device
        self._pins = endpoint.key_pins
        self.deadline_s = deadline_s
        self._https = HttpsExchange(endpoint.server, "application/json", device.clock)
        self._lock = threading.Lock()
        self._heard = _Heard()
        self._metadata: ServerMetadata | None = None
        self._keys: ServerKeys | None = None

    def close(self) -> None:
        """Break off what is under way; every call raises RegisterUnreachable from then on."""
        self._https.close()

    @property
    def clock_offset(self) -> float:
        """Return by how many seconds this computer's clock is known to be behind."""
        return self.device.clock.offset

    def now(self) -> float:
        """Return what this server takes for the time, as far as it is known."""
        said = self.said_now()
        return self.device.clock.now() if said is None else said

    def said_now(self) -> float | None:
        """Return what this server takes for the time by its own answers, None where there was none in them."""
        hint = self._hint()
        return None if hint is None else self.device.clock.local() + hint

    def _hint(self) -> float | None:
        with self._lock:
            return self._heard.hint

    def metadata(self, late: float = inf) -> ServerMetadata:
        """Return the server's addresses, fetched once; raise RegisterError."""
        if self._metadata is None:
            self._metadata = parse_metadata(self._get(well_known(self.issuer), late), self.issuer)
        return self._metadata

    def keys(self, late: float = inf, *, again: bool = False) -> ServerKeys:
        """Return the server's keys, fetched once, or ``again`` after a rotation; raise RegisterError."""
        if self._keys is None or again:
            self._keys = ServerKeys.of(self._get(self.metadata(late).keys, late), self._pins)
        return self._keys

    def push(self, parameters: Mapping[str, object], late: float = inf) -> str:
        """Push a signed authorization request (RFC 9126, RFC 9101) and return where it lies; raise OAuthRefused."""
        url = self.metadata(late).pushed
        answer = self._post(url, lambda: {"request": self._request_object(parameters)}, late)
        address = answer.get("request_uri")
        if not isinstance(address, str) or not 1 <= len(address) <= 500:
            raise AnswerNotTrusted(AUTHORIZATION, "malformed")
        return address

    def tokens(self, fields: Mapping[str, str], late: float = inf) -> dict[str, Any]:
        """Return the answer of the token endpoint; raise OAuthRefused or RegisterError."""
        return self._post(self.metadata(late).token, lambda: fields, late)

    def device_codes(self, fields: Mapping[str, str], late: float = inf) -> dict[str, Any]:
        """Return the answer of the device authorization endpoint (RFC 8628); raise OAuthRefused or RegisterError."""
        return self._post(self.metadata(late).device, lambda: fields, late)

    def revoke(self, refresh_token: str, late: float = inf) -> None:
        """Have the server end what came of this token (RFC 7009); raise OAuthRefused or RegisterError."""
        fields = {"token": refresh_token, "token_type_hint": "refresh_token"}
        self._post(self.metadata(late).revocation, lambda: fields, late)

    def give_back(self, refresh_token: str, late: float = inf) -> bool:
        """Revoke a token that is of no more use here; False where the server could not be told."""
        try:
            self.revoke(refresh_token, late)
        except (OAuthRefused, MotCuaError):
            return False
        return True

    def _post(self, url: str, fields: Callable[[], Mapping[str, str]], late: float) -> dict[str, Any]:
        """Ask; once more where the server wants another nonce (RFC 9449 §8), and where our clock turned out wrong."""
        nonce_given = clock_set = False
        while True:
            hint = self._hint()
            answer = self._send_form(url, fields(), late)
            document = self._document(answer)
            if answer.status_code in (200, 201):
                return document
            error = document.get("error")
            if error == _NEW_NONCE and not nonce_given:
                nonce_given = True
            elif error in _OUT_OF_TIME and self._hint() != hint and not clock_set:
                clock_set = True
            else:
                raise OAuthRefused(error if isinstance(error, str) and error in _ERRORS else "refused")

    def _send_form(self, url: str, fields: Mapping[str, str], late: float) -> HttpAnswer:
        now = int(self.now())
        with self._lock:
            nonce = self._heard.nonce
        body = {
            **fields,
            "client_id": self.device.device_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._signed(ASSERTION_JWT, {"sub": self.device.device_id}, now),
        }
        headers = {
            "content-type": _FORM,
            "dpop": make_proof(self.device.signer, "POST", url, now, nonce=nonce),
        }
        return self._send(HttpRequest("POST", url, headers, urlencode(body).encode("ascii")), late)

    def _request_object(self, parameters: Mapping[str, object]) -> str:
        return self._signed(REQUEST_JWT, {**parameters, "client_id": self.device.device_id}, int(self.now()))

    def _signed(self, kind: str, claims: Mapping[str, object], now: int) -> str:
        times = {"iat": now, "exp": now + _ASSERTION_SECONDS, "jti": secrets.token_urlsafe(16)}
        whole = {**claims, "iss": self.device.device_id, "aud": self.issuer, **times}
        return sign_jwt({"typ": kind, "kid": self.device.signer.key_id}, whole, self.device.signer)

    def _get(self, url: str, late: float) -> dict[str, Any]:
        answer = self._send(HttpRequest("GET", url, {}, b""), late)
        if answer.status_code != 200:
            raise AnswerNotTrusted(AUTHORIZATION, "unexpected-status")
        return self._document(answer)

    def _send(self, request: HttpRequest, late: float) -> HttpAnswer:
        left = late - monotonic()
        if left <= 0:
            raise RegisterTimeout(AUTHORIZATION, "deadline")
        answer = self._https.send(request, min(self.deadline_s, left))
        if answer.status_code >= 500:
            raise RegisterUnreachable(AUTHORIZATION, f"http-{answer.status_code}")
        if 300 <= answer.status_code < 400:
            raise AnswerNotTrusted(AUTHORIZATION, "redirect")
        self._take_note(answer.headers)
        return answer

    def _take_note(self, headers: Mapping[str, str]) -> None:
        nonce = headers.get("dpop-nonce", "")
        try:
            hint = parsedate_to_datetime(headers.get("date", "")).timestamp() - self.device.clock.local()
        except (ValueError, TypeError, OverflowError):
            hint = None
        with self._lock:
            if 0 < len(nonce) <= _MAX_NONCE and nonce.isascii():
                self._heard.nonce = nonce
            # The field has whole seconds and the answer took its time: a small difference is none.
            if hint is not None and (self._heard.hint is None or abs(hint - self._heard.hint) > 2):
                self._heard.hint = hint if abs(hint) > 2 else 0.0

    def _document(self, answer: HttpAnswer) -> dict[str, Any]:
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            document = json.loads(answer.body) if media_type == "application/json" else None
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise AnswerNotTrusted(AUTHORIZATION, "malformed")
        return document
