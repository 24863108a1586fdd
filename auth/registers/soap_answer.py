"""What a population gateway answers: CongdanCollection/CongDan (QCVN 109:2017/BTTTT) or KetQuaXacThuc/TonTai."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from auth.registers.messages import GatewayPersonMessage
from auth.registers.ports import AnswerNote, PopulationRecord
from auth.registers.soap_request import ENVELOPE, REQUEST
from auth.registers.soap_xml import XmlNode, parse_xml
from auth.wire.soap_gateway import DateForm, SoapGateway
from reader.errors import DataError
from reader.lds.identity import CalendarDate, Sex

__all__ = ["DANCU", "GatewayReading", "SoapFaultSaid", "citizen_of", "existence_of", "open_envelope"]

DANCU = "http://www.mic.gov.vn/dancu/1.0"

# Whether the parts of a record carry its namespace depends on the gateway; another namespace is never theirs.
_PARTS = (DANCU, "")
_TRUE, _FALSE = ("true", "1"), ("false", "0")
_YEAR, _COMPACT = 4, 8


class SoapFaultSaid(Exception):
    """Say that the gateway answered a fault; ``of_client`` that it blames the question (SOAP 1.1 §4.4.1)."""

    def __init__(self, *, of_client: bool) -> None:
        super().__init__("fault")
        self.of_client = of_client


@dataclass(frozen=True, slots=True, repr=False)
class GatewayReading:
    """Hold a record as far as it could be read, what must be said of it, and whether it told more than was asked."""

    record: PopulationRecord | None
    notes: tuple[AnswerNote, ...] = ()
    more: bool = False


def open_envelope(data: bytes) -> tuple[XmlNode, ...]:
    """Return what stands in the body; raise SoapFaultSaid for a fault, DataError for what is no SOAP 1.1."""
    root = parse_xml(data)
    if (root.namespace, root.name) != (ENVELOPE, "Envelope"):
        raise DataError("soap: no envelope")
    body = root.only("Body", ENVELOPE)
    if body is None or len(body.children) > 1:
        raise DataError("soap: no body, or several things in it")
    fault = body.only("Fault", ENVELOPE)
    if fault is not None:
        code = fault.only("faultcode", "")
        # The code is a QName; its dotted refinements follow the general one.
        local = code.text.rpartition(":")[2].partition(".")[0] if code is not None else ""
        raise SoapFaultSaid(of_client=local == "Client")
    return body.children


def existence_of(said: tuple[XmlNode, ...]) -> bool:
    """Return whether such a citizen exists, from KetQuaXacThuc/TonTai; raise DataError for anything else."""
    result = said[0] if said else None
    if result is None or result.name != "KetQuaXacThuc" or result.namespace not in (*_PARTS, REQUEST):
        raise DataError("soap: no result of a confirmation")
    exists = result.only("TonTai", *_PARTS, REQUEST)
    if exists is None or exists.text not in (*_TRUE, *_FALSE):
        raise DataError("soap: neither yes nor no")
    return exists.text in _TRUE


def citizen_of(gateway: SoapGateway, said: tuple[XmlNode, ...], asked: tuple[str, ...]) -> GatewayReading:
    """Return of the one citizen of the collection what was ``asked``, or none where it has no CongDan.

    The gateway tells all it has, whatever was asked; the rest is dropped here. Raise DataError for anything else.
    """
    if not said and gateway.empty_body_is_no_match:
        return GatewayReading(None)
    if not said or (said[0].namespace, said[0].name) != (DANCU, "CongdanCollection"):
        raise DataError("soap: no collection of citizens")
    if any((child.name, child.namespace in _PARTS) != ("CongDan", True) for child in said[0].children):
        raise DataError("soap: a collection of something else")
    person = said[0].only("CongDan", *_PARTS)
    return _PersonReader(gateway).read(person, asked) if person is not None else GatewayReading(None)


class _PersonReader:
    """Read one CongDan; takes note where a code has no name here, for then a field stays empty."""

    def __init__(self, gateway: SoapGateway) -> None:
        self._dates = gateway.answer_date
        self._names = gateway.names
        self._nameless = False

    def read(self, person: XmlNode, asked: tuple[str, ...]) -> GatewayReading:
        sex = self._named(self._names.sex, _text(person, "GioiTinh"))
        said = {
            "personal_number": _text(person, "SoDinhDanh"),
            "old_number": _text(person, "SoCMND"),
            "full_name": _full_name(person),
            "date_of_birth": self._date(person),
            "sex": Sex(sex) if sex else Sex.UNSPECIFIED,
            "nationality": self._named(self._names.nationality, _text(person, "QuocTich")),
            "ethnicity": self._named(self._names.ethnicity, _text(person, "DanToc")),
            "religion": self._named(self._names.religion, _text(person, "TonGiao")),
            "place_of_origin": self._place(person, "QueQuan"),
            "residence": self._place(person, "ThuongTru"),
            "father": _relative(person, "Cha"),
            "mother": _relative(person, "Me"),
            "spouse": _relative(person, "VoChong"),
        }
        message = _try_message(said)
        if message is None:
            raise DataError("soap: a record out of bounds")
        notes = (AnswerNote.CODES_WITHOUT_NAMES,) if self._nameless else ()
        return GatewayReading(message.record(asked), notes, more=message.exceeds(asked))

    def _named(self, table: tuple[tuple[str, str], ...], code: str) -> str:
        name = dict(table).get(code, "")
        self._nameless = self._nameless or bool(code and not name)
        return name

    def _place(self, person: XmlNode, name: str) -> str:
        """Return the place in words; empty where one of its codes has none, for half an address is another one."""
        place = person.only(name, *_PARTS)
        if place is None:
            return ""
        codes = [_text(place, part) for part in ("MaPhuongXa", "MaQuanHuyen", "MaTinhThanh")]
        names = [self._named(self._names.areas, code) for code in codes]
        if any(code and not written for code, written in zip(codes, names, strict=True)):
            return ""
        return ", ".join(part for part in (_text(place, "ChiTiet"), *names) if part)

    def _date(self, person: XmlNode) -> str:
        """Return the date of birth as ISO 8601, as far as it is known."""
        birth = person.only("NgayThangNamSinh", *_PARTS)
        whole = _text(birth, "NgayThangNam") if birth is not None else ""
        year = _text(birth, "Nam") if birth is not None else ""
        return _parse_date(self._dates, whole or year).isoformat()


def _parse_date(form: DateForm, text: str) -> CalendarDate:
    """Read a date in the gateway's form, or a year alone; 00 stands for a month or a day that nobody knows."""
    if len(text) == _YEAR:
        return CalendarDate.from_iso(text)
    if form is DateForm.ISO:
        return CalendarDate.from_iso(text)
    if form is DateForm.VIETNAMESE:
        return CalendarDate.from_vietnamese(text)
    if len(text) != _COMPACT or not text.isascii() or not text.isdigit():
        raise DataError("soap: no date")
    return CalendarDate(int(text[:4]), int(text[4:6]), int(text[6:]))


def _text(node: XmlNode, name: str) -> str:
    child = node.only(name, *_PARTS)
    return child.text if child is not None else ""


def _full_name(node: XmlNode) -> str:
    """Return HoVaTen in one piece: most gateways leave Ho and ChuDem empty and write the whole name into Ten."""
    name = node.only("HoVaTen", *_PARTS)
    if name is None:
        return ""
    parts = [_text(name, part) for part in ("Ho", "ChuDem", "Ten")]
    return " ".join(part for part in parts if part) or name.text


def _relative(person: XmlNode, name: str) -> str:
    relative = person.only(name, *_PARTS)
    return _full_name(relative) if relative is not None else ""


def _try_message(said: Mapping[str, object]) -> GatewayPersonMessage | None:
    # None instead of raising, so that no exception of ours carries a ValidationError as its context.
    try:
        return GatewayPersonMessage.model_validate(said)
    except ValidationError:
        return None
