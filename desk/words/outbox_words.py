"""What ``motcua outbox`` says: how each look-up stands, why, and what was done."""

from __future__ import annotations

from collections.abc import Mapping

from auth.outbox import State
from desk.language import Phrase

__all__ = ["OUTBOX_LINES", "OUTBOX_REASONS", "OUTBOX_STATES"]

OUTBOX_STATES: Mapping[State, Phrase] = {
    State.QUEUED: Phrase("đang chờ", "waiting"),
    State.SENDING: Phrase("đang gửi", "being sent"),
    State.NEEDS_DECISION: Phrase("cần quyết định", "needs a decision"),
    State.ANSWERED: Phrase("đã có trả lời", "answered"),
    State.REFUSED: Phrase("bị từ chối", "refused"),
    State.EXPIRED: Phrase("quá hạn", "expired"),
    State.RETURNED: Phrase("trả lại hồ sơ", "returned"),
    State.FROZEN: Phrase("bị giữ lại", "frozen"),
}

# What is not here is shown as it is: codes of a register's refusal, or of the failure catalogue.
OUTBOX_REASONS: Mapping[str, Phrase] = {
    "interrupted": Phrase("việc gửi bị ngắt giữa chừng", "its sending was cut off"),
    "not-acknowledged": Phrase(
        "lúc xếp hàng không ghi được, nên không gửi",
        "it could not be written down when it was queued, so it is not sent",
    ),
    "role-gone": Phrase("cán bộ không còn được phép tra cứu việc này", "the clerk may no longer ask this"),
    "purpose-gone": Phrase("mục đích này không còn hỏi nơi đó", "this purpose no longer asks that register"),
    "another-device": Phrase("xếp hàng từ lúc máy mang tên khác", "queued while this was another device"),
    "another-personal-number": Phrase("trả lời nói về người khác", "the answer was about somebody else"),
    "another-certificate": Phrase("trả lời nói về giấy chứng nhận khác", "the answer was about another certificate"),
    "parcel-of-another": Phrase("trả lời có thửa đất của người khác", "a parcel in the answer is somebody else's"),
    "dwelling-of-another": Phrase("trả lời có nhà ở của người khác", "a dwelling in the answer is somebody else's"),
    "more-than-asked": Phrase(
        "nơi đó cho biết nhiều hơn được hỏi; phần thừa đã bỏ", "it told more than was asked for; the rest was dropped"
    ),
    "device-revoked": Phrase("máy này đã bị thu hồi", "this computer was revoked"),
    "device-suspended": Phrase("máy này đang bị tạm ngưng", "this computer is suspended"),
    "unknown-device": Phrase("nơi đó không biết máy này", "the register does not know this computer"),
    "too-old": Phrase("chờ quá 7 ngày", "it waited for more than seven days"),
    "lost": Phrase("nội dung bị mất, phải hỏi lại", "its content is lost; ask again"),
    "damaged": Phrase("nội dung bị hỏng, phải hỏi lại", "its content is damaged; ask again"),
    "citizen-not-confirmed": Phrase(
        "câu trả lời có/không không phải là có, nên không hỏi dữ liệu",
        "not answered with yes, so no data were asked for",
    ),
    "confirmation-missing": Phrase(
        "chưa có câu trả lời có/không, nên không hỏi dữ liệu",
        "the yes or no never came, so no data were asked for",
    ),
    "exported": Phrase("đã xuất có giám sát", "exported under supervision"),
    "by-clerk": Phrase("do cán bộ quyết định", "as somebody decided"),
    "clerk-not-signed-in": Phrase("chưa có cán bộ nào đăng nhập", "no clerk is signed in"),
    "device-unknown": Phrase("chưa biết máy này còn được phép không", "it is not known whether this computer may ask"),
    "register-resting": Phrase("cơ sở dữ liệu đang tạm nghỉ", "the register is being left alone"),
    "later": Phrase("sẽ thử lại sau", "it will be tried again later"),
    "cancelled": Phrase("đã dừng theo yêu cầu", "broken off as you asked"),
}

OUTBOX_LINES: Mapping[str, Phrase] = {
    "empty": Phrase("Không có gì trong hàng chờ.", "Nothing is queued."),
    "head": Phrase(
        "{waiting} đang chờ (lâu nhất từ {since}), {to_decide} cần quyết định, {ended} đã xong chờ hồ sơ lấy.",
        "{waiting} waiting (the oldest since {since}), {to_decide} need a decision, {ended} done and not taken yet.",
    ),
    "item": Phrase(
        "  {number}  hồ sơ {dossier}  {register}  {state}{why}  từ {since}, gửi {attempts} lần",
        "  {number}  dossier {dossier}  {register}  {state}{why}  since {since}, sent {attempts} times",
    ),
    "more": Phrase("  … và {count} việc nữa (--json có tất cả)", "  … and {count} more (--json has them all)"),
    "budget": Phrase("Còn {left}/{of} lượt tra cứu ngay bây giờ.", "{left} of {of} look-ups are left right now."),
    "resting": Phrase("{register}: tạm nghỉ thêm {seconds} giây.", "{register}: left alone for {seconds} s more."),
    "decide": Phrase(
        "Quyết định bằng:  motcua outbox decide SỐ send|return", "Decide with:  motcua outbox decide NUMBER send|return"
    ),
    "frozen": Phrase(
        "Máy này không được gửi nữa. Xuất có giám sát:  motcua outbox export --supervisor MÃ --out TỆP",
        "This computer may send no more. Export under supervision:  motcua outbox export --supervisor ID --out FILE",
    ),
    "trouble": Phrase(
        "{title}: {lost} việc bị mất. Sau khi xử lý:  motcua outbox noted",
        "{title}: {lost} lost. Once dealt with:  motcua outbox noted",
    ),
    "sent": Phrase(
        "Gửi {sent}: {answered} có trả lời, {refused} bị từ chối, {held} cần quyết định, "
        "{given_back} trả lại hồ sơ mà không gửi, {failed} sẽ gửi lại, {expired} quá hạn.",
        "Sent {sent}: {answered} answered, {refused} refused, {held} to decide, "
        "{given_back} returned unsent, {failed} to send again, {expired} expired.",
    ),
    "why-ended": Phrase("Dừng lại: {why}.", "It ended: {why}."),
    "progress": Phrase("\r{sent} đã gửi, {answered} có trả lời", "\r{sent} sent, {answered} answered"),
    "decided-send": Phrase("Việc {number} sẽ được gửi.", "Number {number} will be sent."),
    "decided-return": Phrase("Việc {number} trả lại hồ sơ, không gửi.", "Number {number} is returned, not sent."),
    "not-to-decide": Phrase("Việc {number} không ở trạng thái quyết định được.", "Number {number} is not to decide."),
    "copied": Phrase(
        "Đã chép {count} việc, vẫn niêm phong; hàng chờ giữ nguyên.",
        "{count} were copied, still sealed; the queue is as it was.",
    ),
    "beside": Phrase(
        "Quầy đang mở: đây là hàng chờ ở thời điểm này.", "The desk is open: this is the queue as it is right now."
    ),
    "exported": Phrase("Đã xuất {count} việc, vẫn niêm phong.", "{count} were exported, still sealed."),
    "taken": Phrase("Đã lấy {count} việc của hồ sơ và xoá khỏi máy.", "{count} were taken out and wiped here."),
    "noted": Phrase("Đã ghi nhận.", "Noted."),
}
