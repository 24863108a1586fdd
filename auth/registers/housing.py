"""The client of the housing register."""

from __future__ import annotations

from dataclasses import replace

from auth.errors import AnswerForAnother, RegisterRefused
from auth.registers.housing_messages import DwellingsMessage
from auth.registers.housing_ports import DwellingHoldings
from auth.registers.lookups import check_act, parse_answer, word_lookup
from auth.registers.messages import LookupAnswer
from auth.registers.ports import Answer, Lookup
from auth.registers.text import same_serial
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.profile import HOUSING_CERTIFICATE_PATH, HOUSING_PATH

__all__ = ["HousingClient"]


class HousingClient:
    """Look dwellings up over the wire (``HousingRegister``); may be called from several threads."""

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 10.0) -> None:
        """Take ``deadline_s`` as the total for one look-up; raise RegisterUnreachable for keys that are none."""
        self._wire = WireClient(endpoint, device, deadline_s=deadline_s)
        self._device_id = device.device_id

    def find_dwellings(self, lookup: Lookup) -> Answer[DwellingHoldings]:
        """Return the dwellings that the citizen holds; raise RegisterError where no trustworthy answer came.

        Holdings of another personal number, or a dwelling that none of the citizen's numbers holds, raise
        AnswerForAnother.
        """
        return self._find(HOUSING_PATH, replace(lookup, certificate=""))

    def find_by_certificate(self, lookup: Lookup) -> Answer[DwellingHoldings]:
        """Return what the citizen holds under ``lookup.certificate``; raise as ``find_dwellings`` does.

        A dwelling under another certificate raises AnswerForAnother too; a look-up without one is not sent.
        """
        register = self._wire.register
        if not lookup.certificate:
            raise RegisterRefused(register, "malformed-lookup")
        answer = self._find(HOUSING_CERTIFICATE_PATH, lookup)
        for dwelling in answer.record.dwellings if answer.record is not None else ():
            if not same_serial(dwelling.certificate_serial, lookup.certificate):
                raise AnswerForAnother(register, "another-certificate")
        return answer

    def _find(self, path: str, lookup: Lookup) -> Answer[DwellingHoldings]:
        register = self._wire.register
        signed = self._wire.ask(path, word_lookup(register, self._device_id, lookup), lookup.purpose)
        answer = parse_answer(register, LookupAnswer[DwellingsMessage], signed.body)
        check_act(register, lookup, answer)
        if answer.record is None:
            return Answer(register, None, signed.key_id, signed.created)
        _check_holder(register, lookup, answer.record)
        return Answer(register, answer.record.holdings(), signed.key_id, signed.created)

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()


def _check_holder(register: str, lookup: Lookup, holdings: DwellingsMessage) -> None:
    if holdings.personal_number != lookup.personal_number:
        raise AnswerForAnother(register, "another-personal-number")
    numbers = {lookup.personal_number, lookup.old_number, *holdings.old_numbers} - {""}
    for dwelling in holdings.dwellings:
        if not any(owner.number in numbers for owner in dwelling.owners):
            raise AnswerForAnother(register, "dwelling-of-another")
