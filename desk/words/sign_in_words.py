"""Words for signing in, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase

__all__ = ["SIGN_IN"]

SIGN_IN: Mapping[str, Phrase] = {
    "nobody": Phrase(
        "Chưa có cán bộ đăng nhập: cơ sở dữ liệu chỉ trả lời khi có người đăng nhập.",
        "No clerk is signed in: registers answer a signed-in clerk only.",
    ),
    "waiting": Phrase(
        "Đang đợi trình duyệt: đăng nhập trên trang vừa mở, rồi quay lại đây.",
        "Waiting for the browser: sign in on the page that opened, then come back here.",
    ),
    "again": Phrase(
        "Mục đích này cần cán bộ đăng nhập lại, có mã một lần.",
        "This purpose wants the clerk to sign in again, with a one-time code.",
    ),
    "type-code": Phrase(
        "Trên thiết bị khác, mở {address} và nhập mã {code}",
        "On another device, open {address} and enter the code {code}",
    ),
    "signed-in": Phrase("Đã đăng nhập: {name} ({id}). Được tra cứu cho:", "Signed in: {name} ({id}). May ask for:"),
    "clock": Phrase(
        "Đồng hồ của máy này lệch {minutes} phút so với máy chủ; hãy chỉnh lại.",
        "This computer’s clock is {minutes} minutes off the server’s; set it right.",
    ),
}
