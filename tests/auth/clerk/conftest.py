"""Real loopback TLS for the tests of signing in: the sandbox's authorization server, a browser, a clerk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from auth.clerk.desk_clerk import DeskClerk
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser
from mock_registers import RegisterSandbox, open_register_sandbox
from mock_registers.authorization import clerks
from mock_registers.authorization.sandbox import AuthorizationSandbox


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have scrypt cost little: what it must cost is held elsewhere."""
    monkeypatch.setitem(clerks._COST, "n", 2)


@pytest.fixture
def serve() -> Iterator[Callable[[str], RegisterSandbox]]:
    """Return what serves the registers and an authorization server with a fault."""
    with ExitStack() as stack:

        def served(fault: str = "") -> RegisterSandbox:
            named = f"authorization:{fault}" if fault else ""
            return stack.enter_context(open_register_sandbox(clerks=True, fault=named))

        yield served


@pytest.fixture
def sandbox(serve: Callable[..., RegisterSandbox]) -> RegisterSandbox:
    return serve()


@pytest.fixture
def authorization(sandbox: RegisterSandbox) -> AuthorizationSandbox:
    assert sandbox.clerks is not None
    return sandbox.clerks


@pytest.fixture
def client(sandbox: RegisterSandbox, authorization: AuthorizationSandbox) -> Iterator[AuthorizationClient]:
    opened = AuthorizationClient(authorization.endpoint, sandbox.device)
    yield opened
    opened.close()


@pytest.fixture
def desk(client: AuthorizationClient) -> DeskClerk:
    return DeskClerk(client)


@pytest.fixture
def signed_in(desk: DeskClerk, authorization: AuthorizationSandbox) -> DeskClerk:
    """Return a desk with the first clerk at it."""
    desk.sign_in(by_browser(authorization.browser(), seconds=20))
    return desk


class Visitors:
    """Run what a browser would do beside the desk, and wait for it."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def open(self, act: Callable[[str], object]) -> Callable[[str], bool]:
        def opened(address: str) -> bool:
            thread = threading.Thread(target=act, args=(address,), daemon=True)
            self._threads.append(thread)
            thread.start()
            return True

        return opened

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(10)


@pytest.fixture
def visitors() -> Iterator[Visitors]:
    visitors = Visitors()
    yield visitors
    visitors.wait()
