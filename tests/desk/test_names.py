"""Names as a civil registry compares them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.names import compare_names, fold_tone_placement, same_letters
from desk.view import Match

SAME, OTHERWISE, DIFFERENT = Match.SAME, Match.SAME_WRITTEN_OTHERWISE, Match.DIFFERENT

RULES = [
    ("Nguyễn Văn Mẫu", "Nguyễn Văn Mẫu", SAME, ""),
    ("Nguyễn Văn Mẫu", unicodedata.normalize("NFD", "Nguyễn Văn Mẫu"), SAME, ""),
    ("Nguyễn Văn Mẫu", "NGUYỄN VĂN MẪU", SAME, ""),
    ("Nguyễn Văn Mẫu", "  Nguyễn  Văn Mẫu ", SAME, ""),
    ("Bùi Đức", "Bùi Ðức", SAME, ""),
    ("H'Hen Niê", "H’Hen Niê", SAME, ""),
    ("Trần Hoà", "Trần Hòa", OTHERWISE, "tone-placement"),
    ("Lê Thị Thúy", "LÊ THỊ THUÝ", OTHERWISE, "tone-placement"),
    ("Phạm Quý", "Phạm Qúy", OTHERWISE, "tone-placement"),
    ("H'Hen Niê", "H Hen Niê", OTHERWISE, "apostrophe-or-hyphen"),
    ("H'Hen Niê", "HHen Niê", OTHERWISE, "apostrophe-or-hyphen"),
    ("Y-Moan Êñuôl", "Y Moan Êñuôl", OTHERWISE, "apostrophe-or-hyphen"),
    ("Y Blŏk Êban", "Y Blok Êban", OTHERWISE, "minority-letters"),
    ("Čư Păng", "Cư Păng", OTHERWISE, "minority-letters"),
    ("Y Ñing", "Y Ning", OTHERWISE, "minority-letters"),
    ("Kpă Hŭng", "Kpă Hung", OTHERWISE, "minority-letters"),
    ("Rơ Mah Bĕl", "Rơ Mah Bel", OTHERWISE, "minority-letters"),
    ("Nguyễn Văn Mẫu", "NGUYEN VAN MAU", OTHERWISE, "without-diacritics"),
    ("Đỗ Thị Đào", "DO THI DAO", OTHERWISE, "without-diacritics"),
    ("Nguyễn Văn Mẫu", "Nguyễn Văn Mậu", DIFFERENT, "other-letters"),
    ("Nguyễn Văn Mẫu", "Nguyễn Văn Mâu", DIFFERENT, "other-letters"),
    ("Mai Lan Anh", "Mai Lân Anh", DIFFERENT, "other-letters"),
    ("Trần Đương", "Trần Dương", DIFFERENT, "other-letters"),
    ("Trần Thị Lý", "Trần Thị Lí", DIFFERENT, "other-letters"),
    ("Kpă Lăng", "Kpă Lang", DIFFERENT, "other-letters"),
    ("Lê Hà Ngân", "Lê Hàng Ân", DIFFERENT, "other-letters"),
    ("Nguyễn Văn Mẫu", "Nguyễn Mẫu", DIFFERENT, "other-words"),
    ("Nguyễn Văn Mẫu", "NGUYEN MAU", DIFFERENT, "other-words"),
    ("Nguyễn Văn Mẫu", "Mẫu Văn Nguyễn", DIFFERENT, "other-letters"),
]


@pytest.mark.parametrize(("chip", "register", "match", "reason"), RULES)
def test_the_rules_by_example(chip: str, register: str, match: Match, reason: str) -> None:
    found = compare_names(chip, register)
    assert (found.match, found.reason) == (match, reason)


def test_a_name_out_of_the_mrz_may_lack_what_the_register_has() -> None:
    found = compare_names("NGUYEN VAN MAU", "Nguyễn Văn Mẫu", chip_is_plain=True)
    assert found.match is OTHERWISE
    assert compare_names("NGUYEN VAN MAU", "Nguyễn Văn Mẫu").match is DIFFERENT


LETTERS = "aăâeêioôơuưyàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵbcdđghklmnpqrstvxŏŭčĕĭñ' -"
NAMES = st.text(LETTERS, min_size=1, max_size=24).filter(lambda name: bool(name.strip()))


@given(NAMES)
def test_a_name_is_the_same_in_every_encoding_and_case(name: str) -> None:
    assert compare_names(name, unicodedata.normalize("NFD", name).upper()).match is SAME


@given(NAMES, NAMES)
def test_comparing_never_fails_and_same_means_the_same_letters(chip: str, register: str) -> None:
    found = compare_names(chip, register)
    assert (found.match is SAME) == (same_letters(chip) == same_letters(register))
    assert (found.match is SAME) == (found.reason == "")


@given(NAMES)
def test_moving_tone_marks_twice_moves_them_no_further(name: str) -> None:
    once = fold_tone_placement(name)
    assert fold_tone_placement(once) == once
