"""What is said of the card's presence: levels, what came of the tap, and the words of the verifier.

A level is never worded as "the citizen was here": the highest says that a chip could be reached by this session.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from desk.tap import TapState

__all__ = ["BASES", "LEVELS", "LEVEL_LIMITS", "LINES", "REASONS", "SHORT_LEVELS", "TAPS"]

# By the numbers of ``auth.presence.PresenceLevel``.
LEVELS: Mapping[int, Phrase] = {
    0: Phrase("chưa chứng minh gì từ thẻ", "nothing shown of the card"),
    1: Phrase("dữ liệu do cơ quan cấp ký", "data signed by the issuer"),
    2: Phrase("chip đã chứng minh khoá với máy này", "the chip proved its key, by this computer’s word"),
    3: Phrase("chip đã ký cho yêu cầu này, bằng mã cấp trước", "chip signed for this request, bound beforehand"),
    4: Phrase(
        "phiên này tiếp cận được chip có khoá do cơ quan cấp ký, đúng cho yêu cầu này",
        "a chip with the issuer’s key was reachable by this session, for exactly this request",
    ),
}

# The same where there is room for a few words only.
SHORT_LEVELS: Mapping[int, Phrase] = {
    0: Phrase("chưa chứng minh", "nothing shown"),
    1: Phrase("chỉ dữ liệu", "data only"),
    2: Phrase("theo lời máy này", "this computer’s word"),
    3: Phrase("mã cấp trước", "bound beforehand"),
    4: Phrase("tiếp cận được chip", "chip reachable"),
}

# What each level leaves open.
LEVEL_LIMITS: Mapping[int, Phrase] = {
    0: Phrase("Số có thể chỉ được gõ vào.", "The number may have been typed only."),
    1: Phrase("Một bản sao dữ liệu cũng cho kết quả này.", "A copy of the data would show the same."),
    2: Phrase("Cơ sở dữ liệu không tự thấy chip.", "The register did not see the chip itself."),
    3: Phrase(
        "Chip có thể đã ký trước, khi thẻ ở trong tay người giữ máy.",
        "The chip may have signed earlier, while the card was in hand.",
    ),
    4: Phrase(
        "Không nói rằng công dân có mặt: tín hiệu của thẻ có thể được chuyển tiếp từ xa.",
        "It does not say that the citizen was present: a card can be reached over a relay.",
    ),
}

TAPS: Mapping[TapState, Phrase] = {
    TapState.PROVEN: Phrase("chip đã trả lời thử thách của bên xác minh", "the chip answered the verifier’s challenge"),
    TapState.PROVEN_OFFLINE: Phrase(
        "không hỏi được bên xác minh; chip đã ký một trang mã cấp trước",
        "the verifier could not be asked; the chip signed a page given out beforehand",
    ),
    TapState.NOT_SET_UP: Phrase("máy này chưa có bên xác minh", "no verifier is set up here"),
    TapState.CLOCK_WRONG: Phrase(
        "đồng hồ máy này sai hơn một ngày nên không chứng minh gì; chỉnh lại ngày giờ",
        "this computer’s clock is wrong by more than a day, so nothing is proven; set the date and time",
    ),
    TapState.TRUST_EXPIRED: Phrase(
        "danh sách tin cậy của máy này đã hết hạn nên không chứng minh gì; báo quản trị cập nhật",
        "this computer’s trust list has ended, so nothing is proven; tell your administrator to update it",
    ),
    TapState.CARD_GONE: Phrase(
        "thẻ đã rời đầu đọc khi chưa chứng minh; cán bộ cho tra cứu tiếp",
        "the card had left before it proved itself; the clerk went on without",
    ),
    TapState.NOTHING_ASKED: Phrase(
        "không có cơ sở dữ liệu nào nhận chứng minh", "no register that takes a proof is asked"
    ),
    TapState.CARD_CANNOT: Phrase("thẻ này không tự chứng minh được", "this card cannot prove itself"),
    TapState.CARD_REFUSED: Phrase("chip từ chối chứng minh", "the chip refused to prove itself"),
    TapState.VERIFIER_AWAY: Phrase("không hỏi được bên xác minh", "the verifier could not be asked"),
    TapState.VERIFIER_REFUSED: Phrase("bên xác minh từ chối", "the verifier refused"),
    TapState.OFFER_REFUSED: Phrase(
        "máy này không chuyển lệnh của bên xác minh cho thẻ; báo quản trị",
        "this computer put none of the verifier’s commands to the card; tell your administrator",
    ),
}

LINES: Mapping[str, Phrase] = {
    "title": Phrase("Hiện diện của thẻ", "Presence of the card"),
    "line": Phrase("Hiện diện của thẻ: mức {level}/4 — {words}", "Presence of the card: level {level} of 4 — {words}"),
    "asking": Phrase("Hiện diện của thẻ: đang hỏi", "Presence of the card: being asked"),
    "register": Phrase("{register}: mức {level}", "{register}: level {level}"),
    "register-refused": Phrase("{register}: không chấp nhận chứng minh", "{register}: did not accept the proof"),
    "register-silent": Phrase("{register}: không có biên nhận", "{register}: no receipt"),
    "least": Phrase("chính sách đòi mức {least}", "the policy asks for level {least}"),
    "evidence": Phrase("Bằng chứng hiện diện của thẻ", "Evidence of a card’s presence"),
    "for": Phrase(
        "Cơ sở dữ liệu: {audience} · thiết bị: {device} · cán bộ: {clerk} · lúc {moment}",
        "Register: {audience} · device: {device} · clerk: {clerk} · at {moment}",
    ),
    "purpose": Phrase("Mục đích: {purpose}", "Purpose: {purpose}"),
    "logged": Phrase(
        "Thử thách là mục {leaf}, biên nhận là mục {size} trong nhật ký của bên xác minh, chốt lúc {moment}",
        "The challenge is entry {leaf}, the receipt entry {size} of the verifier’s log, as signed at {moment}",
    ),
    "grown": Phrase(
        "Nhật ký với {later} mục, chốt lúc {moment}, nối tiếp nhật ký đó",
        "The log of {later} entries, as signed at {moment}, continues that one",
    ),
    "growth-kept": Phrase("Đã ghi: {file}", "Written: {file}"),
    "refused": Phrase("Không chấp nhận: {reason}", "Not accepted: {reason}"),
}

# By ``auth.presence.EvidenceBasis``: on what an auditor's verdict rests.
BASES: Mapping[str, Phrase] = {
    "chip-signatures": Phrase(
        "Dựa trên chữ ký của chính chip, ai cũng kiểm lại được.",
        "It rests on the chip’s own signatures, which anybody can check again.",
    ),
    "register-receipt": Phrase(
        "Dựa trên biên nhận của bên xác minh: người tạo thử thách cũng tự tạo được câu trả lời.",
        "It rests on the verifier’s receipt: who made the challenge could have made the answer.",
    ),
    "revealed-key": Phrase(
        "Câu trả lời của chip đã được tính lại bằng khoá mà bên xác minh công bố.",
        "The chip’s answer was computed anew with the key that the verifier revealed.",
    ),
}

# By ``auth.presence.Reason``, and by the reasons of a booklet.
REASONS: Mapping[str, Phrase] = {
    "malformed": Phrase("tệp hoặc thông điệp sai dạng", "malformed"),
    "token-invalid": Phrase("mã không do bên xác minh đã biết ký", "a token that no known verifier signed"),
    "wrong-audience": Phrase("mã cấp cho cơ sở dữ liệu khác", "a token for another register"),
    "wrong-device": Phrase("mã cấp cho máy khác", "a token for another computer"),
    "wrong-clerk": Phrase("mã cấp cho cán bộ khác", "a token for another clerk"),
    "wrong-purpose": Phrase("mã cấp cho mục đích khác", "a token for another purpose"),
    "out-of-time": Phrase("quá hạn", "out of time"),
    "already-used": Phrase("đã dùng rồi", "used already"),
    "request-differs": Phrase("yêu cầu khác với lúc chạm thẻ", "another request than at the tap"),
    "document-differs": Phrase("thẻ khác với lúc nhận thử thách", "another document than the challenge’s"),
    "document-refused": Phrase("tài liệu ký của thẻ không hợp lệ", "the card’s signed object is not valid"),
    "document-untrusted": Phrase("không biết ai đã ký dữ liệu thẻ", "the signer of the card’s data is not known"),
    "document-revoked": Phrase("chứng thư ký thẻ đã bị thu hồi", "the signer of the card was revoked"),
    "foreign-document": Phrase("thẻ của nước khác", "a card of another State"),
    "group-withheld": Phrase("thiếu nhóm dữ liệu mà thẻ có", "a data group of the card was held back"),
    "group-differs": Phrase("nhóm dữ liệu khác bản đã ký", "a data group differs from the signed one"),
    "no-chip-key": Phrase("thẻ không có khoá để tự chứng minh", "the card has no key to prove itself by"),
    "key-refused": Phrase("khoá của thẻ không dùng được", "the card’s key cannot be used"),
    "downgrade": Phrase("thẻ làm được cách mạnh hơn mà không dùng", "the card can do better than what was asked of it"),
    "mode-differs": Phrase("chứng minh bằng cách khác thử thách", "another way of proving than the challenge’s"),
    "count-differs": Phrase("số chữ ký không đúng", "not the number of signatures that was asked for"),
    "answer-wrong": Phrase("chip trả lời sai", "the chip’s answer is wrong"),
    "signature-wrong": Phrase("chữ ký của chip sai", "a signature of the chip is wrong"),
    "signature-repeated": Phrase("một chữ ký dùng hai lần", "one signature twice"),
    "person-differs": Phrase(
        "thẻ của người khác với người được hỏi", "the card of another person than was asked about"
    ),
    "document-expired": Phrase("thẻ hết hạn", "the card has expired"),
    "card-not-valid": Phrase(
        "thẻ đã báo mất, bị huỷ hoặc được thay", "the card is lost, was cancelled or was replaced"
    ),
    "secret-unknown": Phrase("khoá của bên xác minh không còn", "the verifier no longer has the key"),
    "too-many-open": Phrase("máy này đang có quá nhiều thử thách mở", "this computer has too many open challenges"),
    "counter-back": Phrase(
        "bộ đếm của máy đã lùi: máy có thể đã bị khôi phục về trạng thái cũ",
        "the computer’s counter went back: it may have been restored to an earlier state",
    ),
    "no-booklets": Phrase("bên xác minh không cấp mã trước", "the verifier gives out no booklets"),
    "log-proof-wrong": Phrase(
        "nhật ký của bên xác minh không chứa thử thách và biên nhận này như đã nói",
        "challenge and receipt are not in the verifier’s log as is claimed",
    ),
    "log-differs": Phrase("lần chốt nhật ký là của nhật ký khác", "the checkpoint is of another log"),
    "log-inconsistent": Phrase(
        "nhật ký của bên xác minh tự mâu thuẫn: đã bị viết lại, hoặc mỗi nơi một bản",
        "the verifier’s log contradicts itself: it was rewritten, or shown differently to others",
    ),
    "log-growth-elsewhere": Phrase(
        "phần nối tiếp của nhật ký không bắt đầu và không kết thúc ở lần chốt này",
        "the growth of the log neither begins nor ends at this checkpoint",
    ),
    "log-shorter": Phrase(
        "nhật ký của bên xác minh không dài đến đó", "the verifier’s log does not have as many entries"
    ),
    "checkpoint-invalid": Phrase(
        "lần chốt nhật ký không do bên xác minh đã biết ký", "no known verifier signed the checkpoint of the log"
    ),
    "commands-differ": Phrase(
        "bên xác minh đưa ra lệnh khác với điều đã hỏi", "the verifier offered other commands than were asked for"
    ),
    "person-not-shown": Phrase(
        "bên xác minh không đối chiếu thẻ với người được hỏi: thẻ của ai cũng cho kết quả này",
        "the card was not held against the person asked about: anybody’s card would show the same",
    ),
    "log-not-proven": Phrase(
        "bên xác minh khi đó chưa chứng minh được nhật ký của mình",
        "the verifier did not prove its log when it gave this receipt",
    ),
    "log-proof-missing": Phrase(
        "thiếu phần chứng minh rằng biên nhận nằm trong nhật ký của bên xác minh",
        "the proof that the receipt is in the verifier’s log is missing",
    ),
    "sha1-digests": Phrase("dữ liệu thẻ chỉ được ký bằng SHA-1", "the card’s data are signed with SHA-1 only"),
    "sha1-signature": Phrase("chip ký bằng SHA-1", "the chip signs with SHA-1"),
    "short-key": Phrase("khoá của chip ngắn", "the chip’s key is short"),
    "der-signature": Phrase("chữ ký của chip viết khác chuẩn", "the chip’s signature is written against the standard"),
    "hash-by-key-size": Phrase("hàm băm suy từ độ dài khoá", "the hash was inferred from the key’s size"),
    "protocol-inferred": Phrase("giao thức của chip do thử mà biết", "the chip’s protocol was found by trying"),
    "revocation-unknown": Phrase(
        "không biết chứng thư ký thẻ còn hiệu lực không", "whether the signer was revoked is not known"
    ),
    "trust-expired": Phrase(
        "danh sách tin cậy của bên xác minh đã hết hạn", "the verifier’s trust list has ended by its own date"
    ),
    "slow-answers": Phrase("chip trả lời chậm, như khi chuyển tiếp từ xa", "slow answers, as over a relay"),
    "pre-play-possible": Phrase(
        "chip có thể đã ký từ trước, khi thẻ ở trong tay người giữ máy",
        "the chip may have signed earlier, while the card was in hand",
    ),
    "booklet-exhausted": Phrase("đã dùng hết mã cấp trước", "no page of the booklet is left"),
    "booklet-expired": Phrase("mã cấp trước đã hết hạn", "the booklet has expired"),
    "booklet-damaged": Phrase("tệp mã cấp trước không mở được", "the booklet cannot be opened"),
}
