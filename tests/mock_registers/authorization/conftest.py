"""A desk that speaks to the authorization server in the server's own process, with every word of it to be changed.

It signs with joserfc and not with the code of ``auth.wire``, so that the two cannot agree on a mistake.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from mock_registers.authorization import AuthorizationService, ClerkLogin, clerks
from mock_registers.authorization.service import Said
from mock_registers.authorization.sign_in import Visitor
from mock_registers.gate import EnrolledDevice
from mock_registers.refusal import Refusal
from mock_registers.storage import Storage

ISSUER = "https://127.0.0.1:4443/authorization"
NOW = 1_800_000_000.0
REDIRECT = "http://127.0.0.1:50123/cb"
VERIFIER = "v" * 43
DETAIL = {
    "type": "urn:motcua:lookup",
    "purpose": "permanent-residence",
    "locations": ["urn:motcua:register:population"],
}
LAND = {
    "type": "urn:motcua:lookup",
    "purpose": "land-change-registration",
    "locations": ["urn:motcua:register:land", "urn:motcua:register:population"],
}


class Devices:
    """The enrolled devices, of which one may be suspended at any time."""

    def __init__(self) -> None:
        self.known: dict[str, EnrolledDevice] = {}
        self.suspended: set[str] = set()

    def get(self, key_id: str, /) -> EnrolledDevice | None:
        if key_id in self.suspended:
            raise Refusal(403, "device-suspended")
        return self.known.get(key_id)


@dataclass
class Desk:
    """One device, and how it speaks; ``None`` for a claim leaves it out."""

    server: AuthorizationService
    device_id: str
    key: Any
    now: float = NOW
    cookie: str = ""
    nonce: str = ""
    seen: list[Said] = field(default_factory=list)

    @property
    def key_id(self) -> str:
        return str(self.key.thumbprint())

    def enrolled(self) -> EnrolledDevice:
        return EnrolledDevice(self.device_id, self.key_id, self.key.public_key)

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        head, body = ({k: v for k, v in part.items() if v is not None} for part in (header, claims))
        return jws.serialize_compact({"alg": "ES256", **head}, json.dumps(body), self.key)

    def assertion(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        said = {"iss": self.device_id, "sub": self.device_id, **self._times(), **claims}
        return self.sign({"typ": "client-authentication+jwt", "kid": self.key_id, **(header or {})}, said)

    def request_object(self, parameters: dict[str, Any], header: dict[str, Any] | None = None, **claims: Any) -> str:
        said = {"iss": self.device_id, "client_id": self.device_id, **self._times(), **parameters, **claims}
        return self.sign({"typ": "oauth-authz-req+jwt", "kid": self.key_id, **(header or {})}, said)

    def proof(self, url: str, **claims: Any) -> str:
        said = {"jti": secrets.token_urlsafe(12), "htm": "POST", "htu": url, "iat": int(self.now), "nonce": self.nonce}
        jwk = self.key.as_dict(private=False)
        public = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
        return self.sign({"typ": "dpop+jwt", "jwk": public}, {**said, **claims})

    def _times(self) -> dict[str, Any]:
        now = int(self.now)
        return {"aud": ISSUER, "iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(12)}

    def send(self, way: str, fields: dict[str, str | None], *, proof: str | None = None, assertion: str = "") -> Said:
        """Ask one endpoint; the first time the server gives its nonce."""
        if not self.nonce:
            self.nonce = self.server.token(b"", {}, self.now).nonce
        form = {
            "client_id": self.device_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
            **fields,
        }
        body = urlencode({name: value for name, value in form.items() if value is not None}).encode()
        headers = {"dpop": self.proof(f"{ISSUER}/{way}") if proof is None else proof}
        ways = {
            "par": self.server.push,
            "token": self.server.token,
            "revoke": self.server.revoke,
            "device-authorization": self.server.authorize_device,
        }
        self.seen.append(ways[way](body, headers, self.now))
        return self.seen[-1]

    def parameters(self, **changes: Any) -> dict[str, Any]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": REDIRECT,
            "state": "s" * 32,
            "nonce": "n" * 32,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "authorization_details": [DETAIL, LAND],
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def push(self, **changes: Any) -> str:
        """Push a signed request and return the secret part of its address."""
        said = self.send("par", {"request": self.request_object(self.parameters(**changes))})
        assert said.status == 201, said.body
        return str(said.body["request_uri"]).rpartition(":")[2]

    def page(self, secret: str, **changes: str) -> Any:
        query = {"client_id": self.device_id, "request_uri": f"urn:ietf:params:oauth:request_uri:{secret}", **changes}
        return self._shown(self.server.sign_ins.page(Visitor(query, self.cookie, "vi"), self.now))

    def type(self, page: Any, login: ClerkLogin, **typed: str) -> Any:
        """Fill the page's form in and send it where it goes."""
        fields = {**hidden_fields(page), "clerk": login.clerk.clerk_id, "password": login.password, "act": "sign-in"}
        submit = self.server.sign_ins.submit_device if "/device" in action_of(page) else self.server.sign_ins.submit
        return submit(Visitor({**fields, **typed}, self.cookie, "vi"), self.now)

    def _shown(self, response: Any) -> Any:
        if "set-cookie" in response.headers:
            self.cookie = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
        return response

    def device_page(self, **fields: str) -> Any:
        return self._shown(self.server.sign_ins.device_page(Visitor(fields, self.cookie, "vi"), self.now))

    def code(self, login: ClerkLogin, **changes: Any) -> str:
        """Have a clerk sign in and return the code that the browser brings back."""
        return brought(self.type(self.page(self.push(**changes)), login))["code"]

    def redeem(self, code: str, **changes: str | None) -> Said:
        fields = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": REDIRECT}
        return self.send("token", {**fields, **changes})

    def refresh(self, token: str, **changes: str | None) -> Said:
        return self.send("token", {"grant_type": "refresh_token", "refresh_token": token, **changes})

    def later(self, seconds: float) -> None:
        """Let time pass; the nonce of before may count no more."""
        self.now += seconds
        self.nonce = ""

    def signed_in(self, login: ClerkLogin, **changes: Any) -> dict[str, Any]:
        said = self.redeem(self.code(login, **changes))
        assert said.status == 200, said.body
        return dict(said.body)


def brought(response: Any) -> dict[str, str]:
    """Return what a redirect brings the desk."""
    assert response.status_code == 303, response.body
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


def hidden_fields(page: Any) -> dict[str, str]:
    text = page.body.decode()
    return {
        part.split('"')[0]: part.split('value="')[1].split('"')[0]
        for part in text.split('<input type="hidden" name="')[1:]
    }


def action_of(page: Any) -> str:
    return str(page.body.decode().split('action="')[1].split('"')[0])


@pytest.fixture
def storage() -> Iterator[Storage]:
    opened = Storage()
    yield opened
    opened.close()


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have scrypt cost nothing, but in the test that is about its cost."""
    monkeypatch.setitem(clerks._COST, "n", 2)


@pytest.fixture
def server(storage: Storage, devices: Devices) -> AuthorizationService:
    return AuthorizationService(ISSUER, storage.engine, devices)


@pytest.fixture
def logins(server: AuthorizationService) -> dict[str, ClerkLogin]:
    return {login.clerk.clerk_id: login for login in server.clerks.hire()}


@pytest.fixture
def clerk(logins: dict[str, ClerkLogin]) -> ClerkLogin:
    return logins["canbo.mau"]


def make_desk(server: AuthorizationService, devices: Devices, device_id: str) -> Desk:
    desk = Desk(server, device_id, ECKey.generate_key("P-256"))
    devices.known[desk.key_id] = desk.enrolled()
    return desk


@pytest.fixture
def pages() -> SimpleNamespace:
    """Return what tests read in answers to a browser."""
    return SimpleNamespace(brought=brought, hidden=hidden_fields, action=action_of)


@pytest.fixture
def desk(server: AuthorizationService, devices: Devices) -> Desk:
    return make_desk(server, devices, "desk-1")


@pytest.fixture
def other_desk(server: AuthorizationService, devices: Devices) -> Desk:
    return make_desk(server, devices, "desk-2")
