"""Why a check came out as it did, and what the notes on checks say: for a clerk, without protocol words.

``OF_CHECK`` has the wording where one reason means something else at one check. The reasons are those of
``reader.inspection.reasons``; a test walks that table and fails on a reason or a note without words.
"""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from reader.inspection.checks import CheckId

__all__ = ["NOTES", "OF_CHECK", "REASONS"]

_OPENING: Mapping[str, Phrase] = {
    "opened": Phrase("chip đã mở", "the chip opened"),
    "refused": Phrase("chip từ chối cách mở này", "the chip refused this way of opening"),
    "transport": Phrase("mất liên lạc khi đang mở", "contact was lost while opening"),
    "unsupported": Phrase("phần mềm không có cách mở mà chip đòi", "this program lacks the way the chip asks for"),
    "not-offered": Phrase("chip không có phần này", "the chip does not offer this"),
    "not-needed": Phrase("không cần đến", "not needed"),
    "as-signed": Phrase("đúng như bản đã ký", "as it was signed"),
    "protocol-downgrade": Phrase(
        "có kẻ đã giấu cách mở an toàn hơn", "somebody hid the safer way of opening that was signed"
    ),
    "protocol-injected": Phrase(
        "có cách mở không nằm trong bản đã ký", "a way of opening is offered that was never signed"
    ),
    "ways-not-signed": Phrase(
        "bản đã ký không nêu cách mở nào; nếu nhiều thẻ cùng đợt như vậy, báo quản trị",
        "the signed list names no way of opening; if many cards of one issue say so, tell the administrator",
    ),
    "signed-files-differ": Phrase("hai bản đã ký trong chip nói khác nhau", "two signed parts of the chip disagree"),
    "directory-differs": Phrase(
        "danh mục ứng dụng khác bản đã ký", "the list of applications differs from the signed one"
    ),
    "nothing-signed-to-compare": Phrase("thẻ không có bản đã ký để đối chiếu", "nothing signed to compare with"),
    "every-answer-verified": Phrase("mọi câu trả lời của chip đều nguyên vẹn", "every answer of the chip was intact"),
    "secure-messaging-integrity": Phrase("một câu trả lời đã bị thay đổi", "an answer was changed on the way"),
    "unprotected-answer": Phrase("chip trả lời không được bảo vệ", "the chip answered without protection"),
    "lost-with-chip-keys": Phrase(
        "mất liên lạc được bảo vệ khi chip đổi khoá", "the protected channel was lost when the chip changed keys"
    ),
}

_SIGNED: Mapping[str, Phrase] = {
    "signature-verified": Phrase(
        "chữ ký nguyên vẹn; ai đã ký là chuyện khác", "the signature is intact; who signed is another question"
    ),
    "signature-invalid": Phrase("chữ ký không khớp với dữ liệu", "the signature does not fit the data"),
    "malformed-sod": Phrase("phần chữ ký trong chip bị hỏng", "the signed part of the chip is malformed"),
    "sod-not-read": Phrase("chưa đọc được phần chữ ký", "the signed part was not read"),
    "suppressed": Phrase("phần này đã bị giấu khỏi chip", "this part was withheld although it was signed"),
    "content-digest-mismatch": Phrase("nội dung đã bị đổi sau khi ký", "the content was changed after it was signed"),
    "content-type-wrong": Phrase("chữ ký dành cho loại dữ liệu khác", "the signature is for another kind of data"),
    "signed-attributes-wrong": Phrase("phần kèm theo chữ ký sai", "what goes with the signature is wrong"),
    "malformed-card-security": Phrase("phần khoá đã ký trong chip bị hỏng", "the chip’s signed key file is malformed"),
    "no-signer": Phrase("không có ai ký", "nobody signed"),
    "signer-key-refused": Phrase("khoá của người ký không dùng được", "the signer’s key is not acceptable"),
    "signer-certificate-missing": Phrase("thiếu chứng thư của người ký", "the signer’s certificate is missing"),
    "algorithm-refused": Phrase("thuật toán ký đã lỗi thời", "the algorithm is not acceptable any more"),
    "algorithm-unsupported": Phrase("phần mềm không có thuật toán này", "this program lacks the algorithm"),
    "anchored": Phrase("chứng thư gốc của nơi cấp đã được cài ở đây", "under an issuer certificate installed here"),
    "untrusted": Phrase("không do cơ quan cấp thẻ nào đã biết ký", "not signed by any issuing authority known here"),
    "signer-not-valid-at-signing": Phrase(
        "chứng thư ký chưa hoặc hết hiệu lực khi ký", "the signing certificate was not valid when it signed"
    ),
    "signer-is-authority": Phrase("chứng thư ký không đúng loại", "the signing certificate is of the wrong kind"),
    "signer-wrong-purpose": Phrase("chứng thư không dành để ký thẻ", "the certificate is not for signing cards"),
    "unknown-critical-extension": Phrase(
        "chứng thư có điều kiện mà phần mềm không hiểu", "the certificate has a condition this program does not know"
    ),
    "anchor-not-authority": Phrase("chứng thư gốc đã cài không hợp lệ", "the installed certificate is no authority’s"),
    "no-trust-anchor": Phrase(
        "máy này chưa cài chứng thư gốc của nước cấp", "no certificate of the issuing State is installed here"
    ),
    "issuer-key-not-held": Phrase(
        "thẻ nêu một chứng thư gốc chưa cài ở máy này: có thể là khoá mới, cũng có thể là giả",
        "it names an issuer certificate that is not installed here: a new one, or a made-up one",
    ),
    "signing-time-unknown": Phrase("không rõ thời điểm ký", "it is not known when it was signed"),
    "signer-unknown": Phrase("không biết ai đã ký", "it is not known who signed"),
    "reference-unproven": Phrase(
        "bản dùng để đối chiếu chưa được chứng minh", "what it is compared with is itself not proven"
    ),
    "known-deviation": Phrase(
        "nước cấp đã công bố sai sót này của loại thẻ này: cán bộ tự xem xét",
        "the issuing State has published this fault of such cards: look for yourself",
    ),
    "distrusted": Phrase(
        "chứng thư đã bị loại khỏi danh sách được tin", "the certificate was taken off the list of those trusted"
    ),
    "not-revoked": Phrase("chứng thư ký không bị thu hồi", "the signing certificate is not revoked"),
    "signer-revoked": Phrase(
        "chứng thư ký đã bị nước cấp thu hồi", "the signing certificate was revoked by the issuing State"
    ),
    "issuer-revoked": Phrase(
        "chứng thư gốc đã bị nước cấp thu hồi", "the issuer’s certificate was revoked by the issuing State"
    ),
    "no-revocation-list": Phrase(
        "chưa có danh sách thu hồi cho thẻ này", "no revocation list is available for this card"
    ),
    "revocation-list-expired": Phrase(
        "danh sách thu hồi đã quá hạn, cần cập nhật", "the revocation list is out of date and has to be renewed"
    ),
    "revocation-list-not-yet-valid": Phrase(
        "danh sách thu hồi đề ngày sau hôm nay: kiểm tra đồng hồ máy",
        "the revocation list is dated after today: check this computer’s clock",
    ),
    "issuer-not-established": Phrase(
        "chưa rõ ai cấp chứng thư ký nên chưa tra được danh sách thu hồi",
        "it is not known who issued the signing certificate, so no list could be consulted",
    ),
    "hashes-match": Phrase("mọi phần đã đọc đúng như khi ký", "every part read is as it was signed"),
    "hash-mismatch": Phrase("một phần dữ liệu đã bị đổi sau khi ký", "part of the data was changed after signing"),
    "groups-not-read": Phrase("có phần chưa đọc được", "some parts were not read"),
}

_CHIP: Mapping[str, Phrase] = {
    "answered-under-new-keys": Phrase(
        "chip chứng minh nó giữ khoá mà nơi cấp đã ký", "the chip proved that it holds the key the issuer signed"
    ),
    "new-keys-not-confirmed": Phrase(
        "chip không chứng minh được khoá: có thể là bản sao", "the chip could not prove its key: it may be a copy"
    ),
    "static-key-shown": Phrase(
        "chip tỏ ra nó giữ khoá mà nơi cấp đã ký", "the chip showed that it holds the key the issuer signed"
    ),
    "static-key-not-shown": Phrase(
        "chip không tỏ được khoá của nó: có thể là bản sao", "the chip could not show its key: it may be a copy"
    ),
    "keys-differ": Phrase("hai phần đã ký ghi hai khoá khác nhau", "two signed parts hold different keys"),
    "not-used": Phrase("đã dùng cách mở mạnh hơn", "a stronger way of opening was taken"),
    "challenge-signed": Phrase("chip đã ký thử thách ngẫu nhiên", "the chip signed a random challenge"),
    "refused-by-chip": Phrase("chip từ chối chứng minh", "the chip refused to prove itself"),
    "key-refused": Phrase("khoá của chip không dùng được", "the chip’s key is not acceptable"),
    "key-not-proven": Phrase(
        "chip có khoá, nhưng chưa rõ nơi cấp có ký khoá đó không",
        "the chip has a key, but it is not proven that the issuer signed it",
    ),
    "key-not-read": Phrase("chưa đọc được khoá của chip", "the chip’s key was not read"),
    "not-finished": Phrase("chưa làm xong vì mất liên lạc", "not finished: contact was lost"),
    "protocol-not-supported": Phrase("phần mềm không có cách kiểm tra này", "this program lacks this proof"),
    "accepted-by-chip": Phrase("chip đã cho máy này đọc vân tay", "the chip let this desk read the fingerprints"),
    "access-rule-missing": Phrase(
        "chip từ chối máy này mà vẫn để lộ vân tay", "the chip refused this desk and gave the fingerprints all the same"
    ),
    "chip-keys-missing": Phrase(
        "chưa đổi được khoá với chip nên chưa thể xin quyền",
        "no new keys with the chip, so no right was asked for",
    ),
    "nothing-to-open": Phrase("thẻ không có vân tay hay mống mắt", "the card has neither fingerprints nor irises"),
    "no-chain-to-chip": Phrase(
        "chứng thư của máy này không dẫn tới nơi mà chip tin",
        "no certificate here leads to whom the chip trusts",
    ),
    "no-credentials": Phrase("máy này không có quyền đọc vân tay", "this desk has no right to read fingerprints"),
    "no-chip-proof": Phrase(
        "không có bằng chứng nào cho thấy chip không phải bản sao", "nothing shows that the chip is not a copy"
    ),
    "check-missing": Phrase("kiểm tra này chưa được thực hiện", "this check was not performed"),
}

# What the policy says of the certificates and lists that a check leans on.
_TRUST: Mapping[str, Phrase] = {
    "trust-aged": Phrase(
        "danh sách chứng thư gốc trên máy này đã quá cũ", "the issuer certificates on this computer are too old"
    ),
    "trust-age-unknown": Phrase(
        "không rõ chứng thư gốc trên máy này cũ hay mới", "it is not known how old the issuer certificates here are"
    ),
    "trust-ahead-of-clock": Phrase(
        "đồng hồ máy này chậm hơn danh sách chứng thư gốc", "this computer’s clock is behind the issuer certificates"
    ),
}


_DATA: Mapping[str, Phrase] = {
    "lists-agree": Phrase("hai danh mục khớp nhau", "the two lists agree"),
    "unsigned-content": Phrase("có phần dữ liệu không được ký", "some content is not signed"),
    "version-mismatch": Phrase("phiên bản ghi khác bản đã ký", "the version differs from the signed one"),
    "not-read": Phrase("chưa đọc được phần cần thiết", "what is needed was not read"),
    "well-formed": Phrase("mọi tệp đúng chuẩn", "every file follows the standard"),
    "malformed-file": Phrase("một tệp sai chuẩn", "a file does not follow the standard"),
    "check-digits-right": Phrase("các chữ số kiểm tra đúng", "the check digits are right"),
    "check-digit-wrong": Phrase("một chữ số kiểm tra sai", "a check digit is wrong"),
    "key-agrees": Phrase("số đã nhập có trong chip", "the number entered is the chip’s"),
    "key-differs": Phrase("số in trên thẻ khác số trong chip", "the printed number differs from the chip’s"),
    "nothing-to-compare": Phrase("không có gì để đối chiếu", "there is nothing to compare"),
    "groups-agree": Phrase("họ tên, số, ngày sinh khớp nhau", "name, number and birth agree"),
    "partly-compared": Phrase(
        "họ tên, số hoặc ngày sinh không có ở cả hai phần", "name, number or birth is not in both parts"
    ),
    "groups-differ": Phrase("hai phần trong chip nói khác nhau", "two parts of the chip say different things"),
    "no-such-group": Phrase("thẻ này không có phần tiếng Việt", "this card has no Vietnamese part"),
    "states-agree": Phrase("mọi nơi cùng ghi một nước", "the same State everywhere"),
    "states-differ": Phrase("thẻ và người ký thuộc nước khác nhau", "card and signer are of different States"),
    "state-unknown": Phrase("không rõ nước của người ký", "the signer’s State is not known"),
    "not-expired": Phrase("còn hạn", "it has not expired"),
    "no-expiry": Phrase("không thời hạn", "it has no expiry"),
    "birth-in-future": Phrase("ngày sinh ở tương lai", "the date of birth is yet to come"),
    "expired": Phrase("thẻ đã hết hạn", "the card has expired"),
    "clock-untrusted": Phrase(
        "đồng hồ máy này sai hơn một ngày: chỉnh lại ngày giờ rồi đọc lại thẻ",
        "this computer’s clock is wrong by more than a day: set the date and time, then read the card again",
    ),
    "date-unreadable": Phrase("không đọc được ngày hết hạn", "the date of expiry cannot be read"),
    "card-lost": Phrase("thẻ đã báo mất", "the card was reported lost"),
    "card-not-valid": Phrase(
        "dân cư trả lời thẻ không còn giá trị", "the population register says that the card is not valid"
    ),
    "card-cancelled": Phrase("thẻ đã bị huỷ", "the card was cancelled"),
    "card-replaced": Phrase("thẻ đã được thay bằng thẻ khác", "the card was replaced by another"),
    "presence-too-low": Phrase(
        "chưa đạt mức mà chính sách đòi cho mục đích này", "less than the policy asks for with this purpose"
    ),
    "card-unknown": Phrase("không rõ tình trạng thẻ", "the card’s status is not known"),
}

NOTES: Mapping[str, Phrase] = {
    "sha1-signature": Phrase("chữ ký dùng thuật toán cũ (SHA-1)", "signed with an old algorithm (SHA-1)"),
    "sha1-digest": Phrase("dấu vân tay dữ liệu dùng thuật toán cũ (SHA-1)", "digests use an old algorithm (SHA-1)"),
    "short-key": Phrase("khoá ngắn hơn mức nên dùng", "the key is shorter than advisable"),
    "signed-attributes-reordered": Phrase("thứ tự phần kèm chữ ký lạ, vẫn hợp lệ", "unusual order, still valid"),
    "digest-algorithms-differ": Phrase("dùng hai thuật toán khác nhau", "two digest algorithms are in use"),
    "signer-without-key-usage": Phrase("chứng thư ký không ghi mục đích", "the signing certificate names no purpose"),
    "outside-private-key-usage": Phrase("ký ngoài thời gian được phép", "signed outside the time allowed for it"),
    "issued-outside-private-key-usage": Phrase(
        "chứng thư ký được cấp ngoài thời gian cho phép của khoá gốc",
        "the signing certificate was issued outside the time allowed to the issuer’s key",
    ),
    "signer-with-extended-key-usage": Phrase(
        "chứng thư ký ghi thêm mục đích khác", "the signing certificate names other purposes as well"
    ),
    "document-type-not-listed": Phrase(
        "chứng thư ký không ghi loại giấy tờ này", "the signing certificate does not list this type of document"
    ),
    "known-deviation": Phrase("nước cấp đã công bố sai sót này", "the issuing State has published this fault"),
    "known-national-defect": Phrase(
        "chứng thư gốc có sai sót đã biết của nước cấp",
        "the issuer’s certificate has a defect that is known of that State",
    ),
    "signed-in-the-future": Phrase("thời điểm ký ở tương lai", "signed at a time yet to come"),
    "signer-outside-anchor-validity": Phrase(
        "chứng thư ký vượt hạn của chứng thư gốc", "the signing certificate outlives its issuer’s"
    ),
    "signer-expired-since": Phrase("chứng thư ký nay đã hết hạn", "the signing certificate has expired since"),
    "anchor-expired-since": Phrase("chứng thư gốc nay đã hết hạn", "the issuer certificate has expired since"),
    "issuer-key-id-differs": Phrase("mã khoá nơi cấp ghi khác, vẫn ký đúng", "key id differs, signature is right"),
    "issuer-name-differs": Phrase("tên nơi cấp ghi khác, vẫn ký đúng", "issuer name differs, signature is right"),
    "hash-by-key-size": Phrase("thuật toán suy ra từ độ dài khoá", "algorithm inferred from the key size"),
    "protocol-inferred": Phrase("cách đổi khoá do máy tự dò", "the way of changing keys was found by asking"),
    "der-signature": Phrase("chữ ký viết theo dạng khác", "signature in another encoding"),
    "parameters-had-to-be-named": Phrase("chip đòi nêu tham số", "the chip wanted parameters named"),
    "fallback-after-pace": Phrase(
        "cách mở an toàn hơn không được, đã dùng cách cũ", "the safer way failed, the older one was used"
    ),
    "unpadded-answer": Phrase("một câu trả lời viết hơi khác chuẩn", "an answer was padded oddly"),
    "com-omits-group": Phrase("danh mục bỏ sót một phần đã ký", "the list leaves out a part that was signed"),
    "lds-version-not-signed": Phrase("phiên bản không nằm trong phần ký", "the version is not signed"),
    "not-in-order": Phrase("thứ tự dữ liệu lạ", "unusual order of data"),
    "no-date-of-birth": Phrase("chip không cho biết ngày sinh", "the chip tells no date of birth"),
    "field-unreadable": Phrase("một trường không đọc được", "a field cannot be read"),
    "text-made-safe": Phrase("đã bỏ ký tự ẩn trong chữ", "hidden characters were taken out of a text"),
    "several-portraits": Phrase(
        "chip có nhiều ảnh, chỉ hiện ảnh đầu", "the chip has several portraits, the first is shown"
    ),
    "no-portrait": Phrase("chip không có ảnh", "the chip has no portrait"),
    "portrait-unreadable": Phrase("ảnh trong chip không xem được", "the portrait cannot be shown"),
}

REASONS: Mapping[str, Phrase] = {**_OPENING, **_SIGNED, **_CHIP, **_TRUST, **_DATA, **NOTES}

OF_CHECK: Mapping[tuple[str, str], Phrase] = {
    (CheckId.BAC, "opened"): Phrase(
        "chip đã mở theo cách cũ, kém an toàn hơn", "the chip was opened the older, weaker way"
    ),
    (CheckId.REVOCATION, "trust-aged"): Phrase(
        "danh sách thu hồi trên máy này đã quá cũ", "the revocation list on this computer is too old"
    ),
    (CheckId.REVOCATION, "trust-age-unknown"): Phrase(
        "không rõ danh sách thu hồi trên máy này cũ hay mới", "it is not known how old the revocation list here is"
    ),
    (CheckId.REVOCATION, "trust-ahead-of-clock"): Phrase(
        "đồng hồ máy này chậm hơn danh sách thu hồi", "this computer’s clock is behind the revocation list"
    ),
    (CheckId.ACTIVE_AUTHENTICATION, "signature-invalid"): Phrase(
        "chip ký sai thử thách: có thể là bản sao", "the chip signed the challenge wrongly: it may be a copy"
    ),
    (CheckId.ACTIVE_AUTHENTICATION, "suppressed"): Phrase(
        "khoá đã ký của chip bị giấu: có thể là bản sao", "the chip’s signed key is withheld: it may be a copy"
    ),
    (CheckId.CHIP_AUTHENTICATION, "suppressed"): Phrase(
        "khoá đã ký của chip bị giấu: có thể là bản sao", "the chip’s signed key is withheld: it may be a copy"
    ),
    (CheckId.CHIP_MAPPING, "suppressed"): Phrase(
        "khoá đã ký của chip bị giấu: có thể là bản sao", "the chip’s signed key is withheld: it may be a copy"
    ),
    (CheckId.TERMINAL_AUTHENTICATION, "refused-by-chip"): Phrase(
        "chip không nhận chứng thư của máy này", "the chip did not take this desk’s certificates"
    ),
    (CheckId.PACE, "not-offered"): Phrase("thẻ đời cũ không có cách này", "an older card without this way"),
}
