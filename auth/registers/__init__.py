"""The registers behind Protocols of few methods, and what they answer as frozen dataclasses.

What comes in: an endpoint, a device credential and a ``Lookup``. What goes out: an ``Answer`` whose signature was
verified and bound to the request, about the citizen who was asked about; or a ``RegisterError``. May call
``auth.wire`` and ``reader.lds`` for dates. ``auth.registers.connect`` opens connections; it is not imported here, so
that a window that shows an answer does not wait for the network's libraries.
"""

from auth.registers.ports import (
    Answer,
    AnswerNote,
    CardStatus,
    Confirmation,
    DataQuality,
    Holder,
    LandConnection,
    LandHoldings,
    LandRegister,
    Lookup,
    Parcel,
    PopulationConnection,
    PopulationRecord,
    PopulationRegister,
)

__all__ = [
    "Answer",
    "AnswerNote",
    "CardStatus",
    "Confirmation",
    "DataQuality",
    "Holder",
    "LandConnection",
    "LandHoldings",
    "LandRegister",
    "Lookup",
    "Parcel",
    "PopulationConnection",
    "PopulationRecord",
    "PopulationRegister",
]
