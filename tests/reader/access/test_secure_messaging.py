from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.access import SecureMessaging, SessionKeys
from reader.crypto import CipherSuite, derive_key
from reader.errors import CardRemoved, DataError, SecureMessagingError, UnprotectedStatus
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse_all

READ = CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=32)
READ_ODD = CommandAPDU(0x00, 0xB1, 0x00, 0x00, b"\x54\x02\x80\x00", ne=32)
SELECT = CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\x01\x1e")
CONTENT = bytes(range(32))

Answer = Callable[[CommandAPDU], ResponseAPDU]


def keys(suite: CipherSuite, counter: int = 0) -> SessionKeys:
    return SessionKeys(suite, derive_key(b"s", 1, suite), derive_key(b"s", 2, suite), counter)


class Pair:
    """A channel and the chip at its other end, with one place to change what the chip sends."""

    def __init__(self, cards: SimpleNamespace, suite: CipherSuite, counter: int = 0) -> None:
        self.change: Callable[[ResponseAPDU], ResponseAPDU] = lambda response: response
        self.answer: Answer = self.read
        self.chip = cards.CardSide(inside=self.inside, fault=self.fault)
        self.chip.messaging = cards.OwnMessaging(keys(suite, counter))
        self.channel = SecureMessaging(self.chip, keys(suite, counter))

    def inside(self, command: CommandAPDU) -> ResponseAPDU:
        return self.answer(command)

    @staticmethod
    def read(command: CommandAPDU) -> ResponseAPDU:
        return ResponseAPDU(CONTENT[: command.ne] if command.ins & 0xFE == 0xB0 else b"", 0x9000)

    def fault(self, step: str, response: ResponseAPDU) -> ResponseAPDU:
        return self.change(response) if step == "sm" else response

    def assert_closed(self) -> None:
        """Stop means stop: nothing is sent any more."""
        sent = len(self.chip.commands)
        assert not self.channel.is_open
        with pytest.raises(SecureMessagingError):
            self.channel.transmit(READ)
        assert len(self.chip.commands) == sent


@pytest.fixture(params=list(CipherSuite), ids=lambda suite: suite.name)
def suite(request: pytest.FixtureRequest) -> CipherSuite:
    return request.param


@pytest.fixture
def pair(cards: SimpleNamespace, suite: CipherSuite) -> Pair:
    return Pair(cards, suite)


def test_commands_and_answers_pass(pair: Pair) -> None:
    for command in (READ, SELECT, READ_ODD, READ):
        assert pair.channel.transmit(command) == pair.read(command)
    assert pair.channel.is_open


def test_what_the_chip_receives_is_what_was_sent(pair: Pair) -> None:
    seen: list[CommandAPDU] = []
    pair.answer = lambda command: seen.append(command) or ResponseAPDU(b"", 0x9000)
    sent = [
        SELECT,
        READ,
        CommandAPDU(0x10, 0x86, 0, 0, b"\x7c\x00", 256),
        CommandAPDU(0, 0x22, 0x41, 0xA4, b"\x80\x01\x07"),
    ]
    for command in sent:
        pair.channel.transmit(command)
    assert seen == sent
    assert [command.cla for command in pair.chip.commands] == [0x0C, 0x0C, 0x1C, 0x0C]


def test_extended_length_reaches_the_chip(pair: Pair) -> None:
    pair.answer = lambda command: ResponseAPDU(bytes(command.ne % 70000), 0x9000)
    answer = pair.channel.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=1000))
    assert len(answer.data) == 1000
    assert pair.chip.commands[0].ne == 65536
    pair.answer = lambda command: ResponseAPDU(command.data[:4], 0x9000)
    assert pair.channel.transmit(CommandAPDU(0x00, 0x2A, 0x00, 0xBE, b"abcd" + bytes(300))).data == b"abcd"
    assert pair.channel.transmit(READ).sw == 0x9000


def test_a_data_field_that_outgrows_the_short_form_is_sent_extended(pair: Pair) -> None:
    pair.answer = lambda command: ResponseAPDU(command.data[:4], 0x9000)
    assert pair.channel.transmit(CommandAPDU(0x00, 0x2A, 0x00, 0xBE, b"abcd" + bytes(245))).data == b"abcd"
    assert pair.chip.commands[0].is_extended
    assert pair.chip.commands[0].ne == 65536


def test_the_largest_short_answers_fit(pair: Pair, suite: CipherSuite) -> None:
    chunk = pair.channel.chunk_sizes.short
    assert chunk == (223 if suite.is_aes else 231)
    pair.answer = lambda command: ResponseAPDU(bytes(command.ne), 0x9000)
    sizes: list[int] = []

    def note(response: ResponseAPDU) -> ResponseAPDU:
        sizes.append(len(response.data))
        return response

    pair.change = note
    pair.channel.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=chunk))
    pair.channel.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=chunk + 1))
    assert sizes[0] + 2 == (244 if suite.is_aes else 252)
    assert sizes[1] > 256


def test_a_protected_error_status_is_verified_and_handed_on(pair: Pair) -> None:
    # SM-08: none of these is success, and each comes through as it is.
    for sw in (0x6A82, 0x6982, 0x6300, 0x6400, 0x6700, 0x6A00, 0x6F00, 0x6282):
        pair.answer = lambda command, sw=sw: ResponseAPDU(b"", sw)
        assert pair.channel.transmit(READ) == ResponseAPDU(b"", sw)
    assert pair.channel.is_open


# SM-01: every single bit of DO87, DO99 and DO8E counts.
def test_one_flipped_bit_ends_the_channel(cards: SimpleNamespace, suite: CipherSuite) -> None:
    length = len(answer_of(Pair(cards, suite)).data)
    for position in range(length):
        pair = Pair(cards, suite)
        pair.change = lambda response, position=position: flip(response, position)
        with pytest.raises(SecureMessagingError):
            pair.channel.transmit(READ)
        pair.assert_closed()


def answer_of(pair: Pair) -> ResponseAPDU:
    seen: list[ResponseAPDU] = []
    pair.change = lambda response: seen.append(response) or response
    pair.channel.transmit(READ)
    return seen[0]


def flip(response: ResponseAPDU, position: int) -> ResponseAPDU:
    data = bytearray(response.data)
    data[position] ^= 1 << position % 8
    return ResponseAPDU(bytes(data), response.sw)


# SM-02: 9000 with nothing in it.
def test_success_without_protection_ends_the_channel(pair: Pair) -> None:
    pair.change = lambda response: ResponseAPDU(b"", 0x9000)
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(SELECT)
    pair.assert_closed()


# A plain answer with data is never used, whatever its status.
@pytest.mark.parametrize("sw", [0x9000, 0x6282, 0x6281, 0x6700, 0x6A82])
def test_plain_data_ends_the_channel(pair: Pair, sw: int) -> None:
    pair.change = lambda response: ResponseAPDU(CONTENT, sw)
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


# SM-04
@pytest.mark.parametrize("sw", [0x6A82, 0x6282, 0x9001])
def test_a_status_word_that_differs_from_the_protected_one_ends_the_channel(pair: Pair, sw: int) -> None:
    pair.change = lambda response: ResponseAPDU(response.data, sw)
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


def objects_of(response: ResponseAPDU) -> list[bytes]:
    return [response.data[tlv.start : tlv.end] for tlv in parse_all(response.data)]


# SM-05
@pytest.mark.parametrize(
    "rearrange",
    [
        lambda do: do[:-1],
        lambda do: [do[1], do[0], do[2]],
        lambda do: [do[0], do[2], do[1]],
        lambda do: [do[0], do[2]],
        lambda do: [*do, encode(0x80, b"x")],
        lambda do: [encode(0x81, b"plain"), *do],
        lambda do: [do[0], do[0], *do[1:]],
        lambda do: [*do, do[-1]],
        lambda do: [*do[:-1], do[-1][:-1]],
        lambda do: [*do[:-1], encode(0x8E, do[-1][2:-1])],
        lambda do: [*do[:-1], encode(0x8E, do[-1][2:] + b"\0")],
        lambda do: [encode(0x85, do[0][2:]), *do[1:]],
        lambda do: [b"\x87\x80" + do[0][2:], *do[1:]],
    ],
)
def test_missing_surplus_and_reordered_objects_end_the_channel(
    pair: Pair, rearrange: Callable[[list[bytes]], list[bytes]]
) -> None:
    pair.change = lambda response: ResponseAPDU(b"".join(rearrange(objects_of(response))), response.sw)
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


# SM-06
def test_a_replayed_answer_ends_the_channel(pair: Pair) -> None:
    first = answer_of(pair)
    pair.change = lambda response: first
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


def test_a_dropped_answer_ends_the_channel(pair: Pair) -> None:
    pair.channel.transmit(READ)
    # The chip has answered one command more than the reader knows of.
    pair.chip.messaging.counter += 2
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


# SM-07: the chip's own mistake under a right MAC.
@pytest.mark.parametrize("padding", [bytes(16), b"\x81" + bytes(15)])
def test_wrong_padding_fails_the_answer_and_leaves_the_channel(pair: Pair, padding: bytes) -> None:
    messaging = pair.chip.messaging
    messaging.pad, right = (lambda data: data + padding if data == CONTENT else right(data)), messaging.pad
    with pytest.raises(DataError):
        pair.channel.transmit(READ)
    assert pair.channel.is_open
    messaging.pad = right
    assert pair.channel.transmit(READ).data == CONTENT


def test_missing_padding_at_the_end_of_a_file_is_taken_and_counted(pair: Pair) -> None:
    messaging = pair.chip.messaging
    messaging.pad, right = (lambda data: data if data == CONTENT else right(data)), messaging.pad
    pair.answer = lambda command: ResponseAPDU(CONTENT, 0x6282)
    assert pair.channel.transmit(READ) == ResponseAPDU(CONTENT, 0x6282)
    assert pair.channel.unpadded_answers == 1


# SM-03: a bare error is never data and never a verified "not found".
@pytest.mark.parametrize("sw", [0x6700, 0x6A82, 0x6B00, 0x6282, 0x6988, 0x6F00, 0x6987, 0x6300])
def test_a_bare_error_closes_the_channel_when_the_chip_has_ended_its_session(pair: Pair, sw: int) -> None:
    def end_session(response: ResponseAPDU) -> ResponseAPDU:
        pair.chip.messaging = None
        return ResponseAPDU(b"", sw)

    pair.change = end_session
    with pytest.raises(UnprotectedStatus) as caught:
        pair.channel.transmit(READ)
    assert (caught.value.sw, caught.value.channel_alive) == (sw, False)
    assert len(pair.chip.commands) == 3
    pair.assert_closed()


@pytest.mark.parametrize("counted", [False, True], ids=["not counted", "counted"])
@pytest.mark.parametrize("sw", [0x6700, 0x6A82])
def test_a_chip_that_goes_on_after_a_bare_error_is_found_out_by_a_probe(pair: Pair, sw: int, counted: bool) -> None:
    messaging = pair.chip.messaging

    def once(response: ResponseAPDU) -> ResponseAPDU:
        pair.change = refuse_once if counted else (lambda later: later)
        messaging.counter -= 0 if counted else 2
        return ResponseAPDU(b"", sw)

    def refuse_once(response: ResponseAPDU) -> ResponseAPDU:
        # The probe under the old count does not verify for this chip; it neither counts it nor gives up.
        pair.change = lambda later: later
        pair.chip.messaging = messaging
        messaging.counter = 2
        return ResponseAPDU(b"", 0x6988)

    pair.change = once
    with pytest.raises(UnprotectedStatus) as caught:
        pair.channel.transmit(READ)
    assert (caught.value.sw, caught.value.channel_alive) == (sw, True)
    assert pair.channel.transmit(READ).data == CONTENT


def test_a_probe_is_never_answered_by_held_back_data(pair: Pair) -> None:
    held: list[ResponseAPDU] = []

    def hold_back(response: ResponseAPDU) -> ResponseAPDU:
        held.append(response)
        pair.change = lambda later: held[0]
        return ResponseAPDU(b"", 0x6A82)

    pair.change = hold_back
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


def test_a_probe_answered_by_bare_success_ends_the_channel(pair: Pair) -> None:
    statuses = iter([0x6A82, 0x9000])
    pair.change = lambda response: ResponseAPDU(b"", next(statuses))
    with pytest.raises(SecureMessagingError, match="without protection"):
        pair.channel.transmit(READ)
    pair.assert_closed()


# Right MAC over a cryptogram that is none: the chip is broken or not a chip.
@pytest.mark.parametrize("cryptogram", [b"\x02" + bytes(16), b"\x01", b"\x01" + bytes(15), b""])
def test_a_cryptogram_that_is_none_ends_the_channel(pair: Pair, cryptogram: bytes) -> None:
    messaging = pair.chip.messaging

    def rebuild(response: ResponseAPDU) -> ResponseAPDU:
        body = encode(0x87, cryptogram) + encode(0x99, b"\x90\x00")
        return ResponseAPDU(body + encode(0x8E, messaging.authenticate(messaging.pad(body))), 0x9000)

    pair.change = rebuild
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


# SM-10
def test_a_transport_fault_closes_the_channel(pair: Pair) -> None:
    def leave(response: ResponseAPDU) -> ResponseAPDU:
        raise CardRemoved("gone")

    pair.change = leave
    with pytest.raises(CardRemoved):
        pair.channel.transmit(READ)
    pair.assert_closed()


def test_no_two_commands_carry_the_same_code(pair: Pair) -> None:
    for _ in range(20):
        pair.channel.transmit(READ)
    assert len({command.data for command in pair.chip.commands}) == 20


def test_the_counter_of_3des_rolls_over(cards: SimpleNamespace) -> None:
    pair = Pair(cards, CipherSuite.TDES, counter=(1 << 64) - 2)
    pair.chip.messaging.block = lambda: (pair.chip.messaging.counter % (1 << 64)).to_bytes(8, "big")
    for _ in range(3):
        assert pair.channel.transmit(READ).data == CONTENT


def test_keys_can_be_changed_within_a_session(pair: Pair, cards: SimpleNamespace, suite: CipherSuite) -> None:
    pair.channel.transmit(READ)
    new = SessionKeys(CipherSuite.AES_256, b"e" * 32, b"m" * 32)
    pair.chip.messaging = cards.OwnMessaging(new)
    pair.channel.change_keys(new)
    assert pair.channel.transmit(READ).data == CONTENT
    assert pair.channel.chunk_sizes.short == 223
    pair.channel.close()
    with pytest.raises(SecureMessagingError):
        pair.channel.change_keys(new)


def test_new_keys_that_the_chip_does_not_share_close_the_channel(pair: Pair) -> None:
    """A clone without the Chip Authentication key: its answers do not verify under the new keys."""
    pair.channel.change_keys(SessionKeys(CipherSuite.AES_128, b"e" * 16, b"m" * 16))
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


@given(data=st.binary(max_size=300), sw=st.sampled_from([0x9000, 0x6282, 0x6A82, 0x6700]))
def test_random_answers_are_never_believed(cards: SimpleNamespace, data: bytes, sw: int) -> None:
    pair = Pair(cards, CipherSuite.AES_128)
    pair.change = lambda response: ResponseAPDU(data, sw)
    with pytest.raises(SecureMessagingError):
        pair.channel.transmit(READ)
    pair.assert_closed()


@given(
    data=st.binary(max_size=600),
    ne=st.sampled_from([0, 1, 223, 256, 257, 65536]),
    ins=st.sampled_from([0xB0, 0xB1, 0x86, 0x2A]),
    answer=st.binary(max_size=600),
)
def test_any_command_and_answer_survive(cards: SimpleNamespace, data: bytes, ne: int, ins: int, answer: bytes) -> None:
    pair = Pair(cards, CipherSuite.AES_192)
    sent = CommandAPDU(0x00, ins, 0x12, 0x34, data, ne)
    seen: list[CommandAPDU] = []
    pair.answer = lambda command: seen.append(command) or ResponseAPDU(answer, 0x9000)
    assert pair.channel.transmit(sent).data == answer
    assert (seen[0].data, seen[0].ne, seen[0].ins) == (data, ne, ins)
