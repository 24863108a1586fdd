"""Programs that nobody here wrote, on the private PC/SC service: each must find the card and get on with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mock_cards.build import CardFactory
from mock_cards.chip import Chip, PaceOption, profile_by_name
from mock_cards.issuing import Issuer
from mock_cards.issuing.portrait import draw_portrait
from mock_cards.keys import seeded_rng
from mock_cards.orders import CardOrder
from mock_cards.pcsc import VirtualSlot
from mock_cards.personas import Persona, load_persona
from mock_cards.protocols import Mapping, domain_by_id, pace_oid
from mock_cards.testing import READER_NAMES, CardInHand, PcscReader
from reader.crypto import CipherSuite
from reader.iso7816 import CommandAPDU
from reader.pcsc import PcscTerminal

pytestmark = [pytest.mark.pcsc, pytest.mark.peer]

Run = Callable[..., subprocess.CompletedProcess[str]]
APPLICATION = bytes.fromhex("A0000002471001")
OLD_PIN, NEW_PIN = "123456", "654321"
CAN, PIN = 2, 3


@pytest.fixture
def peers(project_root: Path) -> Path:
    """Return where the foreign programs are unpacked; skip where they are not, or fail where they must be."""
    root = project_root / "build" / "peers"
    if not (root / "usr" / "bin" / "opensc-tool").exists():
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail("the foreign readers are not unpacked under build/peers")
        pytest.skip("the foreign readers are not unpacked under build/peers")
    return root


@pytest.fixture
def run(peers: Path, pcsc_reader: PcscReader) -> Run:
    """Return a function that runs a foreign program on the service."""
    (libraries,) = (peers / "usr" / "lib").glob("*-linux-gnu")
    unpacked = [str(libraries), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    environment = {**os.environ, **pcsc_reader.environment, "NFC_OVER_PCSC": pcsc_reader.name, "TERM": "dumb"}

    def run(
        program: str, *arguments: str, libraries: Path | None = None, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        path = ":".join([*([str(libraries)] if libraries else []), *unpacked])
        return subprocess.run(
            [str(peers / "usr" / "bin" / program), *arguments],
            env={**environment, "LD_LIBRARY_PATH": path},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_pcsc_scan_sees_the_readers_and_the_card(run: Run, card_factory: CardFactory) -> None:
    told = run("pcsc_scan", "-n", "-t", "1").stdout
    assert all(name in told for name in READER_NAMES)
    atr = CardInHand.made(CardOrder(), card_factory).atr
    assert atr.hex(" ").upper() in told


@pytest.mark.card(chip=["vietnam-2021", "vietnam-2024", "icao-extended"])
def test_opensc_tool_reads_the_atr_and_the_file_that_is_open_to_all(
    run: Run, pcsc_reader: PcscReader, card_order: CardOrder, card_factory: CardFactory
) -> None:
    atr = run("opensc-tool", "--reader", "0", "--atr").stdout
    assert atr.strip() == CardInHand.made(card_order, card_factory).atr.hex(":")
    sent = run("opensc-tool", "--reader", "0", "--card-driver", "default", "--send-apdu", "00B09C0000")
    assert "SW1=0x90, SW2=0x00" in sent.stdout, sent.stderr
    assert "31 " in sent.stdout


@pytest.fixture(scope="module")
def nfc_over_pcsc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a libnfc that speaks PC/SC, for a program that speaks libnfc."""
    folder = tmp_path_factory.mktemp("nfc")
    source = Path(__file__).parents[1] / "peers" / "nfc_over_pcsc.c"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libpcsclite"], capture_output=True, text=True, check=True
    ).stdout.split()
    build = ["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(folder / "libnfc.so.6"), str(source), *flags]
    subprocess.run(build, check=True, timeout=60)
    return folder


@pytest.mark.card(persona=["nguyen-van-mau", "pham-thi-mau"], chip=["vietnam-2021", "icao-bac", "icao-extended"])
def test_mrtdreader_opens_the_card_by_bac_and_reads_its_files(
    run: Run, nfc_over_pcsc: Path, card_order: CardOrder, card_factory: CardFactory, persona: Persona, tmp_path: Path
) -> None:
    card = CardInHand.made(card_order, card_factory)
    first, second, _ = card.mrz.splitlines()
    key = ("-p", first[5:14], "-b", second[:6], "-e", second[8:14])
    told = run("mrtdreader", *key, libraries=nfc_over_pcsc, folder=tmp_path).stdout
    assert "Challenge successful!" in told
    assert "".join(card.mrz.split()) in told
    (portrait,) = tmp_path.iterdir()
    assert portrait.read_bytes() == draw_portrait(persona.card).image


def test_mrtdreader_with_another_documents_key_is_refused(run: Run, nfc_over_pcsc: Path, tmp_path: Path) -> None:
    told = run(
        "mrtdreader", "-p", "090000002", "-b", "900115", "-e", "300115", libraries=nfc_over_pcsc, folder=tmp_path
    )
    assert "Challenge successful!" not in told.stdout
    assert "File content" not in told.stdout


@pytest.mark.card(chip="eid-german")
def test_ausweisapp_changes_the_pin_over_pace(
    peers: Path, pcsc_reader: PcscReader, card_order: CardOrder, libeac: Any, project_root: Path
) -> None:
    app = peers / "usr" / "bin" / "AusweisApp2"
    if not app.exists() and os.environ.get("MOTCUA_REQUIRE_PEERS") != "1":
        pytest.skip("no AusweisApp2 on this system")
    card = pcsc_reader.insert(card_order)
    first = _change_pin(peers, pcsc_reader, OLD_PIN)
    assert first[-1] == {"msg": "CHANGE_PIN", "success": True}, (first, card.refusals)
    assert 0x2C in [exchange.record.header[1] for exchange in card.exchanges]
    # The card holds the new PIN: the app is asked for its PIN again, and the old one costs a try.
    again = _change_pin(peers, pcsc_reader, OLD_PIN)
    assert {"msg": "CHANGE_PIN", "success": True} not in again
    tries = [message["reader"]["card"]["retryCounter"] for message in again if message["msg"] == "ENTER_PIN"]
    assert tries == [3, 2]
    assert _change_pin(peers, pcsc_reader, NEW_PIN, OLD_PIN)[-1] == {"msg": "CHANGE_PIN", "success": True}


def _change_pin(peers: Path, reader: PcscReader, old: str, new: str = NEW_PIN) -> list[dict[str, Any]]:
    """Let the app change the PIN in a network of its own; return what it said."""
    program = Path(__file__).parents[1] / "peers" / "ausweisapp.py"
    # Root in a container may lack the right to make a network namespace and still get one by a user namespace.
    ways = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])
    alone = next(
        way for way in ways if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0
    )
    done = subprocess.run(
        [*alone, sys.executable, str(program), str(peers), old, new],
        env={**os.environ, **reader.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


# The standardised parameters: 0 to 2 are MODP groups, 8 to 18 curves.
PARAMETERS = (0, 1, 2, *range(8, 19))


@pytest.fixture(scope="module")
def many_ways(_session_slots: tuple[VirtualSlot, VirtualSlot]) -> Any:
    """Return the first reader with a card on it that offers every way of PACE that libeac knows."""
    options = tuple(
        PaceOption(pace_oid(Mapping.GENERIC, suite, domain), suite, domain)
        for suite in CipherSuite
        for domain in map(domain_by_id, PARAMETERS)
    )
    issued = Issuer(seeded_rng("peer")).issue(load_persona("nguyen-van-mau"), profile_by_name("icao-extended"))
    slot = _session_slots[0]
    slot.insert(Chip(replace(issued.image(), pace=options)))
    assert slot.wait_until_powered(20)
    yield READER_NAMES[0]
    slot.remove()


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.name)
def test_libeac_opens_the_card_and_reads_it(
    many_ways: str, libeac: Any, project_root: Path, suite: CipherSuite, parameter: int
) -> None:
    oid = pace_oid(Mapping.GENERIC, suite, domain_by_id(parameter))
    peer = libeac.LibEac(project_root)

    def read() -> None:
        with PcscTerminal().connect(many_ways) as link, peer.pace(oid, parameter, CAN, "000001") as party:
            terminal = libeac.PeerTerminal(link, party, oid, parameter)
            terminal.open(CAN)
            assert terminal.secure(CommandAPDU(0, 0xA4, 4, 0x0C, APPLICATION)).sw == 0x9000
            answer = terminal.secure(CommandAPDU(0, 0xB0, 0x81, 0, ne=256))
            assert answer.sw == 0x9000
            assert answer.data.startswith(b"\x61\x5d\x5f\x1f\x5aIDVNM")

    libeac.patiently(parameter, read)
