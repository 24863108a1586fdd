"""Invented people, one TOML file each, all under the province code 099 that no province has.

The same file feeds the emulated card and the sandbox registers; where a register is to disagree with the card, the
file says so.
"""

from mock_cards.personas.library import SAMPLE, load_all, load_persona, load_sample
from mock_cards.personas.model import (
    REFERENCE_DAY,
    CardData,
    DwellingEncumbrance,
    DwellingTransaction,
    Expects,
    HousingDwelling,
    LandHolder,
    LandParcel,
    Persona,
    PopulationData,
)
from mock_cards.personas.own import EXAMPLE, PersonaInvalid, Problem, read_persona

__all__ = [
    "EXAMPLE",
    "REFERENCE_DAY",
    "SAMPLE",
    "CardData",
    "DwellingEncumbrance",
    "DwellingTransaction",
    "Expects",
    "HousingDwelling",
    "LandHolder",
    "LandParcel",
    "Persona",
    "PersonaInvalid",
    "PopulationData",
    "Problem",
    "load_all",
    "load_persona",
    "load_sample",
    "read_persona",
]
