"""The gateway in use today: every variant is spoken to rightly, and what it says is bounded, unsigned, and said so."""

from __future__ import annotations

import base64
import hashlib
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from auth.errors import (
    AnswerForAnother,
    AnswerNotTrusted,
    ClerkMayNot,
    ClerkNotSignedIn,
    RegisterError,
    RegisterRefused,
    RegisterTimeout,
    StepUpNeeded,
)
from auth.errors import RegisterUnreachable as Unreachable
from auth.registers import AnswerNote, Confirmation, Lookup
from auth.registers.connect import connect
from auth.registers.population_soap import PopulationSoapClient
from auth.registers.soap_request import soap_headers
from auth.wire import DeviceCredential
from auth.wire.soap_gateway import BasicLogin, CodeNames, DateForm, NameForm, SoapGateway
from mock_cards.personas import load_all
from mock_registers import RegisterSandbox, open_register_sandbox
from mock_registers.keys import SandboxKey
from mock_registers.soap_faults import SoapFault
from mock_registers.soap_variants import VARIANTS
from reader.lds.identity import CalendarDate, Sex

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DANCU = "http://www.mic.gov.vn/dancu/1.0"
ENVELOPE = f'<e:Envelope xmlns:e="{SOAP}"><e:Body>%s</e:Body></e:Envelope>'
COLLECTION = ENVELOPE % f'<CongdanCollection xmlns="{DANCU}">%s</CongdanCollection>'
PERSON = (
    "<CongDan><SoDinhDanh>099090000001</SoDinhDanh><HoVaTen><Ten>Nguyễn Văn Mẫu</Ten></HoVaTen>"
    "<NgayThangNamSinh><NgayThangNam>19900115</NgayThangNam></NgayThangNamSinh>%s</CongDan>"
)
DEVICE = DeviceCredential("desk-1", SandboxKey())
GATEWAY = SoapGateway(procedure_codes=(("land-change-registration", "1.000"),))


@contextmanager
def _client(variant: str, fault: str = "", deadline_s: float = 5.0) -> Iterator[PopulationSoapClient]:
    with open_register_sandbox(soap=variant, fault=fault) as sandbox, _connected(sandbox, deadline_s) as client:
        yield client


@contextmanager
def _connected(sandbox: RegisterSandbox, deadline_s: float = 5.0, **other: object) -> Iterator[PopulationSoapClient]:
    endpoint = sandbox.endpoint("population")
    assert endpoint.gateway is not None
    gateway = replace(endpoint.gateway, **other)
    client = PopulationSoapClient(replace(endpoint, gateway=gateway), sandbox.device, deadline_s=deadline_s)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def gateways() -> Iterator[dict[str, RegisterSandbox]]:
    """Serve one honest gateway of each variant for all tests of this file."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(open_register_sandbox(soap=name)) for name in VARIANTS}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_gateway_knows_the_personas_of_the_register(
    gateways: dict[str, RegisterSandbox], variant: str, lookup_of: Callable[..., Lookup]
) -> None:
    with _connected(gateways[variant]) as client:
        for persona in load_all():
            held = persona.population.full_name or persona.card.full_name
            born = persona.population.date_of_birth or persona.card.date_of_birth
            answer = client.find_citizen(
                replace(lookup_of(persona, full_name=held), date_of_birth=CalendarDate.from_iso(born))
            )
            assert answer.notes[0] is AnswerNote.UNSIGNED
            assert answer.key_id == ""
            if not persona.population.present:
                assert (answer.record, answer.notes[1:]) == (None, (AnswerNote.NO_SUCH_COMBINATION,))
                continue
            assert answer.record is not None, persona.card.personal_number
            assert answer.record.full_name == held
            assert answer.record.card_status is None
            assert AnswerNote.CARD_STATUS_NOT_TOLD in answer.notes
            residence = persona.population.residence
            assert answer.record.residence == (persona.card.residence if residence is None else residence)


def test_names_in_parts_are_joined_and_codes_without_names_leave_the_field_empty(
    gateways: dict[str, RegisterSandbox], lookup: Lookup
) -> None:
    with _connected(gateways["api-key"]) as client:
        record = client.find_citizen(replace(lookup, purpose="citizen-information")).record
        assert record is not None
        assert (record.full_name, record.sex, record.ethnicity) == ("Nguyễn Văn Mẫu", Sex.MALE, "Kinh")
    with _connected(gateways["x-road"], names=CodeNames()) as client:
        answer = client.find_citizen(lookup)
        assert answer.record is not None
        # Half an address is another address: without the names of its codes there is none.
        assert (answer.record.residence, answer.notes[-2]) == ("", AnswerNote.CODES_WITHOUT_NAMES)


def test_a_gateway_tells_all_it_has_and_only_what_was_asked_is_kept_and_what_it_cannot_tell_was_not_asked(
    gateways: dict[str, RegisterSandbox], lookup: Lookup
) -> None:
    with _connected(gateways["plain"]) as client:
        answer = client.find_citizen(lookup)
        record = answer.record
        assert record is not None
        assert AnswerNote.MORE_THAN_ASKED in answer.notes
        assert (record.father, record.religion, record.ethnicity) == ("", "", "")
        assert record.residence
        # Neither the residence by its old name nor the card's dates have a place in its answer.
        assert "residence_before" not in record.asked
        assert "father" not in record.asked


@pytest.mark.parametrize(
    "change",
    [
        {"full_name": "Nguyễn Văn Mầu Khác"},
        {"date_of_birth": CalendarDate(1990, 1, 16)},
        {"personal_number": "099090009999"},
    ],
)
def test_one_disagreement_is_no_match_and_is_said_to_be_ambiguous(
    gateways: dict[str, RegisterSandbox], lookup: Lookup, change: dict[str, object]
) -> None:
    with _connected(gateways["basic"]) as client:
        answer = client.find_citizen(replace(lookup, **change))
        assert (answer.record, answer.notes) == (None, (AnswerNote.UNSIGNED, AnswerNote.NO_SUCH_COMBINATION))
        confirmed = client.confirm_citizen(replace(lookup, purpose="marriage-registration", **change))
        assert confirmed.record == Confirmation(together=False)
        assert confirmed.notes == (AnswerNote.UNSIGNED, AnswerNote.NO_SUCH_COMBINATION)


def test_a_year_alone_is_asked_as_a_year_and_found(gateways: dict[str, RegisterSandbox], lookup: Lookup) -> None:
    with _connected(gateways["plain"]) as client:
        assert client.find_citizen(replace(lookup, date_of_birth=CalendarDate(1990))).record is not None
        confirmed = client.confirm_citizen(replace(lookup, purpose="marriage-registration")).record
        assert confirmed is not None
        assert confirmed.together
        # A gateway says nothing of the card and of ages, so nothing is known of them.
        assert (confirmed.card_valid, confirmed.says("over-18"), confirmed.says("full-name")) == (None, None, True)


def test_a_name_may_be_sent_without_diacritics(gateways: dict[str, RegisterSandbox], lookup: Lookup) -> None:
    for form in NameForm:
        with _connected(gateways["plain"], name_form=form) as client:
            assert client.find_citizen(lookup).record is not None


EXPECTED: dict[SoapFault, tuple[type[RegisterError], str]] = {
    SoapFault.HANGS: (RegisterTimeout, "deadline"),
    SoapFault.ANOTHER_CITIZEN: (AnswerForAnother, "another-personal-number"),
    SoapFault.TWO_CITIZENS: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.TWO_NUMBERS: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.CLIENT_FAULT: (RegisterRefused, "refused"),
    SoapFault.SERVER_FAULT: (Unreachable, "soap-fault"),
    SoapFault.HTTP_500: (Unreachable, "http-500"),
    SoapFault.UNAUTHORIZED: (RegisterRefused, "refused"),
    SoapFault.LOGIN_PAGE: (AnswerNotTrusted, "content-type"),
    SoapFault.REDIRECT: (AnswerNotTrusted, "redirect"),
    SoapFault.GZIP: (AnswerNotTrusted, "content-encoding"),
    SoapFault.BILLION_LAUGHS: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.EXTERNAL_ENTITY: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.DEEP: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.MANY: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.HALF_ANSWER: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.FOREIGN_NAMESPACE: (AnswerNotTrusted, "answer-malformed"),
    SoapFault.EMPTY_BODY: (AnswerNotTrusted, "answer-malformed"),
}


def test_every_fault_is_expected_to_end_somewhere() -> None:
    assert set(EXPECTED) == set(SoapFault)


@pytest.mark.parametrize("fault", SoapFault)
def test_a_fault_ends_in_its_error_and_tells_nothing_of_the_citizen(
    fault: SoapFault, lookup: Lookup, caplog: pytest.LogCaptureFixture
) -> None:
    error, why = EXPECTED[fault]
    caplog.set_level(logging.DEBUG)
    seconds = 0.5 if error is RegisterTimeout else 5.0
    with _client("basic", f"gateway:{fault}", seconds) as client, pytest.raises(RegisterError) as caught:
        client.find_citizen(lookup)
    assert (type(caught.value), caught.value.why) == (error, why)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    for secret in (lookup.personal_number, lookup.full_name, "MẪU", "motcua-test"):
        assert secret not in told


def test_a_gateway_that_says_nothing_for_nobody_is_believed_only_where_the_settings_say_so(lookup: Lookup) -> None:
    with (
        open_register_sandbox(soap="basic", fault="gateway:empty-body") as sandbox,
        _connected(sandbox, empty_body_is_no_match=True) as client,
    ):
        assert client.find_citizen(lookup).record is None


def test_a_wrong_secret_key_or_header_is_refused(gateways: dict[str, RegisterSandbox], lookup: Lookup) -> None:
    wrong: tuple[tuple[str, dict[str, object]], ...] = (
        ("basic", {"basic": BasicLogin("motcua-test", "guessed", "https://127.0.0.1/lgsp/token")}),
        ("basic", {"basic": None}),
        ("x-road", {"x_road_client": ""}),
        ("x-road", {"unit": None}),
        ("x-road", {"request_date": DateForm.VIETNAMESE}),
        ("api-key", {"api_key": "guessed"}),
        ("plain", {"lookup_code": "038"}),
        ("plain", {"content_type": "text/xml"}),
    )
    for variant, change in wrong:
        with _connected(gateways[variant], **change) as client, pytest.raises(RegisterError) as caught:
            client.find_citizen(lookup)
        assert caught.value.why in ("refused", "unexpected-status"), change


def test_a_purpose_without_a_procedure_code_is_not_sent(gateways: dict[str, RegisterSandbox], lookup: Lookup) -> None:
    with _connected(gateways["plain"], procedure_codes=(("permanent-residence", "9.990002"),)) as client:
        with pytest.raises(RegisterRefused, match="procedure-code-missing"):
            client.find_citizen(lookup)
        with pytest.raises(RegisterRefused, match="purpose-not-allowed"):
            client.find_citizen(replace(lookup, purpose="curiosity"))


class _Clerk:
    """Judge every request as told (``auth.wire.access``)."""

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble
        self.judged: list[tuple[str, str]] = []

    def access(self) -> _Clerk:
        return self

    def headers_for(self, register: str, purpose: str, method: str, url: str) -> Mapping[str, str]:
        self.judged.append((register, purpose))
        if self.trouble is not None:
            raise self.trouble
        return {"authorization": "DPoP a-token-for-nobody", "dpop": "a-proof"}

    def take_note(self, register: str, headers: Mapping[str, str]) -> None:
        raise AssertionError("a gateway gives no nonce")

    def renew(self, purpose: str) -> None:
        raise AssertionError("a gateway takes no token")


@pytest.mark.parametrize("trouble", [ClerkNotSignedIn("nobody"), ClerkMayNot("role"), StepUpNeeded("own-data")])
def test_through_a_gateway_nothing_is_asked_without_a_clerk_who_may(
    raw_register, lookup: Lookup, trouble: Exception
) -> None:
    register = raw_register(lambda _request, _key: _xml(COLLECTION % ""))
    clerk = _Clerk(trouble)
    client = PopulationSoapClient(replace(register.endpoint, gateway=GATEWAY), DEVICE, clerk=clerk)
    try:
        with pytest.raises(type(trouble)):
            client.find_citizen(lookup)
        assert (clerk.judged, register.heard) == ([("population", lookup.purpose)], [])
        clerk.trouble = None
        client.find_citizen(lookup)
        (request,) = register.heard
        assert b"a-token-for-nobody" not in request.body
        assert not {"authorization", "dpop"} & set(request.headers)
    finally:
        client.close()


def test_the_log_in_is_the_hash_that_the_gateways_compute() -> None:
    gateway = replace(GATEWAY, basic=BasicLogin("u", "s", "https://a/"), x_road_client="X", api_key="K")
    headers = soap_headers(gateway, 1_700_000_000_123)
    hashed = hashlib.sha256(b"https://a/u1700000000123s").hexdigest()
    assert headers == {
        "content-type": "application/xml; charset=utf-8",
        "soapaction": '""',
        "timestamp": "1700000000123",
        "authorization": "Basic " + base64.b64encode(f"u:{hashed}".encode()).decode(),
        "x-road-client": "X",
        "apikey": "K",
    }
    assert set(soap_headers(GATEWAY, 1)) == {"content-type", "soapaction"}


# What follows talks to a raw server, to see the very bytes and to say any.


def _xml(body: str | bytes, status: str = "200 OK") -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    return b"HTTP/1.1 %s\r\ncontent-type: text/xml\r\ncontent-length: %d\r\n\r\n%s" % (status.encode(), len(raw), raw)


def _told(raw_register, lookup: Lookup, answer: bytes, **other: object):
    register = raw_register(lambda _request, _key: answer)
    endpoint = replace(register.endpoint, gateway=replace(GATEWAY, **other))
    client = PopulationSoapClient(endpoint, DEVICE)
    try:
        return register, client.find_citizen(lookup)
    finally:
        client.close()


def _operation(body: bytes) -> list[ElementTree.Element]:
    return ElementTree.fromstring(body).findall(f"{{{SOAP}}}Body/*")  # noqa: S314  # our own client wrote it


@pytest.mark.parametrize(
    "name",
    [
        "</dan:HoVaTen><dan:SoDinhDanh>099090000002</dan:SoDinhDanh><dan:HoVaTen>",
        "<!--", "]]>", "<![CDATA[x", "&x; &#0; &amp;", "'\"><x a='", "<?xml version='1.0'?>", "A\u0000\u0008\ufffeB",
        "A\r\nX-Injected: 1\r\n\r\nB",
    ],
)  # fmt: skip
def test_no_name_becomes_markup(raw_register, lookup: Lookup, name: str) -> None:
    register, _ = _told(
        raw_register, replace(lookup, full_name=name), _xml(COLLECTION % ""), name_form=NameForm.AS_WRITTEN
    )
    (asked,) = register.heard
    assert "x-injected" not in asked.headers
    (operation,) = _operation(asked.body)
    assert [child.tag.rpartition("}")[2] for child in operation] == [
        "MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "SoDinhDanh", "HoVaTen", "NgayThangNamSinh",
    ]  # fmt: skip
    clean = " ".join(name.replace("\u0000", "").replace("\u0008", "").replace("\ufffe", "").split())
    assert operation[5].text == clean
    assert operation[4].text == lookup.personal_number


def test_the_clerk_is_an_id_too(raw_register, lookup: Lookup) -> None:
    for clerk in ("a\x00b", "a" * 21, "a b", "Cán Bộ"):
        with pytest.raises(RegisterRefused, match="malformed-lookup"):
            _told(raw_register, replace(lookup, clerk=clerk), _xml(COLLECTION % ""))
    register, _ = _told(raw_register, replace(lookup, clerk="CB.001/2"), _xml(COLLECTION % ""))
    assert b"<dan:MaCanBo>CB.001/2</dan:MaCanBo>" in register.heard[0].body
    register, _ = _told(raw_register, replace(lookup, clerk="</dan:MaCanBo>&"), _xml(COLLECTION % ""))
    assert b"<dan:MaCanBo>&lt;/dan:MaCanBo&gt;&amp;</dan:MaCanBo>" in register.heard[0].body


@pytest.mark.parametrize(
    ("form", "whole", "expected"),
    [
        ("yyyyMMdd", "19900115", CalendarDate(1990, 1, 15)),
        ("yyyyMMdd", "19900000", CalendarDate(1990)),
        ("yyyyMMdd", "1990", CalendarDate(1990)),
        ("yyyy-MM-dd", "1990-01-15", CalendarDate(1990, 1, 15)),
        ("dd/MM/yyyy", "15/01/1990", CalendarDate(1990, 1, 15)),
        ("yyyyMMdd", "1990-01-15", None),
        ("yyyy-MM-dd", "19900115", None),
        ("yyyyMMdd", "19901301", None),
        ("yyyyMMdd", "١٩٩٠٠١١٥", None),
        ("yyyyMMdd", "", None),
    ],
)
def test_a_date_is_read_in_the_form_of_its_gateway_only(
    raw_register, lookup: Lookup, form: str, whole: str, expected: CalendarDate | None
) -> None:
    body = _xml(COLLECTION % (PERSON % "").replace("19900115", whole))
    if expected is None:
        with pytest.raises(AnswerNotTrusted, match="answer-malformed"):
            _told(raw_register, lookup, body, answer_date=DateForm(form))
    else:
        _, answer = _told(raw_register, lookup, body, answer_date=DateForm(form))
        assert answer.record.date_of_birth == expected


FOREIGN = (PERSON % "").replace("<CongDan>", '<CongDan xmlns="urn:x">')
LATIN = (PERSON % "").replace("Nguyễn Văn Mẫu", "Mãu")
ATTRIBUTES = " ".join(f"a{n}='x'" for n in range(21))
EMPTY = f'<CongdanCollection xmlns="{DANCU}"/>'

HOSTILE = {
    "no xml": "{}",
    "nothing": "",
    "another root": "<Envelope/>",
    "soap 1.2": (COLLECTION % "").replace(SOAP, "http://www.w3.org/2003/05/soap-envelope"),
    "two bodies": f'<e:Envelope xmlns:e="{SOAP}"><e:Body>{EMPTY}</e:Body><e:Body/></e:Envelope>',
    "two things": ENVELOPE % (EMPTY * 2),
    "undeclared prefix": ENVELOPE % "<d:CongdanCollection/>",
    "collection of no namespace": ENVELOPE % "<CongdanCollection/>",
    "citizen of another namespace": COLLECTION % FOREIGN,
    "something else in it": COLLECTION % "<Error/>",
    "doctype": "<!DOCTYPE a>" + COLLECTION % "",
    "instruction": '<?xml-stylesheet href="x"?>' + COLLECTION % "",
    "utf-16": (COLLECTION % "").encode("utf-16"),
    "utf-16 without a mark": (COLLECTION % "").encode("utf-16-be"),
    "not the utf-8 it must be": f"<?xml version='1.0' encoding='latin-1'?>{COLLECTION % LATIN}".encode("latin-1"),
    "a number too long": COLLECTION % (PERSON % "").replace("099090000001", "0" * 13),
    "no name": COLLECTION % (PERSON % "").replace("Nguyễn Văn Mẫu", ""),
    "a text too long": COLLECTION % (PERSON % f"<ChiTiet>{'x' * 2_001}</ChiTiet>"),
    "attributes": (COLLECTION % (PERSON % "")).replace("<CongDan>", f"<CongDan {ATTRIBUTES}>"),
    "too large": COLLECTION % (PERSON % (f"<x>{'y' * 1_900}</x>" * 140)),
    "too deep": COLLECTION % (PERSON % ("<x>" * 9 + "</x>" * 9)),
    "too many": COLLECTION % (PERSON % ("<x/>" * 2_000)),
    "two names": COLLECTION % (PERSON % "<HoVaTen>Another</HoVaTen>"),
    "after the end": (COLLECTION % "") * 2,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_xml_never_becomes_data(raw_register, lookup: Lookup, case: str) -> None:
    with pytest.raises(AnswerNotTrusted, match="answer-malformed"):
        _told(raw_register, lookup, _xml(HOSTILE[case]))


def test_parts_without_a_namespace_and_unknown_parts_are_read_over(raw_register, lookup: Lookup) -> None:
    more = "<GioiTinh>2</GioiTinh><ThuongTru><ChiTiet>Số 1\n Ví Dụ\u202e</ChiTiet></ThuongTru><Moi>1</Moi>"
    person = (PERSON % more).replace("<CongDan>", '<CongDan xmlns="">')
    _, answer = _told(raw_register, lookup, _xml(COLLECTION % person))
    assert answer.record is not None
    assert (answer.record.sex, answer.record.residence) == (Sex.FEMALE, "Số 1 Ví Dụ")


def test_a_fault_tells_whose_it_is_by_its_code_alone(raw_register, lookup: Lookup) -> None:
    said = ENVELOPE % "<e:Fault><faultcode>%s</faultcode><faultstring>099090000001</faultstring></e:Fault>"
    for code, error in (
        ("e:Client", RegisterRefused),
        ("Client.Auth", RegisterRefused),
        ("e:Server", Unreachable),
        ("", Unreachable),
    ):
        with pytest.raises(error) as caught:
            _told(raw_register, lookup, _xml(said % code, "500 No"))
        assert "0990" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "exists"),
    [("true", True), ("1", True), ("false", False), ("0", False), ("yes", None), ("", None)],
)
def test_nobody_is_looked_up_who_was_not_confirmed_first(
    raw_register, lookup: Lookup, said: str, exists: bool | None
) -> None:
    confirmed = _xml(ENVELOPE % f"<KetQuaXacThuc><TonTai>{said}</TonTai></KetQuaXacThuc>")
    found = _xml(COLLECTION % (PERSON % ""))
    register = raw_register(lambda request, _key: confirmed if b"XacThuc" in request.body else found)
    client = PopulationSoapClient(replace(register.endpoint, gateway=replace(GATEWAY, confirm_first=True)), DEVICE)
    try:
        if exists is None:
            with pytest.raises(AnswerNotTrusted):
                client.find_citizen(lookup)
        else:
            assert (client.find_citizen(lookup).record is not None) is exists
    finally:
        client.close()
    assert len(register.heard) == (2 if exists else 1)
    assert b"<dan:MaTichHop>003</dan:MaTichHop>" in register.heard[0].body


def test_the_client_is_found_by_its_entry_point(
    gateways: dict[str, RegisterSandbox], sandbox: RegisterSandbox, lookup: Lookup
) -> None:
    connection = connect(gateways["plain"].endpoint("population"), DEVICE)
    try:
        assert isinstance(connection, PopulationSoapClient)
        assert connection.find_citizen(lookup).record is not None
    finally:
        connection.close()
    with pytest.raises(Unreachable, match="gateway-not-set-up"):
        PopulationSoapClient(sandbox.endpoint("population"), DEVICE)


def test_nothing_shows_the_secrets_of_a_gateway() -> None:
    gateway = replace(GATEWAY, basic=BasicLogin("u", "hush", "https://a/"), api_key="hush")
    assert "hush" not in repr(gateway) + repr(gateway.basic) + repr(gateway.names)
