"""What the desk says of the card's presence: every code has words, and no page claims more than was shown."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from auth.presence import EvidenceBasis, NoPageReason, PresenceLevel, Reason
from desk.failures import failure_text
from desk.language import Language, Phrase
from desk.presence_shown import PresenceOfRegister, PresenceView
from desk.tap import TapState
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.view import DeskState, DeskView, RegisterState, RegisterView
from desk.words import presence_words

LAND = RegisterView("land", Phrase("Đất đai", "Land"), RegisterState.ANSWERED)


def test_every_code_has_words_and_no_words_are_left_over() -> None:
    assert set(presence_words.LEVELS) == set(presence_words.LEVEL_LIMITS) == {int(level) for level in PresenceLevel}
    assert set(presence_words.TAPS) == set(TapState)
    assert set(presence_words.BASES) == {basis.value for basis in EvidenceBasis}
    assert set(presence_words.REASONS) == {word.value for word in (*Reason, *NoPageReason)}


def said(view: PresenceView | None, language: str = "en", registers: Iterable[RegisterView] = (LAND,)) -> str:
    return "\n".join(Texts(language).presence(view, registers))


def test_a_desk_that_asks_for_no_presence_says_nothing() -> None:
    assert said(None) == ""


@pytest.mark.parametrize("language", [language.value for language in Language])
@pytest.mark.parametrize("level", range(5))
def test_a_level_comes_with_what_it_leaves_open(level: int, language: str) -> None:
    text = said(PresenceView(TapState.PROVEN.value, level), language)
    assert presence_words.LEVEL_LIMITS[level].text(Language(language)) in text
    assert f"{level}" in text


def test_each_register_is_told_by_its_name_and_what_it_made_of_the_proof() -> None:
    shown = PresenceView(
        TapState.PROVEN.value,
        2,
        registers=(
            PresenceOfRegister("land", 4, True, ("short-key",)),
            PresenceOfRegister("population", 2, False, ("already-used",)),
            PresenceOfRegister("housing", 2, None),
        ),
        least=4,
        enough=False,
    )
    text = said(shown)
    assert "Land: level 4 (the chip’s key is short)" in text
    assert "population: did not accept the proof (used already)" in text
    assert "housing: no receipt" in text
    assert "the policy asks for level 4" in text


def test_while_the_card_is_asked_no_level_is_claimed() -> None:
    assert said(PresenceView("", 0, asking=True)) == "Presence of the card: being asked"


@pytest.mark.parametrize("reason", ["verifier-refuses-otherwise", "6985"])
def test_a_status_word_of_the_chip_comes_as_it_is(reason: str) -> None:
    assert reason in said(PresenceView(TapState.CARD_REFUSED.value, 2, reason=reason))


def test_what_hindered_the_desk_itself_is_told_by_its_title() -> None:
    assert failure_text("ledger-unusable", Language.ENGLISH).title in said(
        PresenceView(TapState.VERIFIER_AWAY.value, 2, reason="ledger-unusable")
    )


def test_the_terminal_says_it_below_the_decision() -> None:
    stream = io.StringIO()
    view = DeskView(DeskState.SHOWING, 1, presence=PresenceView(TapState.VERIFIER_AWAY.value, 2), registers=(LAND,))
    TerminalPage(console_for(stream), Texts("en")).show(view)
    assert "Presence of the card: level 2 of 4" in stream.getvalue()
    assert "the verifier could not be asked" in stream.getvalue()
