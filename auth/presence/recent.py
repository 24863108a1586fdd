"""Documents that were judged a moment ago: one tap is judged for its challenge and then once for every register.

Nothing is decided otherwise for it. A document is found again by all of its bytes and the very second that it was
judged for, under the same trust; a refusal is never kept, and a verifier that has just started judges anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime

from auth.presence.document import Document, DocumentFiles, judge_document
from reader.trust import TrustMaterial

__all__ = ["MOST_RECENT", "RecentDocuments"]

MOST_RECENT = 256


class RecentDocuments:
    """Judge documents under one ``trust``, for any number of threads."""

    def __init__(self, trust: TrustMaterial, countries: Collection[str]) -> None:
        self._trust = trust
        self._countries = countries
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[DocumentFiles, datetime], Document] = OrderedDict()

    def judge(self, files: DocumentFiles, moment: datetime) -> Document:
        """Return what ``judge_document`` says of ``files`` at ``moment``; raise PresenceRefused as it does."""
        key = (files, moment)
        with self._lock:
            known = self._kept.get(key)
        if known is not None:
            return known
        judged = judge_document(files, self._trust, moment, self._countries)
        with self._lock:
            self._kept[key] = judged
            while len(self._kept) > MOST_RECENT:
                self._kept.popitem(last=False)
        return judged
