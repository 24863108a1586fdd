"""The client of the population register."""

from __future__ import annotations

from collections.abc import Mapping

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.purposes.vocabulary import IDENTITY_QUESTIONS
from auth.registers.lookups import Wish, allowed_lookup, check_act, note_of_more, parse_answer
from auth.registers.messages import ConfirmAnswer, LookupAnswer, PersonMessage
from auth.registers.ports import Answer, Confirmation, Lookup, PopulationRecord
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
        answer = parse_answer(register, _ANSWER, signed.body)
        check_act(register, lookup, answer)
        person, receipt = answer.record, (answer.receipt, answer.receipt_log)
        if person is None:
            return Answer(register, None, signed.key_id, signed.created, (), *receipt)
        if person.personal_number != lookup.personal_number:
            raise AnswerForAnother(register, "another-personal-number")
        if not person.answers(lookup.fields):
            raise AnswerNotTrusted(register, "answer-incomplete")
        notes = note_of_more(register, lookup, more=person.exceeds(lookup.fields))
        record = person.record(lookup.fields)
        return Answer(register, record, signed.key_id, signed.created, notes, *receipt)

    def confirm_citizen(self, lookup: Lookup) -> Answer[Confirmation]:
        """Return yes or no to the purpose's questions, and no data; raise RegisterError without a trustworthy answer.

        An answer to a question that nobody asked is dropped, and the answer's notes say so. Raise RegisterRefused where
        a proof of the card's presence was made for another request than this.
        """
        register = self._wire.register
        lookup = allowed_lookup(register, Wish.YES_OR_NO, lookup, self._purposes)
        signed = self._ask_under(confirmation_of(lookup), CONFIRM_PATH, lookup)
        answer = parse_answer(register, ConfirmAnswer, signed.body)
        check_act(register, lookup, answer)
        if not set(lookup.questions) <= set(answer.answers):
            raise AnswerNotTrusted(register, "answer-incomplete")
        notes = note_of_more(register, lookup, more=len(answer.answers) > len(lookup.questions))
        confirmation, receipt = _confirmation(lookup, answer.answers), (answer.receipt, answer.receipt_log)
        return Answer(register, confirmation, signed.key_id, signed.created, notes, *receipt)


def _confirmation(lookup: Lookup, told: Mapping[str, bool]) -> Confirmation:
    together = all(told[question] for question in IDENTITY_QUESTIONS)
    return Confirmation(together, tuple((question, told[question]) for question in lookup.questions))
