"""A repository that is published into a folder, and read from there or over real loopback TLS, honestly or not."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auth.distribution.fetchers import BoundedFetcher, FolderFetcher, WebFetcher
from auth.distribution.operators import OperatorKey
from auth.distribution.publishing import Lifetimes, Publisher, RoleKeys
from mock_registers.authority import TestAuthority

Answer = Callable[[http.server.BaseHTTPRequestHandler], bool]


@dataclass
class Repository:
    """A publisher with its people, and the folder that desks read."""

    path: Path
    people: dict[str, OperatorKey]
    machine: OperatorKey
    lifetimes: Lifetimes = field(default_factory=Lifetimes)

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.path, self.lifetimes)

    def create(self, files: dict[str, bytes], *, at: datetime | None = None) -> bytes:
        """Publish for the first time and return the root by which desks know the repository."""
        moment = at or datetime.now(UTC)
        people = tuple(key.operator(name) for name, key in self.people.items())
        self.publisher.create(RoleKeys(people, people, self.machine.operator("machine")), moment)
        self.publish(files, at=moment)
        return self.publisher.first_root()

    def publish(self, files: dict[str, bytes], *, at: datetime | None = None, signers: tuple[str, ...] = ()) -> None:
        moment = at or datetime.now(UTC)
        self.publisher.stage(files, moment)
        self.release(moment, signers)

    def release(self, moment: datetime | None = None, signers: tuple[str, ...] = ()) -> None:
        for name in signers or ("pa", "pb"):
            self.publisher.sign(self.people[name])
        self.publisher.release(self.machine, moment or datetime.now(UTC))

    def newest(self, role: str) -> Path:
        found = self.path.joinpath("metadata").glob(f"*.{role}.json")
        return max(found, key=lambda path: int(path.name.split(".")[0]))

    def target(self, ending: str) -> Path:
        return next(path for path in self.path.joinpath("targets").iterdir() if path.name.endswith(ending))


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=30)


@dataclass
class Source:
    """How a desk reads the repository: ``fetch`` makes a fetcher; ``answer`` lets a web server misbehave."""

    kind: str
    fetch: Callable[..., BoundedFetcher]
    answer: list[Answer] = field(default_factory=list)


@contextmanager
def folder_source(path: Path) -> Iterator[Source]:
    yield Source("folder", lambda seconds=20.0: FolderFetcher(path, seconds))


@contextmanager
def web_source(path: Path) -> Iterator[Source]:
    authority = TestAuthority()
    source = Source("web", lambda: None)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                if any(answer(self) for answer in source.answer):
                    return
                file = path / self.path.lstrip("/")
                if not file.is_file():
                    self.send_error(404)
                    return
                body = file.read_bytes()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, object]:
            plain, address = super().get_request()
            plain.settimeout(10)
            return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

        def handle_error(self, *_: object) -> None:
            pass

    context = authority.server_context()
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fetchers: list[WebFetcher] = []

    def fetch(seconds: float = 20.0) -> WebFetcher:
        fetcher = WebFetcher(f"https://127.0.0.1:{server.server_port}", (authority.anchor,), seconds)
        fetchers.append(fetcher)
        return fetcher

    source.fetch = fetch
    try:
        yield source
    finally:
        for fetcher in fetchers:
            fetcher.close()
        server.shutdown()
        server.server_close()
        thread.join()


def drip(handler: http.server.BaseHTTPRequestHandler) -> bool:
    """Send one byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)
    return True
