"""Real loopback TLS for the tests of the wire: the sandbox registers, and raw servers that say what they are told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.registers import Lookup
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, open_sealed, read_inner, seal
from auth.wire.signatures import HttpAnswer, HttpRequest
from mock_cards.personas import Persona, load_persona
from mock_registers import RegisterSandbox, open_register_sandbox
from mock_registers.answers import PlainAnswer, sign_answer
from mock_registers.authority import TestAuthority
from mock_registers.keys import SandboxKey
from reader.lds.identity import CalendarDate

Talk = Callable[[socket.socket, threading.Event], None]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RegisterSandbox]:
    """Serve the honest registers once for all tests."""
    with open_register_sandbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def authority() -> TestAuthority:
    return TestAuthority()


@pytest.fixture
def device() -> DeviceCredential:
    return DeviceCredential("desk-1", SoftwareSigner.generate(), SoftwareOpener.generate())


@pytest.fixture
def register_opener() -> SoftwareOpener:
    """Return the key to which look-ups for a raw register are sealed."""
    return SoftwareOpener.generate()


def lookup_of(persona: Persona, **other: str) -> Lookup:
    card = persona.card
    values = {
        "lookup_id": "0198c1f0-visit",
        "personal_number": card.personal_number,
        "full_name": card.full_name,
        "purpose": "land-change-registration",
        "legal_basis": "Luật Đất đai 31/2024/QH15, Điều 133",
        "clerk": "cb-001",
    }
    return Lookup(date_of_birth=CalendarDate.from_iso(card.date_of_birth), **{**values, **other})


@pytest.fixture(name="lookup_of")
def _lookup_of() -> Callable[..., Lookup]:
    return lookup_of


@pytest.fixture
def lookup() -> Lookup:
    """Return a look-up about the man with two parcels."""
    return lookup_of(load_persona("nguyen-van-mau"))


@dataclass
class RawRegister:
    """A server that plays a register: its endpoint, its answer key, and what was said to it."""

    endpoint: RegisterEndpoint
    key: SandboxKey
    heard: list[HttpRequest] = field(default_factory=list)


def read_request(connection: socket.socket, origin: str) -> HttpRequest:
    """Read one request with a Content-Length from ``connection``."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
    while len(body) < int(headers["content-length"]):
        body += _some(connection)
    method, path, _ = line.split(" ")
    return HttpRequest(method, origin + path, headers, body)


def _some(connection: socket.socket) -> bytes:
    came = connection.recv(65536)
    if not came:
        raise ConnectionError("the client has gone")
    return came


@contextmanager
def _listening(talk: Talk, tls: ssl.SSLContext | None, address: str) -> Iterator[int]:
    """Accept connections until the block ends; each is handed to ``talk`` on a thread."""
    stop = threading.Event()
    listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    threads: list[threading.Thread] = []

    def serve_one(plain: socket.socket) -> None:
        # A client that turns away is what most of these tests want to see.
        try:
            with plain if tls is None else tls.wrap_socket(plain, server_side=True) as connection:
                talk(connection, stop)
        except OSError:
            plain.close()

    def accept() -> None:
        while not stop.is_set():
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve_one, args=(plain,)))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in threads:
            thread.join()


@pytest.fixture
def raw_register(authority: TestAuthority, register_opener: SoftwareOpener) -> Iterator[Callable[..., RawRegister]]:
    """Return a maker of raw registers.

    ``answer`` gets the request and the register's key and returns the bytes to send; ``talk`` gets the connection
    itself. ``tls`` is the server's context (a good one by default, None for none at all), ``host`` the name to call,
    ``address`` where it listens.
    """
    with ExitStack() as stack:

        def make(
            answer: Callable[[HttpRequest, SandboxKey], bytes] | None = None,
            *,
            talk: Talk | None = None,
            tls: ssl.SSLContext | str | None = "good",
            anchors: tuple[bytes, ...] = (),
            host: str = "",
            address: str = "127.0.0.1",
        ) -> RawRegister:
            key = SandboxKey()
            heard: list[HttpRequest] = []
            origin = ""

            def speak(connection: socket.socket, stop: threading.Event) -> None:
                if talk is not None:
                    talk(connection, stop)
                    return
                heard.append(read_request(connection, origin))
                assert answer is not None
                connection.sendall(answer(heard[-1], key))

            context = authority.server_context() if isinstance(tls, str) else tls
            port = stack.enter_context(_listening(speak, context, address))
            named = f"[{address}]" if ":" in address else address
            origin = f"https://{host or named}:{port}"
            endpoint = RegisterEndpoint(
                "population",
                origin,
                anchors or (authority.anchor,),
                (AnswerKey(key.key_id, key.spki),),
                seal_keys=(SealKey(register_opener.key_id, register_opener.spki),),
            )
            return RawRegister(endpoint, key, heard)

        yield make


def _wire_bytes(answer: HttpAnswer) -> bytes:
    lines = [f"HTTP/1.1 {answer.status_code} -", *(f"{name}: {value}" for name, value in answer.headers.items())]
    lines.append(f"content-length: {len(answer.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body


@pytest.fixture
def wire_bytes() -> Callable[[HttpAnswer], bytes]:
    """Return what puts a signed answer on the wire."""
    return _wire_bytes


@pytest.fixture
def inside(register_opener: SoftwareOpener) -> Callable[[HttpRequest], dict[str, object]]:
    """Return what opens a sealed look-up, as the raw register that got it would."""

    def open_it(request: HttpRequest) -> dict[str, object]:
        inner = read_inner(open_sealed(request.body, SEALED_REQUEST, {register_opener.key_id: register_opener}))
        said: dict[str, object] = json.loads(inner.request)
        return said

    return open_it


@pytest.fixture
def say(register_opener: SoftwareOpener, device: DeviceCredential) -> Callable[..., bytes]:
    """Return what words, seals, signs and puts on the wire an answer that is right but for ``changes``."""
    opener = device.opener
    assert opener is not None

    def speak(request: HttpRequest, key: SandboxKey, **changes: object) -> bytes:
        inner = read_inner(open_sealed(request.body, SEALED_REQUEST, {register_opener.key_id: register_opener}))
        asked = json.loads(inner.request)
        reply = {name: asked[name] for name in ("lookup_id", "purpose", "legal_basis")} | {"record": None} | changes
        sealed = seal(json.dumps(reply).encode(), SEALED_ANSWER, opener.key_id, opener.spki)
        return _wire_bytes(sign_answer(request, PlainAnswer(200, "application/jose", sealed), key))

    return speak
