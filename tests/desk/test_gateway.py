"""A desk on today's gateway: set up by its settings alone, its answers shown as what they are, unsigned."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from ssl import DER_cert_to_PEM_cert
from typing import Any

import pytest

from auth.ledger import Act, Ledger
from auth.purposes import purpose
from auth.registers import AnswerNote
from auth.registers.connect import connect
from auth.registers.population_soap import PopulationSoapClient
from auth.registers.ports import Answer, LandHoldings, Lookup, PopulationRecord
from auth.wire import DeviceCredential
from desk.exit_codes import ExitCode, exit_code_of_visit
from desk.judgement import judge
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.language import Language
from desk.lookups import ask, make_lookup
from desk.outcomes import LookupOutcome
from desk.present import present
from desk.registers_assembly import registers_of
from desk.report import visit_report
from desk.settings import Settings, SettingsInvalid, load_settings
from desk.texts import Texts
from desk.view import DeskState, Match, RegisterState
from desk.visit_data import Surroundings, VisitData
from desk.words import visit_words
from mock_registers.keys import SandboxKey
from mock_registers.sandbox import serve_registers
from mock_registers.soap_settings import gateway_settings
from mock_registers.soap_variants import VARIANTS
from mock_registers.tls import tls_settings
from reader.inspection.report import Decision
from reader.iso7816 import ReaderSnapshot, ServiceState
from reader.lds.identity import CalendarDate

Make = Any
NOTES = (AnswerNote.UNSIGNED, AnswerNote.CARD_STATUS_NOT_TOLD, AnswerNote.MORE_THAN_ASKED)
AROUND = Surroundings(clerk="A", clerk_id="cb-001", counter="1", purpose="citizen-information")


def _settings(folder: Path, **changes: object) -> dict[str, object]:
    gateway = {"procedure_codes": {"citizen-information": "1.000"}, **changes}
    return {
        "register": "population",
        "profile": "soap",
        "base_url": "https://127.0.0.1:1/x",
        "tls_anchors": [DER_cert_to_PEM_cert(b"certificate")],
        "gateway": gateway,
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_the_sandbox_says_of_a_gateway_is_settings_that_work(tmp_path: Path, variant: str) -> None:
    with serve_registers([], soap=variant) as (served, *_):
        assert served.gateway is not None
        told = {
            "register": "population",
            "profile": "soap",
            "base_url": served.base_url,
            "tls_anchors": [DER_cert_to_PEM_cert(anchor) for anchor in served.tls_anchors],
            "gateway": gateway_settings(served.gateway, tmp_path / "gateway"),
        }
        assert served.tls_revocation is not None
        told |= tls_settings(served.tls_revocation.lists(), None, tmp_path / "tls")
        endpoint = Settings.model_validate({"registers": [json.loads(json.dumps(told))]}).registers[0].endpoint()
        assert replace(endpoint, tls_revocation=None) == replace(served, tls_revocation=None)
        assert endpoint.tls_revocation is not None
        assert endpoint.tls_revocation.lists() == served.tls_revocation.lists()
        client = connect(endpoint, DeviceCredential("desk-1", SandboxKey()))
        try:
            lookup = Lookup(
                "visit-1", "099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), AROUND.purpose, "Luật", "cb-001"
            )
            assert isinstance(client, PopulationSoapClient)
            outcome = ask(POPULATION_KIND, client.find_citizen, lookup)
        finally:
            client.close()
    assert (outcome.state, outcome.notes) == (RegisterState.ANSWERED, NOTES)
    assert (outcome.answered, outcome.verified) == (True, False)


def test_relative_files_of_a_gateway_start_at_the_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n", encoding="ascii")
    (tmp_path / "key").write_text("api", encoding="ascii")
    (tmp_path / "codes.toml").write_text(
        '[ethnicity]\n"02" = "Tày"\n[areas]\n"01" = "Tỉnh Giả Định"\n', encoding="utf-8"
    )
    anchor = json.dumps(DER_cert_to_PEM_cert(b"certificate"))
    machine = tmp_path / "motcua.toml"
    machine.write_text(
        f"""
[[registers]]
register = "population"
profile = "soap"
base_url = "https://127.0.0.1:1/gateway"
tls_anchors = [{anchor}]
[registers.gateway]
procedure_codes = {{ citizen-information = "1.000" }}
request_date = "yyyy-MM-dd"
api_key_file = "key"
codes_file = "codes.toml"
basic = {{ user = "u", secret_file = "secret", auth_url = "https://a/" }}
""",
        encoding="utf-8",
    )
    gateway = load_settings((machine,)).registers[0].endpoint().gateway
    assert gateway is not None
    assert gateway.basic is not None
    assert (gateway.basic.secret, gateway.api_key, dict(gateway.names.areas)) == (
        "hush",
        "api",
        {"01": "Tỉnh Giả Định"},
    )
    assert dict(gateway.names.ethnicity) == {"01": "Kinh", "02": "Tày"}


@pytest.mark.parametrize(
    "change",
    [
        {"procedure_codes": {}},
        {"procedure_codes": {"curiosity": "1"}},
        {"procedure_codes": {"citizen-information": "<1>"}},
        {"x_road_client": "a\r\nb: c"},
        {"x_road_client": "é"},
        {"request_date": "MM/dd/yyyy"},
        {"content_type": "text/html"},
        {"basic": {"user": "a:b", "secret_file": "x", "auth_url": ""}},
        {"secret": "in the settings"},
    ],
)
def test_a_gateway_that_cannot_be_spoken_to_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    Settings.model_validate({"registers": [_settings(tmp_path)]})
    with pytest.raises(ValueError):
        Settings.model_validate({"registers": [_settings(tmp_path, **change)]})


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "signed"},
        {"register": "land"},
        {"answer_keys": [{"key_id": "k", "spki": "AAAA"}]},
        {"seal_keys": [{"key_id": "k", "spki": "AAAA"}]},
        {"gateway": None},
        {"profile": "signed", "gateway": None},
    ],
)
def test_no_register_is_both_signed_and_unsigned_or_neither(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Settings.model_validate({"registers": [_settings(tmp_path) | change]})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("api_key_file", None),
        ("api_key_file", b" \n"),
        ("api_key_file", b"a\nb"),
        ("api_key_file", b"x" * 5_000),
        ("codes_file", b"[colours]"),
        ("codes_file", b"["),
        ("codes_file", b"\xff"),
        ("codes_file", b'[sex]\n"1" = "male"'),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_not_quoted(tmp_path: Path, name: str, content: bytes | None) -> None:
    file = tmp_path / "hush"
    if content is not None:
        file.write_bytes(content)
    register = Settings.model_validate({"registers": [_settings(tmp_path, **{name: str(file)})]}).registers[0]
    with pytest.raises(SettingsInvalid, match="population: gateway") as refused:
        register.endpoint()
    assert refused.value.__cause__ is None


@pytest.fixture
def unsigned(record: Make, inspection: Make) -> VisitData:
    """Return a visit that proceeds, with what an unsigned gateway told."""
    told = replace(record(), card_status=None)
    population = LookupOutcome(POPULATION_KIND, RegisterState.ANSWERED, told, notes=NOTES)
    land = LookupOutcome(LAND_KIND, RegisterState.ANSWERED, LandHoldings(()))
    return VisitData(outcomes=(population, land)).with_inspection(inspection())


def test_every_note_has_words() -> None:
    assert set(visit_words.ANSWER_NOTES) == set(AnswerNote)


def test_the_page_says_in_words_what_an_unsigned_answer_does_not_prove(unsigned: VisitData) -> None:
    view = present(DeskState.SHOWING, unsigned, AROUND, ReaderSnapshot(ServiceState.RUNNING))
    assert view.registers[0].notes == tuple(map(str, NOTES))
    for language, words in (
        (Language.VIETNAMESE, ("không có chữ ký của cơ sở dữ liệu", "không cho biết thẻ còn giá trị")),
        (Language.ENGLISH, ("not signed by the register", "does not tell whether the card is valid")),
    ):
        (_, line), (_, land) = Texts(language).register_lines(view.registers)
        assert all(word in line for word in words)
        assert not any(word in land for word in words)
    assert any(row.of("population").match is Match.SAME for row in view.comparison)


def test_a_status_that_was_not_told_stops_nobody_and_is_no_verified_answer_either(unsigned: VisitData) -> None:
    assert unsigned.inspection is not None
    decision = judge(unsigned.inspection, unsigned.population)
    assert decision.decision is Decision.PROCEED
    assert exit_code_of_visit(decision, unsigned) is ExitCode.REGISTER_SILENT
    assert unsigned.population is not None
    signed = unsigned.with_outcome(replace(unsigned.population, notes=()))
    assert exit_code_of_visit(decision, signed) is ExitCode.PROCEED


def test_the_report_says_so_too(unsigned: VisitData) -> None:
    population, land = visit_report(unsigned)["registers"]
    assert (population["key_id"], population["notes"]) == ("", list(map(str, NOTES)))
    assert land["notes"] == []


def test_notes_travel_with_the_answer(identity: Make) -> None:
    lookup = make_lookup(identity(), purpose(AROUND.purpose), "cb-001")
    answer: Answer[PopulationRecord] = Answer(
        "population", None, "", datetime(2026, 1, 2, tzinfo=UTC), (AnswerNote.UNSIGNED, AnswerNote.NO_SUCH_COMBINATION)
    )
    outcome = ask(POPULATION_KIND, lambda _: answer, lookup)
    assert (outcome.state, outcome.notes) == (RegisterState.NOT_FOUND, answer.notes)


def test_look_ups_through_a_gateway_are_recorded_as_unsigned_and_countersigned_by_nobody_there(
    tmp_path: Path, identity: Make
) -> None:
    device = DeviceCredential("desk-1", SandboxKey())
    file = tmp_path / "ledger.db"
    with serve_registers([], soap="plain") as (served, *_):
        with pytest.raises(SettingsInvalid, match="ledger_hours"):
            registers_of(Settings(ledger=file), [served], device)
        registers = registers_of(Settings(ledger=file, ledger_hours=0), [served], device)
        find = registers.of("population").find
        assert find is not None
        lookup = make_lookup(identity(), purpose(AROUND.purpose), "cb-001")
        assert ask(POPULATION_KIND, find, lookup).state is RegisterState.ANSWERED
        lookup = make_lookup(identity(full_name="Ai Khác"), purpose(AROUND.purpose), "cb-001")
        assert ask(POPULATION_KIND, find, lookup).state is RegisterState.NOT_FOUND
        registers.close()
    ledger = Ledger(file, device.signer, machine="")
    assert [Act.from_leaf(leaf).detail for _, leaf in ledger.leaves()] == [
        "",
        "found-unsigned-more-than-asked",
        "",
        "nobody-unsigned",
    ]
    ledger.close()


def test_the_examples_of_the_manual_are_settings(project_root: Path) -> None:
    page = (project_root / "docs" / "registers.md").read_text(encoding="utf-8")
    signed, more, unsigned = (tomllib.loads(part.split("```")[0]) for part in page.split("```toml\n")[1:4])
    register = Settings.model_validate(signed).registers[0]
    assert (register.profile, len(register.seal_keys)) == ("signed", 1)
    for told in (signed, unsigned):
        of_tls = Settings.model_validate({**told, "registers": [{**told["registers"][0], **more["registers"][0]}]})
        assert of_tls.registers[0].tls_crls == (Path("registers-ca.crl"),)
        assert of_tls.registers[0].client_certificate is not None
    gateway = Settings.model_validate(unsigned).registers[0].gateway
    assert gateway is not None
    table = page.split("## The gateway in use today")[1].split("| entry | is |")[1]
    for name in type(gateway).model_fields:
        assert f"`{name}`" in table or f"\n{name} = " in page, name
