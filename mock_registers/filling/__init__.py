"""A population in bulk: any number of invented people and parcels, the same ones for the same seed.

What comes in: how many, and a seed. What goes out: households, each by its number alone, and the rows of a database
filled with all of them. Everybody is under the code 099, which no province has. May call ``mock_registers.database``,
``mock_registers.tables`` and ``mock_cards.personas``.
"""

from mock_registers.filling.household import Household, InventedPerson
from mock_registers.filling.invention import FillOrder, Invention
from mock_registers.filling.parcels import InventedHolder, InventedParcel
from mock_registers.filling.rates import RATES, Rates
from mock_registers.filling.run import FillProgress, FillReport, fill

__all__ = [
    "RATES",
    "FillOrder",
    "FillProgress",
    "FillReport",
    "Household",
    "InventedHolder",
    "InventedParcel",
    "InventedPerson",
    "Invention",
    "Rates",
    "fill",
]
