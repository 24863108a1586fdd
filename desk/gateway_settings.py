"""The settings of a population gateway of today (SOAP 1.1): ``[registers.gateway]`` of a register with profile "soap".

Secrets stand in files of their own, never in the settings; codes of the national lists in a TOML file beside them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from auth.wire.soap_gateway import BasicLogin, CodeNames, DateForm, NameForm, SoapGateway
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["GATEWAY_FILES", "BasicSettings", "GatewaySettings"]

MAX_SECRET_BYTES = 4_096
MAX_CODES_BYTES = 4_000_000
GATEWAY_FILES = ("api_key_file", "codes_file")

# What goes into a header: printable ASCII, so that no value begins a header of its own.
HeaderText = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,200}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._-]{1,20}$")]
Name = Annotated[str, StringConstraints(max_length=200)]
CodeTable = Annotated[dict[Code, Name], Field(max_length=30_000)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


class BasicSettings(_Model):
    """A log-in whose password is a hash over the address, the user, the time and a secret."""

    user: HeaderText
    secret_file: Path
    auth_url: Annotated[str, Field(max_length=500)]


class _CodesFile(_Model):
    """Names of the codes in answers; each entry refines the built-in ones."""

    sex: dict[Code, Literal["M", "F", "X"]] = {}
    ethnicity: CodeTable = {}
    religion: CodeTable = {}
    nationality: CodeTable = {}
    areas: CodeTable = {}


class GatewaySettings(_Model):
    """How one gateway is spoken to; ``procedure_codes`` gives the national code of the procedure for each purpose."""

    procedure_codes: Annotated[dict[str, Code], Field(min_length=1, max_length=100)]
    lookup_code: Code = "037"
    confirm_code: Code = "003"
    confirm_first: bool = False
    content_type: Literal["application/xml", "text/xml"] = "application/xml"
    request_date: DateForm = DateForm.COMPACT
    answer_date: DateForm = DateForm.COMPACT
    name_form: NameForm = NameForm.UPPER
    unit: Annotated[str, Field(max_length=35)] | None = None
    account: Annotated[str, Field(max_length=50)] | None = None
    phone: Annotated[str, Field(max_length=20)] | None = None
    timestamp: bool = False
    basic: BasicSettings | None = None
    x_road_client: HeaderText | Literal[""] = ""
    api_key_file: Path | None = None
    codes_file: Path | None = None
    empty_body_is_no_match: bool = False

    @model_validator(mode="after")
    def _user_without_colon(self) -> GatewaySettings:
        # RFC 7617 §2: the first colon ends the user.
        if self.basic is not None and ":" in self.basic.user:
            raise ValueError("a colon in the user")
        return self

    def gateway(self) -> SoapGateway:
        """Return it with the secrets and codes of its files; raise DataError where one cannot be used."""
        basic = self.basic
        return SoapGateway(
            procedure_codes=tuple(self.procedure_codes.items()),
            lookup_code=self.lookup_code,
            confirm_code=self.confirm_code,
            confirm_first=self.confirm_first,
            content_type=self.content_type,
            request_date=self.request_date,
            answer_date=self.answer_date,
            name_form=self.name_form,
            unit=self.unit,
            account=self.account,
            phone=self.phone,
            timestamp=self.timestamp,
            basic=BasicLogin(basic.user, _secret(basic.secret_file), basic.auth_url) if basic else None,
            x_road_client=self.x_road_client,
            api_key=_secret(self.api_key_file) if self.api_key_file else "",
            empty_body_is_no_match=self.empty_body_is_no_match,
            names=_code_names(self.codes_file) if self.codes_file else CodeNames(),
        )


def _secret(file: Path) -> str:
    raw = read_bounded_file(file, MAX_SECRET_BYTES).strip()
    if not raw or not raw.isascii() or not raw.decode("ascii").isprintable():
        raise DataError("a secret that is empty or not printable ASCII")
    return raw.decode("ascii")


def _code_names(file: Path) -> CodeNames:
    try:
        told = _CodesFile.model_validate(tomllib.loads(read_bounded_file(file, MAX_CODES_BYTES).decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError):
        raise DataError("codes that are no tables") from None
    known = CodeNames()
    return CodeNames(
        sex=tuple({**dict(known.sex), **told.sex}.items()),
        ethnicity=tuple({**dict(known.ethnicity), **told.ethnicity}.items()),
        religion=tuple({**dict(known.religion), **told.religion}.items()),
        nationality=tuple({**dict(known.nationality), **told.nationality}.items()),
        areas=tuple(told.areas.items()),
    )
