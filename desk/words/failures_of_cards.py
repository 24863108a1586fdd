"""The words of the failure catalogue, by code: readers and cards."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import FailureWords, words

__all__ = ["CARD_FAILURES", "READER_FAILURES"]

READER_FAILURES: Mapping[str, FailureWords] = {
    "pcsc-no-service": words(
        ("Dịch vụ đầu đọc thẻ không chạy", "The smart-card service is not running"),
        ("Máy này không có dịch vụ PC/SC nào trả lời.", "No PC/SC service answers on this computer."),
        (
            "Khởi động dịch vụ pcscd (Windows: “Smart Card”), rồi đợi vài giây.",
            "Start the service pcscd (Windows: “Smart Card”), then wait a few seconds.",
        ),
    ),
    "pcsc-access-denied": words(
        ("Không được phép dùng đầu đọc", "Access to the reader is denied"),
        (
            "Dịch vụ đầu đọc thẻ từ chối tài khoản đang đăng nhập.",
            "The smart-card service refuses the account you are signed in with.",
        ),
        (
            "Nhờ quản trị máy cho phép tài khoản này dùng pcscd (quy tắc polkit).",
            "Ask your administrator to let this account use pcscd (polkit rule).",
        ),
    ),
    "pcsc-no-reader": words(
        ("Không thấy đầu đọc thẻ", "No card reader found"),
        (
            "Không có đầu đọc nào được cắm, hoặc không có đầu đọc đã chọn.",
            "No reader is plugged in, or not the one that was chosen.",
        ),
        (
            "Cắm đầu đọc vào cổng USB; nếu đã cắm, rút ra và cắm sang cổng khác.",
            "Plug the reader in; if it is plugged in, try another USB port.",
        ),
    ),
    "pcsc-reader-gone": words(
        ("Đầu đọc đã bị rút", "The reader was unplugged"),
        ("Đầu đọc mất kết nối trong khi đang đọc.", "The reader was lost in the middle of the work."),
        (
            "Cắm lại đầu đọc, đặt thẻ lên và nhập số lần nữa.",
            "Plug the reader in again, put the card on and enter the number again.",
        ),
    ),
    "pcsc-no-card": words(
        ("Chưa có thẻ trên đầu đọc", "There is no card on the reader"),
        ("Đầu đọc đang trống.", "The reader is empty."),
        (
            "Đặt thẻ căn cước lên đầu đọc, mặt có chip về phía đầu đọc.",
            "Put the ID card on the reader, chip side towards it.",
        ),
    ),
    "pcsc-mute-card": words(
        ("Thẻ không trả lời", "The card does not answer"),
        (
            "Thẻ đặt ngược, chưa sát, có thẻ khác chồng lên, hoặc chip hỏng.",
            "The card lies the wrong way round or not flat, another card is on top, or the chip is broken.",
        ),
        (
            "Nhấc thẻ ra, lật lại và đặt sát đầu đọc. Thử hai lần không được thì xác minh bằng cách khác.",
            "Take the card off, turn it over and lay it flat. If two tries fail, verify the citizen in another way.",
        ),
    ),
    "pcsc-card-held": words(
        ("Chương trình khác đang giữ thẻ", "Another program holds the card"),
        (
            "Một chương trình khác trên máy này đang dùng riêng thẻ.",
            "Another program on this computer uses the card exclusively.",
        ),
        (
            "Đóng chương trình đó (phần mềm ký số, trình duyệt), rồi đặt lại thẻ.",
            "Close that program (signing software, browser), then put the card on again.",
        ),
    ),
    "pcsc-trouble": words(
        ("Đầu đọc gặp trục trặc", "The reader has a problem"),
        ("Dịch vụ đầu đọc báo lỗi không rõ nguyên nhân.", "The smart-card service reports a fault of unknown cause."),
        (
            "Rút đầu đọc, cắm lại và làm lại. Nếu lặp lại, chạy “motcua diagnose”.",
            "Unplug the reader, plug it in and start again. If it happens again, run “motcua diagnose”.",
        ),
    ),
}

CARD_FAILURES: Mapping[str, FailureWords] = {
    "card-trouble": words(
        ("Thẻ gặp trục trặc", "The card has a problem"),
        ("Chip ngừng trả lời giữa chừng.", "The chip stopped answering half-way."),
        (
            "Đặt lại thẻ cho sát, giữ yên và nhập số lần nữa.",
            "Lay the card flat, keep it still and enter the number again.",
        ),
    ),
    "card-removed": words(
        ("Thẻ bị nhấc ra khi đang đọc", "The card left while it was being read"),
        (
            "Chip mất liên lạc trước khi đọc xong; dữ liệu đã đọc đã được xoá.",
            "Contact was lost before the reading ended; what had been read is wiped.",
        ),
        (
            "Đặt lại thẻ, giữ yên đến khi có kết quả, và nhập số lần nữa.",
            "Put the card back, leave it there until the result shows, and enter the number again.",
        ),
    ),
    "card-reset": words(
        ("Thẻ bị chương trình khác ngắt", "Another program interrupted the card"),
        (
            "Một chương trình khác đã khởi động lại chip giữa chừng.",
            "Another program reset the chip in the middle of the work.",
        ),
        ("Đóng các phần mềm khác dùng thẻ, rồi đọc lại.", "Close other software that uses cards, then read again."),
    ),
    "different-document": words(
        ("Thẻ đặt lại không phải thẻ lúc trước", "This is not the card that was there before"),
        (
            "Việc đọc bị ngắt giữa chừng, và chip đang trả lời thuộc về thẻ khác. Không dữ liệu nào bị trộn lẫn.",
            "The reading was interrupted, and the chip that answers now belongs to another card. Nothing was mixed.",
        ),
        (
            "Kiểm tra xem thẻ trên đầu đọc có đúng là thẻ của công dân, rồi bắt đầu lại.",
            "See that the card on the reader is the citizen's, then start again.",
        ),
    ),
    "card-status": words(
        ("Chip từ chối yêu cầu", "The chip refused a request"),
        ("Chip trả lời khác với điều một thẻ căn cước phải trả lời.", "The chip answered other than an ID card must."),
        (
            "Đọc lại một lần. Nếu vẫn vậy, xác minh bằng cách khác và ghi lại sự việc.",
            "Read it once more. If it stays, verify the citizen in another way and note the incident.",
        ),
    ),
    "card-unsupported": words(
        ("Đây không phải thẻ căn cước gắn chip đọc được", "This is not a chip ID card that can be read"),
        (
            "Thẻ không có ứng dụng căn cước, hoặc dùng cách mở mà phần mềm không có.",
            "The card has no identity application, or can only be opened in a way this program lacks.",
        ),
        (
            "Kiểm tra xem có đúng thẻ căn cước không; thẻ ngân hàng hoặc CMND cũ không đọc được.",
            "Check that it is the ID card; bank cards and old identity cards cannot be read.",
        ),
    ),
    "card-budget-exceeded": words(
        ("Thẻ trả lời quá lâu hoặc quá nhiều", "The card took too long or sent too much"),
        (
            "Chip gửi nhiều hơn mức một thẻ căn cước được phép; việc đọc đã dừng.",
            "The chip sent more than an ID card may; the reading was stopped.",
        ),
        (
            "Đọc lại một lần. Nếu lặp lại, không nhận thẻ này và ghi lại sự việc.",
            "Read it once more. If it happens again, do not accept the card and note the incident.",
        ),
    ),
    "access-failed": words(
        ("Không mở được chip", "The chip could not be opened"),
        (
            "Chip dừng việc mở khoá vì lý do khác với số đã nhập.",
            "The chip ended the unlocking for a reason other than the number.",
        ),
        ("Nhấc thẻ ra, đặt lại và nhập số lần nữa.", "Take the card off, put it back and enter the number again."),
    ),
    "tries-at-risk": words(
        ("Chip sắp khoá số này, nên số chưa được dùng", "The chip is about to block this number, so it was not used"),
        (
            "Trước đó đã có lần nhập sai; máy không tự dùng thêm một lần nữa.",
            "It was entered wrongly before; this desk does not spend another try by itself.",
        ),
        (
            "Hỏi lại công dân. Nếu chỉ còn một lần, mở chip bằng số CAN in trên thẻ trước.",
            "Ask the citizen. With one try left, open the chip with the CAN printed on the card first.",
        ),
    ),
    "wrong-password": words(
        ("Số đã nhập không mở được thẻ này", "The number does not open this card"),
        (
            "Số không phải của thẻ đang đặt trên đầu đọc, hoặc nhập nhầm.",
            "The number belongs to another card, or was mistyped.",
        ),
        (
            "Nhìn số in trên đúng thẻ đang đặt và nhập lại; hoặc quét QR của chính thẻ đó.",
            "Read the number from the card on the reader and enter it again, or scan that card’s QR code.",
        ),
    ),
    "mrz-needed": words(
        ("Thẻ này cần ba dòng mã ở mặt sau", "This card needs the three lines on its back"),
        (
            "Chip này chỉ mở được bằng mã MRZ; số 12 chữ số không đủ.",
            "This chip opens with the MRZ only; the twelve digits are not enough.",
        ),
        ("Nhập hoặc quét ba dòng MRZ ở mặt sau thẻ.", "Type or scan the three MRZ lines on the back of the card."),
    ),
    "secure-messaging-integrity": words(
        ("Dữ liệu bị thay đổi giữa chip và máy", "Data changed between chip and computer"),
        (
            "Một câu trả lời của chip không qua được kiểm tra; không có gì trong đó được dùng.",
            "An answer of the chip did not verify; nothing of it was used.",
        ),
        (
            "Đặt lại thẻ và đọc lần nữa. Nếu lặp lại với thẻ này, dừng lại và báo người phụ trách.",
            "Put the card on and read once more. If it happens again with this card, stop and tell your supervisor.",
        ),
    ),
    "malformed-data": words(
        ("Dữ liệu trong chip không đúng dạng", "The data in the chip are malformed"),
        (
            "Một phần dữ liệu đọc được không theo chuẩn nên không thể hiển thị.",
            "Part of what was read does not follow the standard and cannot be shown.",
        ),
        (
            "Đọc lại một lần. Nếu vẫn vậy, xác minh bằng cách khác và ghi lại sự việc.",
            "Read it once more. If it stays, verify the citizen in another way and note the incident.",
        ),
    ),
}
