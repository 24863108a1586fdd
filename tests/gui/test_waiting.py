"""The offer to let a look-up wait, and the line that says what waits."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from desk.language import Language
from desk.view import ActionId, DeskState, DeskView, WaitingView
from gui.theme import Mark
from gui.widgets.part import Look, MarkLabel
from gui.widgets.queue_offer import QueueOffer
from gui.widgets.waiting_line import WaitingLine

OFFERED = DeskView(DeskState.SHOWING, 1, actions=frozenset({str(ActionId.QUEUE_LOOKUPS)}))


def test_the_offer_is_there_only_while_a_register_is_away(qtbot: QtBot, look: Look) -> None:
    offer = QueueOffer(look)
    qtbot.addWidget(offer)
    assert not offer.isVisible()
    offer.present(OFFERED)
    assert offer.isVisible()
    offer.present(replace(OFFERED, actions=frozenset()))
    assert not offer.isVisible()


def test_without_a_dossier_number_the_offer_asks_for_one_and_queues_nothing(qtbot: QtBot, look: Look) -> None:
    offer, wanted, asked = QueueOffer(look), [], []
    qtbot.addWidget(offer)
    offer.wanted.connect(lambda: wanted.append("queue"))
    offer.number_wanted.connect(lambda: asked.append("number"))
    offer.present(OFFERED)
    offer.button.click()
    assert (wanted, asked) == ([], ["number"])
    offer.present(replace(OFFERED, dossier="H-2026-7"))
    offer.button.click()
    assert (wanted, asked) == (["queue"], ["number"])
    assert "H-2026-7" in offer.words.text()


def test_the_line_says_how_many_wait_since_when_and_what_must_be_done(qtbot: QtBot, look: Look) -> None:
    line = WaitingLine(look)
    qtbot.addWidget(line)
    for view in (None, WaitingView()):
        line.present(view)
        assert not line.isVisible()
    look.tongue.speak(Language.ENGLISH)
    marks = {
        WaitingView(count=12, since="08:15 26/11/2026"): Mark.RUNNING,
        WaitingView(count=12, since="08:15 26/11/2026", to_decide=1): Mark.ATTENTION,
        WaitingView(frozen=3): Mark.ATTENTION,
        WaitingView(ended=2): Mark.GOOD,
        WaitingView(trouble="outbox-full"): Mark.ATTENTION,
    }
    for view, mark in marks.items():
        line.present(view)
        assert line.isVisible()
        assert line.findChild(MarkLabel).mark is mark
        assert line.accessibleName() == line.words.text()
    line.present(WaitingView(count=12, since="08:15 26/11/2026", to_decide=1))
    assert line.words.text() == "Look-ups waiting: 12, since 08:15 26/11/2026. To decide: 1."
    line.present(WaitingView(trouble="outbox-full"))
    assert line.words.text() == "The queue of look-ups is full."


def test_thousands_are_written_as_the_language_does(look: Look) -> None:
    full = WaitingView(count=5000, since="08:15 26/11/2026")
    assert "5.000 việc" in look.tongue.texts.lookups_waiting(full)
    look.tongue.speak(Language.ENGLISH)
    assert "5,000" in look.tongue.texts.lookups_waiting(full)
