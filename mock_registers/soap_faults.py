"""What a gateway, or somebody on the way to it, may do wrong: each fault has a name and does one thing."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from mock_registers.faults import Hanging
from mock_registers.named_fault import NamedFault
from mock_registers.soap_writing import fault_said

__all__ = ["SoapFault", "answer_soap_wrongly"]


class SoapFault(NamedFault):
    """Name a fault; ``about`` says what it does."""

    HANGS = "hangs", "takes the request and never answers"
    ANOTHER_CITIZEN = "another-citizen", "gives the record of somebody else"
    TWO_CITIZENS = "two-citizens", "gives the record twice"
    TWO_NUMBERS = "two-numbers", "gives two personal numbers in one record"
    CLIENT_FAULT = "client-fault", "answers a SOAP fault that blames the question"
    SERVER_FAULT = "server-fault", "answers a SOAP fault of its own"
    HTTP_500 = "http-500", "fails with a 500 that is no SOAP"
    UNAUTHORIZED = "unauthorized", "turns the log-in away with a 401"
    LOGIN_PAGE = "login-page", "answers a web page"
    REDIRECT = "redirect", "sends the desk elsewhere with a 307"
    GZIP = "gzip", "compresses the answer"
    BILLION_LAUGHS = "billion-laughs", "declares entities that grow without end"
    EXTERNAL_ENTITY = "external-entity", "declares an entity that is a file of the desk"
    DEEP = "deep", "nests elements ten thousand deep"
    MANY = "many", "repeats an element fifty thousand times"
    HALF_ANSWER = "half-answer", "leaves the second half of the answer out"
    FOREIGN_NAMESPACE = "foreign-namespace", "says it all in another namespace"
    EMPTY_BODY = "empty-body", "leaves the body empty"


def answer_soap_wrongly(fault: SoapFault, said: bytes, media_type: str) -> Response:
    """Return ``said`` with ``fault``; another-citizen has happened before, so it goes out as it is."""
    change = _CHANGES.get(fault)
    if change is not None:
        return Response(change(said), media_type=media_type)
    match fault:
        case SoapFault.HANGS:
            return Hanging()
        case SoapFault.CLIENT_FAULT:
            return Response(fault_said("Client", "MaDVC"), status_code=500, media_type=media_type)
        case SoapFault.SERVER_FAULT:
            return Response(fault_said("Server.Busy", "busy"), status_code=500, media_type=media_type)
        case SoapFault.HTTP_500:
            return PlainTextResponse("Internal Server Error", status_code=500)
        case SoapFault.UNAUTHORIZED:
            return Response(status_code=401)
        case SoapFault.LOGIN_PAGE:
            return HTMLResponse("<html><body>Log in</body></html>")
        case SoapFault.REDIRECT:
            return RedirectResponse("https://127.0.0.1:9/elsewhere", status_code=307)
        case SoapFault.GZIP:
            return Response(gzip.compress(said), media_type=media_type, headers={"content-encoding": "gzip"})
        case _:
            return Response(said, media_type=media_type)


def _twice(pattern: bytes) -> Callable[[bytes], bytes]:
    return lambda said: re.sub(pattern, lambda match: match.group(0) * 2, said, count=1, flags=re.DOTALL)


def _with_prologue(declarations: str) -> Callable[[bytes], bytes]:
    """Put a document type before the root, and its entity where the citizen's number stands."""

    def change(said: bytes) -> bytes:
        declaration, _, rest = said.partition(b"\n")
        return b"\n".join((declaration, declarations.encode(), re.sub(rb">0[0-9]{11}<", b">&x;<", rest, count=1)))

    return change


_LAUGHS = "".join(f'<!ENTITY x{n} "{f"&x{n + 1};" * 10}">' for n in range(9))
_CHANGES: Mapping[SoapFault, Callable[[bytes], bytes]] = {
    SoapFault.TWO_CITIZENS: _twice(rb"<(ns[0-9]+:CongDan)>.*</\1>"),
    SoapFault.TWO_NUMBERS: _twice(rb"<(ns[0-9]+:SoDinhDanh)>.*?</\1>"),
    SoapFault.BILLION_LAUGHS: _with_prologue(f'<!DOCTYPE a [<!ENTITY x "&x0;">{_LAUGHS}<!ENTITY x9 "ha">]>'),
    SoapFault.EXTERNAL_ENTITY: _with_prologue('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
    SoapFault.DEEP: lambda _said: b"<a>" * 10_000 + b"</a>" * 10_000,
    SoapFault.MANY: lambda said: said.replace(b"</ns0:Body>", b"<a/>" * 50_000 + b"</ns0:Body>"),
    SoapFault.HALF_ANSWER: lambda said: said[: len(said) // 2],
    SoapFault.FOREIGN_NAMESPACE: lambda said: said.replace(b"mic.gov.vn/dancu", b"mic.gov.vn.example/dancu"),
    SoapFault.EMPTY_BODY: lambda said: re.sub(rb"(<ns0:Body>).*(</ns0:Body>)", rb"\1\2", said, flags=re.DOTALL),
}
