"""Text from a register: one form, one line, nothing invisible."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.registers.text import clean_text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Nguyễn Văn Mẫu", "Nguyễn Văn Mẫu"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), "Nguyễn Thị Hoà"),
        ("H'Mŭt Niê Kčŏr", "H'Mŭt Niê Kčŏr"),
        ("  Thôn Đông,\r\nXã\tMẫu Lâm ", "Thôn Đông, Xã Mẫu Lâm"),
        ("Nguyễn\u202eVăn\u200b Mẫu\x00", "NguyễnVăn Mẫu"),
        ("\ufeffMẫu\ue000", "Mẫu"),
        ("\x1b[31mMẫu", "[31mMẫu"),
        ("\u2066\u2069", ""),
        ("<b>&amp; '; DROP", "<b>&amp; '; DROP"),
    ],
)
def test_text_is_one_visible_line_in_nfc(said: str, kept: str) -> None:
    assert clean_text(said) == kept


@given(st.text(max_size=200))
def test_cleaning_is_done_once_and_for_all(said: str) -> None:
    kept = clean_text(said)
    assert clean_text(kept) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") for character in kept)
    assert len(kept.splitlines()) <= 1
