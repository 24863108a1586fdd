"""The timing model against figures worked out by hand, and the clocks it runs on."""

from __future__ import annotations

import pytest

from mock_cards.build import CardFactory
from mock_cards.chip import Chip
from mock_cards.coprocessor import Operation, Work
from mock_cards.disturbances import Mute
from mock_cards.speed import ChipSpeed, LinkModel
from mock_cards.timing import TIMINGS, RealClock, TimedCard, Timing, VirtualClock, timing_by_name, total, with_timing
from reader.errors import MuteCard
from reader.iso7816 import CommandAPDU

APPLICATION = CommandAPDU(0, 0xA4, 4, 0x0C, bytes.fromhex("A0000002471001"))
FILES = (20, 24, 2000, 95, 20480, 1024, 300, 320)


def _object_87(size: int, block: int) -> int:
    value = 1 + (size // block + 1) * block
    return 1 + (1 if value < 0x80 else 2 if value < 0x100 else 3) + value


def _reads(chunk: int, header: int, block: int) -> list[tuple[int, int]]:
    """Return (bytes sent, bytes received) of each read of the reference files, EF.CardAccess plain."""
    exchanges = [(5, 20 + 2)]
    for size in FILES[1:]:
        parts = [chunk] * (size // chunk) + ([size % chunk] if size % chunk else [])
        exchanges += [(header, _object_87(part, block) + 16) for part in parts]
    return exchanges


@pytest.mark.parametrize(
    ("exchanges", "apdus", "sent_and_received", "air", "milliseconds"),
    [
        # The table of a read of 24,263 bytes over PACE with AES: short length, and buffers of 64 K. SELECT
        # and PACE are 51 and 379 bytes, none longer than a frame.
        (_reads(223, 19, 16), 119, 29_221, 29_935, (2615, 1343, 707, 389)),
        (_reads(65_535, 23, 16), 14, 25_081, 25_735, (2252, 1159, 612, 339)),
    ],
    ids=["short", "64K"],
)
def test_the_link_takes_what_the_table_of_the_reference_read_says(
    exchanges, apdus: int, sent_and_received: int, air: int, milliseconds: tuple[int, ...]
) -> None:
    access = [(35, 16), (23, 2), (8, 22), (75, 71), (75, 71), (18, 14)]
    everything = exchanges + access
    assert len(everything) == apdus
    assert sum(map(sum, everything)) == sent_and_received
    link = LinkModel(106)
    on_air = sum(link.frames(size)[1] for exchange in everything for size in exchange)
    assert on_air == air
    for rate, expected in zip((106, 212, 424, 848), milliseconds, strict=True):
        seconds = sum(LinkModel(rate).seconds(*exchange) for exchange in everything)
        assert seconds * 1000 == pytest.approx(expected, abs=0.51)


def test_a_chain_of_frames_has_an_acknowledgement_after_each_but_the_last() -> None:
    link = LinkModel(424)
    assert link.frames(253) == (1, 256)
    assert link.frames(254) == (3, 254 + 9)
    assert link.frames(506) == (3, 506 + 9)
    assert LinkModel(424, frame_size=64).frames(61) == (1, 64)
    assert LinkModel(424, frame_size=64).frames(62) == (3, 62 + 9)


def test_a_chip_that_works_longer_than_the_frame_waiting_time_asks_for_more() -> None:
    link = LinkModel(106, waiting_integer=8)
    waiting = 256 * 16 / 13.56e6 * 256
    quick, slow = link.seconds(5, 2, waiting * 0.9), link.seconds(5, 2, waiting * 2.5)
    assert slow - quick == pytest.approx(4 * link.per_frame + 16 * link.byte_time)


@pytest.mark.parametrize("wrong", [{"rate": 100}, {"rate": 106, "frame_size": 8}, {"rate": 106, "waiting_integer": 15}])
def test_a_link_that_the_standard_does_not_have_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"bit rate|frame"):
        LinkModel(**wrong)


def test_calculations_cost_by_their_size() -> None:
    speed = ChipSpeed(ec_256=0.02, rsa_2048=0.1, dh_2048=0.06)
    assert speed.work_seconds([Work(Operation.EC, 256)] * 2) == pytest.approx(0.04)
    assert speed.work_seconds([Work(Operation.EC, 512)]) == pytest.approx(0.16)
    assert speed.work_seconds([Work(Operation.RSA_PRIVATE, 1024)]) == pytest.approx(0.0125)
    assert speed.work_seconds([Work(Operation.DH, 1024, 160)]) == pytest.approx(0.06 / 4 * 160 / 256)
    assert speed.work_seconds([Work(Operation.RSA_PUBLIC, 2048)]) == pytest.approx(0.004)


def test_a_virtual_clock_moves_by_the_model_and_tells_where_the_time_went(factory: CardFactory) -> None:
    clock = VirtualClock()
    timing = Timing("test", "", LinkModel(424), 0.002, ChipSpeed(0.006, 0.0, 0.02, 0.1, 0.06))
    card = TimedCard(factory.build("nguyen-van-mau").card, timing, clock)
    card.power_on()
    assert card.transmit(APPLICATION).sw == 0x9000
    one = card.times[0]
    assert (one.apdus, one.sent, one.received, one.ins) == (1, 12, 2, 0xA4)
    assert (one.reader, one.chip, one.crypto) == (0.002, 0.006, 0.0)
    assert one.link == pytest.approx(2 * 0.3e-3 + (14 + 6) * 21.24e-6)
    assert clock.now() == pytest.approx(one.seconds)
    assert card.total == total(card.times)


def test_each_scalar_multiplication_of_pace_is_counted(factory: CardFactory) -> None:
    timing = Timing("test", "", None, 0.0, ChipSpeed(0.0, 0.0, ec_256=1.0, rsa_2048=0.0, dh_2048=0.0))
    card = TimedCard(factory.build("nguyen-van-mau").card, timing, VirtualClock())
    card.power_on()
    card.transmit(CommandAPDU(0, 0x22, 0xC1, 0xA4, bytes.fromhex("800A04007F00070202040202830102")))
    card.transmit(CommandAPDU(0x10, 0x86, 0, 0, bytes.fromhex("7C00"), 256))
    generator = (
        "048BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262"
        "547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997"
    )
    assert card.transmit(CommandAPDU(0x10, 0x86, 0, 0, bytes.fromhex("7C438141" + generator), 256)).sw == 0x9000
    # The mapping key, the agreement, and the nonce times the generator.
    assert [one.crypto for one in card.times] == [0.0, 0.0, 3.0]


def test_the_real_clock_waits_for_what_is_left(factory: CardFactory) -> None:
    clock = RealClock()
    begun = clock.begin()
    clock.finish(begun, 0.005)
    assert clock.now() - begun >= 0.005
    clock.finish(begun, 0.001)


def test_a_virtual_clock_can_count_the_hosts_own_time_and_leave_out_the_emulators() -> None:
    host = iter([10.0, 11.0, 15.0, 16.0])
    clock = VirtualClock(lambda: next(host))
    mark = clock.begin()
    clock.finish(mark, 0.5)
    # Six seconds of the host since the start, four of them the emulator's, half a second modelled.
    assert clock.now() == pytest.approx(6 - 4 + 0.5)


def test_a_card_that_does_not_answer_takes_no_time(factory: CardFactory) -> None:
    clock = VirtualClock()
    card = TimedCard(Mute(factory.build("nguyen-van-mau").card), timing_by_name("contactless-424"), clock)
    with pytest.raises(MuteCard):
        card.transmit(APPLICATION)
    assert clock.now() == 0.0


def test_timings_by_name_wrap_a_card_or_leave_it_alone(factory: CardFactory) -> None:
    card = factory.build("nguyen-van-mau").card
    assert with_timing(card, "none") is card
    clock = VirtualClock()
    slow = with_timing(card, "contactless-106", clock)
    slow.power_on()
    slow.transmit(APPLICATION)
    assert clock.now() > 0.008
    assert {"none", "contactless-106", "contactless-424"} <= {timing.name for timing in TIMINGS}
    with pytest.raises(KeyError):
        timing_by_name("contactless-1")


def test_a_slow_chip_keeps_its_own_speed_whatever_the_link(factory: CardFactory) -> None:
    clock = VirtualClock()
    card = with_timing(factory.build("nguyen-van-mau", chip="slow").card, "none", clock)
    card.power_on()
    card.transmit(APPLICATION)
    assert clock.now() == pytest.approx(0.018 + 14 * 8e-6)
    before = clock.now()
    with_link = with_timing(factory.build("nguyen-van-mau", chip="slow").card, "contactless-848", clock)
    with_link.power_on()
    with_link.transmit(APPLICATION)
    assert clock.now() - before > 0.018 + 0.002


def test_more_calculations_than_anybody_counts_are_not_kept(factory: CardFactory) -> None:
    chip = factory.build("nguyen-van-mau").card
    assert isinstance(chip, Chip)
    for _ in range(2000):
        chip.coprocessor.note(Operation.EC, 256)
    assert len(chip.coprocessor.take()) == 1000
    assert chip.coprocessor.take() == ()
