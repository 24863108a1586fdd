from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader.errors import Cancelled, CardRemoved, DataError, SecureMessagingError, UnprotectedStatus
from reader.files import ChunkSizes, FileId, ReadLimits, ReadOutcome, SizePolicy, read_file, select_application
from reader.iso7816 import CancellableLink, CommandAPDU, ResponseAPDU, encode

DG1, DG2, DG13, COM, SOD = FileId.DG1, FileId.DG2, FileId.DG13, FileId.COM, FileId.SOD
Content = Callable[[FileId, int], bytes]


class TestShortestWay:
    def test_a_small_file_takes_one_command_by_short_identifier(self, make_card, file_content: Content) -> None:
        card = make_card({COM: file_content(COM, 24)})
        read = read_file(card, COM)
        assert (read.outcome, read.data, read.total, read.apdus) == (ReadOutcome.COMPLETE, card.files[COM], 24, 1)
        assert card.commands[0].to_bytes() == bytes.fromhex("00B09E0000")

    def test_the_first_command_asks_for_a_chunk_and_the_last_for_just_the_rest(
        self, make_card, file_content: Content
    ) -> None:
        card = make_card({SOD: file_content(SOD, 2000)})
        read = read_file(card, SOD, size_policy=SizePolicy(ChunkSizes(223)))
        assert read.complete
        assert [command.ne for command in card.commands] == [223] * 8 + [2000 - 8 * 223]
        assert all(command.ins == 0xB0 for command in card.commands)

    # chip-reading.md 2.3: the bound of a whole card over short AES secure messaging is 112 reads, over 3DES 109.
    @pytest.mark.parametrize(("chunk", "bound"), [(223, 112), (231, 109)])
    def test_a_whole_card_takes_no_more_commands_than_the_bound(
        self, make_card, file_content: Content, chunk: int, bound: int
    ) -> None:
        sizes = {COM: 24, SOD: 2000, DG1: 95, DG2: 20480, DG13: 1024, FileId.DG14: 300, FileId.DG15: 320}
        card = make_card({file: file_content(file, size) for file, size in sizes.items()})
        policy = SizePolicy(ChunkSizes(chunk))
        reads = [read_file(card, file, size_policy=policy) for file in sizes]
        assert all(read.data == card.files[read.file] for read in reads)
        assert (
            sum(read.apdus for read in reads)
            == len(card.commands)
            == bound
            == sum(-(-size // chunk) for size in sizes.values())
        )

    def test_extended_length_is_used_only_when_given(self, make_card, file_content: Content) -> None:
        card = make_card({DG2: file_content(DG2, 20000)})
        assert read_file(card, DG2, size_policy=SizePolicy(ChunkSizes(223, extended=15000))).apdus == 2
        assert all(command.is_extended for command in card.commands)
        card.commands.clear()
        read_file(card, DG2)
        assert not any(command.is_extended for command in card.commands)

    def test_progress_tells_bytes_of_the_total(self, make_card, file_content: Content) -> None:
        card = make_card({SOD: file_content(SOD, 600)})
        told: list[tuple[int, int | None]] = []
        read_file(card, SOD, on_progress=lambda received, total: told.append((received, total)))
        assert told == [(256, 600), (512, 600), (600, 600)]


# LF-03: every limit from 256 down to 1 is found, and remembered for the next file.
@pytest.mark.parametrize("hint", [False, True], ids=["6700", "6Cxx"])
@pytest.mark.parametrize("limit", range(1, 257))
def test_a_limit_of_the_card_is_found_and_remembered(make_card, file_content: Content, hint: bool, limit: int) -> None:
    card = make_card({SOD: file_content(SOD, 700), DG13: file_content(DG13, 600)}, limit=limit, hint=hint)
    policy = SizePolicy()
    assert read_file(card, SOD, size_policy=policy).data == card.files[SOD]
    assert policy.chunk <= limit
    refused = len(card.commands)
    read = read_file(card, DG13, size_policy=policy)
    assert read.data == card.files[DG13]
    assert all(command.ne <= limit for command in card.commands[refused:])


def test_a_limit_costs_a_few_commands_once(make_card, file_content: Content) -> None:
    card = make_card({SOD: file_content(SOD, 2000)}, limit=128)
    assert read_file(card, SOD).apdus <= -(-2000 // 128) + 6


# A card that refuses to be asked for more than a file has is not a card with small chunks.
@pytest.mark.parametrize("refusal", [0x6700, 0x6C00])
def test_a_refusal_at_a_short_file_does_not_make_the_chunks_small(
    make_card, file_content: Content, refusal: int
) -> None:
    card = make_card({COM: file_content(COM, 24), DG2: file_content(DG2, 5000)}, beyond_end=refusal)
    policy = SizePolicy()
    assert read_file(card, COM, size_policy=policy).data == card.files[COM]
    assert policy.chunk == 256
    read = read_file(card, DG2, size_policy=policy)
    assert read.data == card.files[DG2]
    assert read.apdus <= -(-5000 // 256) + 1


# LF-05
@pytest.mark.parametrize("gives", [231, 100, 16, 3, 1])
def test_offsets_go_by_the_bytes_received(make_card, file_content: Content, gives: int) -> None:
    card = make_card({SOD: file_content(SOD, 700)}, gives=gives)
    read = read_file(card, SOD)
    assert read.data == card.files[SOD]
    assert read.apdus == -(-700 // gives)


# LF-04
@pytest.mark.parametrize("size", [32767, 32768, 32769, 33000, 65535, 65536, 65800, 200000])
@pytest.mark.parametrize("chunk", [223, 256])
def test_files_beyond_32_kib_are_read_by_odd_instruction(
    make_card, file_content: Content, size: int, chunk: int
) -> None:
    card = make_card({DG2: file_content(DG2, size)})
    read = read_file(card, DG2, size_policy=SizePolicy(ChunkSizes(chunk)))
    assert read.data == card.files[DG2]
    odd = [command for command in card.commands if command.ins == 0xB1]
    # The last even command may reach across the boundary: what counts is where a command begins.
    assert bool(odd) is (size > -(-32768 // chunk) * chunk)
    assert all(int.from_bytes(command.data[2:], "big") > 32767 for command in odd)
    assert all(command.ne <= chunk for command in card.commands)


def test_an_odd_answer_without_its_data_object_is_damaged(make_card, file_content: Content) -> None:
    card = make_card({DG2: file_content(DG2, 40000)})
    card.read_odd = lambda offset, ne: ResponseAPDU(bytes(ne), 0x9000)
    assert read_file(card, DG2).outcome is ReadOutcome.DAMAGED


class TestFilesThatAreNotThere:
    def test_an_absent_file_is_a_result_with_its_status(self, make_card) -> None:
        read = read_file(make_card({}), DG13)
        assert (read.outcome, read.sw, read.data, read.complete) == (ReadOutcome.ABSENT, 0x6A82, b"", False)

    def test_a_locked_file_is_denied_at_once(self, make_card, file_content: Content) -> None:
        card = make_card({FileId.DG3: file_content(FileId.DG3, 50)}, denied=frozenset({FileId.DG3}))
        read = read_file(card, FileId.DG3)
        assert (read.outcome, read.sw, read.apdus) == (ReadOutcome.DENIED, 0x6982, 1)

    # SM-08, SM-09: no other status is success, and 6F00 is a fault, not "wrong length".
    @pytest.mark.parametrize("sw", [0x6300, 0x6400, 0x6A00, 0x6F00, 0x6985, 0x7700, 0x9001])
    def test_other_refusals_are_results_too(self, sw: int) -> None:
        class Refusing:
            def transmit(self, command: CommandAPDU) -> ResponseAPDU:
                return ResponseAPDU(b"", sw)

        read = read_file(Refusing(), DG1)
        assert (read.outcome, read.sw) == (ReadOutcome.REFUSED, sw)
        assert read.apdus <= 2

    @pytest.mark.parametrize("sw", [0x6700, 0x6C01])
    def test_a_card_that_refuses_every_length_ends(self, sw: int) -> None:
        class Refusing:
            def transmit(self, command: CommandAPDU) -> ResponseAPDU:
                return ResponseAPDU(b"", sw)

        read = read_file(Refusing(), DG1)
        assert read.outcome is ReadOutcome.REFUSED
        assert read.apdus < 20


class TestSelecting:
    def test_a_card_without_short_identifiers_is_read_by_select(self, make_card, file_content: Content) -> None:
        card = make_card({COM: file_content(COM, 24), SOD: file_content(SOD, 700)}, short_ids=False)
        policy = SizePolicy()
        assert read_file(card, COM, size_policy=policy).data == card.files[COM]
        assert [command.ins for command in card.commands] == [0xB0, 0xA4, 0xB0]
        card.commands.clear()
        assert read_file(card, SOD, size_policy=policy).data == card.files[SOD]
        assert [command.ins for command in card.commands] == [0xA4, 0xB0, 0xB0, 0xB0]

    def test_an_absent_file_of_such_a_card_is_absent(self, make_card, file_content: Content) -> None:
        card = make_card({COM: file_content(COM, 24)}, short_ids=False)
        policy = SizePolicy()
        read_file(card, COM, size_policy=policy)
        read = read_file(card, DG13, size_policy=policy)
        assert (read.outcome, read.apdus) == (ReadOutcome.ABSENT, 1)

    def test_a_card_that_has_shown_short_identifiers_is_believed_that_a_file_is_absent(
        self, make_card, file_content: Content
    ) -> None:
        policy = SizePolicy()
        card = make_card({COM: file_content(COM, 24)})
        assert read_file(card, DG13, size_policy=policy).apdus == 2
        read_file(card, COM, size_policy=policy)
        read = read_file(card, DG13, size_policy=policy)
        assert (read.outcome, read.apdus) == (ReadOutcome.ABSENT, 1)

    def test_the_answer_to_reset_shows_them_too(self, make_card) -> None:
        card = make_card({})
        card.atr = bytes.fromhex("3B8580018073840180")
        assert (read_file(card, FileId.CARD_ACCESS).outcome, len(card.commands)) == (ReadOutcome.ABSENT, 1)

    def test_the_application_is_selected_without_asking_for_data(self) -> None:
        sent: list[CommandAPDU] = []

        class Card:
            def transmit(self, command: CommandAPDU) -> ResponseAPDU:
                sent.append(command)
                return ResponseAPDU(b"", 0x6A82)

        assert select_application(Card()) == 0x6A82
        assert sent[0].to_bytes().hex() == "00a4040c07a0000002471001"


class Canned:
    """Answer with ``head`` first and then with whatever is left of ``whole``, as the status says."""

    def __init__(self, *answers: ResponseAPDU) -> None:
        self.answers = list(answers)
        self.sent = 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.sent += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


# LF-01
@pytest.mark.parametrize(
    ("start", "outcome"),
    [
        (bytes.fromhex("618403000000"), ReadOutcome.OVER_BUDGET),
        (bytes.fromhex("6183100001"), ReadOutcome.OVER_BUDGET),
        (bytes.fromhex("6184FFFFFFFF"), ReadOutcome.OVER_BUDGET),
        (bytes.fromhex("6180") + bytes(20), ReadOutcome.MALFORMED),
        (bytes.fromhex("61850000000001") + bytes(20), ReadOutcome.MALFORMED),
        (bytes.fromhex("7F818100") + bytes(20), ReadOutcome.MALFORMED),
    ],
)
def test_lengths_are_bounded_before_they_are_believed(start: bytes, outcome: ReadOutcome) -> None:
    card = Canned(ResponseAPDU(start + bytes(40), 0x9000))
    read = read_file(card, DG1)
    assert read.outcome is outcome
    assert card.sent == 1


def test_a_file_that_says_more_than_it_has_is_truncated(make_card) -> None:
    card = make_card({DG1: bytes.fromhex("6182FFFF") + bytes(500)})
    read = read_file(card, DG1)
    assert (read.outcome, len(read.data), read.total) == (ReadOutcome.TRUNCATED, 504, 65539)


class TestEnds:
    """LF-02."""

    FILE = encode(0x61, bytes(98))

    def test_end_of_file_that_completes_the_object_is_success(self) -> None:
        read = read_file(Canned(ResponseAPDU(self.FILE, 0x6282)), DG1)
        assert (read.outcome, read.data) == (ReadOutcome.COMPLETE, self.FILE)

    def test_bytes_after_the_object_are_left_away(self) -> None:
        read = read_file(Canned(ResponseAPDU(self.FILE + bytes(30), 0x6282)), DG1)
        assert (read.outcome, read.data) == (ReadOutcome.COMPLETE, self.FILE)

    def test_end_of_file_too_early_keeps_the_part_and_says_so(self) -> None:
        for second in (ResponseAPDU(b"", 0x6B00), ResponseAPDU(b"", 0x6282), ResponseAPDU(b"", 0x9000)):
            card = Canned(ResponseAPDU(self.FILE[:60], 0x6282), second)
            read = read_file(card, DG1)
            assert (read.outcome, read.data, read.total) == (ReadOutcome.TRUNCATED, self.FILE[:60], 100)
            assert card.sent == 2
            assert not read.complete

    def test_an_end_that_the_card_has_not_reached_is_asked_about_once_more(self) -> None:
        card = Canned(ResponseAPDU(self.FILE[:60], 0x6282), ResponseAPDU(self.FILE[60:], 0x9000))
        read = read_file(card, DG1)
        assert (read.outcome, read.data) == (ReadOutcome.COMPLETE, self.FILE)

    def test_end_of_file_after_an_exact_request_is_believed(self) -> None:
        first, second = ResponseAPDU(self.FILE[:60], 0x9000), ResponseAPDU(self.FILE[60:90], 0x6282)
        card = Canned(first, second, ResponseAPDU(self.FILE[90:], 0x9000))
        read = read_file(card, DG1)
        assert (read.outcome, read.data) == (ReadOutcome.TRUNCATED, self.FILE[:90])

    def test_wrong_offset_too_early_is_truncated(self) -> None:
        read = read_file(Canned(ResponseAPDU(self.FILE[:60], 0x9000), ResponseAPDU(b"", 0x6B00)), DG1)
        assert (read.outcome, read.data) == (ReadOutcome.TRUNCATED, self.FILE[:60])

    def test_success_without_bytes_is_an_end(self) -> None:
        read = read_file(Canned(ResponseAPDU(self.FILE[:60], 0x9000), ResponseAPDU(b"", 0x9000)), DG1)
        assert read.outcome is ReadOutcome.TRUNCATED
        assert read_file(Canned(ResponseAPDU(b"", 0x9000)), DG1).outcome is ReadOutcome.TRUNCATED

    # SM-07b
    def test_part_corrupted_is_damaged_whatever_it_brings(self) -> None:
        assert read_file(Canned(ResponseAPDU(self.FILE, 0x6281)), DG1).outcome is ReadOutcome.DAMAGED

    def test_a_status_in_the_middle_keeps_the_part(self) -> None:
        read = read_file(Canned(ResponseAPDU(self.FILE[:60], 0x9000), ResponseAPDU(b"", 0x6F00)), DG1)
        assert (read.outcome, read.sw, len(read.data)) == (ReadOutcome.REFUSED, 0x6F00, 60)

    def test_more_bytes_than_asked_for_are_not_taken(self) -> None:
        read = read_file(Canned(ResponseAPDU(encode(0x61, bytes(400)), 0x9000)), DG1)
        assert read.data[:256] == encode(0x61, bytes(400))[:256]
        assert len(read.data) == read.total == 404

    def test_files_that_are_rows_of_objects_end_where_the_card_says(self, make_card) -> None:
        rows = encode(0x47, b"\0\0\x40") + encode(0x7F66, encode(0x02, b"\x03\xe8") * 2)
        for end in (0x6282, 0x9000):
            read = read_file(make_card({FileId.ATR_INFO: rows}, beyond_end=end), FileId.ATR_INFO)
            assert (read.outcome, read.data) == (ReadOutcome.COMPLETE, rows)
        long_rows = encode(0x47, bytes(253))
        read = read_file(make_card({FileId.ATR_INFO: long_rows}), FileId.ATR_INFO)
        assert (read.outcome, read.data) == (ReadOutcome.COMPLETE, long_rows)


class TestBudgets:
    def test_a_card_that_drips_is_stopped_by_the_commands(self) -> None:
        card = Canned(ResponseAPDU(bytes.fromhex("6184000FFFF0"), 0x9000), ResponseAPDU(b"x", 0x9000))
        read = read_file(card, DG1, limits=ReadLimits(max_apdus=50))
        assert (read.outcome, read.apdus) == (ReadOutcome.OVER_BUDGET, 50)

    def test_a_card_that_drips_its_header_is_stopped_too(self) -> None:
        read = read_file(Canned(ResponseAPDU(b"\xff", 0x9000)), DG1)
        assert read.outcome is ReadOutcome.MALFORMED
        assert read.apdus <= 7

    def test_a_larger_file_needs_a_larger_limit(self, make_card, file_content: Content) -> None:
        card = make_card({DG2: file_content(DG2, 5000)})
        assert read_file(card, DG2, limits=ReadLimits(max_bytes=4999)).outcome is ReadOutcome.OVER_BUDGET
        assert read_file(card, DG2, limits=ReadLimits(max_bytes=5000)).complete

    def test_a_slow_card_is_stopped_by_the_seconds(self, make_card, file_content: Content) -> None:
        now = [100.0]

        def slow(received: int, total: int | None) -> None:
            now[0] += 10

        card = make_card({DG2: file_content(DG2, 5000)})
        read = read_file(card, DG2, limits=ReadLimits(max_seconds=35), on_progress=slow, clock=lambda: now[0])
        assert (read.outcome, read.apdus, len(read.data)) == (ReadOutcome.OVER_BUDGET, 4, 1024)
        assert read_file(card, DG2, limits=ReadLimits(max_seconds=250), on_progress=slow, clock=lambda: now[0]).complete

    def test_rows_without_an_end_are_stopped_by_the_bytes(self) -> None:
        card = Canned(ResponseAPDU(bytes(256), 0x9000))
        read = read_file(card, FileId.DIR, limits=ReadLimits(max_bytes=4096))
        assert read.outcome is ReadOutcome.OVER_BUDGET


class TestAnnouncedAnswers:
    """61xx where the channel protects it: whoever asked fetches the rest through the same channel."""

    FILE = encode(0x61, bytes(range(98)))

    def test_the_rest_is_fetched_by_get_response(self) -> None:
        card = Canned(ResponseAPDU(self.FILE[:60], 0x6128), ResponseAPDU(self.FILE[60:], 0x9000))
        read = read_file(card, DG1)
        assert (read.outcome, read.data, read.apdus, card.sent) == (ReadOutcome.COMPLETE, self.FILE, 2, 2)

    def test_an_answer_without_data_yet_is_fetched_too(self) -> None:
        read = read_file(Canned(ResponseAPDU(b"", 0x6164), ResponseAPDU(self.FILE, 0x9000)), DG1)
        assert (read.outcome, read.data) == (ReadOutcome.COMPLETE, self.FILE)

    def test_an_announcement_without_end_is_no_answer(self) -> None:
        card = Canned(ResponseAPDU(b"", 0x6100))
        read = read_file(card, DG1)
        assert read.outcome is ReadOutcome.REFUSED
        assert read.apdus == card.sent <= 4

    def test_more_than_was_asked_for_is_neither_fetched_nor_taken(self) -> None:
        card = Canned(ResponseAPDU(bytes.fromhex("61820400") + bytes(96), 0x6164))
        read = read_file(card, DG1, limits=ReadLimits(max_apdus=30))
        assert (read.outcome, len(read.data)) == (ReadOutcome.COMPLETE, 1028)
        assert read.apdus <= 16


# LF-09
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_cancelling_ends_within_one_command(make_card, file_content: Content, after: int) -> None:
    card = make_card({DG2: file_content(DG2, 5000)})
    cancel = threading.Event()
    if after == 0:
        cancel.set()

    def progress(received: int, total: int | None) -> None:
        if received >= 256 * after:
            cancel.set()

    with pytest.raises(Cancelled):
        read_file(CancellableLink(card, cancel), DG2, on_progress=progress)
    assert len(card.commands) == after


class TestProtectedChannel:
    """What a channel that has probed itself (SM-03) or opened a wrongly padded answer (SM-07) means for a file."""

    class Link:
        def __init__(self, card, error: Exception, at: int) -> None:
            self.card, self.error, self.at, self.sent = card, error, at, 0

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            self.sent += 1
            if self.sent == self.at:
                self.card.current = None
                raise self.error
            return self.card.transmit(command)

    def test_a_bare_not_found_is_never_a_verified_one(self, make_card) -> None:
        link = self.Link(make_card({}), UnprotectedStatus(0x6A82, channel_alive=True), at=2)
        read = read_file(link, DG13)
        assert (read.outcome, read.sw) == (ReadOutcome.UNVERIFIED, 0x6A82)

    @pytest.mark.parametrize("at", [1, 2, 3])
    @pytest.mark.parametrize("short_ids", [True, False])
    def test_a_bare_wrong_length_leads_down_the_ladder(
        self, make_card, file_content: Content, at: int, short_ids: bool
    ) -> None:
        card = make_card({SOD: file_content(SOD, 700)}, short_ids=short_ids)
        link = self.Link(card, UnprotectedStatus(0x6700, channel_alive=True), at=at + (0 if short_ids else 2))
        read = read_file(link, SOD)
        assert read.data == card.files[SOD]

    def test_a_dead_channel_is_raised(self, make_card) -> None:
        for error in (UnprotectedStatus(0x6700, channel_alive=False), SecureMessagingError("mac"), CardRemoved("x")):
            with pytest.raises(type(error)):
                read_file(self.Link(make_card({}), error, at=1), DG13)

    def test_a_wrongly_padded_answer_damages_the_file_alone(self, make_card, file_content: Content) -> None:
        card = make_card({SOD: file_content(SOD, 700)})
        read = read_file(self.Link(card, DataError("padding missing"), at=2), SOD)
        assert (read.outcome, len(read.data)) == (ReadOutcome.DAMAGED, 256)
        assert read_file(card, SOD).complete


@given(
    sizes=st.lists(st.integers(2, 3000), min_size=1, max_size=3),
    limit=st.integers(1, 256),
    gives=st.integers(1, 256),
    hint=st.booleans(),
    short_ids=st.booleans(),
    beyond_end=st.sampled_from([0x6282, 0x9000, 0x6700]),
)
@example(sizes=[2], limit=4, gives=1, hint=False, short_ids=False, beyond_end=0x6282)
def test_whatever_its_habits_a_card_is_read_right(
    make_card, sizes: list[int], limit: int, gives: int, hint: bool, short_ids: bool, beyond_end: int
) -> None:
    names = [DG2, SOD, DG13][: len(sizes)]
    files = {
        file: encode(file.tag, bytes(index % 256 for index in range(size)))
        for file, size in zip(names, sizes, strict=True)
    }
    card = make_card(files, limit=limit, gives=gives, hint=hint, short_ids=short_ids, beyond_end=beyond_end)
    policy = SizePolicy()
    for file, raw in files.items():
        read = read_file(card, file, size_policy=policy)
        assert read.outcome is ReadOutcome.COMPLETE
        assert read.data == raw


@given(
    st.lists(
        st.tuples(st.binary(max_size=300), st.sampled_from([0x9000, 0x6282, 0x6281, 0x6700, 0x6C10, 0x6B00, 0x6A82])),
        min_size=1,
        max_size=20,
    )
)
def test_random_answers_end_in_a_result(answers: list[tuple[bytes, int]]) -> None:
    card = Canned(*(ResponseAPDU(data, sw) for data, sw in answers))
    read = read_file(card, DG1, limits=ReadLimits(max_apdus=200))
    assert read.apdus <= 200
    assert len(read.data) <= ReadLimits().max_bytes + 256
    assert not read.complete or len(read.data) == read.total
