"""What reading a card costs: commands and bytes beside the bound, time to the identity and to the end, our CPU time.

The counts are of the reference card (``mock_cards.reference``), whose bound is known beforehand; the times are of a
persona's card, read with every check but without its portrait being decoded, which another process does. The card lives
in this process: whatever passes inside it counts as the card's.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from types import FrameType

from benchmarks.figure import Figure
from benchmarks.inspection_request import request_for
from mock_cards.build import CardFactory
from mock_cards.card import EmulatedCard
from mock_cards.image import ChipProfile
from mock_cards.reference import REFERENCE_CAN, REFERENCE_MRZ_KEY, REFERENCE_SIZES, reference_chip, reference_profile
from mock_cards.timing import TimedCard, VirtualClock, with_timing
from reader.access import Can, MrzKey, Password, open_channel
from reader.files import ChunkSizes, FileId, SizePolicy, extended_chunk, negotiate, read_file
from reader.inspection import IdentityRead, Inspection, InspectionEvent, Policy, inspect
from reader.iso7816 import CommandAPDU, CountingLink, LinkCounters, ResponseAPDU
from reader.trust import TrustMaterial

__all__ = ["figures"]

FILES = (FileId.SOD, FileId.DG1, FileId.DG13, FileId.DG14, FileId.DG15, FileId.COM, FileId.DG2)
AES_BLOCK, TDES_BLOCK = 16, 8
AROUND_SHORT, AROUND_EXTENDED = 19, 23  # bytes of a protected READ BINARY, beside its answer
CPU_GOAL_MS = 80.0
OVER_THE_LINK = 1.05
SAMPLE_SECONDS = 0.0005
ROUNDS = 15
PERSONA = "nguyen-van-mau"


def figures() -> list[Figure]:
    """Count, then time."""
    return [*_counts(), *_times(), *_growth()]


# Counts


def _counts() -> Iterator[Figure]:
    can, mrz = (Can(REFERENCE_CAN),), (MrzKey(*REFERENCE_MRZ_KEY),)
    asked = reference_profile(told_by_atr=False)
    rows: list[tuple[str, ChipProfile, tuple[Password, ...], int]] = [
        ("PACE AES, short", reference_profile(), can, 119),
        ("PACE AES, short, EF.ATR/INFO asked in vain", asked, can, 120),
        ("BAC 3DES, short", reference_profile(pace=False), mrz, 113),
        ("PACE AES, 2 KB buffer", reference_profile(2048), can, 25),
        ("PACE AES, 64 KB buffer", reference_profile(65536), can, 15),
    ]
    for name, profile, passwords, goal in rows:
        counters, _ = _read_reference(profile, passwords)
        yield Figure(f"{name}: APDUs", counters.apdus, "", goal)
        bound = _bound(profile, AES_BLOCK if profile.pace else TDES_BLOCK)
        yield Figure(f"{name}: bytes beside the bound", (counters.sent + counters.received) / bound, "×", 1.01)
    for name, profile, goal in (("short", reference_profile(), 24), ("64 KB buffer", reference_profile(65536), 11)):
        counters, _ = _read_reference(profile, can, until=FileId.DG13)
        yield Figure(f"identity, {name}: APDUs", counters.apdus, "", goal)


def _read_reference(
    profile: ChipProfile, passwords: tuple[Password, ...], *, until: FileId = FileId.DG2, dg2_size: int | None = None
) -> tuple[LinkCounters, float]:
    """Read the reference card as far as ``until``; return what went over the link, and our own CPU seconds."""
    timed = _Timed(reference_chip(profile, dg2_size=dg2_size))
    timed.card.power_on()
    link = CountingLink(timed)
    before = time.thread_time()
    buffers = negotiate(link)
    channel = open_channel(link, passwords)
    chunk = extended_chunk(buffers.response, channel.link.suite.block_size) if buffers else None
    policy = SizePolicy(ChunkSizes(channel.link.chunk_sizes.short, chunk))
    for file in FILES[: FILES.index(until) + 1]:
        if not read_file(channel.link, file, size_policy=policy).complete:
            raise AssertionError(f"{file.label} was not read whole")
    return link.counters, time.thread_time() - before - timed.cpu


def _bound(profile: ChipProfile, block: int) -> int:
    """Return the fewest bytes: EF.CardAccess, access with a 256-bit curve or BAC, SELECT, and whole chunks."""
    extended = profile.extended
    chunk = extended_chunk(profile.max_response, block) if extended else 231 if block == TDES_BLOCK else 223
    opening = 5 + 22 + 2 + 379 + 51 if profile.pace else 5 + 2 + 103 + 14
    asked = 5 + len(profile.atr_info) + 2 if extended else 0
    reads = 0
    for _, size in REFERENCE_SIZES.values():
        sizes = [chunk] * (size // chunk) + ([size % chunk] if size % chunk else [])
        for n in sizes:
            value = 1 + ceil((n + 1) / block) * block
            header = 2 if value < 0x80 else 3 if value < 0x100 else 4
            reads += (AROUND_EXTENDED if n > 231 else AROUND_SHORT) + header + value + 16
    return opening + asked + reads


# Times


@dataclass
class _Timed:
    """Hand commands to a card and add up the time that passes inside it: by the clock, and of this thread's CPU."""

    card: EmulatedCard
    seconds: float = 0.0
    cpu: float = 0.0
    inside: bool = False
    atr: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Hand on the answer to reset."""
        self.atr = self.card.atr

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Hand ``command`` on."""
        begin, cpu = time.perf_counter(), time.thread_time()
        self.inside = True
        try:
            return self.card.transmit(command)
        finally:
            self.inside = False
            self.seconds += time.perf_counter() - begin
            self.cpu += time.thread_time() - cpu


@dataclass(frozen=True)
class _Read:
    """Hold one whole read: seconds to the identity and to the end, our CPU seconds."""

    identity: float
    end: float
    cpu: float


class _Desk:
    """Inspect one persona's card again and again."""

    def __init__(self) -> None:
        self._factory = CardFactory("benchmark")
        self._trust = TrustMaterial.of(self._factory.anchors)
        self._policy = Policy.shipped()

    def modelled(self, timing: str) -> tuple[tuple[float, float], tuple[float, float]]:
        """Read once on a virtual clock of link, chip and our CPU; return identity and end, each beside the model.

        The clock leaves out what passes while the card is at work: the emulator, and what is verified beside it.
        """
        built = self._factory.build(PERSONA)
        clock = VirtualClock(host=time.process_time)
        card = with_timing(built.card, timing, clock)
        if not isinstance(card, TimedCard):
            raise AssertionError(f"{timing} takes no time")
        card.power_on()
        identity: list[tuple[float, float]] = []

        def note(event: InspectionEvent) -> None:
            if isinstance(event, IdentityRead):
                identity.append((clock.now() - begin, card.total.seconds))

        begin = clock.now()
        inspect(card, request_for(built, self._trust, self._policy), on_event=note, clock=clock.now)
        return identity[0], (clock.now() - begin, card.total.seconds)

    def read(self, around: Callable[[_Timed], None] = lambda _: None) -> _Read:
        """Read once; ``around`` is told the link before the read begins."""
        built = self._factory.build(PERSONA)
        timed = _Timed(built.card)
        timed.card.power_on()
        around(timed)
        identity: list[float] = []

        def note(event: InspectionEvent) -> None:
            if isinstance(event, IdentityRead):
                identity.append(time.perf_counter() - begin)

        cpu, begin = time.process_time(), time.perf_counter()
        inspection: Inspection = inspect(timed, request_for(built, self._trust, self._policy), on_event=note)
        end, cpu = time.perf_counter() - begin, time.process_time() - cpu
        if inspection.decision.value != "proceed":
            raise AssertionError("a genuine card did not pass")
        return _Read(identity[0], end, cpu - timed.cpu)


def _times() -> Iterator[Figure]:
    desk = _Desk()
    desk.read()
    slow = [desk.modelled("contactless-424") for _ in range(ROUNDS)]
    yield _ratio("identity at 424 kbit/s beside link and chip", [identity for identity, _ in slow])
    yield _ratio("end at 424 kbit/s beside link and chip", [end for _, end in slow])
    yield Figure("identity at 424 kbit/s", statistics.median(identity[0] for identity, _ in slow), "s")
    yield Figure("end at 424 kbit/s, all checks", statistics.median(end[0] for _, end in slow), "s")
    quick = [desk.read() for _ in range(ROUNDS)]
    yield Figure("identity, in-process card", 1000 * statistics.median(read.identity for read in quick), "ms")
    yield Figure("end, in-process card", 1000 * statistics.median(read.end for read in quick), "ms")
    cpu_ms = 1000 * statistics.median(read.cpu for read in quick)
    yield Figure("our CPU time, all checks", cpu_ms, "ms", CPU_GOAL_MS)
    for room, share in _shares(desk).most_common():
        yield Figure(f"our CPU time in {room}", cpu_ms * share, "ms")


def _ratio(name: str, times: list[tuple[float, float]]) -> Figure:
    return Figure(name, statistics.median(whole / inside for whole, inside in times), "×", OVER_THE_LINK)


def _shares(desk: _Desk) -> Counter[str]:
    """Return the share of each room in our CPU time, from samples of where this thread and the one beside it are."""
    found: Counter[str] = Counter()
    usual = sys.getswitchinterval()
    # Else a sample would only be taken where a thread lets go by itself.
    sys.setswitchinterval(SAMPLE_SECONDS / 5)
    try:
        for _ in range(4 * ROUNDS):
            with _sampling(found) as watch:
                desk.read(around=watch)
    finally:
        sys.setswitchinterval(usual)
    whole = sum(found.values())
    return Counter({room: count / whole for room, count in found.items()})


@contextmanager
def _sampling(found: Counter[str]) -> Iterator[Callable[[_Timed], None]]:
    stop = threading.Event()
    reading = threading.get_ident()
    link: list[_Timed] = []

    def sample() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            for thread, frame in sys._current_frames().items():
                room = _room_of(frame)
                if room and not (thread == reading and link and link[0].inside):
                    found[room] += 1

    thread = threading.Thread(target=sample, name="sampling")
    thread.start()
    try:
        yield link.append
    finally:
        stop.set()
        thread.join()


def _room_of(frame: FrameType | None) -> str:
    """Return the room whose function is innermost on the stack, "" where the thread waits or none is on it."""
    if frame is not None and frame.f_code.co_name in ("wait", "_worker", "result"):
        return ""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("reader."):
            return ".".join(module.split(".")[:2])
        frame = frame.f_back
    return ""


# Growth


def _growth() -> Iterator[Figure]:
    small, large = 20_480, 1 << 20
    cpu = {size: _cpu_of_dg2(size) for size in (small, large // 2, large)}
    for size, seconds in cpu.items():
        yield Figure(f"our CPU time, DG2 of {size >> 10} KB", 1000 * seconds, "ms")
    # What a byte costs in the second half megabyte beside the first: 1 where growth is linear.
    per_byte = [
        (cpu[large // 2] - cpu[small]) / (large // 2 - small),
        (cpu[large] - cpu[large // 2]) / (large - large // 2),
    ]
    yield Figure("cost of a byte, second half megabyte beside the first", per_byte[1] / per_byte[0], "×", 1.25)


def _cpu_of_dg2(size: int) -> float:
    profile = reference_profile(65536)
    reads = (_read_reference(profile, (Can(REFERENCE_CAN),), dg2_size=size)[1] for _ in range(5))
    return statistics.median(reads)
