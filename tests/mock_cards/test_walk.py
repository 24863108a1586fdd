"""Every pair of commands from every state before access, against a model of it that fits on a page.

The model is written from ICAO 9303-10 §3.6 and 9303-11 §4.3, §4.4: which DF is selected, whether an EF is current, and
which protocol is half done. The chip must answer as the model does, whatever came before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import pytest

from mock_cards.chip import Chip, profile_by_name
from reader.iso7816 import CommandAPDU


@dataclass(frozen=True)
class State:
    """Be where a chip stands: in the application or the MF, an EF current or none, and what the next command may do."""

    application: bool = False
    current: bool = False
    pending: str = ""


COMMANDS = {
    "select MF": "00A4000C",
    "select application": "00A4040C07A0000002471001",
    "select EF.CardAccess": "00A4020C02011C",
    "select DG1": "00A4020C020101",
    "read": "00B0000004",
    "read by SFI": "00B09C0004",
    "read odd": "00B100000354010004",
    "challenge": "0084000008",
    "external": "0082000028" + "00" * 40 + "28",
    "set AT": "0022C1A40F800A04007F00070202040202830102",
    "general, empty": "10860000027C0000",
    "general, last": "00860000027C0000",
    "set chip key": "002241A40C800A04007F00070202030202",
    "set DST": "002281B60483025858",
    "internal": "0088000008010203040506070800",
    "unknown": "00CA000000",
}


def model(state: State, name: str) -> tuple[int, State]:
    """Return the status word and the next state."""
    after = replace(state, pending="")
    if name == "select MF":
        return 0x9000, State()
    if name == "select application":
        return 0x9000, State(application=True)
    if name.startswith(("select", "read")):
        return _of_files(state, name, after)
    if name == "challenge":
        return (0x9000, replace(after, pending="bac")) if state.application else (0x6985, after)
    if name == "external":
        return (0x6300 if state.pending == "bac" else 0x6985), after
    if name == "set AT":
        return (0x6985, after) if state.application else (0x9000, replace(after, pending="pace 1"))
    if name == "general, empty":
        if state.pending == "pace 1":
            return 0x9000, replace(after, pending="pace 2")
        return (0x6A80 if state.pending == "pace 2" else 0x6985), after
    if name == "general, last":
        return 0x6985, after
    return (0x6D00 if name == "unknown" else 0x6982), after


def _of_files(state: State, name: str, after: State) -> tuple[int, State]:
    if state.application:
        # ICAO 9303-11 §4.4.2: reads before access are refused, selections too, whether or not the file is there.
        return 0x6982, after
    if name == "select DG1":
        return 0x6A82, after
    if name in ("read", "read odd"):
        return (0x9000 if state.current else 0x6986), after
    return 0x9000, replace(after, current=True)


def _paths() -> dict[State, tuple[str, ...]]:
    """Return every state there is and a shortest way to it."""
    found: dict[State, tuple[str, ...]] = {State(): ()}
    waiting = [State()]
    while waiting:
        state = waiting.pop(0)
        for name in COMMANDS:
            _, after = model(state, name)
            if after not in found:
                found[after] = (*found[state], name)
                waiting.append(after)
    return found


PATHS = _paths()


@pytest.fixture
def chip(small_image) -> Chip:
    profile = profile_by_name("icao-eac")
    return Chip(replace(small_image(profile, **{"EF.CardAccess": bytes(30)}), pace=profile.pace))


def test_there_are_as_many_states_as_the_standard_has() -> None:
    # The MF with or without a current EF, each with PACE not begun, begun, and its nonce given; the application, with
    # and without a challenge.
    assert len(PATHS) == 2 * 3 + 2


@pytest.mark.parametrize("state", PATHS, ids=str)
def test_every_two_commands_are_answered_as_by_the_model(chip: Chip, state: State) -> None:
    for pair in product(COMMANDS, repeat=2):
        chip.power_on()
        expected = State()
        for name in (*PATHS[state], *pair):
            sw, expected = model(expected, name)
            answer = chip.transmit(CommandAPDU.from_bytes(bytes.fromhex(COMMANDS[name])))
            assert answer.sw == sw, (PATHS[state], pair, name)
        assert not chip.in_session
