"""What the Qt binding must do right before a window can stay open all day."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QWidget


def test_a_call_into_qt_takes_nothing_from_the_reference_count_of_none(qapp: QApplication) -> None:
    # PySide6 6.12.0 gives None back without counting it wherever Python still counts it (below 3.12): after some ten
    # thousand calls the interpreter aborts with "deallocating None". A desk makes that many calls within a visit.
    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(500):
        widget.setObjectName("x")
        widget.parent()
    assert sys.getrefcount(None) > before - 100
