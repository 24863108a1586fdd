"""The client of the housing register."""

from __future__ import annotations

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.purposes import PurposeRegistry
from auth.registers.housing_messages import DwellingsMessage
from auth.registers.housing_ports import DwellingHoldings
from auth.registers.lookups import Wish, allowed_lookup, check_act, note_of_more, parse_answer
from auth.registers.messages import LookupAnswer
from auth.registers.ports import Answer, Lookup
from auth.registers.text import same_serial
from auth.registers.worded import WordedClient
from auth.wire.access import ClerkAuthorization
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.profile import HOUSING_CERTIFICATE_PATH, HOUSING_PATH

__all__ = ["HousingClient"]


class HousingClient(WordedClient):
    """Look dwellings up over the wire (``HousingRegister``); may be called from several threads."""

    data_path = HOUSING_PATH
    certificate_path = HOUSING_CERTIFICATE_PATH

    def __init__(
        self,
        endpoint: RegisterEndpoint,
        device: DeviceCredential,
        *,
        deadline_s: float = 10.0,
        purposes: PurposeRegistry | None = None,
        clerk: ClerkAuthorization | None = None,
    ) -> None:
        """Take ``deadline_s`` as the total for one look-up; raise RegisterUnreachable for keys that are none.

        ``purposes`` says what may be asked, the shipped registry where it is left out; with ``clerk`` every request
        shows who is signed in.
        """
        super().__init__(WireClient(endpoint, device, deadline_s=deadline_s, clerk=clerk), device.device_id, purposes)

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

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()

    def _find(self, path: str, wish: Wish, lookup: Lookup) -> Answer[DwellingHoldings]:
        register = self._wire.register
        lookup = allowed_lookup(register, wish, lookup, self._purposes)
        signed = self._ask(path, lookup)
        answer = parse_answer(register, LookupAnswer[DwellingsMessage], signed.body)
        check_act(register, lookup, answer)
        found = answer.record
        if found is None:
            return Answer(register, None, signed.key_id, signed.created, receipt=answer.receipt)
        own = _check_holder(register, lookup, found)
        if not found.answers(lookup.fields):
            raise AnswerNotTrusted(register, "answer-incomplete")
        notes = note_of_more(register, lookup, more=found.exceeds(lookup.fields, own))
        holdings = found.holdings(lookup.fields, own)
        return Answer(register, holdings, signed.key_id, signed.created, notes, answer.receipt)


def _check_holder(register: str, lookup: Lookup, holdings: DwellingsMessage) -> frozenset[str]:
    """Return the citizen's own numbers; raise AnswerForAnother unless each dwelling is theirs and was asked about."""
    if holdings.personal_number != lookup.personal_number:
        raise AnswerForAnother(register, "another-personal-number")
    numbers = frozenset({lookup.personal_number, lookup.old_number, *holdings.old_numbers} - {""})
    for dwelling in holdings.dwellings:
        if not any(owner.number in numbers for owner in dwelling.owners):
            raise AnswerForAnother(register, "dwelling-of-another")
        if lookup.certificate and not same_serial(dwelling.certificate_serial, lookup.certificate):
            raise AnswerForAnother(register, "another-certificate")
    return numbers
