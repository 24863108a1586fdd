"""``mock-cards serve`` as its users run it: a process, a line, a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mock_cards.pcsc import SOCKET_VARIABLE, PrivatePcscd
from mock_cards.personas import load_persona
from mock_cards.serve import serve

pytestmark = pytest.mark.pcsc

SERVE = "import sys; from mock_cards.cli import main; sys.argv[0] = 'mock-cards'; main()"
# EF.CardAccess by its short identifier, then SELECT MF, which a Vietnamese chip does not know.
CLIENT = """
from reader.iso7816 import CommandAPDU
from reader.pcsc import PcscTerminal, list_readers
reader = next(reader for reader in list_readers() if reader.atr)
with PcscTerminal().connect(reader.name) as link:
    card_access = link.transmit(CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256))
    select_mf = link.transmit(CommandAPDU(0x00, 0xA4, 0x00, 0x0C, b"\\x3f\\x00"))
print(reader.emulated, card_access.data[:1].hex(), f"{card_access.sw1:02x}", f"{select_mf.sw:04x}")
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_served_card_answers_other_processes_until_the_signal(
    private_pcscd: PrivatePcscd, ending: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--persona", "nguyen-van-mau"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        variable, _, path = server.stdout.readline().strip().partition("=")
        assert variable == SOCKET_VARIABLE
        assert path != os.environ[SOCKET_VARIABLE]
        client = subprocess.run(
            [sys.executable, "-c", CLIENT],
            env={**os.environ, variable: path},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert client.stdout == "True 31 90 6d00\n", client.stderr
        server.send_signal(ending)
        out, err = server.communicate(timeout=30)
    assert (server.returncode, out) == (0, "")
    assert f"export {SOCKET_VARIABLE}={path}" in err
    number = load_persona("nguyen-van-mau").card.personal_number
    assert number not in err
    assert not Path(path).parents[1].exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org", ""])  # noqa: S104  # refused is what is tested
def test_a_host_beyond_loopback_is_refused(host: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert serve("nguyen-van-mau", host=host) == 2
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("port", [0, -1, 65535, 70000])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    assert serve("nguyen-van-mau", port=port) == 2


def test_a_name_that_there_is_not_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert serve("nobody") == 2
    assert "nobody" in capfd.readouterr().err


def test_without_pcscd_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOTCUA_PCSC_ROOT", str(tmp_path))
    before = signal.getsignal(signal.SIGTERM)
    assert serve("nguyen-van-mau") == 3
    assert capfd.readouterr().out == ""
    assert signal.getsignal(signal.SIGTERM) is before
