"""A desk, an emulated card, the sandbox's registers and its authorization server: from signing in to signing out."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from typer.testing import CliRunner

from auth.clerk.device_flow import sign_in_by_code
from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from desk.assembly import desk_on_sandbox
from desk.cli.app import app_for
from desk.cli.login import login
from desk.plugins import card_sandbox
from desk.runner import Desk
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings, load_settings
from desk.sign_in_view import SignInState
from desk.view import DeskState, DeskView, RegisterState
from mock_registers import open_register_sandbox
from mock_registers.authorization import clerks
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers

PATIENCE = 30.0


class Watcher:
    """Wait for a view."""

    def __init__(self, desk: Desk) -> None:
        self._changed = threading.Condition()
        self.view: DeskView | None = None
        desk.subscribe(self._take)

    def _take(self, view: DeskView) -> None:
        with self._changed:
            self.view = view
            self._changed.notify_all()

    def until(self, wanted: Any) -> DeskView:
        with self._changed:
            assert self._changed.wait_for(lambda: self.view is not None and wanted(self.view), PATIENCE), self.view
            assert self.view is not None
            return self.view


def put_on(desk: Desk, cards: Any, watcher: Watcher) -> None:
    """Put a card on, and type its number once the desk asks for one: it forgets what is typed before."""
    number = cards.insert(SandboxCard("nguyen-van-mau"))
    watcher.until(lambda view: view.state is DeskState.NEED_KEY)
    desk.enter_key(number)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clerks._COST, "n", 2)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _state(state: SignInState) -> Any:
    return lambda view: view.sign_in is not None and view.sign_in.state is state


def _asked(view: DeskView) -> dict[str, RegisterState]:
    return {register.register: register.state for register in view.registers}


def test_a_clerk_works_is_relieved_and_leaves_nothing(stack: ExitStack) -> None:
    cards = stack.enter_context(card_sandbox()())
    registers = stack.enter_context(open_register_sandbox(clerks=True))
    desk = desk_on_sandbox(Settings(), cards, registers)
    stack.callback(desk.close)
    watcher = Watcher(desk)
    desk.start()
    assert watcher.until(_state(SignInState.SIGNED_IN)).clerk == "Nguyễn Thị Cán Bộ"
    put_on(desk, cards, watcher)
    shown = watcher.until(lambda view: view.state is DeskState.SHOWING)
    assert _asked(shown)["population"] is RegisterState.ANSWERED
    desk.sign_out()
    gone = watcher.until(lambda view: _state(SignInState.NOBODY)(view) and view.identity is None)
    assert gone.clerk == ""


def test_a_visit_that_waited_for_a_clerk_goes_on_when_one_has_signed_in(stack: ExitStack) -> None:
    cards = stack.enter_context(card_sandbox()())
    registers = stack.enter_context(open_register_sandbox(clerks=True))
    desk = desk_on_sandbox(Settings(), cards, registers)
    stack.callback(desk.close)
    watcher = Watcher(desk)
    desk.start()
    desk.sign_out()
    watcher.until(_state(SignInState.NOBODY))
    put_on(desk, cards, watcher)
    shown = watcher.until(lambda view: view.state is DeskState.SHOWING)
    assert _asked(shown)["population"] is RegisterState.FAILED
    assert {register.failure for register in shown.registers if register.failure} >= {"clerk-not-signed-in"}
    desk.sign_in()
    answered = watcher.until(lambda view: _asked(view).get("population") is RegisterState.ANSWERED)
    assert answered.identity is not None


def test_a_hand_over_wipes_the_first_ones_visit(stack: ExitStack) -> None:
    cards = stack.enter_context(card_sandbox()())
    registers = stack.enter_context(open_register_sandbox(clerks=True))
    desk = desk_on_sandbox(Settings(), cards, registers)
    stack.callback(desk.close)
    watcher = Watcher(desk)
    desk.start()
    put_on(desk, cards, watcher)
    watcher.until(lambda view: view.state is DeskState.SHOWING)
    desk.sign_in()
    watcher.until(lambda view: _state(SignInState.SIGNED_IN)(view) and view.identity is None)


@pytest.fixture(params=[False, True], ids=["any-client", "client-certificate"])
def at_a_server(stack: ExitStack, tmp_path: Any, request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """Serve to a device of key files, and return the settings file and the authorization server.

    Once it answers every client, and once none without a certificate.
    """
    folder = tmp_path / "tls" if request.param else None
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    device = EnrolledDevice("desk-9", signer.key_id, signer.public_key, opener.public_key)
    begun: list[Any] = []
    stack.enter_context(serve_registers([device], clerks=begun.append, client_folder=folder))
    (tmp_path / "pass").write_bytes(b"passphrase of the test")
    (tmp_path / "key.pem").write_bytes(signer.to_encrypted_pem(b"passphrase of the test"))
    endpoint = begun[0].endpoint
    anchors = [ssl.DER_cert_to_PEM_cert(anchor) for anchor in endpoint.tls_anchors]
    file = tmp_path / "motcua.toml"
    shown = "certificate_file = 'tls/client.pem'\nkey_file = 'tls/client.key'\npassphrase_file = 'tls/client.pass'\n"
    file.write_text(
        f'[device]\nid = "desk-9"\nkey_file = "key.pem"\npassphrase_file = "pass"\n'
        f"[authorization]\nissuer = {json.dumps(endpoint.issuer)}\ntls_anchors = {json.dumps(anchors)}\n"
        + (f"[authorization.client_certificate]\n{shown}" if folder is not None else "")
    )
    return file, begun[0]


def _login(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    return CliRunner().invoke(app_for(["login"]), ["login", *arguments])


def test_login_says_who_signed_in_and_for_what(at_a_server: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    file, server = at_a_server
    monkeypatch.setattr("desk.cli.login.open_browser", server.browser("canbo.cutru"))
    result = _login(monkeypatch, "--settings", str(file), "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "Lê Thị Cư Trú (canbo.cutru)" in result.stdout
    assert "permanent residence" in result.stdout
    assert "registration of changes" not in result.stdout
    assert "Waiting for the browser" in result.stderr


def test_login_with_a_code_shows_it_and_waits(at_a_server: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    file, server = at_a_server
    browser = server.browser()
    shown: list[str] = []

    def say(text: str = "", err: bool = False, **_more: Any) -> None:
        shown.append(text)
        if "mã" in text and "https://" in text:
            browser.sign_in(f"{server.service.issuer}/device?user_code={text.split()[-1]}")

    monkeypatch.setattr("desk.cli.login.typer.echo", say)

    def in_no_time(*arguments: Any, **more: Any) -> Any:
        return sign_in_by_code(*arguments, **{**more, "pause": lambda _seconds: False})

    monkeypatch.setattr("auth.clerk.ways.sign_in_by_code", in_no_time)
    result = _login(monkeypatch, "--code", "--settings", str(file), "--lang", "vi")
    assert result.exit_code == 0, result.output
    assert any("Đã đăng nhập: Nguyễn Thị Cán Bộ" in line for line in shown)


def test_login_without_a_browser_or_a_server_says_so(
    at_a_server: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file, _server = at_a_server
    monkeypatch.setattr("desk.cli.login.open_browser", lambda _address: False)
    result = _login(monkeypatch, "--settings", str(file), "--lang", "en")
    assert result.exit_code == 5
    assert "The sign-in failed" in result.stderr
    bare = tmp_path / "bare.toml"
    bare.write_text("\n".join(file.read_text().splitlines()[:4]) + "\n")
    assert load_settings([bare]).authorization is None
    result = _login(monkeypatch, "--settings", str(bare), "--lang", "en")
    assert result.exit_code == 2
    assert "authorization" in result.stderr


def test_login_is_a_command_with_help() -> None:
    assert "--code" in CliRunner().invoke(app_for(["login"]), ["login", "--help"]).output
    assert login.__doc__ is not None
