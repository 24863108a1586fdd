"""Words for a computer whose key grows old, in both languages; why one may look nobody up, the failures say."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase

__all__ = ["DEVICE"]

DEVICE: Mapping[str, Phrase] = {
    "soon": Phrase(
        "Khoá của máy này cần thay trong {days} ngày tới. Báo người quản trị chạy “motcua enrol --rotate”.",
        "This computer’s key must be replaced, days left: {days}. Ask whoever looks after it to run "
        "“motcua enrol --rotate”.",
    ),
    "due": Phrase(
        "Khoá của máy này đã đến hạn thay; vẫn tra cứu được. Báo người quản trị chạy “motcua enrol --rotate” hôm nay.",
        "This computer’s key is due to be replaced; look-ups still work. Ask whoever looks after it to run "
        "“motcua enrol --rotate” today.",
    ),
}
