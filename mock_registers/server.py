"""Serve an application over TLS on loopback, on a thread of its own, from ``start`` to ``stop``."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import ssl
import threading

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from mock_registers.authority import LOOPBACK

__all__ = ["LoopbackServer", "bind_loopback"]

_START_S = 10.0
_DATE_S = 1.0
_LOOK_S = 0.1


def bind_loopback(port: int = 0, host: str = LOOPBACK) -> socket.socket:
    """Return a listening-to-be socket on 127.0.0.1, or on ::1; 0 lets the system choose.

    Raises ValueError for an address that is not loopback, OSError for a port in use.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError("the sandbox listens on loopback only")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY on what it accepts; without, every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # On Windows the same option would let two processes share the port.
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class LoopbackServer:
    """Run uvicorn in this process."""

    def __init__(self, app: FastAPI, listener: socket.socket, tls: ssl.SSLContext) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ssl_context_factory=lambda _config, _default: tls,
        )
        self._listener = listener
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="mock-registers", daemon=True)

    def start(self) -> None:
        """Return when connections are taken; raise RuntimeError where that does not come about."""
        self._thread.start()
        if not self._server.listening.wait(_START_S):
            raise RuntimeError("the sandbox registers did not start")

    def stop(self) -> None:
        """Cut all connections and end the thread."""
        self._server.end()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))


class _Protocol(H11Protocol):
    """Put ``hang_up`` into the request's state, so that a fault can end its own connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Take note of the connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "hang_up": transport.close}


class _Server(uvicorn.Server):
    """End when it is told to: uvicorn looks ten times a second whether it was, and then waits a tenth more."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Have it end, from any thread; once it has ended this does nothing."""
        self.should_exit = True
        if self._loop is not None:
            # Its loop may have closed just now.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when it listens."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Serve until told to end; once a second the date that answers bear is set."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _DATE_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody any more and cut what is still open: a hanging answer has nothing to finish."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        # What answers notices that its client is gone, and ends; meanwhile a handshake may have brought one more.
        while self.server_state.connections or self.server_state.tasks:
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            if self.server_state.tasks:
                await asyncio.wait(self.server_state.tasks, timeout=_LOOK_S)
            else:
                await asyncio.sleep(0)
