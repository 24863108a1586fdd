"""The thing under test: a desk that says whether a card may be accepted, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reader.access import Can, MrzKey
from reader.errors import MotCuaError
from reader.inspection import InspectionRequest, Policy, inspect
from reader.iso7816 import CardLink
from reader.lds import mrz_key, parse_mrz
from reader.trust import TrustMaterial


@dataclass(frozen=True)
class Verdict:
    """Say what the clerk is told: accept, look again, refuse, or that the card could not be read."""

    decision: str
    failed: frozenset[str] = frozenset()
    name: str = ""


class Desk:
    """Read cards and decide; ``anchors`` are the CSCA certificates the office trusts, DER."""

    def __init__(self, anchors: Sequence[bytes]) -> None:
        self._trust = TrustMaterial.of(anchors)
        self._policy = Policy.shipped()

    def look_at(self, link: CardLink, personal_number: str, mrz: str) -> Verdict:
        """Read the card behind ``link``, opened by what is printed on it."""
        fields = mrz_key(parse_mrz("".join(mrz.split())))
        request = InspectionRequest(
            passwords=(
                Can.from_personal_number(personal_number),
                MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry),
            ),
            trust=self._trust,
            policy=self._policy,
            moment=datetime.now().astimezone(),
            personal_number=personal_number,
        )
        try:
            inspection = inspect(link, request)
        except MotCuaError as error:
            return Verdict(f"unreadable: {error.code}")
        failed = frozenset(str(check.id) for check in inspection.checks if check.status == "failed")
        identity = inspection.identity
        return Verdict(str(inspection.decision), failed, identity.full_name if identity else "")
