"""The outbox as a machine: any order of acts, restarts, clock jumps and older copies, against a model."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from auth.device import SoftwareSigner
from auth.ledger import Ledger
from auth.outbox import Event, NotInTable, Outbox, State
from auth.outbox.states import ENDS, TABLE

CAPACITY = 8
EVENTS = [event for event in Event if event not in (Event.PUT, Event.TAKE)]


def _conftest() -> object:
    """Load the fakes of this folder: a machine takes no fixtures."""
    spec = importlib.util.spec_from_file_location("outbox_fakes", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fakes = _conftest()
SIGNER = SoftwareSigner.generate()


class OutboxMachine(RuleBasedStateMachine):
    """Hold an outbox against what it should hold: number → (dossier, state), in order."""

    letters = Bundle("letters")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock, self.box = fakes.Clock(), fakes.QuickBox()
        self.ledger = Ledger(self.folder / "ledger.db", SIGNER, machine="")
        self.model: dict[int, tuple[str, State]] = {}
        self.expires: dict[int, float] = {}
        self.keys: dict[str, int] = {}
        self.copied: bool = False
        self.outbox: Outbox | None = None

    @initialize()
    def begin(self) -> None:
        self._open()

    def _open(self) -> None:
        self.outbox = Outbox(
            self.folder / "outbox.db", self.box, "desk-1", self.ledger, now=self.clock, capacity=CAPACITY
        )

    def _interrupted(self) -> None:
        for number, (dossier, state) in self.model.items():
            if state is State.SENDING:
                self.model[number] = (dossier, State.QUEUED)

    @rule(target=letters, dossier=st.sampled_from(["H-1", "H-2"]))
    def write(self, dossier: str) -> object:
        return fakes.letter_of(dossier)

    @rule(letter=letters)
    def put(self, letter) -> None:
        known = self.keys.get(letter.idempotency_key)
        if known in self.model:
            assert self.outbox.put(letter).number == known
        elif len(self.model) < CAPACITY:
            item = self.outbox.put(letter)
            assert item.number > max(self.keys.values(), default=0)
            self.keys[letter.idempotency_key] = item.number
            self.model[item.number] = (letter.dossier, State.QUEUED)
            self.expires[item.number] = item.expires_at
        else:
            with pytest.raises(Exception, match="holds 8"):
                self.outbox.put(letter)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), event=st.sampled_from(EVENTS))
    def happen(self, data, event: Event) -> None:
        number = data.draw(st.sampled_from(sorted(self.model)))
        item = self.outbox.item(number)
        dossier, state = self.model[number]
        answer = b"{}" if event is Event.ANSWER else None
        if (state, event) in TABLE:
            self.outbox.happen(item, event, "why", answer=answer)
            self.model[number] = (dossier, TABLE[state, event])
        else:
            with pytest.raises(NotInTable):
                self.outbox.happen(item, event, "why", answer=answer)

    @rule(dossier=st.sampled_from(["H-1", "H-2"]))
    def take(self, dossier: str) -> None:
        wanted = [number for number, (of, state) in self.model.items() if of == dossier and state in ENDS]
        taken = self.outbox.take(dossier)
        assert [one.item.number for one in taken] == wanted
        for one in taken:
            assert (one.answer is not None) is (self.model.pop(one.item.number)[1] is State.ANSWERED)

    @rule(days=st.integers(-3, 9))
    def let_time_pass(self, days: int) -> None:
        self.clock.time += days * 86_400

    @rule()
    def sweep(self) -> None:
        self.outbox.sweep()
        for number, (dossier, state) in self.model.items():
            if self.expires[number] <= self.clock.time and (state, Event.EXPIRE) in TABLE:
                self.model[number] = (dossier, State.EXPIRED)

    @rule()
    def restart(self) -> None:
        self.outbox.close()
        self._open()
        self._interrupted()
        assert self.outbox.overview().trouble == ""

    @rule()
    def copy(self) -> None:
        """Keep a copy of the file as it is, closed."""
        self.outbox.close()
        shutil.copy(self.folder / "outbox.db", self.folder / "copy.db")
        self._open()
        self._interrupted()
        self.copied = True

    @precondition(lambda self: self.copied)
    @rule()
    def put_the_copy_back(self) -> None:
        """The queue stands as the ledger says, except what the copy cannot know: that is told as lost."""
        self.outbox.close()
        shutil.copy(self.folder / "copy.db", self.folder / "outbox.db")
        self._open()
        self._interrupted()
        overview, items = self.outbox.overview(), self.outbox.items()
        assert {item.number for item in items} == set(self.model)
        lost = {item.number for item in items if item.reason == "lost"}
        assert overview.lost <= len(lost)
        for item in items:
            _, state = self.model[item.number]
            unanswered = state is State.ANSWERED and item.state is State.QUEUED
            assert item.state is state or unanswered or item.number in lost
            # What a register has done once is asked for again under its key; what is unknown names no dossier.
            self.model[item.number] = (item.dossier, item.state)
            self.expires[item.number] = item.expires_at
        for key, number in list(self.keys.items()):
            if number in self.model and number not in {item.number for item in items if item.idempotency_key == key}:
                del self.keys[key]
                self.keys[f"lost-{number}"] = number
        self.outbox.take_note()
        # What is lost was told; it is taken out as the clerk would.
        for one in self.outbox.take("?"):
            del self.model[one.item.number]
        self.outbox.close()
        self._open()

    @invariant()
    def it_is_what_it_should_be(self) -> None:
        if self.outbox is not None:
            assert {item.number: (item.dossier, item.state) for item in self.outbox.items()} == self.model

    def teardown(self) -> None:
        if self.outbox is not None:
            self.outbox.close()
        self.ledger.close()
        shutil.rmtree(self.folder)


@pytest.mark.logs  # of older copies
def test_any_order_of_acts_restarts_and_older_copies() -> None:
    run(OutboxMachine, 25, 25)


@pytest.mark.soak
@pytest.mark.logs  # of older copies
def test_any_order_of_acts_for_longer() -> None:
    run(OutboxMachine, 400, 60)


def run(machine: type[RuleBasedStateMachine], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
