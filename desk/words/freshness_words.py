"""The words for how fresh the trust is, as a clerk sees them in window and terminal."""

from __future__ import annotations

from collections.abc import Mapping

from auth.distribution.kinds import FreshnessLevel
from desk.language import Phrase

__all__ = ["FRESHNESS", "FRESHNESS_MORE"]

# What a clerk and a report are told of the age of the trust; {days} is a whole number.
FRESHNESS: Mapping[FreshnessLevel, Phrase] = {
    FreshnessLevel.CURRENT: Phrase("Tin cậy: xác nhận {days} ngày trước.", "Trust: confirmed {days} days ago."),
    FreshnessLevel.DUE: Phrase(
        "Tin cậy cần cập nhật: xác nhận lần cuối {days} ngày trước.",
        "Trust is due for an update: last confirmed {days} days ago.",
    ),
    FreshnessLevel.OVERDUE: Phrase(
        "Tin cậy quá cũ: {days} ngày không được xác nhận. Báo quản trị.",
        "Trust is too old: not confirmed for {days} days. Tell your administrator.",
    ),
    FreshnessLevel.UNKNOWN: Phrase(
        "Tin cậy chép tay: không rõ còn mới không.", "Trust was copied by hand: its age is unknown."
    ),
    FreshnessLevel.NONE: Phrase("Chưa cài chứng thư gốc nào.", "No issuer certificate is installed."),
}

FRESHNESS_MORE: Mapping[str, Phrase] = {
    "crl-overdue": Phrase("Danh sách thu hồi quá hạn: {count}.", "Revocation lists overdue: {count}."),
    "expired": Phrase(
        "Danh sách tin cậy đã hết hạn từ {date}: máy này không chứng minh hiện diện của thẻ. Báo quản trị cập nhật.",
        "The trust list ended on {date}: this computer proves no card’s presence. Have your administrator update it.",
    ),
    "next-due": Phrase("Hạn cập nhật: {date}.", "Update due by {date}."),
}
