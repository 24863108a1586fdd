"""Invented people's names, as each people of the country makes them: which part is whose, and what children inherit."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["PEOPLES", "People", "PersonName", "draw", "draw_people"]


def draw(source: random.Random, words: Sequence[str]) -> str:
    """Return one of ``words``; a third of the cost of ``random.choice``, and there are millions of these."""
    return words[int(source.random() * len(words))]


@dataclass(frozen=True, slots=True)
class PersonName:
    """Hold a name and the part of it that goes to children: the family's or the clan's."""

    full: str
    inherited: str


@dataclass(frozen=True, slots=True)
class People:
    """Hold how one people names its members; ``{family}`` and ``{given}`` stand in the patterns, ``{middle}`` may."""

    ethnicity: str
    share: float
    families: tuple[str, ...]
    male: tuple[str, ...]
    female: tuple[str, ...]
    male_pattern: str = "{family} {middle} {given}"
    female_pattern: str = "{family} {middle} {given}"
    male_middles: tuple[str, ...] = ("Văn",)
    female_middles: tuple[str, ...] = ("Thị",)
    by_mother: bool = False
    """Children have the mother's clan."""

    def name(self, source: random.Random, sex: str, inherited: str = "") -> PersonName:
        """Return a name for somebody of this sex, with what the parents hand on or a family of their own."""
        family = inherited or draw(source, self.families)
        male = sex == "M"
        full = (self.male_pattern if male else self.female_pattern).format(
            family=family,
            middle=draw(source, self.male_middles if male else self.female_middles),
            given=draw(source, self.male if male else self.female),
        )
        return PersonName(full, family)


_KINH_FAMILIES = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ",
    "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Trịnh", "Mai", "Tạ", "Quách", "Lưu", "Thái", "Chu",
)  # fmt: skip  # a list of words
_KINH_MALE = (
    "Anh", "Bảo", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Đức", "Hải", "Hiếu", "Hòa", "Hùng", "Huy", "Khánh", "Khoa",
    "Kiên", "Lâm", "Long", "Minh", "Nam", "Nghĩa", "Phong", "Phúc", "Quang", "Quân", "Sơn", "Tài", "Thắng", "Thành",
    "Thịnh", "Tiến", "Toàn", "Trung", "Tuấn", "Tùng", "Việt", "Vinh",
)  # fmt: skip  # a list of words
_KINH_FEMALE = (
    "An", "Ánh", "Bích", "Châu", "Chi", "Dung", "Duyên", "Giang", "Hà", "Hằng", "Hạnh", "Hiền", "Hoa", "Hoài", "Hồng",
    "Huệ", "Hương", "Lan", "Liên", "Linh", "Loan", "Mai", "My", "Nga", "Ngân", "Ngọc", "Nhung", "Phương", "Quyên",
    "Thảo", "Thu", "Thủy", "Thúy", "Trang", "Tuyết", "Uyên", "Vân", "Yến",
)  # fmt: skip  # a list of words
_KINH_MALE_MIDDLES = ("Văn", "Văn", "Văn", "Đức", "Minh", "Quốc", "Hữu", "Công", "Xuân", "Đình", "Ngọc", "Thanh")
_KINH_FEMALE_MIDDLES = ("Thị", "Thị", "Thị", "Thị Thu", "Thị Kim", "Ngọc", "Thanh", "Thùy", "Minh", "Bảo", "Thị Mỹ")

PEOPLES: tuple[People, ...] = (
    People(
        "Kinh", 0.85, _KINH_FAMILIES, _KINH_MALE, _KINH_FEMALE,
        male_middles=_KINH_MALE_MIDDLES, female_middles=_KINH_FEMALE_MIDDLES,
    ),
    People("Tày", 0.02, ("Nông", "Hoàng", "Triệu", "Bế", "Ma", "Lương"), _KINH_MALE, _KINH_FEMALE),
    People("Nùng", 0.015, ("Nông", "Lục", "Vi", "Hứa", "Lăng", "Đàm"), _KINH_MALE, _KINH_FEMALE),
    People("Mường", 0.015, ("Bùi", "Quách", "Đinh", "Hà", "Xa"), _KINH_MALE, _KINH_FEMALE),
    People(
        "Thái", 0.02, ("Lò", "Cà", "Quàng", "Tòng", "Cầm", "Lường"),
        ("Pánh", "Ơn", "Hặc", "Xương", "Inh"), ("Pản", "Ín", "Hương", "Xuân", "Ọi"),
    ),
    People(
        "Mông", 0.02, ("Giàng", "Vàng", "Sùng", "Thào", "Lầu", "Mùa", "Cứ"),
        ("Sử", "Páo", "Dơ", "Chu", "Tủa", "Lử"), ("Mỷ", "Dí", "Sua", "Chía", "Máy"), male_middles=("A",),
    ),
    People(
        "Khmer", 0.02, ("Thạch", "Sơn", "Kim", "Danh", "Châu", "Lâm"),
        ("Sóc Kha", "Ranh", "Phol", "Rithy", "Sa Rương"), ("Thi Sóc", "Sa Phol", "Sô Phia", "Da Ni"),
        male_pattern="{family} {given}", female_pattern="{family} {given}",
    ),
    People(
        "Ê Đê", 0.015, ("Niê", "Niê Kđăm", "Mlô", "Êban", "Kčŏr", "Ayŭn", "Byă"),
        ("Blŏ", "Tŭng", "Đŭk", "Wơn", "Khăm"), ("Mŭt", "Čưm", "Bliăk", "Hen", "Rŭt"),
        male_pattern="Y {given} {family}", female_pattern="H'{given} {family}", by_mother=True,
    ),
    People(
        "Gia Rai", 0.015, ("Rơ Mah", "Siu", "Ksor", "Kpă", "Rah Lan"),
        ("Bơm", "Thih", "Hyŏp", "Wưh"), ("Blưn", "Phyin", "Yơng", "Nhơn"),
        male_pattern="{family} {given}", female_pattern="{family} H'{given}", by_mother=True,
    ),
    People(
        "Chăm", 0.01, ("Đàng", "Quảng", "Bá", "Thiên", "Kiều", "Lưu"),
        ("Năng Thân", "Đại Thuận", "Trung Hải", "Minh Nhựt"), ("Thị Hoa Lý", "Thị Kiều Dâng", "Nữ Minh Xuân"),
        male_pattern="{family} {given}", female_pattern="{family} {given}", by_mother=True,
    ),
)  # fmt: skip  # a table of peoples


def draw_people(source: random.Random) -> People:
    """Return a people, each as often as its share says."""
    left = source.random()
    for people in PEOPLES:
        left -= people.share
        if left < 0:
            return people
    return PEOPLES[0]
