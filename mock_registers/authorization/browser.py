"""A browser and the clerk in front of it, for demonstrations and tests: it really opens the page and fills in the form.

It knows nothing that a person would not: the address it is given, what the page shows, and what the clerk types.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from auth.wire.client_certificate import ClientCertificate
from mock_registers.authorization.clerks import ClerkLogin

__all__ = ["Page", "SandboxBrowser"]

_SECONDS = 10.0
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """Hold one page: its status, its fields, the form in it, and where it sends the browser."""

    status: int
    headers: Mapping[str, str]
    text: str
    location: str = ""
    action: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class SandboxBrowser:
    """Open addresses as ``auth.clerk.signing_in.OpenBrowser`` does, and sign one clerk in on what is shown there."""

    def __init__(
        self,
        anchor: bytes,
        login: ClerkLogin,
        *,
        now: Callable[[], float] = time.time,
        certificate: ClientCertificate | None = None,
    ) -> None:
        """Trust ``anchor``, the DER certificate of the sandbox's authority, and type what ``login`` says.

        ``certificate`` is installed in it, as the office's is where its servers ask browsers for one too.
        """
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.load_verify_locations(cadata=anchor)
        if certificate is not None:
            certificate.load_into(self._tls)
        self.login = login
        self._now = now
        self._cookies: dict[str, str] = {}

    def __call__(self, address: str) -> bool:
        """Sign the clerk in at ``address``, on a thread of its own, as a browser is a process of its own."""
        threading.Thread(target=self.sign_in, args=(address,), name="sandbox-browser", daemon=True).start()
        return True

    def sign_in(self, address: str, **typed: str) -> Page:
        """Open the page, type, press the button, and follow where it leads; return the last page."""
        return self.follow(self.submit(self.open(address), **typed))

    def submit(self, page: Page, **typed: str) -> Page:
        """Fill in the form of ``page`` and press "sign in", or what ``typed`` says instead."""
        person = {"clerk": self.login.clerk.clerk_id, "password": self.login.password, "act": "sign-in"}
        if "otp" in page.fields:
            person["otp"] = self.login.one_time_code(self._now())
        return self.post(page.action, {**page.fields, **person, **typed})

    def follow(self, page: Page) -> Page:
        """Go where ``page`` sends the browser, if it does."""
        return self.open(page.location) if page.location else page

    def open(self, address: str) -> Page:
        """Get a page."""
        return self._ask("GET", address, None)

    def post(self, address: str, fields: Mapping[str, str]) -> Page:
        """Send a form."""
        return self._ask("POST", address, urlencode(fields))

    def _ask(self, method: str, address: str, body: str | None) -> Page:
        parts = urlsplit(address)
        place = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"accept-language": "vi"}
        if body is not None:
            headers["content-type"] = _FORM
        if self._cookies and parts.scheme == "https":
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection = self._connect(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request(method, place, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8")
            for cookie in answer.headers.get_all("set-cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
        finally:
            connection.close()
        form = _FormReader()
        form.feed(text)
        fields = {name.lower(): value for name, value in answer.headers.items()}
        return Page(answer.status, fields, text, fields.get("location", ""), form.action, form.fields)

    def _connect(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)


class _FormReader(HTMLParser):
    """Find the form of a page and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of forms and inputs."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input":
            self.fields[given["name"]] = given.get("value", "")
