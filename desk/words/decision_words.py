"""What the decision means to the clerk, and what to do about checks that want more than the usual next step."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.report import Decision

__all__ = ["DECISION_LINES", "NEXT_STEPS_OF_CHECK", "NEXT_STEPS_OF_REASON", "SUBJECTS"]

DECISION_LINES: Mapping[Decision, Phrase] = {
    Decision.PROCEED: Phrase("Thẻ đạt mọi kiểm tra cần thiết.", "The card passed every check that is needed."),
    Decision.ATTENTION: Phrase(
        "Có điều chưa khẳng định được; đọc lý do trước khi làm tiếp.",
        "Something could not be confirmed; read the reasons before you go on.",
    ),
    Decision.STOP: Phrase(
        "Không dùng thẻ này để làm thủ tục; đọc lý do.", "Do not use this card for the procedure; read the reasons."
    ),
}

# What a reason of the decision is about. A check's name says what is so when it passes, which before the reason of a
# failure would read as its opposite.
SUBJECTS: Mapping[str, Phrase] = {
    CheckId.PACE: Phrase("Mở chip", "Opening the chip"),
    CheckId.BAC: Phrase("Mở chip theo cách cũ", "Opening the chip the older way"),
    CheckId.CARD_ACCESS: Phrase("Cách mở chip", "Way of opening"),
    CheckId.SECURE_MESSAGING: Phrase("Đường truyền với chip", "Exchange with the chip"),
    CheckId.SOD_SIGNATURE: Phrase("Chữ ký trên dữ liệu", "Signature over the data"),
    CheckId.CHAIN: Phrase("Bên ký dữ liệu", "Signer of the data"),
    CheckId.HASHES: Phrase("Dữ liệu trong chip", "Data in the chip"),
    CheckId.REVOCATION: Phrase("Thu hồi chứng thư", "Revocation"),
    CheckId.CHIP_AUTHENTICATION: Phrase("Chip có bị sao chép không", "Whether the chip is a copy"),
    CheckId.ACTIVE_AUTHENTICATION: Phrase("Khoá riêng của chip", "Secret key of the chip"),
    CheckId.TERMINAL_AUTHENTICATION: Phrase("Vân tay trong chip", "Fingerprints in the chip"),
    CheckId.COM_SOD: Phrase("Danh mục dữ liệu", "List of contents"),
    CheckId.STRUCTURE: Phrase("Cấu trúc dữ liệu", "Form of the data"),
    CheckId.MRZ_CHECK_DIGITS: Phrase("Chữ số kiểm tra của MRZ", "Check digits of the MRZ"),
    CheckId.KEY_MATCHES_CHIP: Phrase("Số đã nhập", "Number entered"),
    CheckId.DG1_DG13: Phrase("Hai phần dữ liệu của chip", "Two parts of the chip’s data"),
    CheckId.ISSUING_STATE: Phrase("Nước cấp thẻ", "Issuing State"),
    CheckId.EXPIRY: Phrase("Thời hạn của thẻ", "Validity of the card"),
    "evidence.station": Phrase("Máy đã đọc thẻ", "Computer that read the card"),
    "evidence.report": Phrase("Báo cáo trong tệp", "Report in the file"),
    "register.card-status": Phrase("Tình trạng thẻ theo CSDL dân cư", "Card status in the population register"),
    "register.presence": Phrase("Hiện diện của thẻ", "Presence of the card"),
}

_KEY_UNPROVEN = Phrase(
    "Chip có giữ khoá, nhưng khoá đó chỉ đáng tin khi biết ai đã ký dữ liệu: xem dòng về cơ quan cấp thẻ.",
    "The chip holds a key, but that key is worth only as much as the signature over the data: see the issuing "
    "authority’s line.",
)

# By the codes of the policy: a check may have passed and the decision still rest on it.
NEXT_STEPS_OF_REASON: Mapping[str, Phrase] = {
    "trust-aged": Phrase(
        "Nhờ quản trị cập nhật danh sách chứng thư gốc và danh sách thu hồi cho máy này.",
        "Ask your administrator to bring this computer’s issuer certificates and revocation lists up to date.",
    ),
    "trust-age-unknown": Phrase(
        "Nhờ quản trị cài chứng thư gốc từ nguồn có ghi ngày, để biết chúng cũ hay mới.",
        "Ask your administrator to install the issuer certificates from a dated source, so that their age is known.",
    ),
    "trust-ahead-of-clock": Phrase(
        "Xem lại ngày giờ của máy này, rồi đọc thẻ lại.", "Set this computer’s date and time right, then read again."
    ),
}

NEXT_STEPS_OF_CHECK: Mapping[tuple[str, CheckStatus], Phrase] = {
    (CheckId.CHAIN, CheckStatus.INCONCLUSIVE): Phrase(
        "Chưa biết ai đã ký dữ liệu; điều đó không nói gì tốt hay xấu về thẻ. So mặt người với ảnh, dựa vào kết quả "
        "dân cư, và nhờ quản trị cài chứng thư gốc.",
        "It is not known who signed the data, which speaks neither for nor against the card. Compare face and "
        "portrait, rely on the population register, and ask your administrator to install the issuer certificate.",
    ),
    (CheckId.CHIP_AUTHENTICATION, CheckStatus.INCONCLUSIVE): _KEY_UNPROVEN,
    (CheckId.ACTIVE_AUTHENTICATION, CheckStatus.INCONCLUSIVE): _KEY_UNPROVEN,
    (CheckId.KEY_MATCHES_CHIP, CheckStatus.FAILED): Phrase(
        "Số in trên thẻ khác số trong chip: có thể thẻ đã bị sửa. Dừng và báo người phụ trách.",
        "The printed number differs from the chip’s: the card may have been altered. Stop and tell your supervisor.",
    ),
    (CheckId.EXPIRY, CheckStatus.FAILED): Phrase(
        "Thẻ hết hạn: hướng dẫn công dân đổi thẻ.", "The card has expired: tell the citizen how to renew it."
    ),
}
