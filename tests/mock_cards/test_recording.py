"""Recordings: what goes to a card is kept in plain, comes back from a file, and is answered again as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_cards.build import CardFactory
from mock_cards.issuing.mrz import mrz_of
from mock_cards.orders import CardOrder, OrderedCard, make_card
from mock_cards.personas import load_persona
from mock_cards.recording import RecordedCard, parse_recording
from reader.errors import CardRemoved, DataError
from reader.iso7816 import CommandAPDU

READ_DG1, READ_DG13 = "00B0810020", "00B08D0020"


@pytest.fixture
def made(factory: CardFactory) -> OrderedCard:
    made = make_card(CardOrder(), factory)
    made.card.power_on()
    return made


@pytest.fixture
def open_by_bac(terminal_on):
    """Return a function that opens a card by BAC with its printed MRZ and returns the terminal."""
    information = mrz_of(load_persona("nguyen-van-mau").card).information

    def open_(card):
        it = terminal_on(card)
        it.select_application()
        assert it.bac(information).sw == 0x9000
        return it

    return open_


def _session(it) -> list[tuple[str, int]]:
    return [
        (answer.data.hex(), answer.sw)
        for answer in (it.secure(READ_DG1), it.secure("00B0990008"), it.secure(READ_DG13))
    ]


def _replayed(text: str, tmp_path, factory: CardFactory) -> OrderedCard:
    file = tmp_path / "recording.jsonl"
    file.write_text(text, encoding="utf-8")
    made = make_card(CardOrder(replay=str(file)), factory)
    made.card.power_on()
    return made


def test_protected_commands_are_kept_in_plain_with_their_sizes_on_the_way(made, open_by_bac) -> None:
    first = _session(open_by_bac(made.card))
    (trace,) = made.card.recording().sessions
    inside = trace.inside.records
    assert [(record.answer.lower(), record.sw) for record in inside] == first
    assert [record.header.hex().upper() for record in inside] == ["00B08100", "00B09900", "00B08D00"]
    assert all(record.sent > 5 and record.received > 2 for record in inside)
    assert [record.header[1] for record in trace.records if not record.protected] == [0xA4, 0x84, 0x82]


def test_who_looks_on_sees_sizes_status_words_and_the_clause_of_a_refusal_but_no_contents(made, open_by_bac) -> None:
    _session(open_by_bac(made.card))
    shown = [one.to_json() for one in made.card.exchanges()]
    assert [one["sw"] for one in shown] == ["9000", "9000", "9000", "9000", "6A82", "9000"]
    assert [one["name"] for one in shown][-3:] == [
        "READ BINARY SFI 01 at 0",
        "READ BINARY SFI 19 at 0",
        "READ BINARY SFI 0D at 0",
    ]
    assert shown[4]["clause"]
    assert not any(one["clause"] for one in shown[:4])
    assert "4E475559454E" not in json.dumps(shown).upper()
    assert [one.number for one in made.card.exchanges(since=4)] == [5, 6]


def test_each_reset_begins_a_session_and_idle_ones_leave_no_trace(made) -> None:
    for _ in range(3):
        made.card.power_on()
        made.card.reset()
        made.card.transmit(CommandAPDU.from_bytes(bytes.fromhex("00B09C0000")))
    assert [len(session.records) for session in made.card.recording().sessions] == [1, 1, 1]


def test_a_recording_answers_as_the_card_did_under_a_session_of_this_time(made, open_by_bac, tmp_path, factory) -> None:
    then = _session(open_by_bac(made.card))
    again = _replayed(made.card.recording().to_text(), tmp_path, factory)
    assert _session(open_by_bac(again.card)) == then
    assert again.personal_number == made.personal_number


def test_an_answer_changed_in_the_file_is_a_changed_answer_of_the_card(made, open_by_bac, tmp_path, factory) -> None:
    then = _session(open_by_bac(made.card))
    dg1 = then[0][0].upper()
    text = made.card.recording().to_text().replace(dg1, "FF" + dg1[2:])
    assert _session(open_by_bac(_replayed(text, tmp_path, factory).card))[0][0] == "ff" + dg1[2:].lower()


def test_a_command_that_was_not_asked_then_is_answered_6f00_and_told(made, open_by_bac, tmp_path, factory) -> None:
    _session(open_by_bac(made.card))
    again = _replayed(made.card.recording().to_text(), tmp_path, factory)
    it = open_by_bac(again.card)
    assert it.secure("00B0810010").sw == 0x6F00
    assert again.card.exchanges()[-1].to_json()["why"] == "the recording holds no such command"


def test_a_refusal_of_access_is_replayed_too(made, terminal_on, tmp_path, factory, open_by_bac) -> None:
    it = terminal_on(made.card)
    it.select_application()
    assert it.bac(b"wrong").sw == 0x6300
    again = _replayed(made.card.recording().to_text(), tmp_path, factory)
    with pytest.raises(AssertionError):
        open_by_bac(again.card)


def test_a_card_that_left_leaves_again(factory, tmp_path) -> None:
    made = make_card(CardOrder(), factory)
    made.card.power_on()
    read = CommandAPDU.from_bytes(bytes.fromhex("00B09C0000"))
    made.card.transmit(read)
    lines = made.card.recording().to_text().splitlines()
    record = json.loads(lines[2])
    lines[2] = json.dumps({**record, "error": CardRemoved.code, "sw": None, "answer": ""})
    again = _replayed("\n".join(lines), tmp_path, factory)
    with pytest.raises(CardRemoved):
        again.card.transmit(read)


def test_sessions_follow_one_another_as_they_did(factory, tmp_path) -> None:
    made = make_card(CardOrder(), factory)
    commands = [CommandAPDU.from_bytes(bytes.fromhex(text)) for text in ("00B09C0004", "00B09C0008")]
    for command in commands:
        made.card.power_on()
        made.card.transmit(command)
    again = _replayed(made.card.recording().to_text(), tmp_path, factory)
    for command in (*commands, *commands):
        again.card.power_on()
        again.card.reset()
        assert again.card.transmit(command).sw == 0x9000


def test_a_card_of_fresh_keys_can_be_looked_at_but_not_kept() -> None:
    card = CardFactory().build("nguyen-van-mau").card
    recorded = RecordedCard(card, CardOrder().to_json(), None)
    recorded.power_on()
    recorded.transmit(CommandAPDU.from_bytes(bytes.fromhex("00B09C0000")))
    assert len(recorded.exchanges()) == 1
    with pytest.raises(DataError):
        recorded.recording()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"recording": 2, "card": {}, "seed": "x"}',
        '{"recording": 1, "card": [], "seed": "x"}',
        '{"recording": 1, "card": {}, "seed": 1}',
        '{"recording": 1, "card": {"replay": "another"}, "seed": "x"}',
        '{"recording": 1, "card": {}, "seed": "x"}\n{"command": "00B09C00"}',
        '{"trace": 1, "atr": "3B80800101"}',
        '{"recording": 1, "card": {}, "seed": "x"}\n{"trace": 1, "atr": "3B"}\n'
        '{"command": "00B09C00", "data": "", "ne": 256, "answer": "<file:100>", "sw": "9000", "protected": true, '
        '"verified": true, "error": "", "exchanges": 1, "sent": 5, "received": 102, "ms": 1.0}',
        "[" * 100_000,
    ],
)
def test_what_is_no_recording_of_an_emulated_card_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_recording(text)


def test_a_recording_without_a_session_is_no_card(factory, tmp_path) -> None:
    with pytest.raises(DataError):
        _replayed('{"recording": 1, "card": {}, "seed": "x"}\n', tmp_path, factory)


@given(st.text(max_size=200))
def test_any_text_is_a_recording_or_a_data_error(text: str) -> None:
    for beginning in ("", '{"recording": 1, "card": {}, "seed": "x"}\n{"trace": 1, "atr": "3B"}\n'):
        try:
            parse_recording(beginning + text)
        except DataError:
            continue
