"""Text made safe: what hides something goes and is reported, letters stay."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.lds import TextFinding, make_safe


@pytest.mark.parametrize(
    ("text", "shown", "finding"),
    [
        ("Mẫu\u202etxt", "Mẫutxt", TextFinding.BIDI),
        ("Mẫu\u2066A\u2069", "MẫuA", TextFinding.BIDI),
        ("M\u200bẫ\u200du", "Mẫu", TextFinding.INVISIBLE),
        ("M\ufeffẫu", "Mẫu", TextFinding.INVISIBLE),
        ("Mẫu\u3164", "Mẫu", TextFinding.INVISIBLE),
        ("Mẫu\U000e0100", "Mẫu", TextFinding.INVISIBLE),
        ("Mẫu\u0000\u001b[31m", "Mẫu [31m", TextFinding.CONTROL),
        ("Mẫu\r\nVăn", "Mẫu Văn", TextFinding.CONTROL),
        ("Mẫu\u2028Văn", "Mẫu Văn", TextFinding.CONTROL),
        ("a" + "\u0489" * 50, "a" + "\u0489" * 3, TextFinding.COMBINING_FLOOD),
        ("\u0301a", "a", TextFinding.COMBINING_FLOOD),
        ("M\ue000u", "M\ufffdu", TextFinding.NO_CHARACTER),
        ("M\ufffdu", "M\ufffdu", TextFinding.NO_CHARACTER),
    ],
)
def test_what_hides_something_goes_and_is_reported(text: str, shown: str, finding: TextFinding) -> None:
    safe = make_safe(text)
    assert safe.text == shown
    assert finding in safe.findings
    assert safe.misleading


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Văn Mẫu",
        "Y Đăm H’Bŏ Êčam",
        "Ñ ĕ ĭ",
        "Số 12/3, Tổ 4 - Khu 5",
        "<script>alert(1)</script>",
        "=cmd()",
        "李",
    ],
)
def test_letters_and_signs_stay_as_they_are(text: str) -> None:
    assert make_safe(text) == make_safe(make_safe(text).text)
    assert make_safe(text).text == text
    assert make_safe(text).findings == ()


def test_decomposed_text_is_composed_which_misleads_nobody() -> None:
    safe = make_safe(unicodedata.normalize("NFD", "Nguyễn Thị Đượm"))
    assert safe.text == unicodedata.normalize("NFC", "Nguyễn Thị Đượm")
    assert safe.findings == (TextFinding.NOT_NFC,)
    assert not safe.misleading


def test_more_text_than_any_field_has_is_refused() -> None:
    assert make_safe("a" * 2048).text == "a" * 2048
    with pytest.raises(DataError):
        make_safe("a" * 2049)


@given(st.text(max_size=200))
def test_safe_text_is_one_line_of_nfc_without_anything_invisible(text: str) -> None:
    safe = make_safe(text).text
    assert safe == unicodedata.normalize("NFC", safe)
    assert safe == " ".join(safe.split())
    assert not {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"} & {unicodedata.category(character) for character in safe}
    assert make_safe(safe).text == safe


def test_a_representation_never_shows_the_text() -> None:
    assert "Mẫu" not in repr(make_safe("Mẫu"))
