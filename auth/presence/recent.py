"""What was judged and computed a moment ago: one tap is judged for its challenge and then once for every register.

Nothing is decided otherwise for it. A document is found again by all of its bytes and the very second that it was
judged for, under the same trust, a session by its signed token; a refusal is never kept, and a verifier that has just
started judges and computes anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from auth.presence.document import Document, DocumentFiles, judge_document
from auth.presence.relay import Relayed
from reader.trust import TrustMaterial

__all__ = ["MOST_RECENT", "RecentDocuments", "RecentSessions"]

MOST_RECENT = 256

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Recent(Generic[K, V]):
    """Keep the last values that were made, for any number of threads; two that miss the same one both make it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        with self._lock:
            known = self._kept.get(key)
        if known is not None:
            return known
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > MOST_RECENT:
                self._kept.popitem(last=False)
        return made


class RecentDocuments:
    """Judge documents under one ``trust``, for any number of threads."""

    def __init__(self, trust: TrustMaterial, countries: Collection[str]) -> None:
        self._trust = trust
        self._countries = countries
        self._recent: _Recent[tuple[DocumentFiles, datetime], Document] = _Recent()

    def judge(self, files: DocumentFiles, moment: datetime) -> Document:
        """Return what ``judge_document`` says of ``files`` at ``moment``; raise PresenceRefused as it does."""
        return self._recent.get((files, moment), lambda: judge_document(files, self._trust, moment, self._countries))


class RecentSessions:
    """Compute sessions of Chip Authentication, each of which follows from the verifier's secret and a token alone."""

    def __init__(self) -> None:
        self._recent: _Recent[tuple[bytes, str], Relayed] = _Recent()

    def of(self, secret: bytes, token: str, compute: Callable[[], Relayed]) -> Relayed:
        """Return what ``compute`` says for ``token``, whose signature and document were judged; raise as it does."""
        return self._recent.get((secret, token), compute)
