"""What the decision means to the clerk, and what to do about checks that want more than the usual next step."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.report import Decision

__all__ = ["DECISION_LINES", "NEXT_STEPS_OF_CHECK", "SUBJECTS"]

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

SUBJECTS: Mapping[str, Phrase] = {
    "register.card-status": Phrase("Tình trạng thẻ theo CSDL dân cư", "Card status in the population register"),
}

NEXT_STEPS_OF_CHECK: Mapping[tuple[str, CheckStatus], Phrase] = {
    (CheckId.CHAIN, CheckStatus.INCONCLUSIVE): Phrase(
        "Chưa biết ai đã ký dữ liệu. Không nói thẻ là thật hay giả: so mặt người với ảnh, dựa vào kết quả dân cư, "
        "và nhờ quản trị cài chứng thư gốc.",
        "It is not known who signed the data. Call the card neither genuine nor forged: compare face and portrait, "
        "rely on the population register, and ask your administrator to install the issuer certificate.",
    ),
    (CheckId.KEY_MATCHES_CHIP, CheckStatus.FAILED): Phrase(
        "Số in trên thẻ khác số trong chip: có thể thẻ đã bị sửa. Dừng và báo người phụ trách.",
        "The printed number differs from the chip’s: the card may have been altered. Stop and tell your supervisor.",
    ),
    (CheckId.EXPIRY, CheckStatus.FAILED): Phrase(
        "Thẻ hết hạn: hướng dẫn công dân đổi thẻ.", "The card has expired: tell the citizen how to renew it."
    ),
}
