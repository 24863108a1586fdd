"""The report: as its published schema says, and the same for the same document."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auth.registers.ports import CardStatus, LandHoldings
from desk.inspection_report import RESULTS, canonical, inspection_report, stable
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.outcomes import LookupOutcome
from desk.report import visit_report
from desk.view import FailureView, RegisterState
from desk.visit_data import VisitData
from mock_cards.build import CardFactory
from mock_cards.forgeries import FORGERIES
from reader.access import Can, MrzKey
from reader.inspection import (
    CheckStatus,
    Inspection,
    InspectionRequest,
    Material,
    MaterialUsed,
    Policy,
    inspect,
)
from reader.lds import mrz_key, parse_mrz
from reader.trust import TrustMaterial

MOMENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
# A few of the cards that open, the genuine one first.
READABLE = [(), *((forgery.name,) for forgery in FORGERIES if forgery.decision)]
Read = Callable[..., Inspection]


@pytest.fixture
def schema(project_root: Path) -> Draft202012Validator:
    said = json.loads((project_root / "docs" / "schema" / "inspection.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(said)
    return Draft202012Validator(said)


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    return CardFactory("report")


@pytest.fixture(scope="module")
def read(factory: CardFactory) -> Read:
    def read(*forgeries: str, persona: str = "nguyen-van-mau", moment: datetime = MOMENT) -> Inspection:
        card = factory.build(persona, forgeries)
        card.card.power_on()
        fields = mrz_key(parse_mrz("".join(card.mrz.split())))
        key = MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry)
        request = InspectionRequest(
            passwords=(Can.from_personal_number(card.personal_number), key),
            trust=TrustMaterial.of(factory.anchors),
            policy=Policy.shipped(),
            moment=moment,
            personal_number=card.personal_number,
            materials=(
                MaterialUsed(Material.ANCHORS, "ab" * 32, 1, MOMENT - timedelta(days=3)),
                MaterialUsed(Material.REVOCATION_LISTS, "cd" * 32, 2),
            ),
        )
        return inspect(card.card, request)

    return read


def faults(schema: Draft202012Validator, report: object) -> list[str]:
    written = json.loads(json.dumps(report, ensure_ascii=False))
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in schema.iter_errors(written)]


@pytest.mark.parametrize("forgery", READABLE[::12], ids=" ".join)
def test_the_report_of_every_card_is_as_the_schema_says(
    schema: Draft202012Validator, read: Read, forgery: tuple[str, ...]
) -> None:
    assert faults(schema, visit_report(VisitData().with_inspection(read(*forgery)))) == []


def test_the_report_of_a_whole_visit_is_as_the_schema_says(
    schema: Draft202012Validator, read: Read, record: Any, parcel: Any
) -> None:
    lost = record(card_status=CardStatus.LOST)
    outcomes = (
        LookupOutcome(POPULATION_KIND, RegisterState.ANSWERED, lost, answered_at=MOMENT),
        LookupOutcome(LAND_KIND, RegisterState.ANSWERED, LandHoldings((parcel(),))),
    )
    shown = VisitData(outcomes=outcomes).with_inspection(read())
    report = visit_report(shown)
    assert faults(schema, report) == []
    assert report["parcels"] == report["holdings"]["land"] != []
    assert report["comparison"]


def test_a_report_without_an_inspection_is_as_the_schema_says(schema: Draft202012Validator) -> None:
    assert faults(schema, visit_report(VisitData(), FailureView("wrong-password", tries_left=2))) == []
    assert faults(schema, visit_report(VisitData(), FailureView("pcsc-no-service"))) == []


def test_the_schema_has_no_key_that_the_program_never_writes(schema: Draft202012Validator, read: Read) -> None:
    assert set(schema.schema["properties"]) == set(visit_report(VisitData().with_inspection(read())))
    assert set(schema.schema["properties"]) == set(visit_report(VisitData()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("decision",), "genuine"),
        (("surplus",), 1),
        (("checks", 0, "status"), "ok"),
        (("checks", 0, "evidence"), {}),
        (("trust", 0, "fingerprint"), "abc"),
        (("inspected_at",), "yesterday"),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(
    schema: Draft202012Validator, read: Read, path: tuple[Any, ...], value: Any
) -> None:
    report: Any = json.loads(json.dumps(visit_report(VisitData().with_inspection(read()))))
    place = report
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert faults(schema, report)


def test_the_same_document_gives_the_same_bytes_whatever_the_nonces_and_the_hour(
    factory: CardFactory, read: Read
) -> None:
    """WH-03: byte-equal once times are left out."""
    first = read()
    second = read(moment=MOMENT + timedelta(days=3, hours=5))
    assert first.record is not None
    assert second.record is not None
    assert first.record.active_proof != second.record.active_proof, "the nonces are other ones"
    one, other = (visit_report(VisitData().with_inspection(inspection)) for inspection in (first, second))
    assert one["timings"] != other["timings"]
    assert one["inspected_at"] != other["inspected_at"]
    assert canonical(stable(one)) == canonical(stable(other))
    assert canonical(stable(inspection_report(first))) == canonical(stable(inspection_report(second)))


def test_another_document_gives_other_bytes(read: Read) -> None:
    genuine, forged = (canonical(stable(inspection_report(read(*names)))) for names in ((), ("dg2-changed",)))
    assert genuine != forged


def test_a_report_names_the_policy_the_program_and_the_trust_it_was_decided_by(read: Read) -> None:
    report: Any = inspection_report(read())
    assert (report["policy"], report["policy_digest"]) == ("operational", Policy.shipped().digest)
    assert report["program"]["name"] == "motcua"
    assert report["program"]["version"]
    anchors, lists = report["trust"]
    assert (anchors["kind"], anchors["age_days"], anchors["count"]) == ("anchors", 3, 1)
    assert (lists["kind"], lists["age_days"], lists["as_of"]) == ("revocation-lists", None, None)
    assert {check["result"] for check in report["checks"]} <= set(RESULTS.values())
    assert set(RESULTS) == set(CheckStatus)


def test_the_canonical_form_is_one_line_in_order_and_in_utf8() -> None:
    assert canonical({"b": [1, "Nguyễn"], "a": None}) == '{"a":null,"b":[1,"Nguyễn"]}'.encode()
    with pytest.raises(ValueError):
        canonical({"a": float("nan")})
