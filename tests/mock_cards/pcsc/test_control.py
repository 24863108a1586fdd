"""The control socket by itself: who may use it, what it answers, and what it bears."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mock_cards.build import CardFactory
from mock_cards.orders import CardOrder, make_card
from mock_cards.pcsc import Control, ControlServer, Declined, find_control
from mock_cards.pcsc.card_table import NoSuchSlot, SlotEmpty, SlotStatus, SlotTaken
from mock_cards.pcsc.control import LONGEST_LINE, MOST_CONNECTIONS, control_in
from reader.errors import ServiceUnavailable
from reader.iso7816 import CommandAPDU


class TwoSlots:
    """Be a card table without PC/SC: cards lie where they are put."""

    def __init__(self, factory: CardFactory) -> None:
        self.factory = factory
        self.cards: dict[int, Any] = {1: None, 2: None}

    def insert(self, slot: int, order: CardOrder) -> SlotStatus:
        if self.status_of(slot).ordered:
            raise SlotTaken()
        return self.swap(slot, order)

    def swap(self, slot: int, order: CardOrder) -> SlotStatus:
        self.cards[slot] = make_card(order, self.factory)
        return self.status_of(slot)

    def remove(self, slot: int) -> SlotStatus:
        self._card(slot)
        self.cards[slot] = None
        return self.status_of(slot)

    def status(self) -> tuple[SlotStatus, ...]:
        return tuple(self.status_of(slot) for slot in self.cards)

    def status_of(self, slot: int) -> SlotStatus:
        if slot not in self.cards:
            raise NoSuchSlot(slot)
        return SlotStatus(slot, f"Reader {slot}", self.cards[slot])

    def exchanges(self, slot: int, since: int = 0) -> Any:
        return self._card(slot).card.exchanges(since)

    def recording(self, slot: int) -> Any:
        return self._card(slot).card.recording()

    def _card(self, slot: int) -> Any:
        card = self.status_of(slot).ordered
        if card is None:
            raise SlotEmpty()
        return card


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    return CardFactory("control")


@pytest.fixture
def table(factory: CardFactory) -> TwoSlots:
    return TwoSlots(factory)


@pytest.fixture
def path(table: TwoSlots, tmp_path: Path) -> Iterator[Path]:
    with ControlServer(table, tmp_path, tmp_path / "run" / "pcscd.comm"):  # type: ignore[arg-type]  # a table of two slots
        yield control_in(tmp_path)


@pytest.fixture
def control(path: Path) -> Iterator[Control]:
    with Control(path) as control:
        yield control


def _raw(path: Path, line: bytes) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(path))
        client.sendall(line)
        return json.loads(client.makefile("rb").readline())


def test_the_socket_is_for_its_owner_only(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_cards_come_and_go(control: Control) -> None:
    assert [slot["card"] for slot in control.ask("status")["slots"]] == [None, None]
    told = control.ask("insert", slot=2, card={"persona": "pham-thi-mau"})
    assert (told["slot"], told["card"]["persona"], told["printed"]["can"]) == (2, "pham-thi-mau", "000003")
    assert control.ask("swap", slot=2, card={"forgeries": ["dg2-changed"]})["card"]["forgeries"] == ["dg2-changed"]
    assert control.ask("remove", slot=2)["card"] is None
    assert control.ask("insert")["slot"] == 1


def test_status_tells_what_clients_set(control: Control, tmp_path: Path) -> None:
    told = control.ask("status")
    assert told["protocol"] == 1
    assert told["environment"] == {"PCSCLITE_CSOCK_NAME": str(tmp_path / "run" / "pcscd.comm")}


def test_commands_and_a_recording_are_handed_out(control: Control, table: TwoSlots) -> None:
    control.ask("insert")
    card = table.cards[1].card
    card.power_on()
    for _ in range(3):
        card.transmit(CommandAPDU.from_bytes(bytes.fromhex("00B09C0000")))
    assert [one["number"] for one in control.ask("exchanges", slot=1, since=1)["exchanges"]] == [2, 3]
    head, *rest = control.ask("recording", slot=1)["text"].splitlines()
    assert json.loads(head)["card"]["persona"] == "nguyen-van-mau"
    assert len(rest) >= 4


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"do": "insert", "slot": 1}, "slot-taken"),
        ({"do": "remove", "slot": 2}, "slot-empty"),
        ({"do": "exchanges", "slot": 2}, "slot-empty"),
        ({"do": "insert", "slot": 3}, "no-such-slot"),
        ({"do": "insert", "slot": 0}, "no-such-slot"),
        ({"do": "insert", "slot": "1"}, "bad-request"),
        ({"do": "insert", "slot": True}, "bad-request"),
        ({"do": "insert", "slot": 2, "card": {"persona": "nobody"}}, "no-such-name"),
        ({"do": "insert", "slot": 2, "card": {"nobody": 1}}, "bad-request"),
        ({"do": "insert", "slot": 2, "card": {"replay": "/nowhere"}}, "malformed-data"),
        ({"do": "insert", "slot": 2, "card": {"faults": ["status:67"]}}, "bad-request"),
        ({"do": "exchanges", "slot": 1, "since": -1}, "bad-request"),
        ({"do": "dance"}, "bad-request"),
        ({}, "bad-request"),
    ],
)
def test_what_cannot_be_is_declined_with_a_code(
    control: Control, path: Path, request_: dict[str, Any], reason: str
) -> None:
    control.ask("insert", slot=1)
    assert _raw(path, json.dumps(request_).encode() + b"\n")["error"] == reason
    assert control.ask("status")["ok"]


@pytest.mark.parametrize("line", [b"\n", b"\xff\n", b"[]\n", b"1\n", b"{\n", b"[" * 60_000 + b"\n"])
def test_lines_that_are_no_request_are_declined(path: Path, line: bytes) -> None:
    assert _raw(path, line)["error"] == "bad-request"


def test_a_line_without_end_is_declined_and_the_connection_closed(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(path))
        client.sendall(b"x" * (LONGEST_LINE + 1))
        lines = client.makefile("rb")
        assert json.loads(lines.readline())["error"] == "bad-request"
        assert lines.read() == b""


def test_more_connections_than_there_is_room_for_are_closed_and_room_comes_back(path: Path) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS):
            stack.enter_context(Control(path)).ask("status")
        with Control(path) as one_too_many, pytest.raises(ServiceUnavailable):
            one_too_many.ask("status")
    for _ in range(200):
        try:
            with Control(path) as control:
                assert control.ask("status")["ok"]
                return
        except ServiceUnavailable:
            threading.Event().wait(0.05)
    raise AssertionError("no room came back")


def test_closing_ends_open_connections(table: TwoSlots, tmp_path: Path) -> None:
    server = ControlServer(table, tmp_path, tmp_path)  # type: ignore[arg-type]  # a table of two slots
    with Control(control_in(tmp_path)) as control:
        control.ask("status")
        server.close()
        with pytest.raises(ServiceUnavailable):
            control.ask("status")
    server.close()
    with pytest.raises(ServiceUnavailable):
        Control(control_in(tmp_path))


def test_the_service_of_this_environment_is_found_first(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "run" / "pcscd.comm"))
    assert find_control() == path
    assert find_control(Path("elsewhere")) == Path("elsewhere")


def test_only_directories_that_nobody_else_may_enter_are_looked_into(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PCSCLITE_CSOCK_NAME")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ServiceUnavailable, match="no mock-cards serve"):
        find_control()
    for name, mode in (("motcua-pcsc-a", 0o755), ("motcua-pcsc-b", 0o700), ("motcua-pcsc-c", 0o700)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
        (tmp_path / name / "control").touch()
    with pytest.raises(ServiceUnavailable, match="more than one") as told:
        find_control()
    assert "motcua-pcsc-a" not in str(told.value)
    (tmp_path / "motcua-pcsc-c" / "control").unlink()
    assert find_control() == tmp_path / "motcua-pcsc-b" / "control"


def test_declined_tells_code_and_text(control: Control) -> None:
    with pytest.raises(Declined, match="no card") as declined:
        control.ask("remove", slot=1)
    assert declined.value.reason == "slot-empty"
