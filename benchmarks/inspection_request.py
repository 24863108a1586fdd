"""What the benchmarks ask of an inspection: all of it, by the card's own number, under the shipped policy."""

from __future__ import annotations

from datetime import datetime

from mock_cards.build import BuiltCard
from reader.access import Can
from reader.inspection import InspectionRequest, Policy
from reader.trust import TrustMaterial

__all__ = ["request_for"]


def request_for(
    built: BuiltCard, trust: TrustMaterial, policy: Policy | None = None, *, decode_portrait: bool = False
) -> InspectionRequest:
    """Return the request for an emulated card; the portrait is decoded, in a process of its own, only where asked."""
    return InspectionRequest(
        passwords=(Can.from_personal_number(built.personal_number),),
        trust=trust,
        policy=policy or Policy.shipped(),
        moment=datetime.now().astimezone(),
        personal_number=built.personal_number,
        decode_portrait=decode_portrait,
    )
