from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import CardError, CardRemoved, DataError, UnprotectedStatus
from reader.iso7816 import (
    CancellableLink,
    CollectingLink,
    CommandAPDU,
    CountingLink,
    ReplayLink,
    ResponseAPDU,
    Trace,
    TraceRecord,
    TracingLink,
    parse_trace,
    witness_of,
)

READ = CommandAPDU(0x00, 0xB0, 0x81, 0x00, ne=16)
PROTECTED = CommandAPDU(0x0C, 0xB0, 0x81, 0x00, b"\x97\x01\x10\x8e\x08" + bytes(8), ne=256)
SELECT = CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x01")


class Card:
    atr = b"\x3b\x80\x01\x01"

    def __init__(self, *answers: ResponseAPDU | Exception) -> None:
        self.answers = list(answers)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Lengths:
    """Redact everything."""

    def command(self, command: CommandAPDU) -> str:
        return f"<data:{len(command.data)}>" if command.data else ""

    def answer(self, command: CommandAPDU, answer: ResponseAPDU) -> str:
        return f"<data:{len(answer.data)}>" if answer.data else ""


class Clock:
    """Take a millisecond for each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def traced(*answers: ResponseAPDU | Exception) -> TracingLink:
    return TracingLink(Card(*answers), Lengths(), clock=Clock())


def test_a_plain_command_is_noted_with_time_and_size() -> None:
    link = traced(ResponseAPDU(b"secret", 0x9000))
    assert link.transmit(READ) == ResponseAPDU(b"secret", 0x9000)
    (record,) = link.trace.records
    assert record == TraceRecord(READ.header, "", 16, "<data:6>", 0x9000, sent=5, received=8, ms=pytest.approx(1.0))


def test_a_protected_command_is_noted_in_plain_with_what_its_protection_cost() -> None:
    link = traced(ResponseAPDU(bytes(40), 0x6110), ResponseAPDU(bytes(16), 0x9000))
    outer = CollectingLink(CountingLink(CancellableLink(link, threading.Event())))
    witness = witness_of(outer)
    assert witness is not None
    outer.transmit(PROTECTED)
    witness(READ, ResponseAPDU(b"secret", 0x9000))
    (record,) = link.trace.records
    assert (record.header, record.answer, record.sw) == (READ.header, "<data:6>", 0x9000)
    assert (record.protected, record.verified, record.exchanges) == (True, True, 2)
    assert (record.sent, record.received) == (len(PROTECTED.to_bytes()) + 5, 42 + 18)


def test_an_answer_that_nothing_vouches_for_is_marked() -> None:
    link = traced(ResponseAPDU(b"", 0x6988), ResponseAPDU(b"", 0x6988))
    link.transmit(PROTECTED)
    link.transmit(PROTECTED)
    assert [(record.data, record.sw, record.verified) for record in link.trace.records] == [
        ("<protected:13>", 0x6988, False)
    ] * 2
    assert link.witness is not None
    link.witness(READ, None)
    (record,) = link.trace.records
    assert (record.header, record.sw, record.verified, record.exchanges) == (READ.header, 0x6988, False, 2)


def test_a_lost_card_is_noted_by_its_code() -> None:
    link = traced(CardRemoved("gone"))
    with pytest.raises(CardRemoved):
        link.transmit(READ)
    assert (link.trace.records[0].sw, link.trace.records[0].error) == (None, "card-removed")


def test_a_command_that_never_left_is_not_noted() -> None:
    link = traced()
    assert link.witness is not None
    link.witness(READ, None)
    assert link.trace.records == ()


def test_links_without_a_trace_have_no_witness() -> None:
    assert witness_of(CountingLink(Card())) is None


def test_a_trace_is_read_back_as_it_was_written() -> None:
    link = traced(ResponseAPDU(b"abc", 0x9000), ResponseAPDU(b"", 0x6A82), CardRemoved("gone"))
    link.transmit(READ)
    link.transmit(SELECT)
    with pytest.raises(CardRemoved):
        link.transmit(READ)
    trace = replace(link.trace, records=tuple(replace(record, ms=1.25) for record in link.trace.records))
    assert parse_trace(trace.to_text()) == trace
    assert parse_trace(trace.to_text()).atr == Card.atr


def test_the_speed_of_the_card_stands_in_the_last_line() -> None:
    records = tuple(
        TraceRecord(READ.header, "", 16, f"<data:{size}>", 0x9000, sent=19, received=size, ms=8 + size * 0.02124)
        for size in (20, 60, 120, 180, 240)
    )
    text = Trace(records).to_text()
    assert "(nominal 424)" in text.splitlines()[-1]
    assert parse_trace(text).records == tuple(replace(record, ms=round(record.ms, 3)) for record in records)


class TestReplay:
    RECORDS = (
        TraceRecord(SELECT.header, "0101", 0, "", 0x9000),
        TraceRecord(READ.header, "", 16, "6104<EF.DG1:4>", 0x9000),
        TraceRecord(READ.header, "", 16, "", 0x6282),
    )

    def test_answers_come_as_they_came_with_zeros_for_names(self) -> None:
        link = ReplayLink(Trace(self.RECORDS, b"\x3b\x00"))
        assert link.atr == b"\x3b\x00"
        assert link.transmit(SELECT) == ResponseAPDU(b"", 0x9000)
        assert link.transmit(READ) == ResponseAPDU(b"\x61\x04\0\0\0\0", 0x9000)
        assert link.transmit(READ) == ResponseAPDU(b"", 0x6282)

    def test_commands_that_nobody_asks_for_are_passed_over(self) -> None:
        assert ReplayLink(Trace(self.RECORDS)).transmit(READ).sw == 0x9000

    @pytest.mark.parametrize(
        "command",
        [
            replace(READ, ne=17),
            replace(READ, p2=1),
            replace(SELECT, data=b"\x01\x02"),
            replace(SELECT, data=b"\x01"),
        ],
    )
    def test_another_command_is_not_answered(self, command: CommandAPDU) -> None:
        with pytest.raises(DataError):
            ReplayLink(Trace(self.RECORDS)).transmit(command)

    def test_of_a_redacted_command_only_the_length_is_compared(self) -> None:
        record = TraceRecord(b"\x00\x88\x00\x00", "<challenge:8>", 256, "<signature:64>", 0x9000)
        link = ReplayLink(Trace((record,)))
        assert link.transmit(CommandAPDU(0, 0x88, 0, 0, b"anything", 256)) == ResponseAPDU(bytes(64), 0x9000)

    def test_a_card_that_left_leaves_again(self) -> None:
        gone = TraceRecord(READ.header, "", 16, error="card-removed")
        with pytest.raises(CardRemoved):
            ReplayLink(Trace((gone,))).transmit(READ)
        with pytest.raises(CardError):
            ReplayLink(Trace((replace(gone, error="pcsc-trouble"),))).transmit(READ)

    @pytest.mark.parametrize("held", [True, False])
    def test_a_bare_status_is_bare_again(self, held: bool) -> None:
        bare = TraceRecord(READ.header, "", 16, "", 0x6700, protected=True, verified=False)
        later = TraceRecord(SELECT.header, "0101", 0, "", 0x9000, protected=True)
        with pytest.raises(UnprotectedStatus) as raised:
            ReplayLink(Trace((bare, later) if held else (bare,))).transmit(READ)
        assert (raised.value.sw, raised.value.channel_alive) == (0x6700, held)


GOOD = Trace(TestReplay.RECORDS).to_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "nothing",
        '{"trace": 2, "atr": ""}',
        '{"trace": 1}',
        '{"trace": 1, "atr": "xy"}',
        GOOD.replace('"00A4020C"', '"00A402"'),
        GOOD.replace('"0101"', '"010"'),
        GOOD.replace("<EF.DG1:4>", "<EF.DG1:999999>"),
        GOOD.replace("<EF.DG1:4>", "<EF:DG1:4>"),
        GOOD.replace('"ne": 16', '"ne": 70000'),
        GOOD.replace('"ne": 16', '"ne": "many"'),
        GOOD.replace('"ms": 0.0', '"ms": []'),
        GOOD.replace('"exchanges": 1', '"exchanges": 1e999'),
        "[" * 100_000,
        GOOD + "{" * 20,
    ],
)
def test_what_is_no_trace_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_trace(text)


def test_a_trace_has_a_bounded_length() -> None:
    head, line = GOOD.splitlines()[:2]
    with pytest.raises(DataError, match="commands"):
        parse_trace(head + "\n" + (line + "\n") * 20_001)
    with pytest.raises(DataError, match="MB"):
        parse_trace(" " * ((16 << 20) + 1))


@given(st.text(max_size=60), st.integers(0, len(GOOD)))
def test_any_text_is_a_trace_or_a_data_error(noise: str, at: int) -> None:
    for text in (noise, GOOD[:at] + noise + GOOD[at:]):
        try:
            parse_trace(text)
        except DataError:
            continue
