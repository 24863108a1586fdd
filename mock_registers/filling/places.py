"""Invented communes: what each was called before the mergers of 2025 and what it is called now."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COMMUNES", "HAMLETS", "Commune"]

HAMLETS = ("Thôn Đông", "Thôn Đoài", "Thôn Trung", "Thôn Thượng", "Thôn Hạ", "Xóm Mới", "Xóm Đình", "Ấp Chợ", "Khu 3")
_FIRST = ("Mẫu", "Thử", "Giả", "Phỏng", "Dụ", "Minh Họa", "Tân Thử", "Vĩnh Giả", "Phú Mẫu", "An Dụ")
_SECOND = ("Sơn", "Lâm", "Hà", "Điền", "Khê", "Bình", "Thạch", "Hải", "Long", "Xuân", "Trạch", "Giang")
_DISTRICTS = ("Thử Nghiệm", "Mẫu Hạ", "Giả Lộc", "Phỏng Tác", "Dụ Minh")
_PROVINCES = (("Giả Định", "Giả Định"), ("Mẫu Châu", "Giả Định"), ("Thử Giang", "Thử Giang"), ("Dụ An", "Thử Giang"))
_MERGED_OF = 3


@dataclass(frozen=True, slots=True)
class Commune:
    """Hold one commune of before, and the one it is part of now."""

    before: str
    now: str


def _communes() -> tuple[Commune, ...]:
    names = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    made = []
    for province_before, province in _PROVINCES:
        for number, name in enumerate(names):
            district = _DISTRICTS[number // (len(names) // len(_DISTRICTS))]
            # Three neighbours become one, which has the name of the first of them.
            merged = names[number - number % _MERGED_OF]
            kind = "Phường" if merged.startswith("Tân") else "Xã"
            made.append(
                Commune(f"Xã {name}, Huyện {district}, Tỉnh {province_before}", f"{kind} {merged}, Tỉnh {province}")
            )
    return tuple(made)


COMMUNES = _communes()
