"""One entry of the failure catalogue, and the phrases that stand beside the entries."""

from __future__ import annotations

from dataclasses import dataclass

from desk.language import Phrase

__all__ = ["TRIES_LEFT", "UNKNOWN", "FailureWords", "words"]


@dataclass(frozen=True, slots=True)
class FailureWords:
    """Hold title, cause and next step of one failure."""

    title: Phrase
    cause: Phrase
    next_step: Phrase


def words(title: tuple[str, str], cause: tuple[str, str], next_step: tuple[str, str]) -> FailureWords:
    """Build an entry from (Vietnamese, English) pairs."""
    return FailureWords(Phrase(*title), Phrase(*cause), Phrase(*next_step))


TRIES_LEFT = Phrase("Chip còn cho thử {tries} lần.", "Tries the chip still allows: {tries}.")

UNKNOWN = words(
    ("Chương trình gặp lỗi", "The program met a fault"),
    (
        "Đã xảy ra lỗi không lường trước; không có dữ liệu nào được giữ lại.",
        "Something unforeseen went wrong; no data was kept.",
    ),
    (
        "Nhấc thẻ ra và làm lại. Nếu lặp lại, chạy “motcua diagnose”.",
        "Take the card off and start again. If it happens again, run “motcua diagnose”.",
    ),
)
