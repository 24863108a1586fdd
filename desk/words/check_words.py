"""What each check is called and what a clerk does with its result."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from reader.inspection.checks import CheckId, CheckStatus

__all__ = ["CHECK_NAMES", "NEXT_STEPS", "STATUS_NAMES"]

CHECK_NAMES: Mapping[CheckId, Phrase] = {
    CheckId.PACE: Phrase("Mở chip bằng số in trên thẻ", "Chip opened with the printed number"),
    CheckId.BAC: Phrase("Mở chip theo cách cũ (MRZ)", "Chip opened the older way (MRZ)"),
    CheckId.CARD_ACCESS: Phrase("Cách mở chip đúng như bên cấp thẻ đã ký", "Way of opening is as the issuer signed it"),
    CheckId.SECURE_MESSAGING: Phrase("Đường truyền với chip không bị can thiệp", "Nobody touched the data on the way"),
    CheckId.SOD_SIGNATURE: Phrase("Chữ ký trên dữ liệu còn nguyên vẹn", "Signature over the data is intact"),
    CheckId.CHAIN: Phrase("Chữ ký là của cơ quan cấp thẻ", "Signature is the issuing authority’s"),
    CheckId.HASHES: Phrase("Dữ liệu đúng như khi được ký", "Data are as they were signed"),
    CheckId.REVOCATION: Phrase("Chứng thư ký chưa bị thu hồi", "Signing certificate is not revoked"),
    CheckId.CARD_SECURITY: Phrase(
        "Khoá mở chip do cơ quan cấp thẻ ký", "Chip’s opening key is signed by the issuing authority"
    ),
    CheckId.CHIP_AUTHENTICATION: Phrase("Chip không phải bản sao", "Chip is not a copy"),
    CheckId.ACTIVE_AUTHENTICATION: Phrase("Chip giữ khoá riêng của nó", "Chip holds its own secret key"),
    CheckId.CHIP_MAPPING: Phrase("Chip tỏ rõ khoá của mình ngay khi mở", "Chip showed its key while it was opened"),
    CheckId.TERMINAL_AUTHENTICATION: Phrase(
        "Vân tay trong chip (cần quyền riêng)", "Fingerprints in the chip (special rights)"
    ),
    CheckId.COM_SOD: Phrase("Danh mục dữ liệu khớp với bản đã ký", "List of contents agrees with the signed one"),
    CheckId.STRUCTURE: Phrase("Dữ liệu đúng cấu trúc", "Data are well formed"),
    CheckId.MRZ_CHECK_DIGITS: Phrase("Chữ số kiểm tra của MRZ", "Check digits of the MRZ"),
    CheckId.KEY_MATCHES_CHIP: Phrase("Số đã nhập là của thẻ này", "Number entered belongs to this card"),
    CheckId.DG1_DG13: Phrase("Hai phần dữ liệu của chip khớp nhau", "Two parts of the chip’s data agree"),
    CheckId.ISSUING_STATE: Phrase("Nước cấp thẻ thống nhất", "Issuing State is the same throughout"),
    CheckId.EXPIRY: Phrase("Thẻ còn hạn", "Card has not expired"),
}

STATUS_NAMES: Mapping[CheckStatus, Phrase] = {
    CheckStatus.PASSED: Phrase("Đạt", "Passed"),
    CheckStatus.FAILED: Phrase("Không đạt", "Failed"),
    CheckStatus.INCONCLUSIVE: Phrase("Chưa kết luận", "Inconclusive"),
    CheckStatus.NOT_APPLICABLE: Phrase("Không áp dụng", "Not applicable"),
    CheckStatus.UNAVAILABLE: Phrase("Chưa thực hiện được", "Unavailable"),
}

NEXT_STEPS: Mapping[CheckStatus, Phrase] = {
    CheckStatus.PASSED: Phrase("Không cần làm gì thêm.", "Nothing more to do."),
    CheckStatus.FAILED: Phrase(
        "Không nhận kết quả này. Đọc lại một lần; nếu vẫn vậy, dừng và báo người phụ trách.",
        "Do not accept this result. Read once more; if it stays, stop and tell your supervisor.",
    ),
    CheckStatus.INCONCLUSIVE: Phrase(
        "Thiếu thứ cần để kết luận; đây không phải dấu hiệu thẻ giả. "
        "So mặt người với ảnh và đối chiếu thêm với cơ sở dữ liệu.",
        "Something needed to decide is missing; this does not mean a forged card. "
        "Compare face and portrait, and rely on the population register.",
    ),
    CheckStatus.NOT_APPLICABLE: Phrase("Thẻ này không có phần đó.", "This card does not have that part."),
    CheckStatus.UNAVAILABLE: Phrase("Máy này không làm được phần đó.", "This desk cannot do that part."),
}
