"""The gateways that provinces and ministries are known to run, as variants by name: what each wants and how it writes.

Written apart from the client's ``SoapGateway`` on purpose: an error in one must not hide in the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mock_cards.personas import Persona

__all__ = ["PROCEDURES", "VARIANTS", "AreaCodes", "Variant"]

USER = "motcua-test"
AUTH_URL = "https://127.0.0.1/lgsp/token"
X_ROAD_CLIENT = "VN-TEST/GOV/099/MOTCUA"

# National codes of procedures as the sandbox knows them; invented, like its people.
PROCEDURES = {
    "land-change-registration": "9.990001",
    "permanent-residence": "9.990002",
    "citizen-information": "9.990003",
    "temporary-residence": "9.990004",
    "birth-registration": "9.990005",
    "marriage-registration": "9.990006",
    "land-information": "9.990007",
    "housing-ownership": "9.990008",
    "housing-purchase": "9.990009",
    "electricity-contract": "9.990010",
    "own-data": "9.990011",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """Hold how one gateway differs from the next."""

    name: str
    about: str
    media_type: str = "application/xml"
    basic: bool = False
    x_road: bool = False
    api_key: bool = False
    newer_elements: bool = False
    iso_dates: bool = False
    codes: bool = False
    whole_name_in_ten: bool = True


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("plain", "no log-in, dates as yyyyMMdd, places in words"),
        Variant("basic", "Timestamp and a hashed Basic log-in, text/xml", media_type="text/xml", basic=True),
        Variant(
            "x-road",
            "X-Road-Client, dates as yyyy-MM-dd, MaDonVi, TaiKhoan and SoDienThoai wanted, places as codes",
            x_road=True,
            newer_elements=True,
            iso_dates=True,
            codes=True,
        ),
        Variant("api-key", "ApiKey, names in three parts", api_key=True, whole_name_in_ten=False),
    )
}


class AreaCodes:
    """Give the places of the sandbox's people codes: 2 digits a province, 3 a district, 5 a commune."""

    def __init__(self, personas: Iterable[Persona]) -> None:
        places = [
            text
            for persona in personas
            for text in (
                persona.card.place_of_origin,
                persona.population.place_of_origin or "",
                persona.card.residence,
                persona.population.residence or "",
            )
        ]
        names: dict[int, set[str]] = {2: set(), 3: set(), 5: set()}
        for text in places:
            for width, name in _areas(text)[1]:
                names[width].add(name)
        self._codes = {
            (width, name): f"{number:0{width}d}"
            for width, of_width in names.items()
            for number, name in enumerate(sorted(of_width), 10 ** (width - 1))
        }

    @property
    def names(self) -> dict[str, str]:
        """Return the name of each code."""
        return {code: name for (_, name), code in self._codes.items()}

    def split(self, text: str) -> tuple[str, dict[int, str]]:
        """Return what stands before the areas in ``text``, and the code of each area by its width."""
        detail, areas = _areas(text)
        return detail, {width: self._codes[width, name] for width, name in areas if (width, name) in self._codes}


_WIDTHS = {"Xã ": 5, "Phường ": 5, "Thị trấn ": 5, "Huyện ": 3, "Thị xã ": 3, "Tỉnh ": 2}
_COMMUNE = 5


def _areas(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Split "detail, commune[, district], province" from its end; areas by the width of their codes."""
    parts = text.split(", ")
    areas: list[tuple[int, str]] = []
    while parts and (width := _width(parts[-1], last=not areas)):
        areas.append((width, parts.pop()))
        if width == _COMMUNE:
            break
    return ", ".join(parts), areas


def _width(name: str, *, last: bool) -> int:
    """Return how many digits the area's code has, 0 for what is none; a city at the end is a province."""
    if name.startswith("Thành phố "):
        return 2 if last else 3
    return next((width for kind, width in _WIDTHS.items() if name.startswith(kind)), 0)
