"""The desk's side of work without a network: keep a booklet, and give out its pages one by one, never one twice.

Where the booklet lies is the device's business: sealed, and so that what was saved is saved when the call returns. A
page is gone from it before the card is asked to sign, so that a crash costs a page and never uses one twice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from auth.presence.claims import PAGE_KIND, PageClaims
from auth.presence.encoding import canonical, parse_canonical
from auth.presence.tokens import Issuers, read_token
from reader.errors import DataError

__all__ = ["BookletKeeper", "NoPage", "NoPageReason", "SealedBox"]

MAX_BOX_BYTES = 1 << 20
_FORMAT = "cpp-booklet/1"


class SealedBox(Protocol):
    """Keep one piece of content sealed to this device."""

    def load(self) -> bytes | None:
        """Return the content, None where nothing was saved; raise DataError where it is not as it was saved."""
        ...

    def save(self, content: bytes) -> None:
        """Put ``content`` in the place of what was there; it is on the disk when this returns."""
        ...


class NoPageReason(StrEnum):
    """Say why there is no page to use."""

    EXHAUSTED = "booklet-exhausted"
    EXPIRED = "booklet-expired"
    DAMAGED = "booklet-damaged"


class NoPage(Exception):
    """Say that there is no page to use."""

    def __init__(self, reason: NoPageReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class BookletKeeper:
    """Keep the booklet of one device; may be used from several threads.

    ``issuers`` are the verifiers whose pages are taken, ``device`` and ``device_key`` who we are. ``count`` returns the
    next value of a counter that never goes back, such as the number of a leaf in the device's ledger.
    """

    def __init__(
        self,
        box: SealedBox,
        issuers: Issuers,
        device: str,
        device_key: str,
        count: Callable[[], int],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._box = box
        self._issuers = issuers
        self._device = device
        self._device_key = device_key
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()

    def fill(self, pages: Sequence[str]) -> None:
        """Add a booklet to what is left of the last one; raise DataError for a page that is not ours."""
        for page in pages:
            claims = read_token(PAGE_KIND, PageClaims, page, self._issuers)
            if (claims.device, claims.device_key) != (self._device, self._device_key):
                raise DataError("a page of another device")
        with self._lock:
            try:
                left = [page for page in self._load() if self._is_usable(page)]
            except NoPage:
                left = []
            self._save([*left, *pages])

    def left(self) -> int:
        """Return how many pages may be used now; 0 where the booklet cannot be read."""
        try:
            return sum(1 for page in self._load() if self._is_usable(page))
        except NoPage:
            return 0

    def take(self) -> tuple[str, int]:
        """Return a page and the counter to use it with; raise NoPage where there is none, else as the counter does."""
        with self._lock:
            pages = self._load()
            usable = [page for page in pages if self._is_usable(page)]
            if not usable:
                raise NoPage(NoPageReason.EXPIRED if pages else NoPageReason.EXHAUSTED)
            try:
                self._save(usable[1:])
            except DataError:
                # What is still there after the tap could be used again.
                raise NoPage(NoPageReason.DAMAGED) from None
            return usable[0], self._count()

    def _is_usable(self, page: str) -> bool:
        try:
            return read_token(PAGE_KIND, PageClaims, page, self._issuers).expires > self._clock().timestamp()
        except DataError:
            # The verifier has changed its key meanwhile: the page would be refused.
            return False

    def _load(self) -> list[str]:
        try:
            content = self._box.load()
            if content is None:
                return []
            said = parse_canonical(content, MAX_BOX_BYTES)
            pages = said["pages"]
            if (said["format"], said["device_key"]) != (_FORMAT, self._device_key):
                raise DataError("a booklet of another device")
            return [page for page in pages if isinstance(page, str)]
        except (DataError, KeyError, TypeError, json.JSONDecodeError):
            raise NoPage(NoPageReason.DAMAGED) from None

    def _save(self, pages: list[str]) -> None:
        self._box.save(canonical({"format": _FORMAT, "device_key": self._device_key, "pages": pages}))
