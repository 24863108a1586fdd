"""The authorization server on the sandbox's web application: its paths, its limits, what is refused unread."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response

from auth.wire.oauth import AUTHORIZATION
from auth.wire.profile import MAX_REQUEST_BYTES
from mock_registers.authorization.errors import OAuthError
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.service import AuthorizationService, Said, as_json, parse_form
from mock_registers.authorization.sign_in import COOKIE, Visitor
from mock_registers.faults import Hanging

__all__ = ["add_authorization_server"]

_FORM = "application/x-www-form-urlencoded"
_WELL_KNOWN = "/.well-known/oauth-authorization-server"

AnswerDesk = Callable[[bytes, dict[str, str]], Said]
AnswerBrowser = Callable[[Visitor, float], Response]


def add_authorization_server(app: FastAPI, service: AuthorizationService, now: Callable[[], float]) -> None:
    """Serve ``service`` below its own path of ``app``."""
    base = f"/{AUTHORIZATION}"

    async def metadata() -> Response:
        return _json(Said(200, service.metadata()))

    async def jwks() -> Response:
        return _json(Said(200, service.keyring.document()))

    ways: list[tuple[str, str, object]] = [
        ("GET", _WELL_KNOWN + base, metadata),
        ("GET", f"{base}/jwks", jwks),
        ("POST", f"{base}/par", _for_desks(service, service.push)),
        ("POST", f"{base}/token", _for_desks(service, service.token)),
        ("POST", f"{base}/revoke", _for_desks(service, service.revoke)),
        ("POST", f"{base}/device-authorization", _for_desks(service, service.authorize_device)),
        ("GET", f"{base}/authorize", _shown(service.sign_ins.page, now)),
        ("POST", f"{base}/authorize", _typed(service.sign_ins.submit, now)),
        ("GET", f"{base}/device", _shown(service.sign_ins.device_page, now)),
        ("POST", f"{base}/device", _typed(service.sign_ins.submit_device, now)),
    ]
    for method, path, handler in ways:
        # Left out of the registers' contract: what is said here is the standards' own.
        app.add_api_route(path, handler, methods=[method], include_in_schema=False)  # type: ignore[arg-type]  # a handler


def _for_desks(service: AuthorizationService, answering: AnswerDesk) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        if service.fault is AuthorizationFault.HANGS:
            return Hanging()
        if service.fault is AuthorizationFault.HTTP_500:
            return Response("Internal Server Error", 500)
        fields, body = _single_fields(request), await _form_body(request)
        if body is None or fields is None:
            return _json(Said(400, {"error": "invalid_request"}))
        return _json(answering(body, fields))

    return answer


def _shown(answering: AnswerBrowser, now: Callable[[], float]) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        try:
            fields = parse_form(request.url.query.encode("ascii")) if request.url.query else {}
        except (OAuthError, UnicodeEncodeError):
            return Response(status_code=400)
        return answering(_visitor(request, fields), now())

    return answer


def _typed(answering: AnswerBrowser, now: Callable[[], float]) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        body = await _form_body(request)
        try:
            fields = parse_form(body or b"")
        except OAuthError:
            return Response(status_code=400)
        return answering(_visitor(request, fields), now())

    return answer


def _visitor(request: Request, fields: dict[str, str]) -> Visitor:
    return Visitor(fields, request.cookies.get(COOKIE, ""), request.headers.get("accept-language", "")[:200])


def _json(said: Said) -> Response:
    headers = {"cache-control": "no-store"}
    if said.nonce:
        headers["dpop-nonce"] = said.nonce
    if said.status == 401:
        headers["www-authenticate"] = 'DPoP algs="ES256"'
    return Response(as_json(said), said.status, headers, "application/json")


def _single_fields(request: Request) -> dict[str, str] | None:
    """Return the fields by lower-case name; None where one came twice (RFC 9449 §4.3: not more than one proof)."""
    fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}
    return fields if len(fields) == len(request.headers.raw) else None


async def _form_body(request: Request) -> bytes | None:
    """Return the body; None for one that is too large or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            return None
    return bytes(body) if request.headers.get("content-type", "").partition(";")[0].strip() == _FORM else None
