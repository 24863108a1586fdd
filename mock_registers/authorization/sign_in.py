"""The clerk in front of the page: who may sign in for which request, and what the browser is sent back with.

There is no sign-in that lasts: each request wants the password anew, so a browser that was left open signs nobody in.
A form counts only with the cookie of the browser that was given it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from auth.wire.jwt import base64url
from auth.wire.oauth import ACR_PASSWORD, ACR_TWO_FACTOR, REQUEST_URI
from mock_registers.authorization.clerks import ClerkBook
from mock_registers.authorization.client import active_device
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.grants import FAMILY_SECONDS
from mock_registers.authorization.pages import Form, message_page, preferred_language, sign_in_page, user_code_page
from mock_registers.authorization.store import Family, TokenStore, new_secret
from mock_registers.authorization.throttle import Throttle
from mock_registers.gate import Devices, EnrolledDevice

__all__ = ["COOKIE", "SignIns", "Visitor"]

COOKIE = "__Host-motcua-sign-in"
_CODE_SECONDS = 60
_MAX_ATTEMPTS = 5
_USER_CODES = "user code"


@dataclass(frozen=True, slots=True, repr=False)
class Visitor:
    """Hold what a browser sent: its query or form, its cookie and its languages."""

    fields: Mapping[str, str]
    cookie: str
    languages: str


class _Refused(Exception):
    """Say which text stands above the form, and how long to wait."""

    def __init__(self, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class SignIns:
    """Show the pages of one issuer and take what is typed there."""

    issuer: str
    store: TokenStore
    clerks: ClerkBook
    devices: Devices
    fault: AuthorizationFault | None = None
    _throttle: Throttle = field(default_factory=Throttle)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def page(self, visitor: Visitor, now: float) -> Response:
        """Return the page for a pushed request, which is all that an address may name (RFC 9126 §4)."""
        given = dict(visitor.fields)
        language = preferred_language(given.pop("lang", "") or visitor.languages)
        secret = given.get("request_uri", "").removeprefix(REQUEST_URI)
        pushed = self.store.pushed(secret, now)
        if set(given) != {"client_id", "request_uri"} or pushed is None or pushed.device_id != given["client_id"]:
            return message_page(language, "gone", 400)
        if "lang" not in visitor.fields and pushed.parameters["ui_locales"]:
            language = preferred_language(pushed.parameters["ui_locales"])
        return self._form(visitor, secret, pushed.device_id, pushed.parameters, language)

    def submit(self, visitor: Visitor, now: float) -> Response:
        """Take what was typed; send the browser back to the desk with a code, or show the page again."""
        secret, language = visitor.fields.get("subject", ""), preferred_language(visitor.fields.get("lang", ""))
        pushed = self.store.pushed(secret, now)
        device = active_device(self.devices, pushed.key_id) if pushed is not None else None
        if pushed is None or device is None or not self._is_ours(visitor, secret):
            return message_page(language, "gone", 400)
        wanted = pushed.parameters
        if visitor.fields.get("act") == "cancel":
            self.store.finish(pushed.key)
            return self._send_back(wanted, {"error": "access_denied"})
        try:
            family = self._sign_in(visitor.fields, device, wanted, now)
        except _Refused as refused:
            self.store.count_attempt(pushed.key)
            if pushed.attempts + 1 >= _MAX_ATTEMPTS:
                self.store.finish(pushed.key)
                return self._send_back(wanted, {"error": "access_denied"})
            return self._form(visitor, secret, pushed.device_id, wanted, language, refused)
        if not self.store.finish(pushed.key):
            return message_page(language, "gone", 400)
        self.store.begin_family(family)
        code = new_secret()
        expires = now + _CODE_SECONDS
        self.store.save_code(code, family.family, wanted["code_challenge"], wanted["redirect_uri"], expires)
        return self._send_back(wanted, {"code": code})

    def device_page(self, visitor: Visitor, now: float) -> Response:
        """Return the page for a kiosk's code (RFC 8628 §3.3), or the sign-in where the code is there already."""
        language = preferred_language(visitor.fields.get("lang", "") or visitor.languages)
        if "user_code" in visitor.fields:
            return self._device_form(visitor, language, now)
        return self._with_cookie(visitor, lambda cookie: user_code_page(self._code_form(cookie, language)))

    def submit_device(self, visitor: Visitor, now: float) -> Response:
        """Take a kiosk's code, or what was typed for it."""
        language = preferred_language(visitor.fields.get("lang", ""))
        if "user_code" in visitor.fields:
            if not self._is_ours(visitor, _USER_CODES):
                return message_page(language, "gone", 400)
            return self._device_form(visitor, language, now)
        user_code = visitor.fields.get("subject", "")
        waiting = self.store.of_user_code(user_code, now)
        device = active_device(self.devices, waiting.key_id) if waiting is not None else None
        if waiting is None or device is None or not self._is_ours(visitor, user_code):
            return message_page(language, "gone", 400)
        if visitor.fields.get("act") == "cancel":
            self.store.settle(waiting.key, "waiting", "denied")
            return message_page(language, "cancelled")
        try:
            family = self._sign_in(visitor.fields, device, waiting.parameters, now)
        except _Refused as refused:
            return self._form(visitor, user_code, waiting.device_id, waiting.parameters, language, refused, user_code)
        self.store.begin_family(family)
        settled = self.store.settle(waiting.key, "waiting", "approved", family.family)
        return message_page(language, "done" if settled else "gone", 200 if settled else 400)

    def _sign_in(self, typed: Mapping[str, str], device: EnrolledDevice, wanted: dict[str, Any], now: float) -> Family:
        clerk_id, two_factor = typed.get("clerk", "").strip()[:60], wanted["acr_values"] == ACR_TWO_FACTOR
        if seconds := self._throttle.seconds_to_wait(clerk_id, now):
            raise _Refused("wait", seconds)
        otp = typed.get("otp", "").replace(" ", "") if two_factor else None
        clerk = self.clerks.judge(clerk_id, typed.get("password", "")[:200], otp, now)
        if clerk is None:
            self._throttle.failed(clerk_id, now)
            raise _Refused("wrong")
        details = tuple(detail for detail in wanted["authorization_details"] if clerk.may(detail["purpose"]))
        if not details:
            raise _Refused("no-role")
        return Family(
            family=new_secret(),
            device_id=device.device_id,
            thumbprint=device.key_id,
            clerk_id=clerk.clerk_id,
            details=details,
            nonce=wanted["nonce"],
            acr=ACR_TWO_FACTOR if wanted["acr_values"] == ACR_TWO_FACTOR else ACR_PASSWORD,
            auth_time=int(now),
            expires=now + FAMILY_SECONDS,
        )

    def _send_back(self, wanted: dict[str, Any], result: dict[str, str]) -> Response:
        state, issuer = wanted["state"], self.issuer
        if self.fault is AuthorizationFault.WRONG_STATE:
            state = secrets.token_urlsafe(16)
        if self.fault is AuthorizationFault.WRONG_ISSUER:
            issuer = f"{issuer}/another"
        query = urlencode({**result, "state": state, "iss": issuer})
        # 303: a 307 would have the browser send the password on to the desk (RFC 9700 §4.12).
        return RedirectResponse(f"{wanted['redirect_uri']}?{query}", 303, {"cache-control": "no-store"})

    def _device_form(self, visitor: Visitor, language: str, now: float) -> Response:
        letters = "".join(letter for letter in visitor.fields["user_code"].upper() if letter.isalpha())[:8]
        user_code = f"{letters[:4]}-{letters[4:]}"
        seconds = self._throttle.seconds_to_wait(_USER_CODES, now)
        waiting = None if seconds else self.store.of_user_code(user_code, now)
        if waiting is None:
            if not seconds:
                self._throttle.failed(_USER_CODES, now)
            refused = _Refused("wait" if seconds else "wrong", seconds)
            return self._with_cookie(visitor, lambda cookie: user_code_page(self._code_form(cookie, language, refused)))
        return self._form(visitor, user_code, waiting.device_id, waiting.parameters, language, compare=user_code)

    def _code_form(self, cookie: str, language: str, refused: _Refused | None = None) -> Form:
        return Form(
            action=f"{self.issuer}/device",
            hidden=(("csrf", self._mark(cookie, _USER_CODES)), ("lang", language)),
            device="",
            language=language,
            other_language=f"{self.issuer}/device?lang={_other(language)}",
            error=refused.text if refused else "",
            seconds=refused.seconds if refused else 0,
        )

    def _form(
        self,
        visitor: Visitor,
        subject: str,
        device_id: str,
        wanted: dict[str, Any],
        language: str,
        refused: _Refused | None = None,
        compare: str = "",
    ) -> Response:
        query = {"user_code": compare} if compare else {"client_id": device_id, "request_uri": REQUEST_URI + subject}
        way = "device" if compare else "authorize"

        def page(cookie: str) -> Response:
            hidden = (("subject", subject), ("csrf", self._mark(cookie, subject)), ("lang", language))
            form = Form(
                action=f"{self.issuer}/{way}",
                hidden=hidden,
                device=device_id,
                language=language,
                other_language=f"{self.issuer}/{way}?{urlencode({**query, 'lang': _other(language)})}",
                error=refused.text if refused else "",
                seconds=refused.seconds if refused else 0,
                clerk=visitor.fields.get("clerk", wanted["login_hint"])[:60],
                wants_code=wanted["acr_values"] == ACR_TWO_FACTOR,
                compare=compare,
            )
            return sign_in_page(form, wanted.get("redirect_uri", ""))

        return self._with_cookie(visitor, page)

    def _with_cookie(self, visitor: Visitor, page: Any) -> Response:
        cookie = visitor.cookie or new_secret()
        response: Response = page(cookie)
        if not visitor.cookie:
            response.set_cookie(COOKIE, cookie, path="/", secure=True, httponly=True, samesite="strict")
        return response

    def _is_ours(self, visitor: Visitor, subject: str) -> bool:
        given = visitor.fields.get("csrf", "").encode("utf-8")
        return bool(visitor.cookie) and hmac.compare_digest(given, self._mark(visitor.cookie, subject).encode())

    def _mark(self, cookie: str, subject: str) -> str:
        return base64url(hmac.digest(self._key, f"{cookie}\0{subject}".encode(), "sha256"))


def _other(language: str) -> str:
    return "en" if language == "vi" else "vi"
