"""The authorization server as part of a sandbox: begun with it, its clerks hired, its judge handed to the gates."""

from __future__ import annotations

import time
from collections.abc import Mapping

from fastapi import FastAPI
from sqlalchemy import Engine

from auth.clerk.endpoint import AuthorizationEndpoint
from auth.wire.client_certificate import ClientCertificate
from mock_registers.authorization.browser import SandboxBrowser
from mock_registers.authorization.clerks import ClerkLogin
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.judge import TokenJudge
from mock_registers.authorization.service import AuthorizationService, issuer_at
from mock_registers.authorization.web import add_authorization_server
from mock_registers.gate import Devices

__all__ = ["AuthorizationSandbox"]


class AuthorizationSandbox:
    """Hold one authorization server: as whom to sign in, where, and what judges its tokens."""

    def __init__(
        self,
        origin: str,
        engine: Engine,
        devices: Devices,
        anchor: bytes,
        fault: AuthorizationFault | None = None,
        client_certificate: ClientCertificate | None = None,
    ) -> None:
        """Begin a server at ``origin``; ``anchor`` is the DER certificate under which it is served.

        ``client_certificate`` is what a desk and a browser show there, where every client must show one.
        """
        self.service = AuthorizationService(issuer_at(origin), engine, devices, fault)
        self.logins: Mapping[str, ClerkLogin] = {login.clerk.clerk_id: login for login in self.service.clerks.hire()}
        self.judge = TokenJudge(self.service)
        self.endpoint = AuthorizationEndpoint(self.service.issuer, (anchor,), client_certificate=client_certificate)

    def add_to(self, app: FastAPI) -> None:
        """Serve it on the sandbox's application."""
        add_authorization_server(app, self.service, time.time)

    def browser(self, clerk_id: str = "") -> SandboxBrowser:
        """Return a browser with a clerk in front of it, the first one unless named; raise KeyError for nobody's id."""
        login = self.logins[clerk_id] if clerk_id else next(iter(self.logins.values()))
        return SandboxBrowser(self.endpoint.tls_anchors[0], login, certificate=self.endpoint.client_certificate)
