"""The words of the failure catalogue, by code: registers and the desk itself."""

from __future__ import annotations

from collections.abc import Mapping

from desk.words.failure_entry import UNKNOWN, FailureWords, words

__all__ = ["DESK_FAILURES", "REGISTER_FAILURES"]

REGISTER_FAILURES: Mapping[str, FailureWords] = {
    "register-trouble": words(
        ("Cơ sở dữ liệu chưa trả lời được", "The register gave no usable answer"),
        (
            "Việc tra cứu hỏng vì lý do không có tên riêng.",
            "The look-up failed for a reason without a name of its own.",
        ),
        (
            "Bấm “Tra cứu lại”. Nếu không được, làm tiếp theo giấy tờ và ghi lý do.",
            "Press “Look up again”. If it fails, go on by paper and note why.",
        ),
    ),
    "register-unreachable": words(
        ("Không kết nối được cơ sở dữ liệu", "The register cannot be reached"),
        (
            "Mạng hoặc máy chủ không trả lời, hoặc máy chủ không chứng minh được là máy chủ thật.",
            "Network or server do not answer, or the server could not prove that it is the right one.",
        ),
        (
            "Kiểm tra mạng rồi bấm “Tra cứu lại”. Kết quả đọc thẻ vẫn dùng được.",
            "Check the network, then press “Look up again”. What the card showed still stands.",
        ),
    ),
    "register-timeout": words(
        ("Cơ sở dữ liệu trả lời quá chậm", "The register is too slow"),
        ("Không có câu trả lời trọn vẹn trong thời gian cho phép.", "No complete answer came within the time allowed."),
        (
            "Đợi một phút rồi bấm “Tra cứu lại”. Kết quả đọc thẻ vẫn dùng được.",
            "Wait a minute, then press “Look up again”. What the card showed still stands.",
        ),
    ),
    "register-refused": words(
        ("Cơ sở dữ liệu từ chối tra cứu", "The register refused the look-up"),
        (
            "Máy này, cán bộ này hoặc mục đích này không được phép tra cứu.",
            "This computer, this clerk or this purpose is not allowed to ask.",
        ),
        (
            "Kiểm tra mục đích đã chọn; nếu đúng, báo người phụ trách kết nối.",
            "Check the purpose chosen; if it is right, tell whoever looks after the connection.",
        ),
    ),
    "register-request-rejected": words(
        ("Yêu cầu của máy này không đúng quy cách", "This computer's request was not accepted as it was"),
        (
            "Cơ sở dữ liệu không đọc được hoặc không chấp nhận dạng yêu cầu mà máy này gửi; đây không phải quyết định"
            " về hồ sơ.",
            "The register could not read or accept the form of what this computer sent; that is no decision about the"
            " citizen's matter.",
        ),
        (
            "Kiểm tra giờ của máy rồi bấm “Tra cứu lại”. Nếu lặp lại, báo người phụ trách kết nối.",
            "Check this computer's clock, then press “Look up again”. If it happens again, tell whoever looks after the"
            " connection.",
        ),
    ),
    "register-answer-untrusted": words(
        ("Câu trả lời không chứng minh được nguồn gốc", "The answer could not be proven"),
        (
            "Chữ ký của câu trả lời thiếu, sai, hoặc không thuộc yêu cầu này; không có gì trong đó được dùng.",
            "The signature of the answer is missing, wrong, or for another request; nothing of it was used.",
        ),
        (
            "Bấm “Tra cứu lại” một lần. Nếu lặp lại, dừng tra cứu và báo người phụ trách.",
            "Press “Look up again” once. If it happens again, stop looking up and tell your supervisor.",
        ),
    ),
    "register-answer-for-another": words(
        ("Câu trả lời nói về người khác", "The answer speaks of somebody else"),
        (
            "Cơ sở dữ liệu trả về một công dân khác với người được hỏi; không có gì được hiển thị.",
            "The register answered about another citizen than was asked about; nothing of it is shown.",
        ),
        (
            "Bấm “Tra cứu lại”. Nếu lặp lại, báo người phụ trách cơ sở dữ liệu.",
            "Press “Look up again”. If it happens again, tell whoever looks after the register.",
        ),
    ),
    "lookup-withheld": words(
        ("Không tra cứu vì thẻ bị dừng", "Not looked up: the card was stopped"),
        (
            "Thẻ không qua kiểm tra nên không có căn cứ để tra cứu người này.",
            "The card did not pass, so there is no ground to look this person up.",
        ),
        ("Xử lý kết quả kiểm tra thẻ trước.", "Deal with the result of the card first."),
    ),
    "lookup-without-presence": words(
        ("Không tra cứu vì thẻ chưa chứng minh", "Not looked up: the card’s presence was not shown"),
        (
            "Chính sách đòi thẻ chứng minh với cơ sở dữ liệu trước khi tra cứu cho mục đích này.",
            "The policy wants the card to prove itself to the registers before anybody is looked up for this purpose.",
        ),
        (
            "Để thẻ trên đầu đọc và đọc lại; nếu vẫn không được, làm tiếp theo giấy tờ và ghi lý do.",
            "Leave the card on the reader and read it again; if it still fails, go on by paper and note why.",
        ),
    ),
    "lookup-not-for-purpose": words(
        ("Mục đích này không tra cứu ở đây", "This purpose does not ask here"),
        (
            "Mục đích đã chọn không cho phép hỏi cơ sở dữ liệu này.",
            "The purpose chosen does not allow asking this register.",
        ),
        (
            "Nếu cần, chọn mục đích khác rồi bấm “Tra cứu lại”.",
            "If needed, choose another purpose and press “Look up again”.",
        ),
    ),
    "consent-refused": words(
        ("Không tra cứu: công dân không đồng ý", "Not looked up: the citizen did not agree"),
        (
            "Mục đích này cần công dân đồng ý, nên máy không hỏi nơi nào.",
            "This purpose needs the citizen’s consent, so nobody was asked.",
        ),
        (
            "Tiếp tục với thông tin trên thẻ. Nếu công dân đổi ý, bấm “Tra cứu lại”.",
            "Go on with what the card says. If the citizen reconsiders, press “Look up again”.",
        ),
    ),
    "certificate-needed": words(
        ("Cần quét giấy chứng nhận trước", "A certificate must be scanned first"),
        (
            "Mục đích này chỉ tìm theo giấy chứng nhận công dân xuất trình, không tìm theo tên.",
            "This purpose finds only what stands on the certificate that is shown, never all that somebody holds.",
        ),
        (
            "Bấm “Người tiếp theo”, quét mã QR trên giấy chứng nhận rồi đọc lại thẻ.",
            "Press “Next citizen”, scan the code on the certificate, then read the card again.",
        ),
    ),
    "citizen-not-confirmed": words(
        ("Không tra cứu: dân cư trả lời không", "Not looked up: the population register said no"),
        (
            "Có mục trên thẻ mà cơ sở dữ liệu về dân cư trả lời là không đúng, nên không hỏi tiếp.",
            "The population register said no to something on the card, so nothing more was asked.",
        ),
        (
            "Xem mục nào được trả lời “KHÔNG”; đề nghị công dân làm thủ tục điều chỉnh mục đó trước.",
            "See what was answered with “NO”; ask the citizen to have that corrected first.",
        ),
    ),
    "confirmation-missing": words(
        ("Không tra cứu: chưa có xác nhận của dân cư", "Not looked up: the population register has not confirmed"),
        (
            "Mục đích này chỉ hỏi tiếp khi dân cư đã xác nhận, mà câu xác nhận chưa có.",
            "This purpose asks on only after the population register’s yes, and that yes has not come.",
        ),
        (
            "Bấm “Tra cứu lại” sau ít phút, hoặc xếp hàng chờ cho hồ sơ.",
            "Press “Look up again” in a few minutes, or let it wait for a dossier.",
        ),
    ),
    "lookup-no-identity": words(
        ("Không tra cứu được: thiếu thông tin từ chip", "Not looked up: the chip gave too little"),
        (
            "Không đọc được số định danh, họ tên hoặc ngày sinh từ chip.",
            "Personal number, name or date of birth could not be read from the chip.",
        ),
        (
            "Đọc lại thẻ; nếu vẫn thiếu, xác minh bằng cách khác.",
            "Read the card again; if they stay missing, verify the citizen in another way.",
        ),
    ),
    "ledger-unusable": words(
        ("Không tra cứu: sổ ghi việc không dùng được", "Not looked up: the record of acts cannot be used"),
        (
            "Mỗi lần tra cứu phải để lại dấu vết, mà sổ ghi trên máy này không ghi được hoặc không khớp với lần trước.",
            "Each look-up must leave a trace, and the record on this computer cannot be written or does not match.",
        ),
        (
            "Đọc thẻ vẫn dùng được. Báo quản trị: kiểm tra dung lượng đĩa, rồi chạy “motcua audit verify”.",
            "Cards can still be read. Tell your administrator: check the disk's space, then run “motcua audit verify”.",
        ),
    ),
    "ledger-moved": words(
        (
            "Chưa tra cứu: sổ ghi việc từ máy khác đến",
            "Not looked up yet: the record is another computer’s",
        ),
        (
            "Sổ này được dùng lần cuối ở máy khác. Có thể máy đó vẫn đang dùng, nên phải hỏi các cơ sở dữ liệu trước.",
            "It was last used on another computer, which may be using it still, so the registers are asked first.",
        ),
        (
            "Chờ nối được mạng rồi thử lại; không dùng bản sao ở máy kia nữa. Đọc thẻ vẫn dùng được.",
            "Try again once the registers can be reached, and do not use the other copy. Cards can still be read.",
        ),
    ),
    "ledger-no-room": words(
        ("Không tra cứu: máy hết chỗ cho sổ ghi việc", "Not looked up: no room is left for the record of acts"),
        (
            "Đĩa đầy, không tạo được thêm tệp, hoặc tài khoản này đã dùng hết phần đĩa của mình; chưa hỏi ai điều gì.",
            "The disk is full or takes no more files, or this account has used up its share; nobody was asked.",
        ),
        (
            "Đọc thẻ vẫn dùng được. Xoá bớt tệp hoặc báo quản trị nới hạn mức; có chỗ là máy tự tra cứu lại được.",
            "Cards can still be read. Remove files, or ask your administrator for more room; with room it goes on.",
        ),
    ),
    "register-not-set-up": words(
        ("Máy này chưa nối với cơ sở dữ liệu", "This computer is not connected to the register"),
        ("Trong cài đặt không có địa chỉ của cơ sở dữ liệu này.", "The settings name no address for this register."),
        (
            "Nhờ quản trị khai báo cơ sở dữ liệu trong tệp cài đặt.",
            "Ask your administrator to enter the register in the settings file.",
        ),
    ),
}

DESK_FAILURES: Mapping[str, FailureWords] = {
    "internal": UNKNOWN,
    "cancelled": words(
        ("Đã dừng", "Stopped"),
        (
            "Việc đọc được dừng theo yêu cầu; dữ liệu đã được xoá.",
            "The reading was stopped as you asked; the data are wiped.",
        ),
        ("Nhập số để đọc lại, hoặc mời người tiếp theo.", "Enter the number to read again, or call the next citizen."),
    ),
    "key-not-understood": words(
        ("Chưa hiểu số đã nhập", "The number was not understood"),
        (
            "Cần 12 chữ số, 6 chữ số cuối, ba dòng MRZ, hoặc mã QR của thẻ.",
            "Twelve digits, the last six digits, three MRZ lines or the card’s QR code are needed.",
        ),
        (
            "Nhập lại số in trên thẻ, hoặc quét mã QR.",
            "Enter the number printed on the card again, or scan the QR code.",
        ),
    ),
    "land-certificate-scanned": words(
        ("Đây là mã QR của giấy chứng nhận đất", "This is a land certificate’s QR code"),
        (
            "Mã QR của giấy chứng nhận quyền sử dụng đất không mở được thẻ căn cước.",
            "The QR code of a land certificate opens no ID card.",
        ),
        (
            "Quét mã QR trên thẻ căn cước, hoặc nhập 12 chữ số.",
            "Scan the QR code on the ID card, or enter its 12 digits.",
        ),
    ),
    "settings-invalid": words(
        ("Tệp cài đặt có lỗi", "The settings file has a mistake"),
        (
            "Một mục trong tệp cài đặt không đúng dạng hoặc không có thật.",
            "An entry of the settings file is malformed or unknown.",
        ),
        ("Sửa mục được nêu, rồi chạy lại.", "Correct the entry named, then start again."),
    ),
    "no-shell": words(
        ("Không mở được cửa sổ", "The window cannot be opened"),
        (
            "Không có màn hình, hoặc bản cài đặt này không có giao diện cửa sổ.",
            "There is no display, or this installation has no window.",
        ),
        ("Dùng “--terminal” để làm việc trong cửa sổ dòng lệnh.", "Use “--terminal” to work in the terminal."),
    ),
    "register-kind-unusable": words(
        ("Một cơ sở dữ liệu cài thêm không dùng được", "An added register cannot be used"),
        (
            "Gói phần mềm khai báo cơ sở dữ liệu đó bị hỏng, thiếu phần, hoặc trùng tên với gói khác.",
            "The package that offers it is damaged, lacks a part, or has the name of another one.",
        ),
        (
            "Báo người phụ trách máy: cài lại hoặc gỡ gói có tên trong chi tiết.",
            "Tell whoever looks after this computer: install the package named in the details anew, or remove it.",
        ),
    ),
    "no-sandbox": words(
        ("Không có phần dùng thử", "The sandbox is not installed"),
        (
            "Bản cài đặt này không có thẻ giả lập hoặc cơ sở dữ liệu thử.",
            "This installation has no emulated cards or no sandbox registers.",
        ),
        (
            "Cài gói kèm phần “sandbox”, hoặc dùng “motcua desk” với thẻ thật.",
            "Install the package with its “sandbox” extra, or use “motcua desk” with a real card.",
        ),
    ),
    "no-trust": words(
        ("Chưa có chứng thư gốc của cơ quan cấp thẻ", "No issuer certificate is installed"),
        (
            "Không có chứng thư gốc nên không khẳng định được ai đã ký dữ liệu.",
            "Without an issuer certificate nobody can say who signed the data.",
        ),
        (
            "Nhờ quản trị cài chứng thư CSCA bằng “motcua trust import” (hai người ký).",
            "Ask your administrator to install the CSCA certificate by “motcua trust import” (two people sign).",
        ),
    ),
    "trust-expired": words(
        ("Danh sách tin cậy đã hết hạn", "The trust list has ended"),
        (
            "Danh sách đã quá ngày mà người ký đặt, nên máy này không chứng minh hiện diện của thẻ (tối đa mức 2).",
            "The list is past the date that its signers gave it, so this computer proves no card’s presence (level 2 "
            "at best).",
        ),
        (
            "Nhờ quản trị chạy “motcua trust update”, hoặc cài danh sách mới bằng “motcua trust import”.",
            "Ask your administrator to run “motcua trust update”, or to install a new list by “motcua trust import”.",
        ),
    ),
    "trust-unreadable": words(
        ("Chứng thư gốc không đọc được", "An issuer certificate cannot be read"),
        (
            "Một tệp trong thư mục tin cậy không phải chứng thư hợp lệ.",
            "A file in the trust directory is not a valid certificate.",
        ),
        ("Thay tệp đó bằng bản đúng rồi chạy lại.", "Replace that file by a correct copy and start again."),
    ),
    "file-not-written": words(
        ("Không ghi được tệp", "The file could not be written"),
        (
            "Không có quyền ghi hoặc thư mục không tồn tại.",
            "There is no permission to write, or the folder does not exist.",
        ),
        ("Chọn thư mục khác rồi chạy lại.", "Choose another folder and run it again."),
    ),
    "file-exists": words(
        ("Tệp này đã có", "This file is there already"),
        (
            "Tệp có thể đang giữ bản duy nhất của những gì đã xuất trước; không ghi đè lên.",
            "It may hold the only copy of what was written out before; it is not written over.",
        ),
        ("Chọn tên khác rồi chạy lại.", "Choose another name and run it again."),
    ),
    "file-not-read": words(
        ("Không đọc được tệp", "The file could not be read"),
        (
            "Tệp không có ở đó, hoặc không có quyền đọc.",
            "There is no such file, or there is no permission to read it.",
        ),
        ("Kiểm tra tên tệp rồi chạy lại.", "Check the name of the file and run it again."),
    ),
    "no-ledger": words(
        ("Không phải sổ ghi việc", "No ledger"),
        (
            "Tệp không phải sổ ghi việc hay bản trích của sổ, hoặc sổ chưa được chốt lần nào.",
            "The file is neither a ledger nor an export of one, or nothing in it is signed for yet.",
        ),
        ("Kiểm tra tên tệp rồi chạy lại.", "Check the name of the file and run it again."),
    ),
    "evidence-damaged": words(
        ("Tệp bằng chứng không dùng được", "The evidence file cannot be used"),
        (
            "Tệp không phải tệp bằng chứng, hoặc đã bị thay đổi sau khi ghi, dù chỉ một bit.",
            "It is no evidence file, or it was changed after it was written, be it by one bit.",
        ),
        (
            "Lấy lại bản gốc từ nơi đã đọc thẻ; không dùng tệp này.",
            "Get the original from where the card was read; do not use this file.",
        ),
    ),
}
