"""The portrait beside the reading: its decoder waits before the image is whole, and shows what has come of it.

Everything that takes time runs on a thread of its own and in child processes; the card thread only hands bytes over and
looks whether something is there. What is shown before the whole file was hashed is a first sight, and proves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from types import TracebackType

from reader.errors import Cancelled, MotCuaError
from reader.inspection.beside import Beside
from reader.lds.face import jpeg_begun_in
from reader.lds.portrait import Portrait
from reader.lds.portrait_decoder import PortraitDecoder

__all__ = ["PortraitBeside"]

# A first sight is worth a process only where the rest takes longer than a decoder does.
WORTH_SECONDS = 0.4
SIGHTS = 4
SLICE_SECONDS = 0.05


class PortraitBeside:
    """Decode one portrait beside its reading; leaving the context ends every child there is.

    ``clock`` tells seconds. With ``wanted`` False nothing is started at all.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        wanted: bool = True,
        make: Callable[[], PortraitDecoder] = PortraitDecoder,
    ) -> None:
        self._clock = clock
        self._wanted = wanted
        self._make = make
        self._beside = Beside("portrait")
        self._began: float | None = None
        self._data = bytearray()
        self._sights = 0
        self._sight: Future[Portrait | None] | None = None
        self._waiting: PortraitDecoder | None = None
        self._whole: list[PortraitDecoder] = []
        self._drawing: list[PortraitDecoder] = []
        self._lock = threading.Lock()
        self._sights_wanted = True
        self._closed = False

    def begin(self) -> None:
        """Have a decoder started that waits for the whole image."""
        self._began = self._clock()
        if self._wanted:
            self._beside.do(self._start_waiting)

    def grow(self, piece: bytes) -> None:
        """Take what has come of the file; never waits."""
        if self._wanted:
            self._data += piece

    def look(self, got: int, total: int | None) -> Portrait | None:
        """Return a first sight where one is ready, and have the next one begun where it is worth it; never waits."""
        ready = None
        if self._sight is not None and self._sight.done():
            ready, self._sight = self._sight.result(), None
        if self._sight is None and total and self._is_worth_it(got, total):
            self._sights = SIGHTS * got // total
            beginning = jpeg_begun_in(bytes(self._data))
            if beginning is not None:
                self._sight = self._beside.do(lambda: self._draw(beginning))
        return ready

    def finish(self, image: bytes, cancel: threading.Event) -> Portrait:
        """Decode the whole image; raise DataError as ``decode_portrait`` does, Cancelled soon after ``cancel``."""
        with self._lock:
            # A first sight that is still being drawn, or about to be, is of no use any more.
            self._sights_wanted = False
            late = tuple(self._drawing)
        for child in late:
            child.close()
        whole = self._beside.do(lambda: self._decode(image))
        while True:
            if cancel.is_set():
                self.close()
                raise Cancelled("cancelled while the portrait was decoded")
            try:
                return whole.result(SLICE_SECONDS)
            except NotYet:
                if whole.done():
                    raise

    def close(self) -> None:
        """End every child; what waits for one is told so."""
        with self._lock:
            self._closed, self._sights_wanted = True, False
            children = (*self._whole, *self._drawing)
        for child in children:
            child.close()

    def __enter__(self) -> PortraitBeside:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the children and the thread."""
        self.close()
        self._beside.__exit__(kind, error, trace)

    def _is_worth_it(self, got: int, total: int) -> bool:
        if not self._wanted or self._began is None or not 0 < got < total or SIGHTS * got // total <= self._sights:
            return False
        return (self._clock() - self._began) * (total - got) / got >= WORTH_SECONDS

    # On the thread beside.

    def _child(self, *, for_sight: bool = False) -> PortraitDecoder:
        child = self._make()
        with self._lock:
            if self._sights_wanted if for_sight else not self._closed:
                (self._drawing if for_sight else self._whole).append(child)
                return child
        child.close()
        raise Cancelled("the portrait is not wanted any more")

    def _start_waiting(self) -> None:
        try:
            self._waiting = self._child()
        except MotCuaError:
            self._waiting = None  # finish tries again and says what is wrong

    def _draw(self, beginning: bytes) -> Portrait | None:
        try:
            with self._child(for_sight=True) as child:
                return child.decode_part(beginning)
        except MotCuaError:
            return None

    def _decode(self, image: bytes) -> Portrait:
        child = self._waiting or self._child()
        with child:
            return child.decode(image)
