"""What the window says of look-ups that wait for their register."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase

__all__ = ["WAITING_LINES"]

WAITING_LINES: Mapping[str, Phrase] = {
    "waiting": Phrase("{count} việc tra cứu đang chờ, lâu nhất từ {since}", "Look-ups waiting: {count}, since {since}"),
    "to-decide": Phrase("{count} việc cần quyết định", "To decide: {count}"),
    "frozen": Phrase("{count} việc bị giữ lại", "Frozen: {count}"),
    "ended": Phrase("{count} việc đã xong, chờ hồ sơ lấy", "Done, for their dossiers to take: {count}"),
}
