"""Secure messaging against any change: whatever is done to one answer, nothing of it is used (SM-01 … SM-06, SM-08).

Hypothesis draws a run of commands, the one whose answer is tampered with, and how: a byte changed, dropped, repeated,
inserted or exchanged with another; a data object dropped, repeated, exchanged, or taken from another answer; the whole
answer dropped, delayed, or played again. The answers before it are right, and after it the channel is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.access import SecureMessaging, SessionKeys
from reader.crypto import CipherSuite, derive_key
from reader.errors import SecureMessagingError
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse_all

Tamper = Callable[[ResponseAPDU, list[ResponseAPDU]], ResponseAPDU]

COMMANDS = (
    CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=200),
    CommandAPDU(0x00, 0xB1, 0x00, 0x00, b"\x54\x02\x80\x00", ne=100),
    CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e"),
)
STATUS = (0x9000, 0x6282, 0x6A82, 0x6300, 0x6400, 0x6700, 0x6A00, 0x6F00)
every_suite = pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.name)


class Run:
    """A channel, the chip behind it, and the answers as they would have come untouched."""

    def __init__(self, cards: SimpleNamespace, suite: CipherSuite, answers: list[ResponseAPDU]) -> None:
        keys = SessionKeys(suite, derive_key(b"s", 1, suite), derive_key(b"s", 2, suite), 7)
        self.answers, self.genuine = answers, []
        self.tamper: Tamper = lambda response, before: response
        self.chip = cards.CardSide(inside=lambda command: self.answers[len(self.genuine)], fault=self.fault)
        self.chip.messaging = cards.OwnMessaging(keys)
        self.channel = SecureMessaging(self.chip, keys)
        self.genuine: list[ResponseAPDU] = []

    def fault(self, step: str, response: ResponseAPDU) -> ResponseAPDU:
        changed = self.tamper(response, list(self.genuine))
        self.genuine.append(response)
        return changed

    def send(self, count: int) -> None:
        """Send ``count`` commands whose answers come as they are."""
        for place in range(count):
            assert self.channel.transmit(COMMANDS[place % 3]) == self.answers[place]


answers = st.lists(st.builds(ResponseAPDU, st.binary(max_size=200), st.sampled_from(STATUS)), min_size=2, max_size=6)


@st.composite
def byte_changes(draw: st.DrawFn) -> Tamper:
    kind = draw(st.sampled_from(["change", "drop", "repeat", "insert", "exchange", "cut", "append"]))
    at, other = draw(st.floats(0, 1, exclude_max=True)), draw(st.floats(0, 1, exclude_max=True))
    value = draw(st.integers(0, 255))

    def tamper(response: ResponseAPDU, before: list[ResponseAPDU]) -> ResponseAPDU:
        raw = bytearray(response.data + response.sw.to_bytes(2, "big"))
        place, second = int(at * len(raw)), int(other * len(raw))
        match kind:
            case "change":
                raw[place] = value
            case "drop":
                del raw[place]
            case "repeat":
                raw.insert(place, raw[place])
            case "insert":
                raw.insert(place, value)
            case "exchange":
                raw[place], raw[second] = raw[second], raw[place]
            case "cut":
                raw = raw[place:] if len(raw) - place >= 2 else raw
            case _:
                raw[-2:-2] = bytes((value,))
        return ResponseAPDU(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))

    return tamper


@st.composite
def object_changes(draw: st.DrawFn) -> Tamper:
    kind = draw(st.sampled_from(["drop", "repeat", "exchange", "foreign", "unknown", "longer", "empty"]))
    at, other = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    tag = draw(st.sampled_from([0x80, 0x81, 0x85, 0x87, 0x8E, 0x97, 0x99, 0x7C]))

    def tamper(response: ResponseAPDU, before: list[ResponseAPDU]) -> ResponseAPDU:
        objects = [response.data[tlv.start : tlv.end] for tlv in parse_all(response.data)]
        place, second = at % len(objects), other % len(objects)
        match kind:
            case "drop":
                del objects[place]
            case "repeat":
                objects.insert(second, objects[place])
            case "exchange":
                objects[place], objects[second] = objects[second], objects[place]
            case "foreign" if before:
                earlier = before[-1].data
                taken = [earlier[tlv.start : tlv.end] for tlv in parse_all(earlier)]
                objects[place] = taken[second % len(taken)]
            case "unknown":
                objects.insert(place, encode(tag, b"\x01\x02"))
            case "longer":
                first = next(parse_all(objects[place]))
                objects[place] = encode(first.tag, first.value + b"\0")
            case _:
                first = next(parse_all(objects[place]))
                objects[place] = encode(first.tag, b"")
        return ResponseAPDU(b"".join(objects), response.sw)

    return tamper


@st.composite
def answer_changes(draw: st.DrawFn) -> Tamper:
    """Play an earlier answer again, give only its data or only its status, or take the protection away."""
    kind = draw(st.sampled_from(["replay", "older data", "older status", "plain", "bare success"]))
    back = draw(st.integers(0, 5))
    plain = draw(st.binary(min_size=1, max_size=40))

    def tamper(response: ResponseAPDU, before: list[ResponseAPDU]) -> ResponseAPDU:
        earlier = before[back % len(before)] if before else response
        match kind:
            case "replay":
                return earlier
            case "older data":
                return ResponseAPDU(earlier.data, response.sw)
            case "older status":
                return ResponseAPDU(response.data, earlier.sw)
            case "plain":
                return ResponseAPDU(plain, 0x9000)
            case _:
                return ResponseAPDU(b"", 0x9000)

    return tamper


def refused(run: Run, tamper: Tamper, count: int) -> None:
    """Assert that the answer after ``count`` right ones is refused once it is not what the chip sent."""
    run.send(count)
    harmless: list[ResponseAPDU] = []

    def once(response: ResponseAPDU, before: list[ResponseAPDU]) -> ResponseAPDU:
        changed = tamper(response, before)
        if changed == response:
            harmless.append(response)
        run.tamper = lambda later, _: ResponseAPDU(b"", 0x6F00)  # no probe is answered for it
        return changed

    run.tamper = once
    command = COMMANDS[count % 3]
    try:
        answer = run.channel.transmit(command)
    except SecureMessagingError:
        assert not harmless
    else:
        assert harmless
        assert answer == run.answers[count]
        return
    sent = len(run.chip.commands)
    assert not run.channel.is_open
    for later in COMMANDS:
        with pytest.raises(SecureMessagingError):
            run.channel.transmit(later)
    assert len(run.chip.commands) == sent
    assert run.channel.verified_answers == count


@every_suite
@given(data=st.data(), given_answers=answers, tamper=st.one_of(byte_changes(), object_changes(), answer_changes()))
def test_any_single_change_to_any_answer_is_refused_before_a_byte_of_it_is_used(
    cards: SimpleNamespace, suite: CipherSuite, data: st.DataObject, given_answers: list[ResponseAPDU], tamper: Tamper
) -> None:
    run = Run(cards, suite, given_answers)
    refused(run, tamper, data.draw(st.integers(0, len(given_answers) - 1)))


@every_suite
@given(data=st.data(), given_answers=answers, lost=st.integers(1, 3))
def test_a_dropped_answer_is_noticed_with_the_next(
    cards: SimpleNamespace, suite: CipherSuite, data: st.DataObject, given_answers: list[ResponseAPDU], lost: int
) -> None:
    """SM-06: the chip has answered what never arrived; the answer that does arrive is counted as another."""
    run = Run(cards, suite, given_answers)
    count = data.draw(st.integers(0, len(given_answers) - 1))
    run.send(count)
    run.chip.messaging.counter += 2 * lost
    with pytest.raises(SecureMessagingError):
        run.channel.transmit(COMMANDS[count % 3])
    assert not run.channel.is_open


@every_suite
def test_every_byte_of_an_answer_counts_whatever_it_is_changed_to(cards: SimpleNamespace, suite: CipherSuite) -> None:
    """SM-01, SM-04: exhaustively over the places, for three values each; the status word's two bytes included."""
    content = ResponseAPDU(bytes(range(20)), 0x9000)
    run = Run(cards, suite, [content])
    run.send(1)
    length = len(run.genuine[0].data) + 2
    for place in range(length):
        for mask in (0x01, 0x80, 0xFF):
            refused(Run(cards, suite, [content]), flip(place, mask), 0)


def flip(place: int, mask: int) -> Tamper:
    def tamper(response: ResponseAPDU, before: list[ResponseAPDU]) -> ResponseAPDU:
        raw = bytearray(response.data + response.sw.to_bytes(2, "big"))
        raw[place] ^= mask
        return ResponseAPDU(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))

    return tamper


@every_suite
@pytest.mark.parametrize("sw", [sw for sw in STATUS if sw != 0x9000])
def test_a_status_that_is_no_success_is_handed_on_as_it_is(cards: SimpleNamespace, suite: CipherSuite, sw: int) -> None:
    """SM-08: 6300, 6400, 6700, 6A00 end in zeros and are not success."""
    run = Run(cards, suite, [ResponseAPDU(b"", sw)])
    assert run.channel.transmit(COMMANDS[0]).sw == sw
    assert run.channel.is_open
