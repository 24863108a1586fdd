"""Addresses: abbreviations and case are folded, units are not, and a renamed place is told from another one."""

from __future__ import annotations

import pytest

from desk.places import compare_places
from desk.view import Match

SAME, OTHERWISE, DIFFERENT, RENAMED = Match.SAME, Match.SAME_WRITTEN_OTHERWISE, Match.DIFFERENT, Match.RENAMED
OLD = "Số 12, Thôn Đông, Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định"
NEW = "Số 12, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định"


@pytest.mark.parametrize(
    ("chip", "register", "match"),
    [
        (OLD, OLD.upper(), SAME),
        ("Thôn Đông,Xã Mẫu Sơn", "thôn Đông,  xã Mẫu Sơn", SAME),
        ("Phường 5, Quận 1, Thành phố Hồ Chí Minh", "P.5, Q.1, TP.HCM", OTHERWISE),
        ("Phường 05, Quận 1", "P5, Q1", OTHERWISE),
        ("Số 12 Đường Lê Lợi, Thị trấn Mẫu", "12 đường Lê Lợi, TT. Mẫu", OTHERWISE),
        ("Xã Mẫu Sơn, Tỉnh Giả Định", "X. Mẫu Sơn, Giả Định", OTHERWISE),
        ("Xã Mẫu Sơn, Tỉnh Giả Định", "Xã Mẫu Sơn, Tỉnh Giả Định, Việt Nam", OTHERWISE),
        ("Thị xã Hoà Mẫu", "TX Hòa Mẫu", OTHERWISE),
        ("Xã Mẫu, Huyện Kỳ Anh", "Xã Mẫu, Thị xã Kỳ Anh", DIFFERENT),
        ("Phường Mẫu", "Xã Mẫu", DIFFERENT),
        ("Số 12, Phường 5", "Số 13, Phường 5", DIFFERENT),
        ("Xã Mẫu Sơn", "Xã Mậu Sơn", DIFFERENT),
        ("Khu H, Xã Mẫu", "Khu K, Xã Mẫu", DIFFERENT),
        (OLD, NEW, DIFFERENT),
    ],
)
def test_addresses_by_example(chip: str, register: str, match: Match) -> None:
    assert compare_places(chip, register)[0] is match


def test_a_register_that_says_the_former_name_makes_it_renamed() -> None:
    assert compare_places(OLD, NEW, OLD) == (RENAMED, "renamed-2025")
    assert compare_places(OLD, NEW, OLD.replace("Huyện", "H."))[0] is RENAMED


def test_another_former_name_is_no_excuse() -> None:
    assert compare_places(OLD, NEW, OLD.replace("12", "14"))[0] is DIFFERENT


def test_another_unit_of_the_same_name_is_told_as_such() -> None:
    assert compare_places("Huyện Kỳ Anh", "Thị xã Kỳ Anh") == (DIFFERENT, "other-unit")
