"""The words for a clock that is wrong, as a clerk sees them in window and terminal."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from desk.wrong_clock import WrongClockView

__all__ = ["wrong_clock"]

_HOUR, _DAY = 60, 1_440

_LINES: Mapping[tuple[bool, bool], Phrase] = {
    (True, True): Phrase(
        "Đồng hồ máy này sai: nhanh {vi}. Chỉnh lại ngày giờ của máy, hoặc báo quản trị.",
        "This computer’s clock is wrong by {en} (ahead). Set the date and time, or tell your administrator.",
    ),
    (False, True): Phrase(
        "Đồng hồ máy này sai: chậm {vi}. Chỉnh lại ngày giờ của máy, hoặc báo quản trị.",
        "This computer’s clock is wrong by {en} (behind). Set the date and time, or tell your administrator.",
    ),
    (True, False): Phrase(
        "Đồng hồ máy này sai: nhanh {vi}. Hạn của thẻ và chứng thư không kết luận được; chỉnh lại ngày giờ của máy rồi "
        "đọc lại thẻ.",
        "This computer’s clock is wrong by {en} (ahead). Nothing can be said of the dates of card and certificates: "
        "set the date and time, then read the card again.",
    ),
    (False, False): Phrase(
        "Đồng hồ máy này sai: chậm {vi}. Hạn của thẻ và chứng thư không kết luận được; chỉnh lại ngày giờ của máy rồi "
        "đọc lại thẻ.",
        "This computer’s clock is wrong by {en} (behind). Nothing can be said of the dates of card and certificates: "
        "set the date and time, then read the card again.",
    ),
}


def wrong_clock(view: WrongClockView) -> Phrase:
    """Return what is said of a clock that is wrong, and the next step."""
    words = _LINES[view.ahead, view.trusted]
    vietnamese, english = _amount(view.minutes)
    return Phrase(words.vi.format(vi=vietnamese), words.en.format(en=english))


def _amount(minutes: int) -> tuple[str, str]:
    if minutes >= 2 * _DAY:
        return f"{minutes // _DAY} ngày", f"{minutes // _DAY} days"
    if minutes >= 2 * _HOUR:
        return f"{minutes // _HOUR} giờ", f"{minutes // _HOUR} hours"
    return f"{minutes} phút", "1 minute" if minutes == 1 else f"{minutes} minutes"
