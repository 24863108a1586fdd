"""The client of the land register."""

from __future__ import annotations

from auth.registers.held import holdings_of
from auth.registers.lookups import Wish, allowed_lookup, parse_answer
from auth.registers.messages import HoldingsMessage, LookupAnswer
from auth.registers.ports import Answer, LandHoldings, Lookup
from auth.registers.sought import Sought
from auth.registers.told import Told
from auth.registers.worded import WordedClient
from auth.wire.profile import LAND_CERTIFICATE_PATH, LAND_PATH

__all__ = ["LandClient"]

# Made once: the library would forget a model that nobody holds, and make it anew for every answer.
_ANSWER = LookupAnswer[HoldingsMessage]


class LandClient(WordedClient):
    """Look parcels up over the wire (``LandRegister``); may be called from several threads."""

    data_path = LAND_PATH
    certificate_path = LAND_CERTIFICATE_PATH

    def find_holdings(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the parcels that the citizen holds; raise RegisterError where no trustworthy answer came.

        Holdings of another personal number, or a parcel that none of the citizen's numbers holds, raise
        AnswerForAnother. What nobody asked for is dropped, and the answer's notes say so.
        """
        return self._find(LAND_PATH, Wish.DATA, lookup)

    def find_by_certificate(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the parcels of ``lookup.certificate`` that the citizen holds; raise RegisterError as above.

        The register looks for the serial, the citizen's number and name together, so it tells of no other parcel. One
        that stands under another serial raises AnswerForAnother.
        """
        return self._find(LAND_CERTIFICATE_PATH, Wish.BY_CERTIFICATE, lookup)

    def _find(self, path: str, wish: Wish, lookup: Lookup) -> Answer[LandHoldings]:
        register = self._wire.register
        lookup = allowed_lookup(register, wish, lookup, self._purposes)
        signed = self._ask(path, lookup)
        return self.read(Sought.by(lookup), signed.body).answer(register, signed)

    def read(self, asked: Sought, body: bytes) -> Told[LandHoldings]:
        """Return which parcels ``body`` tells of; raise AnswerNotTrusted or AnswerForAnother as those who ask do."""
        register = self._wire.register
        answer = parse_answer(register, _ANSWER, body)
        return holdings_of(register, asked, answer, answer.record, of_another="parcel-of-another")
