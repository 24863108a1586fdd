"""The client of the land register."""

from __future__ import annotations

from auth.errors import AnswerForAnother
from auth.registers.lookups import check_act, parse_answer
from auth.registers.messages import HoldingsMessage, LookupAnswer
from auth.registers.ports import Answer, LandHoldings, Lookup
from auth.registers.worded import WordedClient
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.profile import LAND_PATH

__all__ = ["LandClient"]


class LandClient(WordedClient):
    """Look parcels up over the wire (``LandRegister``); may be called from several threads."""

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 10.0) -> None:
        """Take ``deadline_s`` as the total for one look-up; raise RegisterUnreachable for keys that are none."""
        super().__init__(WireClient(endpoint, device, deadline_s=deadline_s), device.device_id)

    def find_holdings(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the parcels that the citizen holds; raise RegisterError where no trustworthy answer came.

        Holdings of another personal number, or a parcel that none of the citizen's numbers holds, raise
        AnswerForAnother.
        """
        register = self._wire.register
        signed = self._ask(LAND_PATH, lookup)
        answer = parse_answer(register, LookupAnswer[HoldingsMessage], signed.body)
        check_act(register, lookup, answer)
        if answer.record is None:
            return Answer(register, None, signed.key_id, signed.created, receipt=answer.receipt)
        _check_holder(register, lookup, answer.record)
        return Answer(register, answer.record.holdings(), signed.key_id, signed.created, receipt=answer.receipt)

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()


def _check_holder(register: str, lookup: Lookup, holdings: HoldingsMessage) -> None:
    if holdings.personal_number != lookup.personal_number:
        raise AnswerForAnother(register, "another-personal-number")
    numbers = {lookup.personal_number, lookup.old_number, *holdings.old_numbers} - {""}
    for parcel in holdings.parcels:
        if not any(holder.number in numbers for holder in parcel.holders):
            raise AnswerForAnother(register, "parcel-of-another")
