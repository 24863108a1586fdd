"""The client of the population register."""

from __future__ import annotations

from auth.errors import AnswerForAnother
from auth.registers.lookups import check_act, parse_answer
from auth.registers.messages import LookupAnswer, PersonMessage
from auth.registers.ports import Answer, Lookup, PopulationRecord
from auth.registers.worded import WordedClient
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.profile import POPULATION_PATH

__all__ = ["PopulationClient"]


class PopulationClient(WordedClient):
    """Look citizens up over the wire (``PopulationRegister``); may be called from several threads."""

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 10.0) -> None:
        """Take ``deadline_s`` as the total for one look-up; raise RegisterUnreachable for keys that are none."""
        super().__init__(WireClient(endpoint, device, deadline_s=deadline_s), device.device_id)

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        """Return the citizen's record; raise RegisterError where no trustworthy answer came.

        A record of another personal number raises AnswerForAnother, however well it is signed.
        """
        register = self._wire.register
        signed = self._ask(POPULATION_PATH, lookup)
        answer = parse_answer(register, LookupAnswer[PersonMessage], signed.body)
        check_act(register, lookup, answer)
        if answer.record is not None and answer.record.personal_number != lookup.personal_number:
            raise AnswerForAnother(register, "another-personal-number")
        record = answer.record.record() if answer.record is not None else None
        return Answer(register, record, signed.key_id, signed.created, receipt=answer.receipt)

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()
