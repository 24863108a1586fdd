"""Words for a computer whose key grows old, in both languages; why one may look nobody up, the failures say."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase

__all__ = ["DEVICE"]

DEVICE: Mapping[str, Phrase] = {
    "soon": Phrase(
        "Khoá của máy này cần thay trong {days} ngày tới. Máy tự thay khi đến hạn; nên để máy nối mạng.",
        "This computer’s key must be replaced, days left: {days}. It does so by itself; leave it connected.",
    ),
    "due": Phrase(
        "Khoá của máy này đến hạn thay; máy tự thay khi không có lượt tiếp dân. Nếu dòng này cứ còn, báo quản trị chạy "
        "“motcua enrol --rotate”.",
        "This computer’s key is due and is replaced between two visits. If this line stays, ask whoever looks after it "
        "to run “motcua enrol --rotate”.",
    ),
    "restart": Phrase(
        "Máy này đã tự thay khoá. Đóng rồi mở lại chương trình trước {until} để dùng khoá mới.",
        "This computer has replaced its key. Close the program and open it again before {until} to use the new one.",
    ),
}
