"""The catalogue of what can be emulated, as ``mock-cards list`` hands it out."""

from __future__ import annotations

from typing import Any

from mock_cards.build import default_profile
from mock_cards.chip import all_profiles
from mock_cards.conditions import CONDITIONS
from mock_cards.faults import ACTIONS, FAULTS, HOW_TO_SAY_WHEN
from mock_cards.forgeries import FORGERIES
from mock_cards.issuing import pki_defects
from mock_cards.issuing.mrz import mrz_of
from mock_cards.personas import load_all
from mock_cards.timing import TIMINGS

__all__ = ["catalogue"]


def catalogue() -> dict[str, list[dict[str, Any]]]:
    """Return every name with what it is about, by kind; what a forgery or a fault fails is exact."""
    return {
        "personas": [
            {
                "name": persona.name,
                "about": persona.about,
                "personal_number": persona.card.personal_number,
                "can": persona.card.personal_number[-6:],
                "mrz": list(mrz_of(persona.card).lines),
                "chip": default_profile(persona).name,
            }
            for persona in load_all()
        ],
        "forgeries": [
            {
                "name": forgery.name,
                "about": forgery.about,
                "fails": sorted(forgery.fails),
                "decision": forgery.decision,
                "chip": forgery.chip,
            }
            for forgery in FORGERIES
        ],
        "faults": [
            {"name": fault.name, "about": fault.about, "fails": sorted(fault.fails), "decision": fault.decision}
            for fault in FAULTS
        ],
        "fault_actions": [
            {"name": action.name, "about": action.about, "argument": action.argument, "when": HOW_TO_SAY_WHEN}
            for action in ACTIONS
        ],
        "chips": [{"name": profile.name, "about": profile.about} for profile in all_profiles()],
        "timings": [{"name": timing.name, "about": timing.about} for timing in TIMINGS],
        "pki_defects": [{"name": defect.name, "about": defect.about, "rule": defect.rule} for defect in pki_defects()],
        "conditions": [{"id": row, "names": list(names)} for row, names in CONDITIONS.items()],
    }
