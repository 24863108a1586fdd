"""One emulated card, opened and gathered, as the judges see it; and whole inspections of odd cards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mock_cards.build import BuiltCard, CardFactory, default_profile
from mock_cards.chip import Chip
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.lds import make_com
from mock_cards.keys import seeded_rng
from mock_cards.personas import load_persona
from reader.access import Can, MrzKey
from reader.inspection import Inspection, InspectionRequest, Policy, inspect
from reader.inspection.gathered import Gathered
from reader.lds import mrz_key, parse_mrz
from reader.trust import TrustMaterial

MOMENT = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def factory() -> CardFactory:
    return CardFactory("inspection")


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.shipped()


@pytest.fixture(scope="session")
def request_for(factory: CardFactory, policy: Policy) -> Callable[..., InspectionRequest]:
    """Return a function that makes the request a clerk with CAN and MRZ would make for a card."""

    def made(card: BuiltCard, **changes: Any) -> InspectionRequest:
        fields = mrz_key(parse_mrz("".join(card.mrz.split())))
        settings: dict[str, Any] = {
            "passwords": (
                Can.from_personal_number(card.personal_number),
                MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry),
            ),
            "trust": TrustMaterial.of(factory.anchors),
            "policy": policy,
            "moment": MOMENT,
            "personal_number": card.personal_number,
            "decode_portrait": False,
        }
        return InspectionRequest(**settings | changes)

    return made


@pytest.fixture(scope="session")
def inspect_card(factory: CardFactory, request_for: Callable[..., InspectionRequest]) -> Callable[..., Inspection]:
    """Return a function that builds, powers and inspects a card; ``around`` stands between it and the reader."""

    def inspected(
        persona: str = "nguyen-van-mau", *forgeries: str, around: Any = None, on_event: Any = None, **changes: Any
    ) -> Inspection:
        card = factory.build(persona, forgeries)
        card.card.power_on()
        link = around(card.card) if around else card.card
        events = {"on_event": on_event} if on_event else {}
        return inspect(link, request_for(card, **changes), **events)

    return inspected


@pytest.fixture
def genuine(
    factory: CardFactory, request_for: Callable[..., InspectionRequest], monkeypatch: pytest.MonkeyPatch
) -> tuple[Gathered, InspectionRequest]:
    """Return what an inspection of a genuine card has gathered, before it is judged, and its request."""
    from reader.inspection import procedure

    caught: list[Gathered] = []
    original = procedure.judge

    def judge(gathered: Gathered, *rest: Any) -> Any:
        caught.append(gathered)
        return original(gathered, *rest)

    monkeypatch.setattr(procedure, "judge", judge)
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    wanted = request_for(card)
    inspect(card.card, wanted)
    return caught[0], wanted


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer(seeded_rng("inspection"))


@pytest.fixture(scope="session")
def issued(issuer: Issuer) -> IssuedCard:
    """Return the genuine card of one persona before it is put on a chip: its files may be changed and signed anew."""
    persona = load_persona("nguyen-van-mau")
    return issuer.issue(persona, default_profile(persona))


@pytest.fixture(scope="session")
def inspect_issued(issuer: Issuer, policy: Policy) -> Callable[..., Inspection]:
    """Return a function that puts an issued card on a chip and inspects it with everything a clerk can type."""

    def inspected(card: IssuedCard, *, around: Any = None, **changes: Any) -> Inspection:
        number = card.persona.card.personal_number
        fields = mrz_key(parse_mrz("".join(card.mrz.lines)))
        settings: dict[str, Any] = {
            "passwords": (
                Can.from_personal_number(number),
                MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry),
            ),
            "trust": TrustMaterial.of([issuer.country.certificate]),
            "policy": policy,
            "moment": MOMENT,
            "personal_number": number,
            "decode_portrait": False,
        }
        chip = Chip(card.image())
        chip.power_on()
        return inspect(around(chip) if around else chip, InspectionRequest(**settings | changes))

    return inspected


@pytest.fixture(scope="session")
def without(issuer: Issuer) -> Callable[..., IssuedCard]:
    """Return a function that takes data groups off a card, EF.COM and EF.SOD along: a document that never had them."""

    def taken(card: IssuedCard, *numbers: int) -> IssuedCard:
        gone = {f"DG{number}" for number in numbers}
        files = {name: content for name, content in card.files.items() if name not in gone}
        fewer = replace(card, files=files)
        return issuer.sign(fewer.with_files(COM=make_com(fewer.data_groups)))

    return taken
