"""The registers' own list of purposes: what each may ask of whom, which the desk's registry must agree with.

Written apart from the desk's registry on purpose: an error in one must not hide in the other, and a desk that has a
registry of its own is not believed for that.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from mock_registers.messages import ConsentSaid, LookupRequest

__all__ = ["RULES", "Ask", "NotAllowed", "Rule", "check_purpose", "tells_data"]

_CONSENT_LASTS_S = 86_400
_CLOCKS_DIFFER_S = 60
_IDENTITY = frozenset({"personal-number", "full-name", "date-of-birth"})
_CONFIRMED = _IDENTITY | {"card-valid"}
_WHERE_FROM = frozenset({"full_name", "date_of_birth", "nationality", "residence", "residence_before"})
_PERSON = _WHERE_FROM | {"sex"}
_FAMILY = frozenset({"father", "mother", "spouse"})
_CARD = frozenset({"ethnicity", "place_of_origin", "old_number", "issue_date", "expiry"})
_PLACE = frozenset({"map_sheet", "parcel_number", "commune", "commune_before", "address", "boundary"})
_USE = frozenset({"area_m2", "land_type", "land_type_name", "term", "form_of_use"})
_DWELLING = frozenset({"kind", "scheme", "number", "address", "commune", "commune_before", "floor_area_m2"})
_OWNED = frozenset({"ownership_form", "ownership_term"})
_BUILDING = frozenset({"project", "block", "floor", "floors", "owners", "encumbrances", "transactions", "issued"})
_EITHER_WAY = frozenset({"holder", "certificate"})


class NotAllowed(Exception):
    """Say by which name of ``auth.wire.profile.REFUSALS`` a question is refused."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold what one register answers for one purpose."""

    fields: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset({"holder"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one purpose: what of each register, and which wording a citizen must have agreed to, none by statute."""

    asks: Mapping[str, Ask]
    consent_version: str = ""


RULES: Mapping[str, Rule] = {
    "land-change-registration": Rule(
        {
            "population": Ask(_PERSON | {"spouse", "old_number"}),
            "land": Ask(_PLACE | _USE | {"origin", "holders", "issued"}, ways=_EITHER_WAY),
            "housing": Ask(_DWELLING | _OWNED | _BUILDING, ways=_EITHER_WAY),
        }
    ),
    "land-information": Rule(
        {
            "population": Ask(questions=_CONFIRMED),
            "land": Ask(_PLACE | _USE | {"origin"}, ways=frozenset({"certificate"})),
        },
        consent_version="1",
    ),
    "permanent-residence": Rule({"population": Ask(_PERSON | _FAMILY | {"old_number"})}),
    "temporary-residence": Rule({"population": Ask(_PERSON)}),
    "birth-registration": Rule({"population": Ask(_WHERE_FROM | {"ethnicity", "place_of_origin", "spouse"})}),
    "marriage-registration": Rule({"population": Ask(_PERSON | {"ethnicity", "spouse"}, _CONFIRMED | {"over-18"})}),
    "citizen-information": Rule({"population": Ask(_PERSON | _FAMILY | _CARD)}),
    "own-data": Rule({"population": Ask(_PERSON | _FAMILY | _CARD | {"religion"})}, consent_version="1"),
    "housing-ownership": Rule(
        {
            "population": Ask(_WHERE_FROM - {"nationality"} | {"spouse"}, _CONFIRMED),
            "housing": Ask(_DWELLING | _OWNED, ways=_EITHER_WAY),
        }
    ),
    "housing-purchase": Rule(
        {
            "population": Ask(questions=_CONFIRMED | {"over-18"}),
            "housing": Ask(_DWELLING | _OWNED | _BUILDING, ways=frozenset({"certificate"})),
            "land": Ask(_USE | {"address"}, ways=frozenset({"certificate"})),
        },
        consent_version="1",
    ),
    "electricity-contract": Rule({"population": Ask(questions=_CONFIRMED | {"over-18"})}, consent_version="1"),
}


def tells_data(register: str, purpose: str) -> bool:
    """Tell whether ``register`` may be asked for data for ``purpose``, or for a yes or no alone."""
    rule = RULES.get(purpose)
    ask = rule.asks.get(register) if rule is not None else None
    return ask is not None and bool(ask.fields)


def check_purpose(register: str, lookup: LookupRequest) -> None:
    """Raise NotAllowed for the first thing that the purpose does not let ``register`` be asked."""
    rule = RULES.get(lookup.purpose)
    ask = rule.asks.get(register) if rule is not None else None
    if rule is None or ask is None:
        raise NotAllowed("purpose-not-allowed")
    if not set(lookup.fields) <= ask.fields:
        raise NotAllowed("field-not-allowed")
    if not set(lookup.questions) <= ask.questions:
        raise NotAllowed("question-not-allowed")
    if lookup.questions and not set(lookup.questions) >= _IDENTITY:
        raise NotAllowed("question-not-allowed")
    way = "certificate" if lookup.certificate else "holder"
    if lookup.fields and way not in ask.ways:
        raise NotAllowed("way-not-allowed")
    if rule.consent_version and not _agreed(rule.consent_version, lookup.consent):
        raise NotAllowed("consent-missing")


def _agreed(version: str, consent: ConsentSaid | None) -> bool:
    """Tell whether a citizen agreed to the wording in use, today and not tomorrow."""
    if consent is None or (consent.kind, consent.version) != ("consent", version):
        return False
    return -_CLOCKS_DIFFER_S <= time.time() - consent.at.timestamp() <= _CONSENT_LASTS_S
