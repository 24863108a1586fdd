"""Serve an application over TLS on loopback, on a thread of its own, from ``start`` to ``stop``."""

from __future__ import annotations

import asyncio
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
        self._server.should_exit = True
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
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when it listens."""
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut what is still open first: a hanging answer has nothing to finish."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)
