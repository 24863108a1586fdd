"""The words of the slip: its headings, its labels, and what is said of its signature."""

from __future__ import annotations

from collections.abc import Mapping

from auth.purposes import ConsentHow
from desk.language import Phrase

__all__ = ["CONSENT_WAYS", "LABELS", "REASONS", "SLIP", "VERIFIED", "WATERMARK"]

WATERMARK = ("THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ", "TEST – NOT VALID")
"""What lies across every page of a test, in both languages whoever reads it."""

SLIP: Mapping[str, Phrase] = {
    "title": Phrase("PHIẾU KẾT QUẢ TRA CỨU", "LOOK-UP RESULT SLIP"),
    "subtitle": Phrase(
        "Kiểm tra thẻ căn cước và tra cứu cơ sở dữ liệu, thay cho bản sao giấy tờ",
        "Inspection of an ID card and look-ups in registers, in place of copies on paper",
    ),
    "running": Phrase("Phiếu kết quả tra cứu số {slip}", "Look-up result slip {slip}"),
    "page": Phrase("Trang {page}/{pages}", "Page {page} of {pages}"),
    "citizen": Phrase("Công dân", "Citizen"),
    "by-chip": Phrase("Theo chip của thẻ", "As the chip says"),
    "matter": Phrase("Việc", "Matter"),
    "maker": Phrase("Nơi lập", "Made at"),
    "decision": Phrase("Kết luận về thẻ", "Decision on the card"),
    "checks": Phrase("Kiểm tra thẻ", "Checks of the card"),
    "passed": Phrase("Đã kiểm tra và đạt", "Checked and passed"),
    "failed": Phrase("KHÔNG ĐẠT", "FAILED"),
    "open": Phrase("CHƯA khẳng định được", "NOT confirmed"),
    "not-applicable": Phrase("Không áp dụng cho thẻ này", "Not applicable to this card"),
    "registers": Phrase("Cơ sở dữ liệu đã hỏi", "Registers"),
    "presence": Phrase("Hiện diện của thẻ", "Presence of the card"),
    "no-presence": Phrase(
        "Không yêu cầu thẻ chứng minh hiện diện.", "The card was not asked to prove its presence to registers."
    ),
    "comparison": Phrase("So sánh", "Comparison"),
    "trace": Phrase("Truy vết và kiểm lại", "Tracing and verification"),
    "verify": Phrase(
        "Kiểm lại bằng: motcua verify phieu.pdf (tệp .json cùng tên đặt bên cạnh).",
        "Verify with: motcua verify slip.pdf (the .json file of the same name beside it).",
    ),
    "signature": Phrase("Chữ ký số của thiết bị", "Digital signature of the device"),
    "signed": Phrase(
        "Tệp PDF này có chữ ký số bằng khoá của thiết bị {device}; chứng thư do {issuer} cấp, có giá trị đến {until}."
        " Bản in ra giấy không mang chữ ký số.",
        "This PDF file is signed with the key of device {device}; its certificate was issued by {issuer} and is valid"
        " until {until}. A print on paper carries no digital signature.",
    ),
    "unsigned": Phrase("CHƯA KÝ", "NOT SIGNED"),
    "unsigned-why": Phrase(
        "Phiếu này không có chữ ký số: {why}. Ai cũng có thể đã sửa nó.",
        "This slip has no digital signature: {why}. Anybody may have changed it.",
    ),
    "no-certificate": Phrase(
        "máy này chưa có chứng thư thiết bị còn hiệu lực", "this computer has no valid device certificate"
    ),
    "no-device": Phrase("máy này chưa đăng ký làm thiết bị", "this computer is not enrolled as a device"),
    "answer-signed": Phrase("câu trả lời có chữ ký", "signed answer"),
    "level": Phrase("mức {level}/4: {words}", "level {level} of 4: {words}"),
    "not-accepted": Phrase("không chấp nhận", "not accepted"),
    "silent": Phrase("không có biên nhận", "no receipt"),
    "same": Phrase("giống chip", "as on the chip"),
    "consent-given": Phrase(
        "Công dân đồng ý lúc {moment}, {how} (văn bản {version}, {language})",
        "The citizen agreed at {moment}, {how} (text {version}, {language})",
    ),
    "consent-none": Phrase("KHÔNG có sự đồng ý của công dân; không hỏi nơi nào", "No consent; nobody was asked"),
    "by-statute": Phrase("Theo luật, không cần sự đồng ý", "By statute; no consent is needed"),
    "keep": Phrase("{days} ngày theo mục đích", "{days} days by the purpose"),
    "written": Phrase(
        "Đã lưu phiếu: {page} và {record}. Phiếu có dữ liệu của công dân; giữ như giấy tờ của công dân.",
        "The slip is kept: {page} and {record}. It holds the citizen’s data; keep it like their papers.",
    ),
    "written-unsigned": Phrase(
        "Đã lưu phiếu CHƯA KÝ: {page} và {record}. Phiếu có dữ liệu của công dân; giữ như giấy tờ của công dân.",
        "The slip is kept, NOT SIGNED: {page} and {record}. It holds the citizen’s data; keep it like their papers.",
    ),
    "none": Phrase("không ghi", "none"),
}

CONSENT_WAYS: Mapping[ConsentHow, Phrase] = {
    ConsentHow.READ_BY_CITIZEN: Phrase("đã tự đọc", "having read the text"),
    ConsentHow.READ_ALOUD: Phrase("đã nghe cán bộ đọc", "having heard the text read out"),
}

LABELS: Mapping[str, Phrase] = {
    "name": Phrase("Họ và tên", "Full name"),
    "number": Phrase("Số định danh", "Personal number"),
    "birth": Phrase("Ngày sinh", "Date of birth"),
    "made": Phrase("Lập lúc", "Made at"),
    "read": Phrase("Đọc thẻ lúc", "Card read at"),
    "dossier": Phrase("Hồ sơ", "Dossier"),
    "purpose": Phrase("Mục đích", "Purpose"),
    "legal-basis": Phrase("Căn cứ pháp lý", "Legal basis"),
    "consent": Phrase("Đồng ý", "Consent"),
    "keep": Phrase("Lưu", "To be kept"),
    "clerk": Phrase("Cán bộ", "Clerk"),
    "counter": Phrase("Quầy", "Counter"),
    "device": Phrase("Thiết bị", "Device"),
    "field": Phrase("Mục", "Field"),
    "chip": Phrase("Chip", "Chip"),
    "register": Phrase("Cơ sở dữ liệu", "Register"),
    "answer": Phrase("Trả lời", "Answer"),
    "lookups": Phrase("Mã tra cứu", "Look-up"),
    "ledger": Phrase("Sổ ghi việc", "Ledger"),
    "answer-keys": Phrase("Khoá ký trả lời", "Answer keys"),
    "policy": Phrase("Chính sách", "Policy"),
    "digest": Phrase("SHA-256 của slip.json", "SHA-256 of slip.json"),
    "consent-digest": Phrase("SHA-256 lời đồng ý", "SHA-256 of consent text"),
}

# By ``desk.slip.SlipReason``.
REASONS: Mapping[str, Phrase] = {
    "slip-signature-invalid": Phrase(
        "chữ ký số sai: trang đã bị sửa sau khi ký", "the signature is wrong: the page was changed after signing"
    ),
    "slip-changed-after-signing": Phrase(
        "tệp có phần được thêm vào sau khi ký", "something was added to the file after it was signed"
    ),
    "slip-record-differs": Phrase(
        "tệp .json đi kèm không phải của phiếu này", "the .json beside it does not belong to this slip"
    ),
    "slip-record-damaged": Phrase("tệp .json đi kèm sai dạng", "the .json beside it is not written as slips are"),
    "slip-of-another-device": Phrase(
        "phiếu ghi một thiết bị, thiết bị khác đã ký", "the slip names one device, and another one signed it"
    ),
    "slip-test-as-real": Phrase(
        "phiếu thử nghiệm bị xoá dấu thử nghiệm", "the slip of a test, with the mark of a test taken off"
    ),
    "slip-signed-out-of-validity": Phrase(
        "được ký khi chứng thư không có hiệu lực", "it was signed while its certificate was not valid"
    ),
    "slip-not-signed-by-anybody": Phrase(
        "phiếu chưa ký: ai cũng có thể đã sửa nó", "the slip is not signed: anybody may have changed it"
    ),
    "slip-authority-unknown": Phrase(
        "không cơ quan nào được tin ở đây chứng nhận khoá đã ký (--slip-authority)",
        "no authority that is trusted here certifies the key that signed it (--slip-authority)",
    ),
    "slip-certificate-expired": Phrase(
        "chứng thư đã hết hạn; lúc ký chỉ là lời của thiết bị",
        "the certificate has run out since; when it was signed is the device’s own word",
    ),
    "slip-signed-in-the-future": Phrase(
        "thời điểm ký còn ở tương lai: đồng hồ của thiết bị sai", "signed in the future: the device’s clock was wrong"
    ),
    "slip-record-missing": Phrase(
        "thiếu tệp .json cùng tên bên cạnh, nên chưa kiểm được", "the .json of the same name is not beside it"
    ),
    "slip-is-a-test": Phrase(
        "đây là phiếu thử nghiệm, không có giá trị", "this slip is a test; nothing in it is valid"
    ),
}

VERIFIED: Mapping[str, Phrase] = {
    "slip": Phrase("Phiếu số {slip}, lập {moment}", "Slip {slip}, made {moment}"),
    "by": Phrase("Quầy {counter}, cán bộ {clerk}", "Counter {counter}, clerk {clerk}"),
    "device": Phrase(
        "Ký bằng khoá của thiết bị {device}, do {issuer} chứng nhận, lúc {moment} theo đồng hồ của thiết bị",
        "Signed with the key of device {device}, certified by {issuer}, at {moment} by the device’s clock",
    ),
    "proceed": Phrase(
        "Phiếu nguyên vẹn và do thiết bị đã biết ký.", "The slip is whole, and a known device signed it."
    ),
    "attention": Phrase("Chưa khẳng định được phiếu này.", "This slip could not be confirmed."),
    "stop": Phrase("Không nhận phiếu này.", "Do not accept this slip."),
    "revocation": Phrase(
        "Chứng thư có bị thu hồi không thì từ tệp không biết được; hỏi nơi cấp.",
        "Whether the certificate was revoked cannot be told from the files; ask whoever issued it.",
    ),
}
