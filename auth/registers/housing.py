"""The client of the housing register."""

from __future__ import annotations

from auth.registers.held import holdings_of
from auth.registers.housing_messages import DwellingsMessage
from auth.registers.housing_ports import DwellingHoldings
from auth.registers.lookups import Wish, allowed_lookup, parse_answer
from auth.registers.messages import LookupAnswer
from auth.registers.ports import Answer, Lookup
from auth.registers.sought import Sought
from auth.registers.told import Told
from auth.registers.worded import WordedClient
from auth.wire.profile import HOUSING_CERTIFICATE_PATH, HOUSING_PATH

__all__ = ["HousingClient"]

# Made once: the library would forget a model that nobody holds, and make it anew for every answer.
_ANSWER = LookupAnswer[DwellingsMessage]


class HousingClient(WordedClient):
    """Look dwellings up over the wire (``HousingRegister``); may be called from several threads."""

    data_path = HOUSING_PATH
    certificate_path = HOUSING_CERTIFICATE_PATH

    def find_dwellings(self, lookup: Lookup) -> Answer[DwellingHoldings]:
        """Return the dwellings that the citizen holds; raise RegisterError where no trustworthy answer came.

        Holdings of another personal number, or a dwelling that none of the citizen's numbers holds, raise
        AnswerForAnother. What nobody asked for is dropped, and the answer's notes say so.
        """
        return self._find(HOUSING_PATH, Wish.DATA, lookup)

    def find_by_certificate(self, lookup: Lookup) -> Answer[DwellingHoldings]:
        """Return what the citizen holds under ``lookup.certificate``; raise as ``find_dwellings`` does.

        A dwelling under another certificate raises AnswerForAnother too; a look-up without one is not sent.
        """
        return self._find(HOUSING_CERTIFICATE_PATH, Wish.BY_CERTIFICATE, lookup)

    def _find(self, path: str, wish: Wish, lookup: Lookup) -> Answer[DwellingHoldings]:
        register = self._wire.register
        lookup = allowed_lookup(register, wish, lookup, self._purposes)
        signed = self._ask(path, lookup)
        return self.read(Sought.by(lookup), signed.body).answer(register, signed)

    def read(self, asked: Sought, body: bytes) -> Told[DwellingHoldings]:
        """Return which dwellings ``body`` tells of; raise AnswerNotTrusted or AnswerForAnother as those who ask do."""
        register = self._wire.register
        answer = parse_answer(register, _ANSWER, body)
        return holdings_of(register, asked, answer, answer.record, of_another="dwelling-of-another")
