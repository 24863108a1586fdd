"""docs/api is what the code says: the published contract is generated, whole, and its schemas are schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from auth.wire.profile import (
    COUNTERSIGN_PATH,
    LAND_PATH,
    LAST_CHECKPOINT_PATH,
    POPULATION_PATH,
    PROBLEM_BASE,
    REFUSALS,
)
from mock_registers.sandbox import published_contract

CONTRACT = Path(__file__).parents[2] / "docs" / "api" / "registers.openapi.json"


def test_the_published_contract_is_the_one_that_the_code_generates() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert text == published_contract(), "write it anew: mock-registers contract > docs/api/registers.openapi.json"


def _schemas(node: Any) -> list[Any]:
    """Return every schema of the contract, those of sealed messages among them."""
    if isinstance(node, list):
        return [schema for item in node for schema in _schemas(item)]
    if not isinstance(node, dict):
        return []
    own = [node[name] for name in ("schema", "contentSchema") if name in node]
    return own + [schema for item in node.values() for schema in _schemas(item)]


def test_it_is_openapi_3_1_and_each_of_its_schemas_is_one() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    assert contract["openapi"] == "3.1.0"
    schemas = [*_schemas(contract["paths"]), *contract["components"]["schemas"].values()]
    assert len(schemas) > 20
    for schema in schemas:
        Draft202012Validator.check_schema(schema)


def test_every_path_of_the_profile_is_in_it_and_every_reference_leads_somewhere() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    paths = {path.partition("/v1")[1] + path.partition("/v1")[2] for path in contract["paths"]}
    assert paths >= {POPULATION_PATH, LAND_PATH, LAST_CHECKPOINT_PATH, COUNTERSIGN_PATH}
    text = CONTRACT.read_text(encoding="utf-8")
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        node = contract
        for step in reference.split("/"):
            node = node[step]
        assert isinstance(node, dict), reference


def test_every_refusal_of_the_profile_is_in_it() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    kinds = contract["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert set(kinds) == {PROBLEM_BASE + name for name in REFUSALS}


def test_every_look_up_may_be_answered_later_and_nothing_else_may() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    taken = {path for path, item in contract["paths"].items() if "202" in item["post"]["responses"]}
    about = (":lookup", "/persons:confirm", ":by-certificate", "/answers/{ticket}")
    assert taken == {path for path in contract["paths"] if path.endswith(about)}
    assert set(contract["components"]["responses"]["Taken"]["headers"]) >= {"Location", "Retry-After", "Request-Digest"}


def test_look_ups_go_in_envelopes_both_ways() -> None:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    for path, item in contract["paths"].items():
        operation = item["post"]
        said, answered = operation["requestBody"]["content"], operation["responses"]["200"]["content"]
        if path.endswith("/answers/{ticket}"):
            # What asks for a promised answer names a ticket and a digest; the answer is what the look-up's would be.
            assert (set(said), set(answered)) == ({"application/json"}, {"application/jose"}), path
            continue
        # What a desk says of itself and its ledger, and asks a verifier of booklets and its log, is about nobody.
        about = ("/persons:", "/parcels:", "/dwellings:", "/proofs", "/challenges")
        sealed = any(part in path for part in about)
        assert set(said) == set(answered) == {"application/jose" if sealed else "application/json"}, path
        if sealed:
            inner = said["application/jose"]["schema"]["contentSchema"]["properties"]["request"]
            assert inner["contentSchema"]["$ref"].startswith("#/components/schemas/")
