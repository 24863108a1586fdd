"""What must be known of a population gateway of today (SOAP 1.1) before it is asked: no two are set up alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["BasicLogin", "CodeNames", "DateForm", "NameForm", "SoapGateway"]

Pairs = tuple[tuple[str, str], ...]


class DateForm(StrEnum):
    """Name how a gateway writes a whole date."""

    COMPACT = "yyyyMMdd"
    ISO = "yyyy-MM-dd"
    VIETNAMESE = "dd/MM/yyyy"


class NameForm(StrEnum):
    """Name how a gateway wants a citizen's name."""

    UPPER = "upper"
    ASCII = "ascii"
    AS_WRITTEN = "as-written"


@dataclass(frozen=True, slots=True, repr=False)
class BasicLogin:
    """Hold the log-in of gateways that hash their secret with the address, the user and the time."""

    user: str
    secret: str
    auth_url: str


@dataclass(frozen=True, slots=True, repr=False)
class CodeNames:
    """Hold the names of the codes that answers use, as pairs; ``areas`` are provinces, districts and communes.

    Only the codes that were seen in real answers are here; the national lists come with the settings.
    """

    sex: Pairs = (("1", "M"), ("2", "F"))
    ethnicity: Pairs = (("01", "Kinh"),)
    religion: Pairs = (("00", "Không"),)
    nationality: Pairs = (("VN", "Việt Nam"), ("VNM", "Việt Nam"))
    areas: Pairs = ()


@dataclass(frozen=True, slots=True, repr=False)
class SoapGateway:
    """Hold how one gateway is spoken to; ``repr`` shows nothing, for a secret is among it.

    ``procedure_codes`` are pairs of a purpose's id and the national code of the procedure (MaDVC). ``unit``,
    ``account`` and ``phone`` are elements that only newer gateways know; None leaves them out.
    """

    procedure_codes: Pairs
    lookup_code: str = "037"
    confirm_code: str = "003"
    confirm_first: bool = False
    content_type: str = "application/xml"
    request_date: DateForm = DateForm.COMPACT
    answer_date: DateForm = DateForm.COMPACT
    name_form: NameForm = NameForm.UPPER
    unit: str | None = None
    account: str | None = None
    phone: str | None = None
    timestamp: bool = False
    basic: BasicLogin | None = None
    x_road_client: str = ""
    api_key: str = ""
    empty_body_is_no_match: bool = False
    names: CodeNames = field(default_factory=CodeNames)
