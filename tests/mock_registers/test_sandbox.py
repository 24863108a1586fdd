"""The sandbox as the desk gets it: quick to open, clean to close, never beyond loopback."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import tracemalloc
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from importlib.metadata import entry_points
from urllib.parse import urlsplit

import httpx2
import pytest

from auth.registers.population import PopulationClient
from auth.wire.profile import MAX_SEALED_BYTES
from auth.wire.signatures import AnswerVerifier, HttpAnswer, HttpRequest, sign_request
from auth.wire.tls import client_context
from mock_registers import Fault, RegisterSandbox, open_register_sandbox
from mock_registers.faults import parse_fault
from mock_registers.server import bind_loopback

EndsBy = Callable[[float], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def sandbox():
    with open_register_sandbox() as opened:
        yield opened


def _post(sandbox: RegisterSandbox, request: HttpRequest, headers: list[tuple[str, str]] | None = None) -> HttpAnswer:
    context = client_context(sandbox.endpoint("population"))
    with httpx2.Client(verify=context, trust_env=False) as client:
        response = client.post(request.url, content=request.body, headers=headers or list(request.headers.items()))
    fields = {name.lower(): value for name, value in response.headers.items()}
    return HttpAnswer(response.status_code, fields, response.content, request)


def _signed(sandbox: RegisterSandbox, body: bytes = b"{}") -> HttpRequest:
    url = sandbox.endpoint("population").base_url + "/v1/persons:lookup"
    return sign_request(url, body, "citizen-information", sandbox.device.signer)


def test_it_is_found_by_its_entry_point() -> None:
    (found,) = entry_points(group="motcua.sandbox", name="registers")
    assert found.load() is open_register_sandbox


def test_it_offers_the_registers_on_loopback_and_a_device(sandbox: RegisterSandbox) -> None:
    assert [endpoint.register for endpoint in sandbox.endpoints] == ["population", "land", "housing"]
    for endpoint in sandbox.endpoints:
        parts = urlsplit(endpoint.base_url)
        assert (parts.scheme, parts.hostname) == ("https", "127.0.0.1")
        assert len(endpoint.tls_anchors) == len(endpoint.answer_keys) == 1
        assert b"TEST" in endpoint.tls_anchors[0]
    assert sandbox.endpoints[0].answer_keys != sandbox.endpoints[1].answer_keys
    assert sandbox.device.device_id
    with pytest.raises(KeyError):
        sandbox.endpoint("vehicles")


def test_it_opens_and_closes_and_leaves_nothing_behind() -> None:
    before = {thread.name for thread in threading.enumerate()}
    with open_register_sandbox() as sandbox:
        port = urlsplit(sandbox.endpoints[0].base_url).port
    assert {thread.name for thread in threading.enumerate()} <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1.0)


def test_it_closes_without_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of tests and each demo close one, where uvicorn would sleep until it looks again."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def counted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", counted)
    with open_register_sandbox() as opened:
        _post(opened, _signed(opened))
    assert sum(slept) == 0


def test_it_closes_with_a_look_up_hanging_in_it(ends_by: EndsBy) -> None:
    with ExitStack() as stack:
        sandbox = stack.enter_context(open_register_sandbox(fault=Fault.HANGS))
        context = client_context(sandbox.endpoint("population"))
        port = urlsplit(sandbox.endpoints[0].base_url).port
        plain = socket.create_connection(("127.0.0.1", port))
        hanging = context.wrap_socket(plain, server_hostname="127.0.0.1")
        hanging.sendall(b"POST /population/v1/persons:lookup HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
        with ends_by(0.0):
            stack.close()
    hanging.close()


def test_two_sandboxes_stand_beside_each_other() -> None:
    with open_register_sandbox() as one, open_register_sandbox() as other:
        assert one.endpoints[0].base_url != other.endpoints[0].base_url
        assert one.endpoints[0].tls_anchors != other.endpoints[0].tls_anchors


def test_a_port_in_use_is_an_error_and_nothing_stays_open() -> None:
    with bind_loopback() as taken:
        taken.listen()
        with pytest.raises(OSError, match="in use"), open_register_sandbox(port=taken.getsockname()[1]):
            raise AssertionError("it opened on a port in use")


@pytest.mark.parametrize("text", ["", "hang", "vehicles:hangs", "land:", ":hangs", "land:hangs:hangs"])
def test_a_fault_that_there_is_not_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no such"):
        parse_fault(text)


def test_faults_are_for_one_register_or_all() -> None:
    assert parse_fault("hangs") == (frozenset({"population", "land", "housing"}), Fault.HANGS)
    assert parse_fault("land:gzip") == (frozenset({"land"}), Fault.GZIP)
    assert all(fault.about for fault in Fault)


def test_a_captured_request_is_answered_once(sandbox: RegisterSandbox) -> None:
    request = _signed(sandbox)
    first, second = _post(sandbox, request), _post(sandbox, request)
    assert b"not-sealed" in first.body
    assert b"replayed-request" in second.body
    assert second.status_code == 409
    verifier = AnswerVerifier(sandbox.endpoint("population"))
    verifier.verify(first)
    verifier.verify(second)


def test_refusals_of_unsigned_requests_are_signed_too(sandbox: RegisterSandbox) -> None:
    url = sandbox.endpoint("population").base_url + "/v1/persons:lookup"
    answer = _post(sandbox, HttpRequest("POST", url, {"content-type": "application/json"}, b"{}"))
    assert answer.status_code == 401
    assert b"unsigned-request" in answer.body
    assert "signature" in answer.headers


def test_a_request_beyond_the_limit_is_not_read_to_its_end(sandbox: RegisterSandbox) -> None:
    answer = _post(sandbox, _signed(sandbox, b"x" * (MAX_SEALED_BYTES + 1)))
    assert answer.status_code == 413


def test_a_field_that_comes_twice_is_refused(sandbox: RegisterSandbox) -> None:
    request = _signed(sandbox)
    answer = _post(sandbox, request, [*request.headers.items(), ("purpose", "curiosity")])
    assert b"signature-invalid" in answer.body


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/population/v1/persons:lookup"), ("POST", "/"), ("GET", "/docs")]
)
def test_there_is_nothing_else_to_ask(sandbox: RegisterSandbox, method: str, path: str) -> None:
    origin = sandbox.endpoints[0].base_url.removesuffix("/population")
    with httpx2.Client(verify=client_context(sandbox.endpoints[0]), trust_env=False) as client:
        assert client.request(method, origin + path).status_code in (404, 405)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_below_1_2_is_not_spoken(sandbox: RegisterSandbox, version: ssl.TLSVersion) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=sandbox.endpoints[0].tls_anchors[0])
    # Security level 0 makes OpenSSL offer TLS 1.1 at all, so that it is the server who refuses.
    client.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        client.minimum_version = client.maximum_version = version
    parts = urlsplit(sandbox.endpoints[0].base_url)
    refused = pytest.raises(ssl.SSLError) if version is ssl.TLSVersion.TLSv1_1 else nullcontext()
    with (
        socket.create_connection((parts.hostname or "", parts.port or 0)) as plain,
        refused,
        client.wrap_socket(plain, server_hostname=parts.hostname) as connection,
    ):
        assert connection.version() in ("TLSv1.2", "TLSv1.3")


def test_a_hundred_look_ups_do_not_make_the_process_grow(sandbox: RegisterSandbox, lookup) -> None:
    client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
    try:
        for _ in range(20):
            client.find_citizen(lookup)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(50):
            client.find_citizen(lookup)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        client.close()
    assert after - before < 1_000_000


def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_fault_of_the_register(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_register_sandbox() as opened:
        endpoint = opened.endpoint("population")
        place = urlsplit(endpoint.base_url)
        with (
            socket.create_connection((place.hostname, place.port)) as plain,
            client_context(endpoint).wrap_socket(plain, server_hostname=place.hostname) as connection,
        ):
            path = f"{place.path}/v1/persons:lookup"
            head = f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 1000\r\n\r\n"
            connection.sendall(head.encode() + b"half of it")
        # The next one is served as if nothing had happened.
        request = HttpRequest("POST", f"{endpoint.base_url}/v1/persons:lookup", {}, b"{}")
        assert _post(opened, request).status_code in (400, 401)
    assert caplog.records == []
