"""The client of the population register."""

from __future__ import annotations

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.registers.confirmed import read_confirmation
from auth.registers.lookups import Wish, allowed_lookup, check_act, note_of_more, parse_answer
from auth.registers.messages import LookupAnswer, PersonMessage
from auth.registers.ports import Answer, Confirmation, Lookup, PopulationRecord
from auth.registers.sought import Sought
from auth.registers.told import Told
from auth.registers.worded import WordedClient, confirmation_of
from auth.wire.profile import CONFIRM_PATH, POPULATION_PATH

__all__ = ["PopulationClient"]

# Made once: the library would forget a model that nobody holds, and make it anew for every answer.
_ANSWER = LookupAnswer[PersonMessage]


class PopulationClient(WordedClient):
    """Look citizens up over the wire (``PopulationRegister``); may be called from several threads."""

    data_path = POPULATION_PATH
    confirm_path = CONFIRM_PATH

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        """Return the citizen's record; raise RegisterError where no trustworthy answer came.

        A record of another personal number raises AnswerForAnother, however well it is signed. A field that nobody
        asked for is dropped, and the answer's notes say so; one that was asked for and not told makes no answer.
        """
        register = self._wire.register
        lookup = allowed_lookup(register, Wish.DATA, lookup, self._purposes)
        signed = self._ask(POPULATION_PATH, lookup)
        return self.read(Sought.by(lookup), signed.body).answer(register, signed)

    def confirm_citizen(self, lookup: Lookup) -> Answer[Confirmation]:
        """Return yes or no to the purpose's questions, and no data; raise RegisterError without a trustworthy answer.

        An answer to a question that nobody asked is dropped, and the answer's notes say so. Raise RegisterRefused where
        a proof of the card's presence was made for another request than this.
        """
        register = self._wire.register
        lookup = allowed_lookup(register, Wish.YES_OR_NO, lookup, self._purposes)
        signed = self._ask_under(confirmation_of(lookup), CONFIRM_PATH, lookup)
        return read_confirmation(register, Sought.by(lookup), signed.body).answer(register, signed)

    def read(self, asked: Sought, body: bytes) -> Told[PopulationRecord]:
        """Return what ``body`` tells of the citizen; raise AnswerNotTrusted or AnswerForAnother as ``find_citizen``."""
        register = self._wire.register
        answer = parse_answer(register, _ANSWER, body)
        check_act(register, asked, answer)
        person, receipt = answer.record, (answer.receipt, answer.receipt_log)
        if person is None:
            return Told(None, answer, (), *receipt)
        if not asked.about.is_person(person.personal_number):
            raise AnswerForAnother(register, "another-personal-number")
        if asked.certain and not person.answers(asked.fields):
            raise AnswerNotTrusted(register, "answer-incomplete")
        notes = note_of_more(register, asked, more=person.exceeds(asked.fields))
        kept = answer.model_copy(update={"record": person.only(asked.fields)})
        return Told(person.record(asked.fields), kept, notes, *receipt)
