"""The words of the failure catalogue, by code: clerks and their sign-in."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["CLERK_FAILURES"]

CLERK_FAILURES: Mapping[str, FailureWords] = {
    "clerk-not-signed-in": words(
        ("Chưa có cán bộ đăng nhập", "No clerk is signed in"),
        (
            "Cơ sở dữ liệu chỉ trả lời khi có cán bộ đăng nhập; chưa ai đăng nhập, hoặc phiên trước đã hết.",
            "Registers answer a signed-in clerk only; nobody has signed in yet, or the session before has ended.",
        ),
        (
            "Bấm “Đăng nhập”, rồi bấm “Tra cứu lại”. Kết quả đọc thẻ vẫn dùng được.",
            "Press “Sign in”, then “Look up again”. What the card showed still stands.",
        ),
    ),
    "clerk-may-not": words(
        ("Cán bộ này không có quyền cho mục đích đã chọn", "This clerk may not ask for the purpose chosen"),
        (
            "Vai trò của cán bộ đang đăng nhập không gồm mục đích này, hoặc vừa bị thu hồi.",
            "The roles of the clerk who is signed in do not include this purpose, or no longer do.",
        ),
        (
            "Chọn đúng mục đích, hoặc bàn giao cho cán bộ có quyền.",
            "Choose the right purpose, or hand over to a clerk who may.",
        ),
    ),
    "clerk-step-up": words(
        ("Mục đích này cần đăng nhập lại", "This purpose wants you to sign in again"),
        (
            "Mục đích nhạy cảm cần lần đăng nhập mới, có mã một lần.",
            "A sensitive purpose wants a new sign-in, with a one-time code.",
        ),
        (
            "Bấm “Đăng nhập lại”, nhập mã một lần, rồi bấm “Tra cứu lại”.",
            "Press “Sign in again”, enter the one-time code, then press “Look up again”.",
        ),
    ),
    "sign-in-failed": words(
        ("Đăng nhập không thành", "The sign-in failed"),
        (
            "Trang đăng nhập không mở được, hoặc câu trả lời không chứng minh được là của máy chủ đăng nhập.",
            "The page could not be opened, or the answer could not be proven to be the sign-in server’s.",
        ),
        (
            "Bấm “Đăng nhập” lần nữa. Nếu lặp lại, báo người phụ trách kết nối.",
            "Press “Sign in” once more. If it happens again, tell whoever looks after the connection.",
        ),
    ),
    "sign-in-cancelled": words(
        ("Đã dừng đăng nhập", "The sign-in was stopped"),
        ("Việc đăng nhập được dừng tại máy này; không ai được đăng nhập.", "It was stopped here; nobody is signed in."),
        ("Bấm “Đăng nhập” khi sẵn sàng.", "Press “Sign in” when you are ready."),
    ),
    "sign-in-refused": words(
        ("Máy chủ từ chối đăng nhập", "The sign-in was refused"),
        (
            "Cán bộ đã bấm Huỷ, nhập sai nhiều lần, hoặc cán bộ hay máy này không được phép.",
            "The clerk cancelled, was wrong too often, or this clerk or this computer is not allowed.",
        ),
        (
            "Bấm “Đăng nhập” lần nữa; nếu vẫn bị từ chối, báo người phụ trách tài khoản.",
            "Press “Sign in” once more; if it is refused again, tell whoever looks after accounts.",
        ),
    ),
    "sign-in-timeout": words(
        ("Hết thời gian đăng nhập", "Time to sign in ran out"),
        (
            "Không ai đăng nhập trên trang trong thời gian cho phép.",
            "Nobody signed in on the page within the time allowed.",
        ),
        ("Bấm “Đăng nhập” và hoàn tất trên trang được mở.", "Press “Sign in” and complete it on the page that opens."),
    ),
}
