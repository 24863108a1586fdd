"""Nobody signs in at a server whose certificate was revoked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auth.clerk.server import AuthorizationClient
from auth.errors import ServerRevoked
from desk.authorization_settings import AuthorizationSettings
from mock_registers import open_register_sandbox


def test_a_revoked_authorization_server_is_told_nothing() -> None:
    with open_register_sandbox(clerks=True, fault="tls:certificate-revoked") as sandbox:
        assert sandbox.clerks is not None
        endpoint = sandbox.clerks.endpoint
        lists = sandbox.endpoint("land").tls_revocation
        trusting = AuthorizationClient(endpoint, sandbox.device)
        careful = AuthorizationClient(replace(endpoint, tls_revocation=lists), sandbox.device)
        try:
            assert trusting.metadata().token.startswith(endpoint.issuer), "nobody has said that it was revoked"
            with pytest.raises(ServerRevoked):
                careful.metadata()
        finally:
            trusting.close()
            careful.close()


def test_its_lists_are_named_in_the_settings(tmp_path) -> None:
    named = {"issuer": "https://id.invalid/clerks", "tls_anchors": ["x"], "tls_crls": [tmp_path / "authority.crl"]}
    settings = AuthorizationSettings.model_validate(named)
    assert settings.tls_crls == (tmp_path / "authority.crl",)
