"""Why an item is not taken into the store, as a stable string for people and programs."""

from __future__ import annotations

from reader.errors import DataError

__all__ = ["TEST_CERTIFICATE", "NotTaken"]

TEST_CERTIFICATE = "test-certificate"


class NotTaken(DataError):
    """Say why an item is not taken; ``reason`` is a stable string."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
