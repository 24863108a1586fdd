"""The words of a visit: states, steps, decisions, fields, matches, readers, actions."""

from __future__ import annotations

from collections.abc import Mapping

from auth.wire.errand import Stage
from desk.language import Phrase
from desk.view import ActionId, DeskState, FieldId, Match, RegisterState, StepId, StepState
from reader.inspection.report import Decision
from reader.iso7816 import ServiceState, SlotState

__all__ = [
    "ACTIONS",
    "ANSWER_NOTES",
    "CARD_LOST",
    "CARD_WANTED",
    "CERTIFICATE",
    "DECISIONS",
    "FIELDS",
    "MATCHES",
    "MATCH_REASONS",
    "NOTES_ON_FIELDS",
    "REGISTER_STATES",
    "SERVICES",
    "SLOTS",
    "STAGES",
    "STATES",
    "STEPS",
    "STEP_STATES",
    "WAITING",
]

STATES: Mapping[DeskState, Phrase] = {
    DeskState.NO_READER: Phrase("Chưa có đầu đọc", "No reader"),
    DeskState.WAIT_CARD: Phrase("Đặt thẻ lên đầu đọc", "Put the card on the reader"),
    DeskState.NEED_KEY: Phrase("Nhập số trên thẻ hoặc quét QR", "Enter the number on the card or scan the QR code"),
    DeskState.READING: Phrase("Đang đọc thẻ, xin đừng nhấc thẻ", "Reading; please leave the card there"),
    DeskState.CARD_LOST: Phrase("Đặt lại thẻ lên đầu đọc", "Put the card back on the reader"),
    DeskState.CONSENT: Phrase("Hỏi ý kiến công dân", "Ask the citizen"),
    DeskState.PROVING: Phrase(
        "Thẻ đang tự chứng minh, xin đừng nhấc thẻ", "The card proves itself; please leave it there"
    ),
    DeskState.CARD_WANTED: Phrase("Thẻ chưa chứng minh xong", "The card is needed again"),
    DeskState.LOOKUP: Phrase("Đang tra cứu", "Looking up"),
    DeskState.SHOWING: Phrase("Kết quả", "Result"),
    DeskState.FAULT: Phrase("Chưa đọc được", "Could not be read"),
    DeskState.STOPPING: Phrase("Đang dừng", "Stopping"),
    DeskState.WIPED: Phrase("Đã xoá dữ liệu lượt này", "This visit’s data are wiped"),
}

CARD_LOST: Mapping[str, Phrase] = {
    "at-once": Phrase("Thẻ rời đầu đọc khi chưa đọc được gì.", "The card left before anything was read."),
    "after-some": Phrase(
        "Thẻ rời đầu đọc khi đã đọc {percent} % ({read}/{total} byte).",
        "The card left when {percent} % was read ({read} of {total} bytes).",
    ),
    "next": Phrase(
        "Đặt lại đúng thẻ đó: việc đọc tiếp tục từ chỗ dừng, không cần nhập lại số.",
        "Put the same card back: the reading goes on where it stopped, and the number need not be entered again.",
    ),
}

CARD_WANTED: Mapping[str, Phrase] = {
    "why": Phrase(
        "Thẻ phải tự chứng minh nhưng không còn trả lời. Dữ liệu của công dân được che cho tới khi thẻ đó trả lời.",
        "The card has yet to prove itself and no longer answers. The citizen’s data are covered until it does.",
    ),
    "next": Phrase(
        "Đặt lại đúng thẻ đó để chứng minh đầy đủ, hoặc tra cứu ngay, nhiều nhất ở mức hiện diện 2/4.",
        "Put the same card back for a full proof, or look up now, at level 2 of 4 at best.",
    ),
    "back": Phrase("Thẻ đã trở lại và đang tự chứng minh.", "The card is back and proves itself."),
    "proving": Phrase(
        "Thẻ đang tự chứng minh cho đúng lần tra cứu này. Xin đừng nhấc thẻ.",
        "The card proves itself for exactly this look-up. Please leave it there.",
    ),
    "take-back": Phrase("Công dân rút lại đồng ý", "The citizen no longer agrees"),
    "take-back-hint": Phrase(
        "Chưa gửi gì: không cơ sở dữ liệu nào bị hỏi, lượt này tiếp tục với dữ liệu trong chip",
        "Nothing was sent yet: nobody is asked, and the visit goes on with what the chip says",
    ),
    "without-hint": Phrase(
        "Tra cứu ngay: các cơ sở dữ liệu không tự thấy chip, và trang kết quả ghi rõ",
        "Look up now: the registers do not see the chip themselves, and the result says so",
    ),
}

WAITING: Mapping[str, Phrase] = {
    "others": Phrase(
        "Chương trình khác đang dùng thẻ; đang đợi. Đóng chương trình đó nếu không cần.",
        "Another program is using the card; waiting. Close that program if it is not needed.",
    ),
}

CERTIFICATE: Mapping[str, Phrase] = {
    "scanned": Phrase(
        "Mã vừa quét là của giấy chứng nhận quyền sử dụng đất, số phát hành {serial}; mã này không mở được thẻ."
        " Số phát hành sẽ được đối chiếu khi tra cứu đất đai.",
        "What was scanned is a land certificate’s code, serial {serial}; it opens no card. The serial is looked for"
        " when the land register is asked.",
    ),
    "held": Phrase(
        "giấy chứng nhận {serial} đã quét có trong kết quả",
        "the scanned certificate {serial} is among what it holds",
    ),
    "not-held": Phrase(
        "giấy chứng nhận {serial} đã quét KHÔNG có trong kết quả",
        "the scanned certificate {serial} is NOT among what it holds",
    ),
}

STEPS: Mapping[StepId, Phrase] = {
    StepId.CARD: Phrase("Thẻ", "Card"),
    StepId.READ: Phrase("Đọc", "Read"),
    StepId.VERIFY: Phrase("Kiểm tra", "Verify"),
    StepId.LOOKUP: Phrase("Tra cứu", "Look up"),
    StepId.RESULT: Phrase("Kết quả", "Result"),
}

STEP_STATES: Mapping[StepState, Phrase] = {
    StepState.PENDING: Phrase("chưa tới", "pending"),
    StepState.RUNNING: Phrase("đang làm", "running"),
    StepState.DONE: Phrase("xong", "done"),
    StepState.FAILED: Phrase("không được", "failed"),
}

DECISIONS: Mapping[Decision, Phrase] = {
    Decision.PROCEED: Phrase("TIẾP TỤC", "PROCEED"),
    Decision.ATTENTION: Phrase("CHÚ Ý", "ATTENTION"),
    Decision.STOP: Phrase("DỪNG", "STOP"),
}

FIELDS: Mapping[FieldId, Phrase] = {
    FieldId.FULL_NAME: Phrase("Họ và tên", "Full name"),
    FieldId.PERSONAL_NUMBER: Phrase("Số định danh", "Personal number"),
    FieldId.OLD_NUMBER: Phrase("Số cũ (CMND)", "Old number"),
    FieldId.DATE_OF_BIRTH: Phrase("Ngày sinh", "Date of birth"),
    FieldId.SEX: Phrase("Giới tính", "Sex"),
    FieldId.NATIONALITY: Phrase("Quốc tịch", "Nationality"),
    FieldId.ETHNICITY: Phrase("Dân tộc", "Ethnicity"),
    FieldId.RELIGION: Phrase("Tôn giáo", "Religion"),
    FieldId.PLACE_OF_ORIGIN: Phrase("Quê quán", "Place of origin"),
    FieldId.RESIDENCE: Phrase("Nơi cư trú", "Residence"),
    FieldId.FATHER: Phrase("Cha", "Father"),
    FieldId.MOTHER: Phrase("Mẹ", "Mother"),
    FieldId.SPOUSE: Phrase("Vợ hoặc chồng", "Spouse"),
    FieldId.ISSUE_DATE: Phrase("Ngày cấp", "Date of issue"),
    FieldId.EXPIRY: Phrase("Có giá trị đến", "Date of expiry"),
}

MATCHES: Mapping[Match, Phrase] = {
    Match.SAME: Phrase("giống", "same"),
    Match.SAME_WRITTEN_OTHERWISE: Phrase("giống, viết khác", "same, written otherwise"),
    Match.RENAMED: Phrase("cùng nơi, đã đổi tên", "same place, renamed"),
    Match.DIFFERENT: Phrase("khác", "different"),
    Match.MISSING: Phrase("chỉ một bên có", "only one side has it"),
    Match.NOT_ASKED: Phrase("không hỏi", "not asked"),
}

MATCH_REASONS: Mapping[str, Phrase] = {
    "tone-placement": Phrase(
        "chỉ khác chỗ đặt dấu thanh (hoà, hòa)", "only the tone mark is placed otherwise (hoà, hòa)"
    ),
    "apostrophe-or-hyphen": Phrase(
        "chỉ khác dấu nháy, gạch nối hoặc cách viết liền", "only apostrophe, hyphen or joining differ"
    ),
    "minority-letters": Phrase("ŏ, ŭ, č… ghi bằng chữ thường", "ŏ, ŭ, č… written plainly"),
    "without-diacritics": Phrase("ghi không dấu", "without diacritics"),
    "other-letters": Phrase("chữ hoặc dấu khác nhau", "letters or diacritics differ"),
    "other-words": Phrase("thừa hoặc thiếu chữ", "words are missing or added"),
    "old-number": Phrase("theo số CMND cũ", "the old number"),
    "partial-date": Phrase("chỉ ghi một phần ngày", "part of the date only"),
    "other-date": Phrase("ngày khác nhau", "the dates differ"),
    "other-number": Phrase("số khác nhau", "the numbers differ"),
    "abbreviated": Phrase("chỉ khác cách viết tắt hoặc từ chỉ cấp", "only abbreviations or unit words differ"),
    "other-unit": Phrase("khác cấp hành chính (xã, phường, quận…)", "another kind of unit (commune, ward, district…)"),
    "other-place": Phrase("địa chỉ khác nhau", "the addresses differ"),
    "renamed-2025": Phrase("cùng nơi, đổi tên năm 2025", "same place, renamed in 2025"),
    "register-silent": Phrase("nơi lưu không có", "the register has none"),
    "confirmed-yes": Phrase("nơi lưu trả lời: đúng", "the register says yes"),
    "confirmed-no": Phrase(
        "nơi lưu trả lời: không đúng, và không cho biết giá trị", "the register says no, and no more"
    ),
    "not-for-purpose": Phrase("mục đích này không hỏi mục này", "this purpose does not ask for it"),
    "chip-silent": Phrase("chip không có", "the chip has none"),
    "no-such-holder": Phrase("không có người sử dụng đất nào khớp", "no holder of the parcel matches"),
    "other-value": Phrase("giá trị khác nhau", "the values differ"),
}

NOTES_ON_FIELDS: Mapping[str, Phrase] = {
    "number-unlike-birth": Phrase(
        "Số định danh không theo giới tính hoặc năm sinh trên thẻ (có thể đã xác định lại).",
        "The number does not follow sex or year of birth on the card (it may have been set anew).",
    ),
}

REGISTER_STATES: Mapping[RegisterState, Phrase] = {
    RegisterState.IDLE: Phrase("chưa tra cứu", "not asked yet"),
    RegisterState.ASKING: Phrase("đang tra cứu", "asking"),
    RegisterState.ANSWERED: Phrase("đã trả lời", "answered"),
    RegisterState.NOT_FOUND: Phrase("không có người này", "knows nobody like this"),
    RegisterState.FAILED: Phrase("không có câu trả lời dùng được", "no usable answer"),
    RegisterState.NOT_ALLOWED: Phrase("không tra cứu", "not asked"),
    RegisterState.CONFIRMED: Phrase("xác nhận đúng, không lấy dữ liệu", "confirmed; no data were asked for"),
    RegisterState.NOT_CONFIRMED: Phrase("không xác nhận, không lấy dữ liệu", "not confirmed; no data were asked for"),
    RegisterState.QUEUED: Phrase("đã xếp hàng chờ, sẽ tự gửi", "queued; it will be sent by itself"),
}

STAGES: Mapping[str, Phrase] = {
    Stage.WORKING: Phrase("đã nhận, đang xử lý", "has taken the look-up and is still working on it"),
    Stage.AGAIN: Phrase("mất liên lạc, đang tự hỏi lại", "the connection was lost; being asked again"),
}

ANSWER_NOTES: Mapping[str, Phrase] = {
    "answer-unsigned": Phrase(
        "câu trả lời không có chữ ký của cơ sở dữ liệu", "the answer is not signed by the register"
    ),
    "card-status-not-told": Phrase(
        "cổng không cho biết thẻ còn giá trị, đã báo mất hay đã huỷ",
        "the gateway does not tell whether the card is valid, lost or cancelled",
    ),
    "codes-without-names": Phrase(
        "có mã danh mục máy này chưa có tên, các mục đó để trống",
        "some codes have no names on this computer; those fields are left empty",
    ),
    "more-than-asked": Phrase(
        "nơi lưu gửi cả mục không hỏi; các mục đó đã bị bỏ",
        "the register sent fields that were not asked for; they were dropped",
    ),
    "no-such-combination": Phrase(
        "sai số định danh, họ tên hoặc ngày sinh cũng có kết quả này",
        "a wrong number, name or date of birth gives this result too",
    ),
}

SERVICES: Mapping[ServiceState, Phrase] = {
    ServiceState.RUNNING: Phrase("dịch vụ đầu đọc đang chạy", "smart-card service is running"),
    ServiceState.STOPPED: Phrase("dịch vụ đầu đọc không chạy", "smart-card service is not running"),
    ServiceState.REFUSED: Phrase("dịch vụ đầu đọc từ chối", "smart-card service refuses"),
}

SLOTS: Mapping[SlotState, Phrase] = {
    SlotState.EMPTY: Phrase("trống", "empty"),
    SlotState.PRESENT: Phrase("có thẻ", "card present"),
    SlotState.MUTE: Phrase("thẻ không trả lời", "card does not answer"),
    SlotState.HELD: Phrase("chương trình khác đang giữ thẻ", "card held by another program"),
}

ACTIONS: Mapping[ActionId, Phrase] = {
    ActionId.ENTER_KEY: Phrase("Nhập số", "Enter number"),
    ActionId.CANCEL: Phrase("Dừng", "Stop"),
    ActionId.NEXT: Phrase("Người tiếp theo", "Next citizen"),
    ActionId.LOOK_UP_AGAIN: Phrase("Tra cứu lại", "Look up again"),
    ActionId.CHOOSE_PURPOSE: Phrase("Chọn mục đích", "Choose purpose"),
    ActionId.AGREE: Phrase("Công dân đồng ý", "The citizen agrees"),
    ActionId.REFUSE: Phrase("Công dân không đồng ý", "The citizen does not agree"),
    ActionId.GO_ON_WITHOUT_PROOF: Phrase("Tra cứu không cần chứng minh", "Look up without the proof"),
    ActionId.SIGN_IN: Phrase("Đăng nhập", "Sign in"),
    ActionId.SIGN_IN_AGAIN: Phrase("Đăng nhập lại", "Sign in again"),
    ActionId.STOP_SIGN_IN: Phrase("Thôi đợi", "Stop waiting"),
    ActionId.SIGN_OUT: Phrase("Đăng xuất", "Sign out"),
    ActionId.QUEUE_LOOKUPS: Phrase("Xếp hàng chờ", "Queue the look-up"),
    ActionId.MAKE_SLIP: Phrase("Phiếu kết quả", "Result slip"),
}
