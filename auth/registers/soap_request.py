"""The question to a population gateway: the envelope of TraCuuThongTinCongDan or XacThucThongTinCongDan, and headers.

The gateways read the elements by their order, so the order here is theirs and no choice of ours.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from auth.errors import RegisterRefused
from auth.registers.ports import Lookup
from auth.wire.profile import MAX_REQUEST_BYTES
from auth.wire.soap_gateway import DateForm, NameForm, SoapGateway
from reader.lds.identity import CalendarDate

__all__ = ["CONFIRM", "ENVELOPE", "LOOK_UP", "REQUEST", "soap_envelope", "soap_headers"]

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
REQUEST = "http://dancuquocgia.bca"
LOOK_UP = "TraCuuThongTinCongDan"
CONFIRM = "XacThucThongTinCongDan"

# The longest each element may be (the field list of the published design).
_LENGTHS = {
    "MaYeuCau": 40,
    "MaDVC": 20,
    "MaTichHop": 20,
    "MaCanBo": 20,
    "MaDonVi": 35,
    "SoDinhDanh": 12,
    "HoVaTen": 100,
}
_LONGEST_OTHER = 50
_NO_ATTRIBUTES: AttributesImpl[str] = AttributesImpl({})
# XML 1.0 §2.2: these cannot stand in a document, not even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_WRITE_DATE = {
    DateForm.COMPACT: lambda date: f"{date.year:04d}{date.month:02d}{date.day:02d}",
    DateForm.ISO: CalendarDate.isoformat,
    DateForm.VIETNAMESE: CalendarDate.vietnamese,
}


def soap_envelope(register: str, gateway: SoapGateway, operation: str, lookup: Lookup) -> bytes:
    """Return the envelope as UTF-8; raise RegisterRefused for a value that the gateway has no room for."""
    out = io.StringIO()
    xml = XMLGenerator(out, encoding="utf-8", short_empty_elements=True)
    xml.startElement("soapenv:Envelope", AttributesImpl({"xmlns:soapenv": ENVELOPE, "xmlns:dan": REQUEST}))
    _element(xml, "soapenv:Header", "")
    xml.startElement("soapenv:Body", _NO_ATTRIBUTES)
    xml.startElement(f"dan:{operation}", _NO_ATTRIBUTES)
    for name, text in _fields(register, gateway, operation, lookup):
        if len(text) > _LENGTHS.get(name, _LONGEST_OTHER) or _NOT_XML.search(text):
            raise RegisterRefused(register, "malformed-lookup")
        _element(xml, f"dan:{name}", text)
    _birth(xml, gateway, lookup.date_of_birth)
    xml.endElement(f"dan:{operation}")
    xml.endElement("soapenv:Body")
    xml.endElement("soapenv:Envelope")
    body = out.getvalue().encode("utf-8")
    if len(body) > MAX_REQUEST_BYTES:
        raise RegisterRefused(register, "malformed-lookup")
    return body


def soap_headers(gateway: SoapGateway, now_ms: int) -> dict[str, str]:
    """Return the headers of a request sent at ``now_ms``, milliseconds since the epoch.

    A log-in's password is SHA-256 over authUrl ‖ user ‖ timestamp ‖ secret, in hexadecimal, so it needs the Timestamp.
    """
    headers = {"content-type": f"{gateway.content_type}; charset=utf-8", "soapaction": '""'}
    if gateway.timestamp or gateway.basic is not None:
        headers["timestamp"] = str(now_ms)
    if gateway.basic is not None:
        login = gateway.basic
        hashed = hashlib.sha256(f"{login.auth_url}{login.user}{now_ms}{login.secret}".encode()).hexdigest()
        headers["authorization"] = "Basic " + base64.b64encode(f"{login.user}:{hashed}".encode()).decode()
    if gateway.x_road_client:
        headers["x-road-client"] = gateway.x_road_client
    if gateway.api_key:
        headers["apikey"] = gateway.api_key
    return headers


def _fields(register: str, gateway: SoapGateway, operation: str, lookup: Lookup) -> Iterator[tuple[str, str]]:
    procedure = dict(gateway.procedure_codes).get(lookup.purpose)
    if procedure is None:
        raise RegisterRefused(register, "procedure-code-missing")
    yield "MaYeuCau", lookup.lookup_id
    yield "MaDVC", procedure
    yield "MaTichHop", gateway.confirm_code if operation == CONFIRM else gateway.lookup_code
    yield "MaCanBo", lookup.clerk
    for name, text in (("MaDonVi", gateway.unit), ("TaiKhoan", gateway.account), ("SoDienThoai", gateway.phone)):
        if text is not None:
            yield name, text
    yield "SoDinhDanh", lookup.personal_number
    yield "HoVaTen", _name(gateway.name_form, lookup.full_name)


def _birth(xml: XMLGenerator, gateway: SoapGateway, date: CalendarDate) -> None:
    """Write the whole date, or the year alone where no more is known."""
    xml.startElement("dan:NgayThangNamSinh", _NO_ATTRIBUTES)
    if date.is_complete:
        _element(xml, "dan:NgayThangNam", _WRITE_DATE[gateway.request_date](date))
    else:
        _element(xml, "dan:Nam", f"{date.year:04d}")
    xml.endElement("dan:NgayThangNamSinh")


def _element(xml: XMLGenerator, name: str, text: str) -> None:
    xml.startElement(name, _NO_ATTRIBUTES)
    xml.characters(text)
    xml.endElement(name)


def _name(form: NameForm, name: str) -> str:
    if form is NameForm.AS_WRITTEN:
        return name
    upper = name.upper()
    if form is NameForm.UPPER:
        return upper
    letters = unicodedata.normalize("NFD", upper.replace("Đ", "D"))
    return "".join(letter for letter in letters if letter.isascii())
