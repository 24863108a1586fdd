"""The outbox on the disk: what was acknowledged is there, nothing can be read of it, and each act leaves its leaf."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerUnusable
from auth.ledger import Ledger
from auth.outbox import Event, Letter, OpenerBox, Outbox, OutboxFull, OutboxUnusable, State
from auth.outbox.states import WAITING
from reader.errors import DataError, MotCuaError

Open = Callable[..., Outbox]
Letters = Callable[..., Letter]
SECRETS = ("H-SECRET-7", "cb-secret-9", "099090000001", "citizen-information", "lookup-secret")


def kinds(ledger: Ledger) -> list[str]:
    return [json.loads(leaf)["kind"] for _, leaf in ledger.leaves()]


def answered(outbox: Outbox, letter: Letter, answer: bytes = b'{"record": null}') -> None:
    item = outbox.happen(outbox.put(letter), Event.SEND)
    outbox.happen(item, Event.ANSWER, answer=answer, answered_at=1.0, key_id="key-1")


def test_what_was_put_in_is_there_after_a_restart(open_outbox: Open, letter_of: Letters) -> None:
    outbox = open_outbox()
    letters = [letter_of(f"H-{number % 3}") for number in range(10)]
    items = [outbox.put(letter) for letter in letters]
    outbox.close()
    again = open_outbox()
    assert again.items() == items
    assert [again.payload(item) for item in again.items()] == [letter.sealed for letter in letters]
    assert [item.number for item in items] == list(range(1, 11))


def test_the_same_look_up_put_twice_is_one(outbox: Outbox, letter_of: Letters, ledger: Ledger) -> None:
    """A10: a double click, or the same question asked from two windows of one desk."""
    letter = letter_of()
    assert outbox.put(letter) == outbox.put(letter)
    assert kinds(ledger) == ["queued"]


def test_one_look_up_at_two_registers_is_two(outbox: Outbox, letter_of: Letters) -> None:
    letter = letter_of()
    assert outbox.put(letter).number != outbox.put(replace(letter, register="land")).number
    assert outbox.find("housing", letter.idempotency_key) is None


def test_a_frozen_queue_is_given_out_sealed_and_the_ledger_says_who_answers_for_it(
    outbox: Outbox, letter_of: Letters, ledger: Ledger
) -> None:
    """A8: the supervised export."""
    letters = [letter_of(f"H-{number}", sealed=b"a.b.c.d.%d" % number) for number in range(3)]
    items = [outbox.put(letter) for letter in letters]
    outbox.happen_to_all([items[0].number, items[1].number], Event.FREEZE, "device-revoked")
    assert [payload for _, payload in outbox.frozen()] == [letter.sealed for letter in letters[:2]]
    assert outbox.export("supervisor-7") == 2
    assert [item.state for item in outbox.items()] == [State.RETURNED, State.RETURNED, State.QUEUED]
    said = [json.loads(leaf) for _, leaf in ledger.leaves()]
    told = [one["clerk"] for one in said if one["kind"] == "exported"]
    assert told == [ledger.pseudonym("supervisor-7")] * 2
    assert outbox.frozen() == []
    assert outbox.export("supervisor-7") == 0


def test_nothing_on_the_disk_tells_what_waits(open_outbox: Open, letter_of: Letters, tmp_path: Path) -> None:
    outbox = open_outbox()
    letter = letter_of("H-SECRET-7", clerk="cb-secret-9", lookup_id="lookup-secret")
    answered(outbox, letter, b'{"record": "answer-secret"}')
    for name in ("outbox.db", "outbox.db-wal", "outbox.db-shm", "outbox.db.lock"):
        raw = (tmp_path / name).read_bytes()
        for secret in (*SECRETS, "answer-secret", letter.idempotency_key):
            assert secret.encode() not in raw, f"{secret} in {name}"
        assert letter.sealed not in raw
    assert stat.S_IMODE((tmp_path / "outbox.db").stat().st_mode) == 0o600


def test_the_ledger_names_neither_dossier_nor_person_nor_clerk(
    outbox: Outbox, letter_of: Letters, ledger: Ledger
) -> None:
    answered(outbox, letter_of("H-SECRET-7", clerk="cb-secret-9"))
    outbox.take("H-SECRET-7")
    said = b"".join(leaf for _, leaf in ledger.leaves())
    for secret in ("H-SECRET-7", "cb-secret-9", "099090000001"):
        assert secret.encode() not in said
    assert kinds(ledger) == ["queued", "sent", "answered", "taken"]


def test_an_answer_stays_sealed_until_its_dossier_takes_it_and_then_is_gone(
    open_outbox: Open, letter_of: Letters, file: Path
) -> None:
    outbox = open_outbox()
    answered(outbox, letter_of("H-1"), b'{"record": 1}')
    answered(outbox, letter_of("H-2"), b'{"record": 2}')
    waiting = outbox.put(letter_of("H-1"))
    (taken,) = outbox.take("H-1")
    assert taken.answer == b'{"record": 1}'
    assert outbox.take("H-1") == []
    assert [item.dossier for item in outbox.items()] == ["H-2", "H-1"]
    assert outbox.item(waiting.number) == waiting
    outbox.close()
    database = sqlite3.connect(file)
    assert database.execute("SELECT count(*) FROM answer").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM payload").fetchone() == (1,)
    database.close()


@pytest.mark.parametrize("event", [Event.GIVE_BACK, Event.EXPIRE])
def test_what_will_not_be_sent_keeps_no_payload(outbox: Outbox, letter_of: Letters, event: Event) -> None:
    item = outbox.happen(outbox.put(letter_of()), event)
    with pytest.raises(OutboxUnusable, match="damaged"):
        outbox.payload(item)


def test_beyond_its_capacity_it_refuses_before_anything_is_asked(open_outbox: Open, letter_of: Letters) -> None:
    outbox = open_outbox(capacity=3)
    letters = [letter_of() for _ in range(3)]
    for letter in letters:
        outbox.ready()
        outbox.put(letter)
    with pytest.raises(OutboxFull) as caught:
        outbox.ready()
    assert caught.value.capacity == 3
    with pytest.raises(OutboxFull):
        outbox.put(letter_of())
    assert outbox.put(letters[0]).number == 1, "what is in there already is no more"
    outbox.happen(outbox.items()[0], Event.GIVE_BACK)
    outbox.take("H-1")
    outbox.ready()


@pytest.mark.parametrize(
    "changes",
    [
        {"sealed": b"{}"},
        {"sealed": b""},
        {"sealed": b"a.b.c.d." + b"x" * 100_000},
        {"dossier": ""},
        {"dossier": "H" * 101},
        {"dossier": "H\n1"},
        {"clerk": ""},
        {"legal_basis": "x" * 201},
    ],
)
def test_what_is_no_sealed_letter_is_not_taken(outbox: Outbox, letter_of: Letters, changes: dict[str, object]) -> None:
    with pytest.raises(DataError):
        outbox.put(letter_of(**changes))
    assert outbox.items() == []


def test_two_programs_on_one_outbox_take_turns(open_outbox: Open, letter_of: Letters) -> None:
    """L7: the second one is told, and the first loses nothing."""
    first = open_outbox()
    with pytest.raises(OutboxUnusable, match="in-use"):
        open_outbox()
    item = first.put(letter_of())
    first.close()
    assert open_outbox().items() == [item]


def test_what_is_too_old_expires_and_frozen_look_ups_do_not(outbox: Outbox, letter_of: Letters, clock) -> None:
    queued, held, frozen = (outbox.put(letter_of(f"H-{number}")) for number in range(3))
    outbox.happen(held, Event.DOUBT)
    outbox.happen(frozen, Event.FREEZE)
    answered(outbox, letter_of("H-9"))
    clock.let_pass(outbox.keep_s - 1)
    assert outbox.sweep() == 0
    later = outbox.put(letter_of())
    clock.let_pass(2)
    assert outbox.sweep() == 3
    states = {item.number: item.state for item in outbox.items()}
    assert states[queued.number] is states[held.number] is State.EXPIRED
    assert states[frozen.number] is State.FROZEN
    assert states[later.number] is State.QUEUED
    assert outbox.take("H-9")[0].answer is None, "an answer that nobody fetched is wiped"


def test_order_is_by_number_whatever_the_clock_says(outbox: Outbox, letter_of: Letters, clock) -> None:
    """L10: a clock that goes back, daylight saving, the end of a century."""
    numbers = []
    for time in (4e9, 1e9, 2_147_483_648.0, 1e9 - 1, 0.0):
        clock.time = time
        numbers.append(outbox.put(letter_of("H-1")).number)
    clock.time = 1.0
    assert [item.number for item in outbox.items()] == numbers == [1, 2, 3, 4, 5]
    due = outbox.next_due(["population"], ["cb-001"])
    assert due is not None
    assert due.number == 1


def test_the_first_of_a_dossier_holds_back_the_later_ones_and_nobody_elses(outbox: Outbox, letter_of: Letters) -> None:
    first, second = outbox.put(letter_of("H-1")), outbox.put(letter_of("H-1"))
    other = outbox.put(letter_of("H-2"))

    def due() -> int | None:
        item = outbox.next_due(["population"], ["cb-001"])
        return item.number if item is not None else None

    assert due() == first.number
    first = outbox.happen(first, Event.DOUBT)
    assert due() == other.number
    outbox.happen(other, Event.GIVE_BACK)
    assert due() is None
    outbox.happen(first, Event.GIVE_BACK)
    assert due() == second.number
    assert outbox.next_due(["land"], ["cb-001"]) is None
    assert outbox.next_due(["population"], ["cb-002"]) is None, "never in another clerk's name"
    assert outbox.next_due(["population"], []) is None


def test_a_look_up_that_the_ledger_does_not_take_is_not_queued(
    open_outbox: Open, letter_of: Letters, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = open_outbox()
    kept = outbox.put(letter_of())

    def full(acts: object) -> int:
        raise LedgerUnusable("disk-full")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append_all", full)
        with pytest.raises(LedgerUnusable):
            outbox.put(letter_of())
        assert outbox.items() == [kept]
        with pytest.raises(LedgerUnusable):
            outbox.happen(kept, Event.SEND)
        with pytest.raises(LedgerUnusable):
            outbox.put(letter_of())
    assert outbox.put(letter_of()).state is State.QUEUED
    assert kinds(ledger) == ["queued", "sent", "queued"], "what had happened is caught up on first"
    outbox.close()
    again = open_outbox()
    assert [item.state for item in again.items()] == [State.QUEUED, State.QUEUED]
    assert again.overview().trouble == ""


def test_the_overview_says_how_many_wait_and_since_when(outbox: Outbox, letter_of: Letters, clock) -> None:
    assert outbox.overview().oldest is None
    for _ in range(3):
        outbox.put(letter_of())
        clock.let_pass(60)
    first = outbox.items()[0]
    outbox.happen(first, Event.DOUBT)
    overview = outbox.overview()
    assert overview.waiting == 3
    assert overview.counts == {State.QUEUED: 2, State.NEEDS_DECISION: 1}
    assert overview.oldest == first.queued_at
    outbox.happen(outbox.items()[0], Event.GIVE_BACK)
    assert outbox.overview().oldest == outbox.items()[1].queued_at


def test_a_locked_key_leaves_the_file_alone(open_outbox: Open, letter_of: Letters, box, other_box) -> None:
    """L8: a locked keychain, a token that was pulled: a clear word, nothing weaker, nothing put aside."""
    outbox = open_outbox()
    item = outbox.put(letter_of())
    outbox.close()
    box.locked = True
    with pytest.raises(OutboxUnusable, match="key-locked"):
        open_outbox()
    box.locked = False
    with pytest.raises(OutboxUnusable, match="key-locked"):
        open_outbox(box=other_box)
    assert open_outbox().items() == [item]


class PulledToken(SoftwareOpener):
    """A token that is not there when it is needed."""

    def agree(self, point: bytes) -> bytes:
        raise DeviceKeyLocked


class DeviceKeyLocked(MotCuaError):
    code = "settings-invalid"


def test_the_devices_own_key_opens_the_outbox_and_no_other_does() -> None:
    opener = SoftwareOpener.generate()
    box = OpenerBox(opener)
    sealed = box.seal(b"k" * 32)
    assert b"k" * 8 not in sealed
    assert box.open(sealed) == b"k" * 32
    for wrong in (b"", sealed[:40], sealed[:-4], OpenerBox(SoftwareOpener.generate()).seal(b"k" * 32)):
        with pytest.raises(OutboxUnusable, match="key-locked"):
            box.open(wrong)


def test_a_token_that_was_pulled_is_a_locked_key(open_outbox: Open, letter_of: Letters) -> None:
    """L8: as a PKCS#11 opener raises its own error."""
    opener = PulledToken.generate()
    open_outbox(box=OpenerBox(opener)).close()
    with pytest.raises(OutboxUnusable, match="key-locked"):
        open_outbox(box=OpenerBox(opener))


def test_a_rotation_of_the_devices_keys_loses_nothing(open_outbox: Open, letter_of: Letters) -> None:
    """A7: the queue stays, under the new key."""
    old, new = SoftwareOpener.generate(), SoftwareOpener.generate()
    outbox = open_outbox(box=OpenerBox(old))
    item = outbox.put(letter_of())
    outbox.reseal(OpenerBox(new, [old]))
    outbox.close()
    assert open_outbox(box=OpenerBox(new)).items() == [item]


@pytest.mark.logs  # of the older copy
def test_a_new_signing_key_begins_a_new_ledger_and_keeps_the_queue(
    open_outbox: Open, letter_of: Letters, tmp_path: Path, file: Path
) -> None:
    """A7: the ledger is the signing key's, the outbox the device's; an older copy still shows after it."""
    outbox = open_outbox()
    first = outbox.put(letter_of())
    outbox.close()
    copy = file.read_bytes()
    with closing(Ledger(tmp_path / "next.db", SoftwareSigner.generate(), machine="")) as log:
        outbox = open_outbox(log=log)
        assert outbox.items() == [first]
        second = outbox.put(letter_of())
        outbox.close()
        outbox = open_outbox(log=log)
        assert outbox.items() == [first, second]
        outbox.close()
        file.write_bytes(copy)
        outbox = open_outbox(log=log)
        assert outbox.overview().trouble == "rolled-back"
        assert [(item.lookup_id, item.state) for item in outbox.items()] == [
            (first.lookup_id, State.QUEUED),
            (second.lookup_id, State.RETURNED),
        ]
        outbox.close()


def test_nothing_shows_what_it_holds(outbox: Outbox, letter_of: Letters) -> None:
    letter = letter_of("H-SECRET-7")
    item = outbox.put(letter)
    assert "SECRET" not in repr(letter) + repr(item) + repr(outbox)
    assert item.state in WAITING
