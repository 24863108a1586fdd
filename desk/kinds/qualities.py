"""The data-quality groups of the national clean-up, as land and housing show them."""

from __future__ import annotations

from collections.abc import Mapping

from desk.language import Phrase
from desk.section_view import Standing

__all__ = ["QUALITY_HEAD", "QUALITY_WORDS", "STANDINGS"]

STANDINGS: Mapping[str, Standing] = {
    "verified": Standing.GOOD,
    "incomplete": Standing.ATTENTION,
    "unverified": Standing.UNKNOWN,
}
QUALITY_WORDS: Mapping[str, Phrase] = {
    "verified": Phrase("đã xác thực với dân cư", "verified against the population register"),
    "incomplete": Phrase("chưa đầy đủ", "incomplete"),
    "unverified": Phrase("chưa xác thực", "not verified"),
}
QUALITY_HEAD = Phrase("Chất lượng dữ liệu", "Data quality")
