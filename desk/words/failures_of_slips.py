"""The words of the failure catalogue, by code: slips, from the making to the filing."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["SLIP_FAILURES"]

SLIP_FAILURES: Mapping[str, FailureWords] = {
    "no-printer": words(
        ("Không lập được phiếu ở đây", "No slip can be made here"),
        (
            "Bản cài đặt này không có phần vẽ trang giấy.",
            "This installation has nothing that draws pages.",
        ),
        ("Cài bản đầy đủ của chương trình.", "Install the whole program."),
    ),
    "no-slip": words(
        ("Chưa có gì để lập phiếu", "There is nothing to make a slip of"),
        (
            "Phiếu chỉ lập được từ một kết quả đang hiện trên màn hình, có thông tin của công dân.",
            "A slip is made of a result that is on the screen, with the citizen’s data in it.",
        ),
        ("Đọc thẻ và đợi kết quả, rồi lập phiếu.", "Read the card and wait for the result, then make the slip."),
    ),
    "slip-wants-clerk": words(
        ("Cần cán bộ đăng nhập để lập phiếu", "A slip needs a clerk who is signed in"),
        (
            "Phiên đăng nhập đã kết thúc hoặc chưa có ai đăng nhập; phiếu phải ghi ai lập.",
            "The session has ended, or nobody has signed in; a slip says who made it.",
        ),
        (
            "Đăng nhập lại rồi lập phiếu; kết quả của chính bạn vẫn còn trên màn hình.",
            "Sign in again, then make the slip; what was found for you stays on the screen.",
        ),
    ),
    "slip-not-signed": words(
        ("Không ký được phiếu", "The slip could not be signed"),
        (
            "Chứng thư của máy vừa hết hạn hoặc không hợp với khoá; không có gì được lưu.",
            "This computer’s certificate has just run out or does not fit its key; nothing was kept.",
        ),
        (
            "Lập phiếu lại; nếu vẫn vậy, báo người phụ trách máy.",
            "Make the slip anew; if it stays, tell whoever looks after the computer.",
        ),
    ),
    "slip-not-printed": words(
        ("Không in được phiếu", "The slip could not be printed"),
        (
            "Máy in không nhận trang, hoặc ngừng giữa chừng; trong sổ đã ghi là phiếu được lập.",
            "The printer took no page, or stopped before the last; the ledger has that the slip was made.",
        ),
        ("Xem máy in rồi in lại, hoặc lưu thành PDF.", "Look at the printer and print again, or save the PDF."),
    ),
    "slip-damaged": words(
        ("Tệp này không phải phiếu nguyên vẹn", "This is no slip, or not a whole one"),
        (
            "Tệp không phải phiếu kết quả tra cứu, hoặc đã hỏng.",
            "The file is no look-up slip, or is damaged.",
        ),
        (
            "Lấy lại bản gốc từ nơi đã lập phiếu; không dùng tệp này.",
            "Get the original from where the slip was made; do not use this file.",
        ),
    ),
    "slip-name-taken": words(
        ("Tên này đã thuộc tệp khác", "Another file has this name already"),
        (
            "Ở đó đã có một tệp không được ghi đè khi chưa hỏi: tệp .json không phải của phiếu, hoặc .pdf cùng tên.",
            "A file lies there that is not written over unasked: a .json of no slip, or a .pdf of that name.",
        ),
        ("Chọn tên khác cho phiếu.", "Choose another name for the slip."),
    ),
}
