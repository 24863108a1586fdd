"""The fields and questions that a purpose may name, as the wire writes them, and what a citizen calls them.

A test holds the fields to the records of ``auth.registers``. What makes an answer judgeable is told always and stands
in no purpose: whose record it is and whether their card is valid; of a parcel its certificate, the quality of its data
and the citizen's own entry among the holders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["ALWAYS_TOLD", "FIELDS", "IDENTITY_QUESTIONS", "REGISTERS", "WAYS_OF", "is_question", "question_words"]

Words = tuple[str, str]

# Each with its Vietnamese and its English name.
REGISTERS: Mapping[str, Words] = {
    "population": ("Cơ sở dữ liệu quốc gia về dân cư", "the National Population Database"),
    "land": ("Cơ sở dữ liệu quốc gia về đất đai", "the National Land Database"),
    "housing": (
        "Hệ thống thông tin về nhà ở và thị trường bất động sản",
        "the information system on housing and the real-estate market",
    ),
}

_CERTIFICATE: Mapping[str, Words] = {
    "certificate_serial": ("số phát hành giấy chứng nhận", "serial of the certificate"),
    "quality": ("chất lượng dữ liệu", "quality of the data"),
}

ALWAYS_TOLD: Mapping[str, Mapping[str, Words]] = {
    "population": {
        "personal_number": ("số định danh", "personal number"),
        "card_status": ("tình trạng của thẻ", "status of the card"),
    },
    "land": _CERTIFICATE,
    "housing": _CERTIFICATE,
}

# Registers that are searched in more ways than one.
WAYS_OF = frozenset({"land", "housing"})

_POPULATION: Mapping[str, Words] = {
    "full_name": ("họ và tên", "full name"),
    "date_of_birth": ("ngày sinh", "date of birth"),
    "sex": ("giới tính", "sex"),
    "nationality": ("quốc tịch", "nationality"),
    "ethnicity": ("dân tộc", "ethnicity"),
    "religion": ("tôn giáo", "religion"),
    "place_of_origin": ("quê quán", "place of origin"),
    "residence": ("nơi cư trú", "residence"),
    "residence_before": ("nơi cư trú theo tên trước 01/7/2025", "residence by its name before 1 July 2025"),
    "father": ("họ tên cha", "father’s name"),
    "mother": ("họ tên mẹ", "mother’s name"),
    "spouse": ("họ tên vợ hoặc chồng", "spouse’s name"),
    "old_number": ("số CMND cũ", "old identity number"),
    "issue_date": ("ngày cấp thẻ", "date of issue of the card"),
    "expiry": ("hạn của thẻ", "date of expiry of the card"),
}

_LAND: Mapping[str, Words] = {
    "map_sheet": ("số tờ bản đồ", "map sheet"),
    "parcel_number": ("số thửa", "parcel number"),
    "commune": ("xã hoặc phường", "commune"),
    "commune_before": ("xã hoặc phường trước khi sắp xếp", "former commune"),
    "address": ("địa chỉ thửa đất", "address of the parcel"),
    "area_m2": ("diện tích", "area"),
    "land_type": ("mã loại đất", "land type code"),
    "land_type_name": ("loại đất", "land type"),
    "term": ("thời hạn sử dụng", "term of use"),
    "form_of_use": ("hình thức sử dụng", "form of use"),
    "origin": ("nguồn gốc sử dụng", "origin of use"),
    "holders": ("mọi người sử dụng đất", "all holders"),
    "boundary": ("ranh giới thửa đất", "boundary of the parcel"),
    "issued": ("ngày cấp giấy chứng nhận", "date of issue of the certificate"),
}

_HOUSING: Mapping[str, Words] = {
    "kind": ("loại nhà ở", "kind of dwelling"),
    "scheme": ("chương trình nhà ở", "housing scheme"),
    "project": ("dự án", "project"),
    "block": ("toà nhà", "block"),
    "floor": ("tầng", "floor"),
    "floors": ("số tầng của toà nhà", "floors of the building"),
    "number": ("số căn", "number of the dwelling"),
    "address": ("địa chỉ nhà ở", "address of the dwelling"),
    "commune": ("xã hoặc phường", "commune"),
    "commune_before": ("xã hoặc phường trước khi sắp xếp", "former commune"),
    "floor_area_m2": ("diện tích sàn", "floor area"),
    "ownership_form": ("hình thức sở hữu", "form of ownership"),
    "ownership_term": ("thời hạn sở hữu", "term of ownership"),
    "owners": ("mọi chủ sở hữu", "all owners"),
    "encumbrances": ("hạn chế quyền", "encumbrances"),
    "transactions": ("giao dịch đã ghi nhận", "recorded transactions"),
    "issued": ("ngày cấp giấy chứng nhận", "date of issue of the certificate"),
}

FIELDS: Mapping[str, Mapping[str, Words]] = {"population": _POPULATION, "land": _LAND, "housing": _HOUSING}

# A number alone opens nothing, so whoever asks anything about a citizen asks these three together.
IDENTITY_QUESTIONS = ("personal-number", "full-name", "date-of-birth")
_QUESTIONS: Mapping[str, Words] = {
    "personal-number": ("số định danh có khớp không", "does the personal number agree"),
    "full-name": ("họ và tên có khớp không", "does the full name agree"),
    "date-of-birth": ("ngày sinh có khớp không", "does the date of birth agree"),
    "card-valid": ("thẻ còn giá trị không", "is the card valid"),
}
_AGE = re.compile(r"over-([1-9][0-9]?)")
_AGE_WORDS: Words = ("đã đủ {age} tuổi chưa", "is the citizen {age} or older")


def is_question(id: str) -> bool:
    """Tell whether ``id`` is a question that has words: one of the list, or over-N for an age of 1 to 99."""
    return id in _QUESTIONS or _AGE.fullmatch(id) is not None


def question_words(id: str) -> Words:
    """Return a question in Vietnamese and English, without its question mark; raise KeyError for one there is not."""
    age = _AGE.fullmatch(id)
    if age is None:
        return _QUESTIONS[id]
    vietnamese, english = _AGE_WORDS
    return vietnamese.format(age=age[1]), english.format(age=age[1])
