"""Colours by meaning: words at least 4.5 to 1, marks at least 3 to 1, in every scheme (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from gui.theme import DARK, HIGH_CONTRAST, LIGHT, Mark, Scheme, Theme, Tokens, paint_mark
from gui.theme.contrast import contrast
from gui.theme.tokens import MARK_PAIRS, TEXT_PAIRS
from gui.widgets.part import Look

SCHEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK, HIGH_CONTRAST], ids=["light", "dark", "high-contrast"])


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


@SCHEMES
def test_words_stand_out_from_what_lies_under_them(tokens: Tokens) -> None:
    weak = {
        pair: round(contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])), 2)
        for pair in TEXT_PAIRS
        if contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) < 4.5
    }
    assert weak == {}


@SCHEMES
def test_marks_and_borders_stand_out_from_what_lies_under_them(tokens: Tokens) -> None:
    weak = {
        pair: round(contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])), 2)
        for pair in MARK_PAIRS
        if contrast(getattr(tokens, pair[0]), getattr(tokens, pair[1])) < 3
    }
    assert weak == {}


def test_high_contrast_is_more_than_light_and_dark() -> None:
    for words, ground in TEXT_PAIRS:
        assert contrast(getattr(HIGH_CONTRAST, words), getattr(HIGH_CONTRAST, ground)) >= 7, (words, ground)


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK, Scheme.HIGH_CONTRAST])
def test_every_mark_is_painted_in_a_colour_that_stands_out(look: Look, scheme: Scheme) -> None:
    theme: Theme = look.theme
    theme.use(scheme=scheme)
    for mark in Mark:
        for ground in ("card", "accent_soft", "well"):
            assert contrast(theme.colour(mark), getattr(theme.tokens, ground)) >= 3, (mark, ground)


def test_no_two_marks_have_the_same_shape() -> None:
    shapes: dict[bytes, Mark] = {}
    for mark in Mark:
        image = QImage(40, 40, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_mark(painter, QRectF(0, 0, 40, 40), mark, "#000000", "#FFFFFF")
        painter.end()
        drawn = bytes(image.constBits())
        assert drawn not in shapes, (mark, shapes.get(drawn))
        shapes[drawn] = mark


def test_stop_alone_is_red() -> None:
    for tokens in (LIGHT, DARK, HIGH_CONTRAST):
        red = [
            name
            for name in ("ink", "quiet", "accent", "good", "attention", "unknown", "test", "stop")
            if _is_red(getattr(tokens, name))
        ]
        assert red == ["stop"]


def _is_red(colour: str) -> bool:
    shade = QColor(colour)
    return shade.hslSaturationF() > 0.3 and not 20 < shade.hslHue() < 340
