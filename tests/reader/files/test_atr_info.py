"""Extended length is negotiated, never tried (ICAO 9303-10 §3.6.4): the answer to reset, EF.ATR/INFO, the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.files import (
    AtrInfo,
    Buffers,
    Capabilities,
    ChunkSizes,
    ExtendedLength,
    FileId,
    SizePolicy,
    capabilities_of,
    extended_chunk,
    negotiate,
    parse_atr_info,
    read_file,
)
from reader.iso7816 import ResponseAPDU, encode

OFFERED, RULED_OUT, NOT_TOLD = ExtendedLength.OFFERED, ExtendedLength.RULED_OUT, ExtendedLength.NOT_TOLD


def atr(historical: bytes) -> bytes:
    return bytes((0x3B, 0x80 | len(historical), 0x80, 0x01)) + historical + b"\x00"


def info(command: int, response: int, capabilities: str = "8401E0") -> bytes:
    sizes = b"".join(encode(0x02, size.to_bytes(4, "big").lstrip(b"\0") or b"\0") for size in (command, response))
    return encode(0x47, bytes.fromhex(capabilities)) + encode(0x7F66, sizes)


def card(make_card, content: bytes | None, historical: str = "", longest: int | None = None):
    made = make_card({FileId.ATR_INFO: content} if content is not None else {})
    made.atr = atr(bytes.fromhex(historical)) if historical else b""
    made.longest_apdu = longest
    return made


class TestAnswerToReset:
    # ISO/IEC 7816-4 §12.1.1: category indicator 80 or 00, compact objects, capabilities in tag 7.
    @pytest.mark.parametrize(
        ("historical", "said"),
        [
            ("8073840180", RULED_OUT),
            ("8073840140", OFFERED),
            ("80738401E0", OFFERED),
            ("80318073840140", OFFERED),
            ("807284017384018000", NOT_TOLD),  # capabilities of two bytes come first: nothing about lengths
            ("0073840140009000", OFFERED),
            ("0073840180009000", RULED_OUT),
            ("00738401409000", NOT_TOLD),  # the status information of three bytes cuts into the capabilities
            ("1073840140", NOT_TOLD),
            ("80", NOT_TOLD),
            ("807384", NOT_TOLD),
            ("", NOT_TOLD),
        ],
    )
    def test_its_historical_bytes_say_whether_extended_length_is_there(
        self, historical: str, said: ExtendedLength
    ) -> None:
        assert capabilities_of(atr(bytes.fromhex(historical))).extended is said

    def test_interface_bytes_are_passed_over(self) -> None:
        # T0 = D5: TA1, TC1 and TD1 follow; TD1 = 81 brings TD2 = 31, that one TA3 and TB3.
        assert capabilities_of(bytes.fromhex("3BD5180081317DFE80738401406A")).extended is OFFERED

    def test_without_one_nothing_is_told(self) -> None:
        for raw in (b"", b"\x3b", bytes(40)):
            assert capabilities_of(raw) == Capabilities()
            assert capabilities_of(raw).extended is NOT_TOLD
            assert not capabilities_of(raw).short_identifiers

    @pytest.mark.parametrize(("historical", "said"), [("8073840180", True), ("8073800180", False), ("807184", True)])
    def test_they_say_whether_files_have_short_identifiers(self, historical: str, said: bool) -> None:
        assert capabilities_of(atr(bytes.fromhex(historical))).short_identifiers is said

    @given(st.binary(max_size=40))
    def test_any_bytes_say_something(self, raw: bytes) -> None:
        assert capabilities_of(raw).extended in ExtendedLength


class TestAtrInfo:
    def test_capabilities_and_buffers_are_read(self) -> None:
        assert parse_atr_info(info(1024, 2048)) == AtrInfo(OFFERED, Buffers(1024, 2048))
        # What a Monegasque card states (OpenSC pull request 3743), and a leading zero byte as INTEGERs have.
        raw = bytes.fromhex("7F6608020205060202050643019047038401E0")
        assert parse_atr_info(raw) == AtrInfo(OFFERED, Buffers(1286, 1286))
        assert parse_atr_info(bytes.fromhex("7F660A02030100000203010000")).buffers == Buffers(65536, 65536)

    def test_padding_between_objects_is_passed_over(self) -> None:
        assert parse_atr_info(b"\0\0" + info(500, 600) + b"\xff" * 9).buffers == Buffers(500, 600)

    def test_larger_sizes_than_apdus_have_are_cut(self) -> None:
        assert parse_atr_info(info(0xFFFFFFFF, 0x7FFFFFFF)).buffers == Buffers(65544, 65538)

    @pytest.mark.parametrize(
        "raw",
        [
            "7F6600",
            "7F6604020203E8",
            "7F66080202000002020400",
            "7F660A0205010000000002010A",
            "7F66090202040002020400020100",
            "7F660803020400030204 00",
            "47",
            "4710",
            "4780",
        ],
    )
    def test_nonsense_is_refused(self, raw: str) -> None:
        with pytest.raises(DataError):
            parse_atr_info(bytes.fromhex(raw))

    def test_length_and_number_of_objects_are_bounded(self) -> None:
        with pytest.raises(DataError):
            parse_atr_info(bytes(1025))
        with pytest.raises(DataError):
            parse_atr_info(encode(0x43, b"\x90") * 33)
        assert parse_atr_info(encode(0x43, b"\x90") * 32) == AtrInfo()

    @given(st.binary(max_size=80))
    def test_any_bytes_are_a_file_or_a_data_error(self, raw: bytes) -> None:
        try:
            said = parse_atr_info(raw)
        except DataError:
            return
        assert said.buffers is None or (said.buffers.command > 0 and said.buffers.response > 0)


class TestNegotiating:
    def test_an_answer_to_reset_that_rules_it_out_costs_no_command(self, make_card) -> None:
        link = card(make_card, info(1024, 2048), "8073840180")
        assert negotiate(link) is None
        assert link.commands == []

    @pytest.mark.parametrize("historical", ["80738401E0", ""])
    def test_else_one_command_asks(self, make_card, historical: str) -> None:
        link = card(make_card, info(1024, 2048), historical)
        assert negotiate(link) == Buffers(1024, 2048)
        assert [command.to_bytes().hex() for command in link.commands] == ["00b0810000"]

    @pytest.mark.parametrize("content", [None, b"", b"\x47\x03\x84\x01", encode(0x47, b"\x84\x01\xe0")])
    def test_a_card_that_does_not_state_its_sizes_is_read_by_short_length(self, make_card, content) -> None:
        link = card(make_card, content)
        assert negotiate(link) is None
        assert len(link.commands) <= (1 if content is None else 3)

    def test_capabilities_without_extended_length_win_over_sizes(self, make_card) -> None:
        assert negotiate(card(make_card, info(1024, 2048, "840180"))) is None

    # LF-06
    def test_the_smaller_of_card_and_reader_counts(self, make_card) -> None:
        assert negotiate(card(make_card, info(1000, 1000), longest=512)) == Buffers(512, 512)
        assert negotiate(card(make_card, info(1000, 1000), longest=4096)) == Buffers(1000, 1000)
        link = card(make_card, info(1000, 1000), longest=261)
        assert negotiate(link) is None
        assert link.commands == []

    def test_buffers_no_larger_than_a_short_apdu_are_not_used(self, make_card) -> None:
        assert negotiate(card(make_card, info(261, 258))) is None
        assert negotiate(card(make_card, info(200, 2048))) is None

    def test_a_refusal_is_no_error(self) -> None:
        class Refusing:
            def transmit(self, command):
                return ResponseAPDU(b"", 0x6982)

        assert negotiate(Refusing()) is None


class TestChunks:
    # chip-reading.md 2.2: a protected answer is DO87 with its padding, DO99, DO8E and the status word.
    @pytest.mark.parametrize("block_size", [8, 16])
    def test_the_chunk_is_the_most_that_fits(self, block_size: int) -> None:
        for response in (300, 1000, 1286, 2048, 4096, 65538):
            chunk = extended_chunk(response, block_size)
            padded = [(plain // block_size + 1) * block_size for plain in (chunk, chunk + 1)]
            sizes = [len(encode(0x87, b"\x01" + bytes(size))) + 4 + 10 + 2 for size in padded]
            assert sizes[0] <= response < sizes[1]

    def test_a_refused_chunk_falls_to_short_length_and_then_down_the_ladder(self, make_card, file_content) -> None:
        made = make_card({FileId.SOD: file_content(FileId.SOD, 2000), FileId.DG2: file_content(FileId.DG2, 9000)})
        made.limit = 100
        policy = SizePolicy(ChunkSizes(223, 2015))
        assert read_file(made, FileId.SOD, size_policy=policy).data == made.files[FileId.SOD]
        assert policy.chunk <= 100
        before = len(made.commands)
        assert read_file(made, FileId.DG2, size_policy=policy).data == made.files[FileId.DG2]
        assert all(command.ne <= 100 and not command.is_extended for command in made.commands[before:])

    def test_what_fits_no_short_protected_answer_is_asked_for_by_extended_length(self, make_card, file_content) -> None:
        made = make_card({FileId.SOD: file_content(FileId.SOD, 2015 + 240)})
        assert read_file(made, FileId.SOD, size_policy=SizePolicy(ChunkSizes(223, 2015))).complete
        assert [(command.ne, command.is_extended) for command in made.commands] == [(2015, True), (240, True)]

    def test_new_keys_change_the_sizes_and_keep_what_the_card_has_shown(self) -> None:
        policy = SizePolicy(ChunkSizes(231))
        policy.change(ChunkSizes(223, 2015))
        assert policy.chunk == 2015
        policy.change(ChunkSizes(223))
        assert policy.chunk == 223
        policy.limit(128)
        policy.change(ChunkSizes(231, 2023))
        assert policy.chunk == 128
