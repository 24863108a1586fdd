"""What the gateway writes: CongdanCollection (QCVN 109:2017/BTTTT), KetQuaXacThuc, and SOAP faults."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mock_registers.messages import PersonRecord
from mock_registers.soap_variants import AreaCodes, Variant

__all__ = ["collection", "existence", "fault_said"]

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_DANCU = "{http://www.mic.gov.vn/dancu/1.0}"
_SEX = {"M": "1", "F": "2"}
_ETHNICITY = {"Kinh": "01", "Tày": "02", "Thái": "03"}
_NATIONALITY = {"Việt Nam": "VN", "VNM": "VN"}
_RELIGION = {"Không": "00", "": ""}


def collection(variant: Variant, areas: AreaCodes, person: PersonRecord | None) -> bytes:
    """Return the collection with the person, or empty."""
    envelope, body = _envelope()
    found = SubElement(body, f"{_DANCU}CongdanCollection")
    if person is not None:
        _write_person(SubElement(found, f"{_DANCU}CongDan"), variant, areas, person)
    return _bytes(envelope)


def existence(exists: bool) -> bytes:
    """Return the answer to a confirmation."""
    envelope, body = _envelope()
    SubElement(SubElement(body, f"{_DANCU}KetQuaXacThuc"), f"{_DANCU}TonTai").text = "true" if exists else "false"
    return _bytes(envelope)


def fault_said(whose: str, why: str) -> bytes:
    """Return a fault (SOAP 1.1 §4.4): ``whose`` is Client or Server."""
    envelope, body = _envelope()
    fault = SubElement(body, f"{_ENVELOPE}Fault")
    SubElement(fault, "faultcode").text = f"soapenv:{whose}"
    SubElement(fault, "faultstring").text = why
    return _bytes(envelope)


def _write_person(node: Element, variant: Variant, areas: AreaCodes, person: PersonRecord) -> None:
    _text(node, "SoDinhDanh", person.personal_number)
    _text(node, "SoCMND", person.old_number)
    _name(node, variant, person.full_name)
    _text(node, "GioiTinh", _SEX.get(person.sex, "0"))
    _text(node, "DanToc", _ETHNICITY.get(person.ethnicity, "99" if person.ethnicity else ""))
    _text(node, "TonGiao", _RELIGION.get(person.religion, "99"))
    _text(node, "TinhTrangHonNhan", "0")
    birth = SubElement(node, f"{_DANCU}NgayThangNamSinh")
    if len(person.date_of_birth) == 10:
        written = person.date_of_birth if variant.iso_dates else person.date_of_birth.replace("-", "")
        _text(birth, "NgayThangNam", written)
    else:
        _text(birth, "Nam", person.date_of_birth[:4])
    _place(node, "QueQuan", variant, areas, person.place_of_origin)
    _place(node, "ThuongTru", variant, areas, person.residence)
    _text(node, "QuocTich", _NATIONALITY.get(person.nationality, "ZZ" if person.nationality else ""))
    for name, relative in (("Cha", person.father), ("Me", person.mother), ("VoChong", person.spouse)):
        if relative:
            _name(SubElement(node, f"{_DANCU}{name}"), variant, relative)


def _place(node: Element, name: str, variant: Variant, areas: AreaCodes, text: str) -> None:
    place = SubElement(node, f"{_DANCU}{name}")
    detail, codes = areas.split(text) if variant.codes else (text, {})
    for part, width in (("MaTinhThanh", 2), ("MaQuanHuyen", 3), ("MaPhuongXa", 5)):
        _text(place, part, codes.get(width, ""))
    _text(place, "ChiTiet", detail)
    _text(place, "QuocGia", "VN")


def _name(node: Element, variant: Variant, full_name: str) -> None:
    name = SubElement(node, f"{_DANCU}HoVaTen")
    words = full_name.split(" ")
    if variant.whole_name_in_ten or len(words) < 3:
        parts = ("", "", full_name)
    else:
        parts = (words[0], " ".join(words[1:-1]), words[-1])
    for part, text in zip(("Ho", "ChuDem", "Ten"), parts, strict=True):
        _text(name, part, text)


def _text(node: Element, name: str, text: str) -> None:
    SubElement(node, f"{_DANCU}{name}").text = text


def _envelope() -> tuple[Element, Element]:
    envelope = Element(f"{_ENVELOPE}Envelope")
    return envelope, SubElement(envelope, f"{_ENVELOPE}Body")


def _bytes(envelope: Element) -> bytes:
    # No prefixes are registered: that would change the module for everybody, and any prefix is as good.
    written: bytes = ElementTree.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return written
