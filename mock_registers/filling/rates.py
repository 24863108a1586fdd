"""How often invented registers disagree, and how: shares between 0 and 1, told in docs/tester.md."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RATES", "Rates"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Hold the shares of rows that are so."""

    old_number: float = 0.6
    """People of 20 and more who had a number of nine digits before."""
    residence_renamed: float = 0.85
    """Residences under the commune's name of today; the others keep the name from before the mergers of 2025."""
    spouse_silent: float = 0.02
    """Married people whose spouse the population register does not name."""
    date_partial: float = 0.01
    """People of whom the population register knows the year of birth only."""
    card_not_valid: float = 0.03
    """Cards that are lost, cancelled or replaced."""
    holder_plain_name: float = 0.1
    """Holders whom the land register writes in capitals without diacritics: the same name, written otherwise."""
    holder_other_name: float = 0.01
    """Holders whose name the land register has wrong, so that a look-up does not find the parcel."""
    holder_old_number: float = 0.15
    """Holders, of those who had one, whom the land register knows by the number of nine digits."""
    holder_other_date: float = 0.01
    """Holders with another date of birth than the population register has."""
    holder_date_silent: float = 0.2
    """Holders without a date of birth."""
    holder_old_address: float = 0.5
    """Holders whose address is written as before the mergers."""
    joint: float = 0.4
    """Parcels of married people that both spouses hold."""
    area_differs: float = 0.02
    """Parcels whose area on the certificate is not that of their boundary."""
    house: float = 0.5
    """Residential parcels whose house stands in the housing register, under the parcel's certificate."""
    flat: float = 0.1
    """Households with land that have a flat besides."""
    flat_term: float = 0.2
    """Flats that are owned for fifty years, and not for good."""
    mortgage: float = 0.15
    """Dwellings that are mortgaged."""
    quality_incomplete: float = 0.15
    quality_unverified: float = 0.05


RATES = Rates()
