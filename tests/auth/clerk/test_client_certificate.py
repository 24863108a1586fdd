"""Signing in at a server that answers nobody without a client certificate: in full, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.clerk.desk_clerk import ClerkState, DeskClerk
from auth.clerk.endpoint import AuthorizationEndpoint
from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser, by_code
from auth.device.errors import PassphraseRefused
from auth.errors import (
    ClientCertificateOutOfTime,
    ClientCertificateUnusable,
    ClientCertificateWanted,
    RegisterUnreachable,
)
from auth.purposes import shipped_registry
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from mock_registers import RegisterSandbox, open_register_sandbox


@pytest.fixture
def wanting(tmp_path: Path) -> Iterator[Callable[..., RegisterSandbox]]:
    """Return what serves registers and an authorization server that want a certificate of every client."""
    with ExitStack() as stack:

        def serve(fault: str = "") -> RegisterSandbox:
            return stack.enter_context(open_register_sandbox(clerks=True, client_folder=tmp_path, fault=fault))

        yield serve


@pytest.fixture
def desk_at() -> Iterator[Callable[..., DeskClerk]]:
    """Return what makes a desk's clerk before the sandbox's server, its endpoint changed."""
    opened: list[AuthorizationClient] = []

    def make(sandbox: RegisterSandbox, **changes: Any) -> DeskClerk:
        opened.append(AuthorizationClient(replace(_endpoint(sandbox), **changes), sandbox.device))
        return DeskClerk(opened[-1], wish=Wish.for_all(shipped_registry(), "vi"))

    yield make
    for client in opened:
        client.close()


def _endpoint(sandbox: RegisterSandbox) -> AuthorizationEndpoint:
    assert sandbox.clerks is not None
    return sandbox.clerks.endpoint


@pytest.mark.parametrize("at_a_kiosk", [False, True], ids=["browser", "code"])
def test_a_clerk_signs_in_looks_up_is_renewed_and_signs_out(
    wanting: Callable[..., RegisterSandbox], desk_at: Callable[..., DeskClerk], lookup: Lookup, *, at_a_kiosk: bool
) -> None:
    sandbox = wanting()
    assert sandbox.clerks is not None
    desk, browser = desk_at(sandbox), sandbox.clerks.browser()

    def show(prompt: Any) -> None:
        browser.sign_in(prompt.complete)

    way = by_code(show, pause=lambda _seconds: False) if at_a_kiosk else by_browser(browser, seconds=20)
    assert desk.sign_in(way).clerk_id == "canbo.mau"
    client = PopulationClient(sandbox.endpoint("population"), sandbox.device, clerk=desk)
    try:
        assert client.find_citizen(replace(lookup, clerk="canbo.mau")).record is not None
        desk.access().renew(lookup.purpose)
        assert client.find_citizen(replace(lookup, clerk="canbo.mau")).record is not None
    finally:
        client.close()
    desk.sign_out()
    assert desk.presence.state is ClerkState.NOBODY


def test_without_one_nobody_signs_in(
    wanting: Callable[..., RegisterSandbox], desk_at: Callable[..., DeskClerk]
) -> None:
    sandbox = wanting()
    assert sandbox.clerks is not None
    with pytest.raises(RegisterUnreachable) as caught:
        desk_at(sandbox, client_certificate=None).sign_in(by_browser(sandbox.clerks.browser(), seconds=20))
    # The alert may be overtaken by the end of the connection; without a certificate nobody asks for it again.
    assert isinstance(caught.value, ClientCertificateWanted) or caught.value.why == "connection-broken"


def test_one_that_has_expired_is_told_before_anybody_is_called(
    wanting: Callable[..., RegisterSandbox], desk_at: Callable[..., DeskClerk]
) -> None:
    sandbox = wanting("tls:client-certificate-expired")
    # Nothing listens there.
    desk = desk_at(sandbox, issuer="https://127.0.0.1:1/authorization")
    with pytest.raises(ClientCertificateOutOfTime, match="client-certificate-expired"):
        desk.sign_in(by_browser(lambda _address: True, seconds=20))


def test_a_key_or_a_passphrase_that_is_not_to_be_had_is_told_as_such(
    wanting: Callable[..., RegisterSandbox], desk_at: Callable[..., DeskClerk], tmp_path: Path
) -> None:
    sandbox = wanting()
    shown = _endpoint(sandbox).client_certificate
    assert shown is not None

    def refuse() -> bytes:
        raise PassphraseRefused("not in the keychain")

    with pytest.raises(PassphraseRefused):
        desk_at(sandbox, client_certificate=replace(shown, passphrase=refuse)).sign_in(by_browser(lambda _: True))
    (tmp_path / "client.key").unlink()
    with pytest.raises(ClientCertificateUnusable):
        desk_at(sandbox).sign_in(by_browser(lambda _: True))


def test_a_clerk_is_signed_out_here_where_the_key_is_no_longer_to_be_had(
    wanting: Callable[..., RegisterSandbox], desk_at: Callable[..., DeskClerk]
) -> None:
    """What is renewed on the disk is loaded anew, and nobody gives the passphrase any more."""
    sandbox = wanting()
    shown = _endpoint(sandbox).client_certificate
    assert sandbox.clerks is not None
    assert shown is not None
    kept = [shown.passphrase()]

    def give() -> bytes:
        if not kept:
            raise PassphraseRefused("not in the keychain")
        return kept[0]

    desk = desk_at(sandbox, client_certificate=replace(shown, passphrase=give))
    desk.sign_in(by_browser(sandbox.clerks.browser(), seconds=20))
    kept.clear()
    with shown.certificate_file.open("a", encoding="ascii") as file:
        file.write("\n")
    heard: list[ClerkState] = []
    desk.follow(lambda presence: heard.append(presence.state))
    assert not desk.sign_out(), "the server could not be told"
    assert heard == [ClerkState.NOBODY]
