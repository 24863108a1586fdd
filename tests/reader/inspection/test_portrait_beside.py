"""The portrait beside the reading: started ahead, seen as it grows, never waited for, and never left behind."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest
from PIL import Image

from reader.errors import Cancelled, DataError
from reader.inspection.portrait_beside import SIGHTS, WORTH_SECONDS, PortraitBeside
from reader.lds.portrait import Portrait

SIZE = 20_000
WAIT = 10.0


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((240, 320), 60).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


class FakeDecoder:
    """Stand for a child process; ``hold`` keeps it busy until it is closed or let go."""

    def __init__(self, hold: bool = False) -> None:
        self.closed = threading.Event()
        self.go_on = threading.Event()
        if not hold:
            self.go_on.set()
        self.parts: list[int] = []

    def decode(self, image: bytes) -> Portrait:
        return self._answer()

    def decode_part(self, beginning: bytes) -> Portrait:
        self.parts.append(len(beginning))
        return self._answer()

    def _answer(self) -> Portrait:
        while not self.go_on.wait(0.005):
            if self.closed.is_set():
                raise DataError("closed")
        return Portrait(b"png", 3, 4, "jpeg")

    def close(self) -> None:
        self.closed.set()

    def __enter__(self) -> FakeDecoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Workshop:
    """Make decoders and remember them; the first one waits for the whole image."""

    def __init__(self, *, hold: bool = False) -> None:
        self.made: list[FakeDecoder] = []
        self.hold = hold
        self.seconds = 0.0

    def make(self) -> FakeDecoder:
        self.made.append(FakeDecoder(self.hold and bool(self.made)))
        return self.made[-1]

    def now(self) -> float:
        return self.seconds

    def beside(self, *, wanted: bool = True) -> PortraitBeside:
        return PortraitBeside(self.now, wanted=wanted, make=self.make)  # type: ignore[arg-type]  # a fake decoder


@pytest.fixture
def image() -> bytes:
    return jpeg()


def read(beside: PortraitBeside, shop: Workshop, file: bytes, seconds: float, pieces: int = 40) -> list[Portrait]:
    """Hand ``file`` over in pieces that take ``seconds`` in all; return every first sight."""
    seen: list[Portrait] = []
    step = -(-len(file) // pieces)
    for start in range(0, len(file), step):
        shop.seconds += seconds / pieces
        beside.grow(file[start : start + step])
        sight = beside.look(min(start + step, len(file)), len(file))
        if sight is not None:
            seen.append(sight)
        wait_for(lambda: beside._sight is None or beside._sight.done() or shop.hold)
    return seen


def wait_for(there: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(2000):
        if there():
            return
        tick.wait(0.005)
    raise AssertionError("did not happen")


def test_a_slow_reading_shows_the_portrait_as_it_grows(image: bytes) -> None:
    shop = Workshop()
    with shop.beside() as beside:
        beside.begin()
        seen = read(beside, shop, image, 3.0)
        assert len(seen) == SIGHTS - 1
        assert beside.finish(image, threading.Event()).png == b"png"
    sizes = [size for decoder in shop.made for size in decoder.parts]
    assert sizes == sorted(sizes)
    assert all(decoder.closed.is_set() for decoder in shop.made)


def test_a_quick_reading_starts_no_process_for_a_first_sight(image: bytes) -> None:
    shop = Workshop()
    with shop.beside() as beside:
        beside.begin()
        assert read(beside, shop, image, WORTH_SECONDS / 2) == []
        beside.finish(image, threading.Event())
    assert len(shop.made) == 1, "the one that waited for the whole image"


def test_the_reading_never_waits_for_a_decoder(image: bytes) -> None:
    """The decoder of the first sight never answers; all pieces are handed over all the same, and the end is whole."""
    shop = Workshop(hold=True)
    with shop.beside() as beside:
        beside.begin()
        assert read(beside, shop, image, 3.0) == []
        assert beside.finish(image, threading.Event()).width == 3
    assert all(decoder.closed.is_set() for decoder in shop.made)


def test_cancel_ends_the_wait_and_the_child(image: bytes) -> None:
    shop = Workshop()
    cancel = threading.Event()
    with shop.beside() as beside:
        beside.begin()
        wait_for(lambda: bool(shop.made))
        shop.made[0].go_on.clear()
        cancel.set()
        with pytest.raises(Cancelled):
            beside.finish(image, cancel)
        assert shop.made[0].closed.is_set()


def test_an_error_of_the_reading_leaves_no_child(image: bytes) -> None:
    shop = Workshop(hold=True)

    def lose_the_card_in_the_middle() -> None:
        with shop.beside() as beside:
            beside.begin()
            read(beside, shop, image, 3.0)
            raise DataError("card")

    with pytest.raises(DataError, match="card"):
        lose_the_card_in_the_middle()
    assert all(decoder.closed.is_set() for decoder in shop.made)


def test_where_no_portrait_is_wanted_nothing_is_started(image: bytes) -> None:
    shop = Workshop()
    with shop.beside(wanted=False) as beside:
        beside.begin()
        assert read(beside, shop, image, 3.0) == []
    assert shop.made == []


def test_without_a_jpeg_there_is_no_first_sight() -> None:
    shop = Workshop()
    with shop.beside() as beside:
        beside.begin()
        assert read(beside, shop, bytes.fromhex("FF4FFF51") + bytes(SIZE), 3.0) == []
    assert all(decoder.parts == [] for decoder in shop.made)


def test_a_decoder_that_cannot_be_started_is_told_at_the_end(image: bytes) -> None:
    def make() -> FakeDecoder:
        raise DataError("portrait decoder could not be started")

    with PortraitBeside(lambda: 0.0, make=make) as beside:  # type: ignore[arg-type]  # a fake decoder
        beside.begin()
        with pytest.raises(DataError, match="started"):
            beside.finish(image, threading.Event())


def test_the_real_decoder_draws_first_sights_and_the_whole(image: bytes) -> None:
    shop = Workshop()
    with PortraitBeside(shop.now) as beside:
        beside.begin()
        seen = read(beside, shop, image, 3.0)
        whole = beside.finish(image, threading.Event())
    assert (whole.width, whole.height) == (240, 320)
    assert [(sight.width, sight.height) for sight in seen] == [(240, 320)] * (SIGHTS - 1)
    assert len({sight.png for sight in (*seen, whole)}) == SIGHTS
