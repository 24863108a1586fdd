"""Rows A5 and A12 where a look-up waited: its answer is judged and cut down as at once, by hashes in place of names.

Each answer is given twice by a register over real TLS: at once to its client, and to what the same client had queued.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from auth.errors import AnswerForAnother, AnswerNotTrusted, RegisterError, RegisterTimeout
from auth.ledger import Ledger
from auth.outbox import Item, Letter, State
from auth.outbox.verdicts import event_of
from auth.registers import Answer, AnswerNote, Lookup
from auth.registers.housing import HousingClient
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from auth.registers.sought import Sought
from auth.registers.told import Told
from auth.registers.worded import Enclosed, WordedClient
from auth.wire import DeviceCredential
from mock_cards.personas import load_persona

ME, OLD, SERIAL = "099090000001", "099123456", "AB 12345678"
STRANGER = {"full_name": "Người Khác", "number": "099088000002"}
MYSELF = {"full_name": "Nguyễn Văn Mẫu", "number": ME}
FIELDS = {
    "population": ("full_name", "date_of_birth", "residence"),
    "land": ("address", "area_m2", "issued"),
    "housing": ("address", "floor_area_m2", "ownership_term", "encumbrances"),
}
PERSON = {
    "personal_number": ME,
    "card_status": "valid",
    "full_name": "Nguyễn Văn Mẫu",
    "date_of_birth": "1990-01",
    "residence": "Thôn Đông, Xã Mẫu Lâm",
}
PARCEL = {
    "certificate_serial": SERIAL,
    "quality": "verified",
    "holders": [MYSELF],
    "address": "Thôn Đông",
    "area_m2": "120.5",
    "issued": "2019-03-04",
}
DWELLING = {
    "certificate_serial": SERIAL,
    "quality": "verified",
    "owners": [MYSELF],
    "address": "Thôn Đông",
    "floor_area_m2": "68.4",
    "ownership_term": None,
    "encumbrances": [{"kind": "mortgage", "holder": "Ngân hàng Mẫu", "since": "2025-06-18"}],
}
CLIENTS = {"population": PopulationClient, "land": LandClient, "housing": HousingClient}


def parcels(*told: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"personal_number": ME, "old_numbers": [], "parcels": list(told), **changes}


def dwellings(*told: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"personal_number": ME, "old_numbers": [], "dwellings": list(told), **changes}


RECORDS = {"population": PERSON, "land": parcels(PARCEL), "housing": dwellings(DWELLING)}


@dataclass
class Office:
    """One register that says ``record``, its client, and the queue of a desk."""

    register: str
    client: Any
    bench: Any
    said: dict[str, Any]

    def at_once(self, lookup: Lookup) -> Answer[Any]:
        if self.register == "population":
            return self.client.find_citizen(lookup)
        if lookup.certificate:
            return self.client.find_by_certificate(lookup)
        return self.client.find_holdings(lookup) if self.register == "land" else self.client.find_dwellings(lookup)

    def letter(self, lookup: Lookup, enclosed: Enclosed) -> Letter:
        """Return the letter as the desk makes it."""
        return Letter(
            lookup_id=lookup.lookup_id,
            dossier="H-1",
            register=self.register,
            path=enclosed.path,
            purpose=lookup.purpose,
            legal_basis=lookup.legal_basis,
            clerk=lookup.clerk,
            idempotency_key=enclosed.idempotency_key,
            subject=lookup.personal_number,
            sealed=enclosed.sealed,
            questions=enclosed.questions,
            fields=enclosed.fields,
            old_number=lookup.old_number,
            certificate=enclosed.certificate,
        )

    def queued(self, lookup: Lookup, **older: Any) -> Item:
        """Return how the look-up stands once it was sent from the queue; ``older`` changes its letter."""
        letter = replace(self.letter(lookup, self.client.enclose(lookup)), **older)
        number = self.bench.outbox.put(letter).number
        self.bench.drain()
        return self.bench.outbox.item(number)  # type: ignore[no-any-return]  # the outbox is a real one

    def taken(self) -> dict[str, Any]:
        """Return the one answer that a dossier takes out."""
        (one,) = self.bench.outbox.take("H-1")
        told: dict[str, Any] = json.loads(one.answer)
        return told


@pytest.fixture
def open_office(
    raw_register: Callable[..., Any], say: Callable[..., bytes], device: DeviceCredential, bench: Any
) -> Iterator[Callable[..., Office]]:
    with ExitStack() as stack:

        def opened(register: str, record: object, make: type[WordedClient] | None = None) -> Office:
            said = {"record": record}
            raw = raw_register(lambda request, key: say(request, key, **said))
            endpoint = replace(raw.endpoint, register=register)
            client = stack.enter_context(closing((make or CLIENTS[register])(endpoint, device)))
            bench.register, bench.serves = client, register
            return Office(register, client, bench, said)

        yield opened


@pytest.fixture
def asked(lookup_of: Callable[..., Lookup]) -> Callable[..., Lookup]:
    """Return what words a look-up of a register's fields, each under an id of its own."""

    def ask(register: str, **other: Any) -> Lookup:
        lookup = lookup_of(load_persona("nguyen-van-mau"), lookup_id=str(uuid.uuid4()))
        return replace(lookup, **{"fields": FIELDS[register], "old_number": OLD, **other})

    return ask


def without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


WRONG: list[tuple[str, object, str, str]] = [
    ("population", without(PERSON, "residence"), "", "answer-incomplete"),
    ("population", without(PERSON, "card_status"), "", "answer-malformed"),
    ("population", without(PERSON, "personal_number"), "", "answer-malformed"),
    ("population", PERSON | {"date_of_birth": "1990-13-01"}, "", "answer-malformed"),
    ("population", PERSON | {"personal_number": "099088000002"}, "", "another-personal-number"),
    ("land", parcels(without(PARCEL, "area_m2")), "", "answer-incomplete"),
    ("land", parcels(without(PARCEL, "holders")), "", "answer-malformed"),
    ("land", parcels(PARCEL, personal_number="099088000002"), "", "another-personal-number"),
    ("land", parcels(PARCEL, PARCEL | {"holders": [STRANGER]}), "", "parcel-of-another"),
    ("land", parcels(PARCEL | {"holders": [MYSELF | {"number": "099654321"}]}), "", "parcel-of-another"),
    ("land", parcels(PARCEL, PARCEL | {"certificate_serial": "CD 1"}), SERIAL, "another-certificate"),
    ("housing", dwellings(without(DWELLING, "encumbrances")), "", "answer-incomplete"),
    ("housing", dwellings(DWELLING | {"floor": 12.5}), "", "answer-malformed"),
    ("housing", dwellings(DWELLING, personal_number="099088000002"), "", "another-personal-number"),
    ("housing", dwellings(DWELLING, DWELLING | {"owners": [STRANGER]}), "", "dwelling-of-another"),
    ("housing", dwellings(DWELLING | {"certificate_serial": "CD 1"}), SERIAL, "another-certificate"),
]


@pytest.mark.parametrize(("register", "record", "certificate", "why"), WRONG)
def test_a5_what_is_refused_at_once_is_not_kept_for_what_waited(
    open_office: Callable[..., Office],
    asked: Callable[..., Lookup],
    register: str,
    record: object,
    certificate: str,
    why: str,
) -> None:
    office = open_office(register, record)
    with pytest.raises(RegisterError, match=why) as refused:
        office.at_once(asked(register, certificate=certificate))
    assert isinstance(refused.value, AnswerNotTrusted | AnswerForAnother)
    item = office.queued(asked(register, certificate=certificate))
    held = isinstance(refused.value, AnswerForAnother)
    assert (item.state, item.reason) == (
        (State.NEEDS_DECISION, why) if held else (State.QUEUED, "register-answer-untrusted")
    ), "as the table of verdicts says"
    assert str(event_of(refused.value)) == ("doubt" if held else "retry")
    assert (item.answer, office.bench.outbox.take("H-1")) == ("", [])


MORE: list[tuple[str, dict[str, Any]]] = [
    ("population", PERSON | {"religion": "Không kể", "father": "Nguyễn Văn Kể", "blood_group": "kể"}),
    ("land", parcels(PARCEL | {"holders": [MYSELF, STRANGER], "origin": "Không kể", "lien": "kể"})),
    ("housing", dwellings(DWELLING | {"owners": [STRANGER, MYSELF], "project": "Không kể", "lien": "kể"})),
]


@pytest.mark.parametrize(("register", "record"), MORE)
def test_a12_what_nobody_asked_for_is_dropped_before_it_is_kept_and_stands_in_the_ledger(
    open_office: Callable[..., Office],
    asked: Callable[..., Lookup],
    ledger: Ledger,
    register: str,
    record: dict[str, Any],
) -> None:
    office, lookup = open_office(register, record), asked(register)
    at_once = office.at_once(asked(register))
    assert at_once.notes == (AnswerNote.MORE_THAN_ASKED,)
    item = office.queued(lookup)
    assert (item.state, item.reason) == (State.ANSWERED, "more-than-asked")
    (leaf,) = [json.loads(leaf) for _, leaf in ledger.leaves() if b"more-than-asked" in leaf]
    assert (leaf["kind"], leaf["lookup"], leaf["register"]) == ("answered", lookup.lookup_id, register)
    kept = office.taken()
    assert kept["record"] == RECORDS[register], "what is told otherwise than it was asked for is gone, by its name too"
    again = office.client.read(Sought.by(lookup), json.dumps(kept).encode())
    assert (again.record, again.notes) == (at_once.record, ())


@pytest.mark.parametrize("register", list(RECORDS))
def test_an_honest_answer_is_kept_as_it_was_told_and_of_nobody_nothing(
    open_office: Callable[..., Office], asked: Callable[..., Lookup], register: str
) -> None:
    office = open_office(register, RECORDS[register])
    lookup = asked(register)
    assert office.queued(lookup).reason == ""
    acted = {"lookup_id": lookup.lookup_id, "purpose": lookup.purpose, "legal_basis": lookup.legal_basis}
    assert office.taken() == {**acted, "record": RECORDS[register]}
    office.said["record"] = None
    assert office.queued(asked(register)).state is State.ANSWERED
    assert office.taken()["record"] is None


@pytest.mark.parametrize(("register", "of", "told"), [("land", "holders", parcels), ("housing", "owners", dwellings)])
def test_what_stands_under_the_old_number_is_the_citizens_where_that_went_along(
    open_office: Callable[..., Office], asked: Callable[..., Lookup], register: str, of: str, told: Callable[..., Any]
) -> None:
    thing = {"land": PARCEL, "housing": DWELLING}[register]
    office = open_office(register, told(thing | {of: [MYSELF | {"number": OLD}]}))
    assert office.queued(asked(register)).state is State.ANSWERED
    assert office.queued(asked(register, old_number="")).state is State.NEEDS_DECISION


@pytest.mark.parametrize("register", ["land", "housing"])
@pytest.mark.parametrize("written", [SERIAL, "ab12345678", " AB 1234 5678"])
def test_a_certificate_is_known_again_however_it_is_written(
    open_office: Callable[..., Office], asked: Callable[..., Lookup], register: str, written: str
) -> None:
    office = open_office(register, RECORDS[register])
    assert office.queued(asked(register, certificate=written)).state is State.ANSWERED


def test_a_certificate_that_was_shown_does_not_narrow_what_was_asked_by_holder(
    open_office: Callable[..., Office], asked: Callable[..., Lookup], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked at once of the holder, and lost, is queued as that, whatever certificate lies on the table."""
    office = open_office("land", parcels(PARCEL, PARCEL | {"certificate_serial": "CD 1"}))
    lookup = asked("land", certificate=SERIAL)

    def lose(*_: object) -> None:
        raise RegisterTimeout("land", "deadline")

    with monkeypatch.context() as lost:
        lost.setattr(office.client._wire, "ask_sealed", lose)
        with pytest.raises(RegisterTimeout):
            office.client.find_holdings(lookup)
    assert office.queued(lookup).state is State.ANSWERED


def test_of_whom_it_is_about_the_queue_keeps_keyed_hashes_alone(
    open_office: Callable[..., Office], asked: Callable[..., Lookup]
) -> None:
    office = open_office("land", parcels(PARCEL))
    item = office.queued(asked("land", certificate=SERIAL))
    row = item.to_bytes().decode()
    for secret in (ME, OLD, SERIAL, "AB12345678", "Mẫu", "1990"):
        assert secret not in row
    assert item.fields == FIELDS["land"]
    other = replace(office.letter(asked("land"), Enclosed("/p", b"a.b.c.d.e", str(uuid.uuid4()))), subject=OLD)
    put = office.bench.outbox.put(other)
    assert len({item.subject, item.old_number, item.certificate, put.subject}) == 4, "of each kind it is another hash"
    assert put.certificate == ""


# --- questions --------------------------------------------------------------------------------------------------------

QUESTIONS = {"personal-number": True, "full-name": True, "date-of-birth": True, "card-valid": False, "over-18": True}


def test_a_yes_or_no_is_cut_down_to_the_questions_that_were_asked(
    open_office: Callable[..., Office], asked: Callable[..., Lookup]
) -> None:
    office = open_office("population", None)
    lookup = asked("population", purpose="marriage-registration", fields=())
    enclosed = office.client.enclose_questions(lookup)
    assert set(enclosed.questions) == set(QUESTIONS)
    item = office.bench.outbox.put(office.letter(lookup, enclosed))
    sought = Sought(lookup.lookup_id, lookup.purpose, lookup.legal_basis, Sought.by(lookup).about, (), item.questions)
    act = {"lookup_id": lookup.lookup_id, "purpose": lookup.purpose, "legal_basis": lookup.legal_basis}
    told = office.client.judge(sought, json.dumps({**act, "answers": QUESTIONS | {"over-60": True}}).encode())
    assert told.notes == (AnswerNote.MORE_THAN_ASKED,)
    assert json.loads(told.kept()) == {**act, "answers": QUESTIONS}
    for answers in (without(QUESTIONS, "over-18"), QUESTIONS | {"over-18": "yes"}):
        with pytest.raises(AnswerNotTrusted):
            office.client.judge(sought, json.dumps({**act, "answers": answers}).encode())


# --- what an earlier version queued -----------------------------------------------------------------------------------

EARLIER = {"fields": (), "old_number": "", "certificate": ""}
JUDGED_EARLIER: list[tuple[str, object, State, str]] = [
    # As before: the act and the person's number.
    ("population", PERSON | {"personal_number": "099088000002"}, State.NEEDS_DECISION, "another-personal-number"),
    # Which fields were asked for is not known, so none is missed; none goes beyond those of the purpose.
    ("population", without(PERSON, "residence"), State.ANSWERED, ""),
    ("population", PERSON | {"religion": "Không kể"}, State.ANSWERED, "more-than-asked"),
    ("population", without(PERSON, "card_status"), State.QUEUED, "register-answer-untrusted"),
    # Nine digits may be the citizen's old number, twelve are somebody else's.
    ("land", parcels(PARCEL | {"holders": [MYSELF | {"number": OLD}]}), State.ANSWERED, ""),
    ("land", parcels(PARCEL | {"holders": [STRANGER]}), State.NEEDS_DECISION, "parcel-of-another"),
    ("housing", dwellings(DWELLING | {"owners": [STRANGER]}), State.NEEDS_DECISION, "dwelling-of-another"),
    ("housing", dwellings(DWELLING | {"certificate_serial": "CD 1"}), State.ANSWERED, ""),
]


@pytest.mark.parametrize(("register", "record", "state", "reason"), JUDGED_EARLIER)
def test_what_an_earlier_version_queued_is_judged_as_far_as_what_it_kept_allows(
    open_office: Callable[..., Office],
    asked: Callable[..., Lookup],
    register: str,
    record: object,
    state: State,
    reason: str,
) -> None:
    office = open_office(register, record)
    item = office.queued(asked(register, certificate="" if register == "population" else SERIAL), **EARLIER)
    assert (item.state, item.reason) == (state, reason)


def test_a_row_of_an_earlier_version_opens(open_office: Callable[..., Office], asked: Callable[..., Lookup]) -> None:
    office = open_office("population", PERSON)
    item = office.queued(asked("population"), **EARLIER)
    row = {name: value for name, value in json.loads(item.to_bytes()).items() if name not in EARLIER}
    assert Item.from_bytes(json.dumps(row).encode()) == item


# --- a client of somebody else's -------------------------------------------------------------------------------------


class Vehicles(WordedClient):
    """Be a client of somebody else's that says nothing of how its answers are read."""

    data_path = "/v1/vehicles:lookup"


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ({"personal_number": ME, "vehicles": [{"plate": "99A-000.01"}]}, State.ANSWERED),
        ({"vehicles": []}, State.ANSWERED),
        (None, State.ANSWERED),
        ({"personal_number": "099088000002", "vehicles": []}, State.NEEDS_DECISION),
        ([], State.QUEUED),
    ],
)
def test_without_a_word_of_its_client_the_act_and_the_person_are_judged_and_nothing_is_dropped(
    open_office: Callable[..., Office], asked: Callable[..., Lookup], record: object, state: State
) -> None:
    office = open_office("population", record, Vehicles)
    assert office.queued(asked("population")).state is state
    if state is State.ANSWERED:
        assert office.taken()["record"] == record


class Faulty(Vehicles):
    """Be one that cannot say what it read."""

    def read(self, asked: Sought, body: bytes) -> Told[Any]:
        raise KeyError("a fault of somebody else's")


@pytest.mark.logs  # a fault of a client is worth an error in the log
def test_a_fault_in_a_client_loses_nothing_keeps_nothing_and_is_not_asked_for_at_once(
    open_office: Callable[..., Office], asked: Callable[..., Lookup]
) -> None:
    item = open_office("population", PERSON, Faulty).queued(asked("population"))
    assert (item.state, item.reason, item.answer) == (State.QUEUED, "register-answer-untrusted", "")
    assert item.wait > 0
