"""When a citizen leaves, nothing of them stays in the window: not shown, not hidden, not to be undone, not to paste."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from desk.view import DeskState, DeskView
from gui.desk.window import DeskWindow
from mock_cards.personas import load_persona

NUMBER = "099090000001"


def secrets_of(name: str) -> tuple[str, ...]:
    """Return what of a persona must not stay: every name, number, date and address, also as they are shown."""
    persona = load_persona(name)
    card = persona.card
    born = "/".join(reversed(card.date_of_birth.split("-")))
    number = card.personal_number
    secrets = [card.full_name, number, " ".join(number[i : i + 3] for i in range(0, 12, 3)), born, card.residence]
    secrets += [card.place_of_origin, card.father, card.mother, card.spouse, card.old_number]
    secrets += [persona.population.residence or "", persona.population.residence_before]
    for parcel in persona.parcels:
        secrets += [parcel.certificate_serial, parcel.address, *(holder.full_name for holder in parcel.holders)]
    return tuple(secret for secret in secrets if len(secret) > 3)


def assert_nothing_left(window: DeskWindow, eyes: Any, secrets: tuple[str, ...]) -> None:
    everything = [*eyes.texts(window), *eyes.held(window), QGuiApplication.clipboard().text()]
    left = {secret for secret in secrets for text in everything if secret in text}
    assert left == set()
    assert window.result_page.identity.portrait.pixmap.isNull()
    assert all(label.pixmap().isNull() for label in window.findChildren(QLabel))
    assert window.result_page.holdings.page("land").drawing.picture is None


@pytest.mark.parametrize("end", ["waiting", "wiped", "stopping", "need-key", "no-reader", "failed-card-removed"])
def test_a_view_without_identity_leaves_nothing_of_the_last_citizen(
    window: DeskWindow, scenes: dict[str, DeskView], eyes: Any, settle: Callable[[], None], end: str
) -> None:
    window.present_view(scenes["showing-proceed"])
    settle()
    assert set(secrets_of("nguyen-van-mau")) & set(eyes.held(window)), "the test must see what there is to wipe"
    window.present_view(replace(scenes[end], visit=8))
    settle()
    assert_nothing_left(window, eyes, secrets_of("nguyen-van-mau"))


def test_the_next_citizen_s_page_holds_nothing_of_the_last(
    window: DeskWindow, scenes: dict[str, DeskView], eyes: Any, settle: Callable[[], None]
) -> None:
    window.present_view(scenes["showing-proceed"])
    settle()
    window.present_view(replace(scenes["showing-minority-name"], visit=8))
    settle()
    other = "\n".join(secrets_of("h-mut-nie-kcor"))
    secrets = tuple(secret for secret in secrets_of("nguyen-van-mau") if secret not in other)
    left = {secret for secret in secrets for text in (*eyes.texts(window), *eyes.held(window)) if secret in text}
    assert left == set()


def test_rows_that_were_opened_are_closed_and_forgotten(
    window: DeskWindow, scenes: dict[str, DeskView], eyes: Any, settle: Callable[[], None]
) -> None:
    window.present_view(scenes["showing-proceed"])
    table = window.result_page.comparison.view
    table.setFocus()
    table.setCurrentIndex(table.grid.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert table.grid.is_detail(1)
    window.present_view(replace(scenes["waiting"], visit=8))
    settle()
    assert_nothing_left(window, eyes, secrets_of("nguyen-van-mau"))
    window.present_view(replace(scenes["showing-minority-name"], visit=9))
    assert not any(table.grid.is_detail(row) for row in range(table.grid.rowCount()))


def test_a_number_half_typed_is_gone_and_cannot_be_undone(
    window: DeskWindow, scenes: dict[str, DeskView], eyes: Any, settle: Callable[[], None]
) -> None:
    window.present_view(scenes["need-key"])
    field = window.rail.key.field
    QTest.keyClicks(field, NUMBER[:9])
    assert field.text() == "099 090 000"
    window.present_view(replace(scenes["waiting"], visit=8))
    settle()
    assert field.text() == ""
    assert not field.isUndoAvailable()
    assert not field.isRedoAvailable()
    field.undo()
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == ""
    assert field.key_text.raw == ""
    assert not any("099090" in text for text in eyes.held(window))


def test_the_copied_number_leaves_the_clipboard_with_the_visit(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["showing-proceed"])
    window.result_page.identity.number.setFocus()
    QTest.keyClick(window.result_page.identity.number, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == NUMBER
    window.present_view(scenes["wiped"])
    assert QGuiApplication.clipboard().text() == ""


def test_what_somebody_else_put_on_the_clipboard_stays(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["showing-proceed"])
    window.result_page.identity.number.copy()
    QGuiApplication.clipboard().setText("a letter")
    window.present_view(scenes["wiped"])
    assert QGuiApplication.clipboard().text() == "a letter"
    QGuiApplication.clipboard().setText("")


def test_closing_the_window_takes_the_number_off_the_clipboard(window: DeskWindow, scenes: dict[str, DeskView]) -> None:
    window.present_view(scenes["showing-proceed"])
    window.result_page.identity.number.copy()
    window.close()
    assert QGuiApplication.clipboard().text() == ""


def test_a_view_that_ends_a_visit_wipes_under_the_cover_too(
    window: DeskWindow, scenes: dict[str, DeskView], eyes: Any, settle: Callable[[], None]
) -> None:
    window.present_view(scenes["showing-proceed"])
    window.toggle_hidden()
    window.present_view(replace(scenes["wiped"], visit=8))
    settle()
    assert_nothing_left(window, eyes, secrets_of("nguyen-van-mau"))
    window.toggle_hidden()
    assert window.pages.currentWidget() is window.state_page


def test_the_state_after_every_state_without_identity_holds_no_identity(
    window: DeskWindow, scenes: dict[str, DeskView], eyes: Any
) -> None:
    shown = scenes["showing-proceed"]
    for name, view in scenes.items():
        if view.identity is None and view.state is not DeskState.SHOWING:
            window.present_view(shown)
            window.present_view(view)
            text = "\n".join((*eyes.texts(window), *eyes.held(window)))
            assert NUMBER not in text, name
            assert "Nguyễn Văn Mẫu" not in text, name
