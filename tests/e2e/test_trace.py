"""A trace of a whole inspection: complete, free of secrets and personal data, and enough to see the reading again."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mock_cards.card import EmulatedCard
from mock_cards.personas import load_sample
from reader.access import MrzKey
from reader.errors import CardRemoved
from reader.files import ChunkSizes, FileId, ReadOutcome, SecretsByName, SizePolicy, extended_chunk, read_file
from reader.inspection import Inspection, inspect
from reader.iso7816 import CommandAPDU, ReplayLink, ResponseAPDU, Trace, TracingLink, parse_trace

Bench = Any  # lives in conftest.py, which cannot be imported from here

FILES = {file.label: file for file in FileId}


class Heard:
    """Write down every byte that goes over the way, to be looked for in the trace."""

    def __init__(self, card: EmulatedCard) -> None:
        self.card, self.atr = card, card.atr
        self.seen: list[bytes] = []

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        response = self.card.transmit(command)
        self.seen += [command.data, response.data]
        return response


def traced(bench: Bench, persona: str, forgery: str = "") -> tuple[Trace, Inspection, Heard, Any]:
    card = bench.build(persona, (forgery,) if forgery else ())
    heard = Heard(card.card)
    link = TracingLink(heard, SecretsByName())
    inspection = inspect(link, bench.request(card))
    return parse_trace(link.trace.to_text()), inspection, heard, card


@pytest.mark.parametrize("persona", [persona.name for persona in load_sample()])
def test_every_command_is_in_the_trace_with_its_size(bench: Bench, persona: str) -> None:
    trace, inspection, _, _ = traced(bench, persona)
    assert sum(record.exchanges for record in trace.records) == inspection.link.apdus
    assert sum(record.sent for record in trace.records) == inspection.link.sent
    assert sum(record.received for record in trace.records) == inspection.link.received
    assert all(record.verified and not record.error for record in trace.records)
    assert all(record.header[0] & 0x0C == 0 for record in trace.records)


@pytest.mark.parametrize("persona", [persona.name for persona in load_sample()])
@pytest.mark.parametrize("forgery", ["", "pace-stripped", "clone-without-ca-key", "sm-mac-flipped"])
def test_no_secret_and_no_content_is_in_it(bench: Bench, persona: str, forgery: str) -> None:
    """WH-02: searched for as text, in hexadecimal digits and in base64."""
    trace, inspection, heard, card = traced(bench, persona, forgery)
    text = trace.to_text().casefold()
    for secret in secrets_of(bench, inspection, card):
        raw = secret.encode()
        for form in (secret, raw.hex(), base64.b64encode(raw).decode()):
            assert form.casefold() not in text, f"{len(secret)} characters of a secret"
    # DG14 repeats EF.CardAccess, which anybody may read. Beside that no eight bytes of any file, and of what went over
    # the way protected or as a proof no twelve.
    files = dict(inspection.files)
    shown = files.pop("EF.CardAccess", b"").hex()
    pieces = [data[place : place + 8] for data in files.values() for place in range(8, len(data) - 8, 97)]
    pieces += [raw[8:20] for raw in heard.seen if len(raw) >= 24]
    assert len(pieces) > 100 or inspection.decision.value == "stop"
    assert [piece.hex() for piece in pieces if any(piece) and piece.hex() in text and piece.hex() not in shown] == []


def secrets_of(bench: Bench, inspection: Inspection, card: Any) -> set[str]:
    secrets = {card.personal_number, card.personal_number[-6:], *card.mrz.split()}
    for password in bench.passwords(card):
        if isinstance(password, MrzKey):
            secrets |= {password.document_number, password.date_of_birth, password.date_of_expiry}
    if inspection.identity is not None:
        secrets |= {part for part in str(inspection.identity.full_name).split() if len(part) > 3}
    return secrets


@pytest.mark.parametrize("persona", ["nguyen-van-mau", "tran-minh-thu"])
def test_the_reading_can_be_seen_again(bench: Bench, persona: str) -> None:
    trace, inspection, _, _ = traced(bench, persona)
    files = dict(inspection.files)
    replay = ReplayLink(trace.inside)
    extended = extended_chunk(2048, 16) if persona == "tran-minh-thu" else None
    policy = SizePolicy(ChunkSizes(223, extended))
    for label in ("EF.SOD", "EF.DG1", "EF.DG13", "EF.DG14", "EF.DG15", "EF.COM", "EF.DG2"):
        read = read_file(replay, FILES[label], size_policy=policy)
        assert (read.outcome, len(read.data), read.total) == (
            ReadOutcome.COMPLETE,
            len(files[label]),
            len(files[label]),
        )
        # The head is the card's own, the rest is zeros.
        head = next(place for place in range(len(read.data)) if not any(read.data[place:]))
        assert read.data[:head] == files[label][:head]
        assert 2 <= head <= 7
    open_file = ReplayLink(trace)
    assert read_file(open_file, FileId.CARD_ACCESS).data == files["EF.CardAccess"]


def test_protocols_are_told_by_name(bench: Bench) -> None:
    trace, _, _, _ = traced(bench, "nguyen-van-mau")
    lines = [f"{record.header.hex().upper()} {record.data} -> {record.answer}" for record in trace.records]
    assert lines[0].startswith("00B09C00  -> 31")
    assert lines[1].startswith("0022C1A4 80")
    assert "83010" in lines[1]
    assert lines[2:6] == [
        "10860000 7C00 -> 7C128010<nonce:16>",
        "10860000 7C438141<mapping key:65> -> 7C438241<mapping key:65>",
        "10860000 7C438341<ephemeral key:65> -> 7C438441<ephemeral key:65>",
        "00860000 7C0A8508<token:8> -> 7C0A8608<token:8>",
    ]
    assert lines[6] == "00A4040C A0000002471001 -> "
    assert lines[7].startswith("00B09D00  -> 7782")
    assert "<EF.SOD:" in lines[7]
    assert any(line.startswith("00880000 <challenge:8> -> <signature:") for line in lines)
    assert any("00860000 7C" in line and "<ephemeral key:" in line for line in lines[12:])


def test_bac_is_told_without_what_would_let_the_key_be_searched_for(bench: Bench) -> None:
    trace, _, _, _ = traced(bench, "pham-thi-mau", "pace-stripped")
    by_instruction = {record.header[1]: record for record in trace.records if not record.protected}
    assert by_instruction[0x84].answer == "<nonce:8>"
    assert by_instruction[0x82].data == "<authentication:40>"
    assert by_instruction[0x82].answer == "<authentication:40>"


def test_a_card_that_leaves_is_in_the_trace(bench: Bench) -> None:
    card = bench.build("pham-thi-mau", faults=("lost-field:12",))
    link = TracingLink(card.card, SecretsByName())
    with pytest.raises(CardRemoved):
        inspect(link, bench.request(card))
    assert link.trace.records[-1].error == "card-removed"
    assert link.trace.records[-1].header[1] == 0xB0
    assert sum(record.exchanges for record in link.trace.records) == 12


def test_the_speed_of_a_modelled_chip_is_found(bench: Bench) -> None:
    """Six milliseconds a command and 24 µs a byte (mock_cards.timing): ten bit times a byte at 424 kbit/s."""

    class Modelled:
        def __init__(self, card: EmulatedCard) -> None:
            self.card, self.atr, self.now = card, card.atr, 0.0

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            response = self.card.transmit(command)
            self.now += 0.006 + 2.4e-5 * (len(command.to_bytes()) + len(response.data) + 2)
            return response

    card = bench.build("nguyen-van-mau")
    chip = Modelled(card.card)
    link = TracingLink(chip, SecretsByName(), clock=lambda: chip.now)
    inspect(link, bench.request(card))
    speed = link.trace.speed
    assert speed is not None
    assert speed.per_command == pytest.approx(0.006, rel=0.01)
    assert speed.per_byte == pytest.approx(2.4e-5, rel=0.01)
    assert speed.nominal == 424
