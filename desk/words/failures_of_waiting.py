"""The words of the failure catalogue, by code: registers that rest, and the outbox in which look-ups wait."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["WAITING_FAILURES"]

WAITING_FAILURES: Mapping[str, FailureWords] = {
    "register-resting": words(
        ("Cơ sở dữ liệu đang tạm nghỉ", "The register is being left alone"),
        (
            "Vừa rồi nhiều lần không có trả lời, hoặc chính nơi đó yêu cầu tạm dừng; chưa hỏi gì thêm.",
            "It did not answer several times, or asked for a pause; nothing more was asked.",
        ),
        (
            "Nhập số hồ sơ rồi bấm “Xếp hàng chờ”; máy sẽ tự gửi khi có thể. Kết quả đọc thẻ vẫn dùng được.",
            "Enter the dossier number, press “Queue the look-up”; it is sent by itself. What the card showed stands.",
        ),
    ),
    "register-working": words(
        ("Cơ sở dữ liệu đã nhận, đang xử lý", "The register is still working on it"),
        (
            "Nơi đó đã nhận việc tra cứu và xác nhận bằng chữ ký, nhưng chưa có câu trả lời trong thời gian cho phép.",
            "It took the look-up and signed for that, but has no answer yet within the time allowed.",
        ),
        (
            "Nhập số hồ sơ rồi bấm “Xếp hàng chờ”; máy sẽ tự lấy câu trả lời. Kết quả đọc thẻ vẫn dùng được.",
            "Enter the dossier number, press “Queue the look-up”; the answer is fetched later. What the card showed"
            " stands.",
        ),
    ),
    "outbox-unusable": words(
        ("Hàng chờ tra cứu không dùng được", "Look-ups cannot be queued"),
        (
            "Tệp hàng chờ không ghi được, đang mở ở cửa sổ khác, hoặc khoá của máy chưa mở.",
            "The queue’s file cannot be written, is open in another program, or this computer’s key is locked.",
        ),
        (
            "Đóng cửa sổ khác, kiểm tra dung lượng đĩa và khoá, rồi thử lại; hoặc báo quản trị.",
            "Close the other program, check the disk’s space and the key, then try again; or tell your administrator.",
        ),
    ),
    "outbox-no-room": words(
        ("Không xếp hàng được: máy hết chỗ ghi", "Nothing can be queued: no room is left"),
        (
            "Đĩa đầy, không tạo được thêm tệp, hoặc tài khoản này đã dùng hết phần của mình. Việc đang chờ vẫn còn.",
            "The disk is full or takes no more files, or this account has used up its share. What waits is still here.",
        ),
        (
            "Xoá bớt tệp hoặc báo quản trị nới hạn mức; có chỗ là máy tự dùng lại được.",
            "Remove files, or ask your administrator for more room; with room it goes on by itself.",
        ),
    ),
    "outbox-in-use": words(
        ("Hàng chờ đang mở ở chương trình khác", "Another program has the queue open"),
        (
            "Cửa sổ quầy đang mở: mỗi thay đổi của hàng chờ có số thứ tự trong sổ ghi việc và mỗi việc chỉ gửi "
            "một lần, nên chỉ một chương trình được thay đổi.",
            "The desk’s window is open: each change of the queue has its number in the ledger and each look-up is sent "
            "once, so only one program makes changes.",
        ),
        (
            "Đóng cửa sổ quầy rồi chạy lại. “motcua outbox list” và “export --copy” dùng được khi quầy đang mở.",
            "Close the desk’s window and run it again. “motcua outbox list” and “export --copy” work beside it.",
        ),
    ),
    "outbox-full": words(
        ("Hàng chờ tra cứu đã đầy", "The queue of look-ups is full"),
        ("Không xếp thêm được việc nào nữa.", "Nothing more can be queued."),
        (
            "Lấy các kết quả đã về bằng “motcua outbox take”, hoặc làm tiếp theo giấy tờ.",
            "Take out what was answered with “motcua outbox take”, or go on by paper.",
        ),
    ),
    "outbox-damaged": words(
        ("Tệp hàng chờ bị hỏng, đã dựng lại", "The queue’s file was damaged and built anew"),
        (
            "Tệp cũ được cất sang bên; những gì còn đọc được đã chuyển sang tệp mới theo sổ ghi việc.",
            "The old file was put aside; what could still be read was brought over as the ledger says.",
        ),
        (
            "Chạy “motcua outbox list”: hỏi lại những việc bị mất, rồi ghi nhận bằng “motcua outbox noted”.",
            "Run “motcua outbox list”: ask again what was lost, then confirm with “motcua outbox noted”.",
        ),
    ),
    "outbox-rolled-back": words(
        ("Tệp hàng chờ là bản cũ, đã dựng lại", "The queue’s file was an older copy; built anew"),
        (
            "Sổ ghi việc cho thấy đã có việc sau bản này; có thể máy vừa được khôi phục từ bản sao.",
            "The ledger knows of later acts; this computer may have been restored from a backup.",
        ),
        (
            "Chạy “motcua outbox list”: hỏi lại những việc bị mất, rồi ghi nhận bằng “motcua outbox noted”.",
            "Run “motcua outbox list”: ask again what was lost, then confirm with “motcua outbox noted”.",
        ),
    ),
    "outbox-forked": words(
        ("Tệp hàng chờ không khớp sổ ghi việc, đã dựng lại", "The queue’s file is of another copy; built anew"),
        (
            "Tệp này đi tiếp từ một bản sao khác với sổ ghi việc, như khi hai máy cùng dùng bản sao của một thư mục.",
            "It goes on from another copy than the ledger does, as where two computers used copies of one folder.",
        ),
        (
            "Chạy “motcua outbox list”: hỏi lại việc bị mất, ghi nhận bằng “motcua outbox noted”; chỉ dùng một máy.",
            "Run “motcua outbox list”: ask again what was lost, confirm with “motcua outbox noted”; use one computer.",
        ),
    ),
    "outbox-missing": words(
        ("Tệp hàng chờ đã biến mất, đã dựng lại", "The queue’s file was gone; built anew"),
        (
            "Sổ ghi việc cho thấy trước đây có hàng chờ trên máy này.",
            "The ledger shows that there was a queue on this computer.",
        ),
        (
            "Chạy “motcua outbox list”: hỏi lại những việc bị mất, rồi ghi nhận bằng “motcua outbox noted”.",
            "Run “motcua outbox list”: ask again what was lost, then confirm with “motcua outbox noted”.",
        ),
    ),
    "dossier-number-wrong": words(
        ("Số hồ sơ chưa dùng được", "The dossier number cannot be used"),
        (
            "Số hồ sơ trống, hoặc có ký tự ngoài chữ không dấu, số và . _ / -",
            "It is empty, or holds something else than plain letters, digits and . _ / -",
        ),
        ("Nhập lại số hồ sơ ở đầu trang.", "Enter the dossier number again, at the top."),
    ),
}
