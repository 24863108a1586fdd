"""The population gateway in use today, as SOAP 1.1 on the sandbox's port: unsigned, exact about order, terse.

It judges requests as the real ones are known to: elements in their order, the operation's code, the log-in; and it
says nothing but an empty collection where number, name and date of birth do not belong together.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from pydantic import ValidationError
from starlette.responses import Response

from mock_registers.messages import Citizen, PersonRecord
from mock_registers.soap_faults import SoapFault, answer_soap_wrongly
from mock_registers.soap_variants import AUTH_URL, PROCEDURES, USER, X_ROAD_CLIENT, AreaCodes, Variant
from mock_registers.soap_writing import collection, existence, fault_said
from mock_registers.storage import Storage, fold_name

__all__ = ["SOAP_PATH", "SoapRegister"]

SOAP_PATH = "/gateway/population"

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_DAN = "{http://dancuquocgia.bca}"
_CODES = {"TraCuuThongTinCongDan": "037", "XacThucThongTinCongDan": "003"}
_ORDER = ("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo")
_NEWER = ("MaDonVi", "TaiKhoan", "SoDienThoai")
_WHO = ("SoDinhDanh", "HoVaTen", "NgayThangNamSinh")
_WINDOW_MS = 300_000


class _Refused(Exception):
    """Refuse a request; ``status`` is None where a fault says it, in a body of its own."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


@dataclass(frozen=True, slots=True)
class SoapRegister:
    """Hold one gateway over the population register's storage."""

    variant: Variant
    secret: str
    storage: Storage
    areas: AreaCodes
    fault: SoapFault | None = None

    def answer(self, headers: Mapping[str, str], body: bytes) -> Response:
        """Return what the gateway answers to a request, or what the fault makes of it."""
        try:
            self._log_in(headers)
            operation, asked = _parse(body)
            self._check_elements(operation, asked)
            said = self._said(operation, self._find(asked))
        except _Refused as refused:
            if refused.status is not None:
                return Response(status_code=refused.status)
            return Response(fault_said("Client", refused.why), status_code=500, media_type=self.variant.media_type)
        if self.fault is not None:
            return answer_soap_wrongly(self.fault, said, self.variant.media_type)
        return Response(said, media_type=self.variant.media_type)

    def _log_in(self, headers: Mapping[str, str]) -> None:
        variant = self.variant
        if variant.x_road and headers.get("x-road-client") != X_ROAD_CLIENT:
            raise _Refused("x-road", 403)
        if variant.api_key and not hmac.compare_digest(headers.get("apikey", ""), self.secret):
            raise _Refused("api-key", 403)
        if variant.basic:
            stamp = headers.get("timestamp", "")
            if not stamp.isdigit() or abs(int(stamp) - time.time() * 1000) > _WINDOW_MS:
                raise _Refused("timestamp", 401)
            hashed = hashlib.sha256(f"{AUTH_URL}{USER}{stamp}{self.secret}".encode()).hexdigest()
            wanted = "Basic " + base64.b64encode(f"{USER}:{hashed}".encode()).decode()
            if not hmac.compare_digest(headers.get("authorization", ""), wanted):
                raise _Refused("log-in", 401)
        if headers.get("soapaction") != '""':
            raise _Refused("soapaction")
        if not headers.get("content-type", "").startswith(variant.media_type):
            raise _Refused("media-type", 415)

    def _check_elements(self, operation: str, asked: ElementTree.Element) -> None:
        order = (*_ORDER, *(_NEWER if self.variant.newer_elements else ()), *_WHO)
        if tuple(child.tag for child in asked) != tuple(_DAN + name for name in order):
            raise _Refused("order")
        if asked.findtext(f"{_DAN}MaTichHop") != _CODES[operation]:
            raise _Refused("MaTichHop")
        if asked.findtext(f"{_DAN}MaDVC") not in PROCEDURES.values():
            raise _Refused("MaDVC")
        if not asked.findtext(f"{_DAN}MaCanBo") or not asked.findtext(f"{_DAN}MaYeuCau"):
            raise _Refused("MaCanBo")

    def _find(self, asked: ElementTree.Element) -> PersonRecord | None:
        """Return the person whose number, name and date of birth all agree."""
        born = self._date(asked)
        try:
            citizen = Citizen(
                personal_number=asked.findtext(f"{_DAN}SoDinhDanh") or "",
                full_name=asked.findtext(f"{_DAN}HoVaTen") or "",
                date_of_birth=born,
            )
        except ValidationError:
            raise _Refused("value") from None
        if self.fault is SoapFault.ANOTHER_CITIZEN:
            return self.storage.find_person(self.storage.someone_else(citizen))
        found = self.storage.find_person(citizen)
        if found is None or fold_name(found.full_name) != fold_name(citizen.full_name):
            return None
        return found if found.date_of_birth.startswith(born) else None

    def _date(self, asked: ElementTree.Element) -> str:
        whole = asked.findtext(f"{_DAN}NgayThangNamSinh/{_DAN}NgayThangNam")
        year = asked.findtext(f"{_DAN}NgayThangNamSinh/{_DAN}Nam") or ""
        if whole is None:
            return year
        if self.variant.iso_dates:
            return whole
        if len(whole) != 8 or not whole.isdigit():
            raise _Refused("date")
        return f"{whole[:4]}-{whole[4:6]}-{whole[6:]}"

    def _said(self, operation: str, person: PersonRecord | None) -> bytes:
        if operation == "XacThucThongTinCongDan":
            return existence(person is not None)
        return collection(self.variant, self.areas, person)


def _parse(body: bytes) -> tuple[str, ElementTree.Element]:
    """Return the operation and its element; raise _Refused for anything but one of the two."""
    if b"<!" in body:
        raise _Refused("document type")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  # bounded by the app, and no document type gets here
    except ElementTree.ParseError:
        raise _Refused("xml") from None
    said = root.findall(f"{_ENVELOPE}Body/*")
    operation = said[0].tag.removeprefix(_DAN) if len(said) == 1 else ""
    if root.tag != f"{_ENVELOPE}Envelope" or operation not in _CODES:
        raise _Refused("operation")
    return operation, said[0]
