"""The line that says how fresh the trust is, and that a list which has ended is never left out."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desk.view import TrustView
from gui.widgets.part import Look
from gui.widgets.trust_line import TrustLine


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("level", ["current", "due", "overdue"])
def test_a_list_that_has_ended_is_said_in_every_window(qtbot: QtBot, look: Look, level: str, *, across: bool) -> None:
    line = TrustLine(look)
    qtbot.addWidget(line)
    line.lie(across=across)
    view = TrustView(level, 3, expired="26/11/2026 08:00")
    line.present(view)
    assert line.isVisible()
    assert line.accessibleName().startswith(line.texts.trust_expired(view))
    line.present(TrustView(level, 3))
    assert "26/11/2026" not in line.accessibleName()
    assert line.isVisible() is not (across and level == "current"), "quiet while all is well"
