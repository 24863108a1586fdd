"""What is said where the page is of one purpose and another one was chosen since."""

from __future__ import annotations

from desk.language import Language, Phrase
from desk.view import ActionId, DeskView

__all__ = ["other_purpose_words"]

_OF = Phrase(
    "Kết quả trên trang thuộc mục đích “{asked}” ({basis}).",
    "This page belongs to the purpose “{asked}” ({basis}).",
)
_NEXT = Phrase("Tra cứu lại để hỏi cho mục đích vừa chọn.", "Look up again for the one you chose.")


def other_purpose_words(view: DeskView, language: Language) -> str:
    """Return for what the page was looked up, and how to look up for the chosen purpose; "" where they are the same."""
    asked = view.asked_for
    if asked is None or not view.other_purpose_chosen:
        return ""
    name = asked.name_vi if language is Language.VIETNAMESE else asked.name_en
    said = _OF.text(language, asked=name, basis=asked.legal_basis)
    return f"{said} {_NEXT.text(language)}" if ActionId.LOOK_UP_AGAIN in view.actions else said
