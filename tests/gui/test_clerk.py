"""Who is signed in is seen, and every state of a sign-in says in words what to do now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desk.language import Language
from desk.sign_in_view import SignInState, SignInView
from desk.view import ActionId, DeskState, DeskView, FailureView
from gui.desk.window import DeskWindow
from gui.widgets.part import Look

NAME = "Nguyễn Thị Cán Bộ"


def _view(sign_in: SignInView | None, *actions: ActionId, clerk: str = "") -> DeskView:
    return DeskView(
        DeskState.WAIT_CARD, 1, clerk=clerk, counter="Quầy 3", sign_in=sign_in, actions=frozenset(map(str, actions))
    )


def _said(window: DeskWindow) -> str:
    return " ".join(label.text() for label in window.clerk_strip.findChildren(QLabel) if label.text())


@pytest.mark.parametrize(
    ("sign_in", "vietnamese", "english", "button", "intent"),
    [
        (SignInView(SignInState.NOBODY), "Chưa có cán bộ", "No clerk is signed in", "Đăng nhập", ("sign_in",)),
        (SignInView(SignInState.WAITING), "Đang đợi trình duyệt", "Waiting for", "Thôi đợi", ("stop_sign_in",)),
        (
            SignInView(SignInState.SIGNED_IN, again=True),
            "đăng nhập lại",
            "sign in again",
            "Đăng nhập lại",
            ("sign_in", "again"),
        ),
        (
            SignInView(SignInState.NOBODY, FailureView("sign-in-timeout")),
            "Hết thời gian đăng nhập",
            "Time to sign in ran out",
            "Đăng nhập",
            ("sign_in",),
        ),
    ],
)
def test_each_state_says_what_to_do_and_has_one_button_for_it(
    qtbot: QtBot,
    look: Look,
    window: DeskWindow,
    recorder: Any,
    settle: Callable[[], None],
    sign_in: SignInView,
    vietnamese: str,
    english: str,
    button: str,
    intent: tuple[str, ...],
) -> None:
    window.present_view(_view(sign_in))
    strip = window.clerk_strip
    assert strip.isVisible()
    assert vietnamese in _said(window)
    assert strip.accessibleName() == _said(window)
    assert strip.button.text() == button
    look.tongue.speak(Language.ENGLISH)
    settle()
    assert english in _said(window)
    qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    assert recorder.intents[-1] == intent


def test_a_clerk_who_is_signed_in_is_named_and_can_hand_over_or_sign_out(
    window: DeskWindow, recorder: Any, settle: Callable[[], None]
) -> None:
    signed_in = SignInView(SignInState.SIGNED_IN)
    window.present_view(_view(signed_in, ActionId.SIGN_IN, ActionId.SIGN_OUT, clerk=NAME))
    settle()
    assert not window.clerk_strip.isVisible()
    button = window.header.clerk
    assert button.isVisible()
    assert NAME in button.accessibleName()
    assert any(NAME in label.text() for label in window.header.findChildren(QLabel))
    hand_over, sign_out = button.menu().actions()
    hand_over.trigger()
    sign_out.trigger()
    assert recorder.intents[-2:] == [("sign_in",), ("sign_out",)]
    window.present_view(_view(SignInView(SignInState.NOBODY), ActionId.SIGN_IN))
    settle()
    assert not button.isVisible()
    assert NAME not in button.accessibleName()


def test_a_desk_at_which_nobody_need_sign_in_shows_nothing_of_it(window: DeskWindow) -> None:
    window.present_view(_view(None, clerk=NAME))
    assert not window.clerk_strip.isVisible()
    assert not window.header.clerk.isVisible()
