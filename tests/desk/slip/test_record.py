"""slip.json: one canonical form, as its published schema says, and no other file is taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from desk.inspection_report import canonical
from desk.runner import Desk
from desk.slip import PreparedSlip, SlipDamaged, read_slip_record, record_digest, slip_record

Bench = Any  # lives in conftest.py, which cannot be imported from here


@pytest.fixture
def validator(schema: Path) -> Draft202012Validator:
    said = json.loads(schema.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(said)
    return Draft202012Validator(said)


def test_a_slip_json_is_as_its_schema_says(prepared: PreparedSlip, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(json.loads(prepared.record))] == []


def test_the_schema_refuses_a_slip_without_its_test_mark_and_one_with_more(
    prepared: PreparedSlip, validator: Draft202012Validator
) -> None:
    said = json.loads(prepared.record)
    assert not validator.is_valid({key: value for key, value in said.items() if key != "test"})
    assert not validator.is_valid(said | {"portrait": "…"})


def test_a_slip_with_nobody_asked_is_as_its_schema_says_too(
    bench: Bench, make_slip: Callable[[Desk], PreparedSlip | None], validator: Draft202012Validator
) -> None:
    bench.desk.choose_purpose("land-information")
    bench.read()
    bench.wait_for(lambda view: "refuse" in view.actions)
    bench.desk.refuse_consent()
    bench.wait_for(lambda view: "make-slip" in view.actions)
    made = make_slip(bench.desk)
    assert made is not None
    assert [error.message for error in validator.iter_errors(json.loads(made.record))] == []


def test_the_same_slip_gives_the_same_bytes(prepared: PreparedSlip) -> None:
    assert slip_record(prepared.slip) == prepared.record == canonical(json.loads(prepared.record))
    assert record_digest(prepared.record) == prepared.digest


def test_whatever_changes_in_a_slip_changes_its_digest(prepared: PreparedSlip) -> None:
    other = replace(prepared.slip, test=not prepared.slip.test)
    assert record_digest(slip_record(other)) != prepared.digest


def test_reading_tells_who_made_it_and_whether_it_is_a_test(prepared: PreparedSlip) -> None:
    head = read_slip_record(prepared.record)
    assert (head.slip_id, head.test) == (prepared.slip.slip_id, prepared.slip.test)
    assert head.maker.clerk == "Cán Bộ"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"",
        lambda raw: b"[" * 10_000,
        lambda raw: raw + b" ",
        lambda raw: raw.replace(b'"version":1', b'"version":2'),
        lambda raw: raw.replace(b'"test":false', b'"test":0'),
        lambda raw: raw.replace(b'"test":false', b'"test":true,"test":false'),
        lambda raw: json.dumps(json.loads(raw)).encode(),
        lambda raw: b" " * (5 << 20),
    ],
    ids=["empty", "deep", "longer", "version", "no-truth-value", "twice", "written-otherwise", "too-large"],
)
def test_another_form_is_no_slip_json(prepared: PreparedSlip, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SlipDamaged):
        read_slip_record(spoil(prepared.record))
