"""What is said of purposes, of the citizen's consent and of yes and no."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase

__all__ = ["ANSWERS", "CONSENT", "OVER_AGE", "QUESTIONS"]

CONSENT: Mapping[str, Phrase] = {
    "heading": Phrase("Đọc cho công dân, rồi ghi ý kiến", "Let the citizen read this, then record what they say"),
    "for-information": Phrase("Nội dung công dân được biết", "What the citizen may know"),
    "read": Phrase("Đã tự đọc và đồng ý", "Read it and agrees"),
    "read-hint": Phrase(
        "Ghi rằng công dân đã tự đọc và đồng ý; máy bắt đầu tra cứu",
        "Record that the citizen read this and agreed; the look-ups begin",
    ),
    "aloud": Phrase("Đã nghe đọc và đồng ý", "Heard it and agrees"),
    "aloud-hint": Phrase(
        "Ghi rằng cán bộ đã đọc cho công dân nghe và công dân đồng ý; máy bắt đầu tra cứu",
        "Record that you read this to the citizen and they agreed; the look-ups begin",
    ),
    "refused": Phrase("Không đồng ý", "Does not agree"),
    "refused-hint": Phrase(
        "Không hỏi nơi nào; lượt tiếp dân tiếp tục với thông tin trên thẻ",
        "Nobody is asked; the visit goes on with what the card says",
    ),
    "ask": Phrase(
        "Công dân đồng ý? [c]ó tự đọc, [n]ghe đọc, [k]hông", "Does the citizen agree? [r]ead it, [h]eard it, [n]o"
    ),
    "yes-read": Phrase("c", "r"),
    "yes-aloud": Phrase("n", "h"),
}

QUESTIONS: Mapping[str, Phrase] = {
    "personal-number": Phrase("số định danh", "personal number"),
    "full-name": Phrase("họ và tên", "full name"),
    "date-of-birth": Phrase("ngày sinh", "date of birth"),
    "card-valid": Phrase("thẻ còn giá trị", "card valid"),
}
OVER_AGE = Phrase("đủ {age} tuổi", "{age} or older")

ANSWERS: Mapping[bool, Phrase] = {True: Phrase("có", "yes"), False: Phrase("KHÔNG", "NO")}
