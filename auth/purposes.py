"""Why a citizen is looked up: each purpose with its legal basis and the wording a citizen reads."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PURPOSES", "Purpose", "allows", "purpose"]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Hold one purpose: its stable ``id``, its names, its legal basis, and which registers it may ask."""

    id: str
    name_vi: str
    name_en: str
    legal_basis: str
    registers: tuple[str, ...]


PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        id="land-change-registration",
        name_vi="Đất đai — đăng ký biến động",
        name_en="Land — registration of changes",
        legal_basis="Luật Đất đai 31/2024/QH15, Điều 133; Nghị định 101/2024/NĐ-CP",
        registers=("population", "land", "housing"),
    ),
    Purpose(
        id="permanent-residence",
        name_vi="Cư trú — đăng ký thường trú",
        name_en="Residence — permanent residence",
        legal_basis="Luật Cư trú 68/2020/QH14, Điều 22; Nghị định 104/2022/NĐ-CP",
        registers=("population",),
    ),
    Purpose(
        id="citizen-information",
        name_vi="Xác nhận thông tin công dân",
        name_en="Confirmation of citizen information",
        legal_basis="Luật Căn cước 26/2023/QH15, Điều 22; Nghị quyết 66.7/2025/NQ-CP",
        registers=("population",),
    ),
)


def purpose(id: str) -> Purpose:
    """Return the purpose ``id``; raise KeyError where there is none."""
    for known in PURPOSES:
        if known.id == id:
            return known
    raise KeyError(id)


def allows(id: str, register: str) -> bool:
    """Tell whether the purpose ``id`` exists and may ask ``register``: what it does not need, it does not ask."""
    return any(known.id == id and register in known.registers for known in PURPOSES)
