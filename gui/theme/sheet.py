"""The one style sheet of the application, written from tokens and a scale; it leaves type to ``gui.theme.type``."""

from __future__ import annotations

from string import Template

from gui.theme.tokens import Tokens

__all__ = ["style_sheet"]

_SHEET = Template("""
QWidget { color: $ink; }
QMainWindow, #page, #content { background: $paper; }
QFrame#card, QFrame#rail, QFrame#rail QWidget#scrolled, QFrame#actions, QFrame#header { background: $card; }
QFrame#card { border: 1px solid $line; border-radius: ${r8}px; }
QFrame#header { border-bottom: 1px solid $line; }
QFrame#clerk { background: $attention_soft; border-bottom: 1px solid $line; }
QFrame#rail { border-right: 1px solid $line; }
QFrame#rail[across="true"] { border-right: none; border-bottom: 1px solid $line; }
QFrame#actions { border-top: 1px solid $line; }
QFrame#ribbon { background: $test_soft; border-bottom: 1px solid $line; }
QFrame#ribbon QLabel#word { color: $test; }
QFrame#rule { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame#notice { background: $attention_soft; border: 1px solid $line; border-radius: ${r6}px; }
QFrame#decision { border: 1px solid $line; border-radius: ${r8}px; background: $unknown_soft; }
QFrame#decision[meaning="good"] { background: $good_soft; border-color: $good; }
QFrame#decision[meaning="attention"] { background: $attention_soft; border-color: $attention; }
QFrame#decision[meaning="stop"] { background: $stop_soft; border-color: $stop; border-width: ${w2}px; }
QFrame#decision[meaning="good"] QLabel#word { color: $good; }
QFrame#decision[meaning="attention"] QLabel#word { color: $attention; }
QFrame#decision[meaning="stop"] QLabel#word { color: $stop; }
QLabel { background: transparent; }
QLabel[tone="quiet"] { color: $quiet; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="stop"] { color: $stop; }
QLabel[tone="attention"] { color: $attention; }
QLabel#underHeading { padding: 0 ${p8}px; }
QLabel#copyable { border: ${w2}px solid transparent; border-radius: ${r4}px; }
QLabel#copyable:focus { border-color: $accent; }

QPushButton, QToolButton, QComboBox {
    background: $card; border: 1px solid $edge; border-radius: ${r6}px; padding: ${p4}px ${p10}px;
    min-height: ${h22}px;
}
QToolButton { padding: ${p4}px ${p6}px; }
QPushButton:hover, QToolButton:hover, QComboBox:hover { background: $accent_soft; }
QPushButton:pressed, QToolButton:pressed { background: $well; }
QPushButton:checked, QToolButton:checked { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled {
    color: $quiet; border-color: $line; background: $paper;
}
QPushButton:focus, QToolButton:focus, QComboBox:focus {
    border: ${w2}px solid $accent; padding: ${f4}px ${f10}px;
}
QToolButton:focus { padding: ${f4}px ${f6}px; }
QPushButton:checked:focus { border-color: $ink; }
QPushButton[plain="true"], QToolButton[plain="true"] { background: transparent; border-color: transparent; }
QPushButton[plain="true"]:hover, QToolButton[plain="true"]:hover { background: $accent_soft; }
QPushButton[plain="true"]:focus, QToolButton[plain="true"]:focus { border-color: $accent; }
QPushButton[primary="true"] { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton[primary="true"]:hover { background: $accent; border-color: $ink; }
QPushButton[primary="true"]:focus { border-color: $ink; }
QPushButton[primary="true"]:disabled { background: $well; border-color: $line; color: $quiet; }
QToolButton::menu-indicator { image: none; width: 0; }
QComboBox { padding-right: ${p8}px; }
QComboBox::drop-down { border: none; width: ${p26}px; }
QComboBox::down-arrow { image: none; width: 0; }
QComboBox QAbstractItemView, QMenu {
    background: $card; border: 1px solid $edge; selection-background-color: $accent_soft; selection-color: $ink;
    outline: none;
}
QComboBox QAbstractItemView::item { min-height: ${h30}px; padding: 0 ${p10}px; }
QMenu { padding: ${p4}px; }
QMenu::item { padding: ${p6}px ${p26}px ${p6}px ${p26}px; border-radius: ${r4}px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::separator { height: 1px; background: $line; margin: ${p4}px 0; }

QLineEdit {
    background: $card; border: 1px solid $edge; border-radius: ${r6}px; padding: ${p6}px ${p10}px;
    selection-background-color: $accent; selection-color: $on_accent; placeholder-text-color: $quiet;
}
QLineEdit:focus { border: ${w2}px solid $accent; padding: ${f6}px ${f10}px; }
QLineEdit#dossier { padding: ${p4}px ${p10}px; min-height: ${h22}px; }
QLineEdit#dossier:focus { padding: ${f4}px ${f10}px; }
QLineEdit[wrong="true"] { border: ${w2}px solid $stop; padding: ${f6}px ${f10}px; }

QLineEdit#dossier[wrong="true"] { padding: ${f4}px ${f10}px; }

QProgressBar { background: $well; border: none; border-radius: ${r3}px; min-height: ${h6}px; max-height: ${h6}px; }
QProgressBar::chunk { background: $accent; border-radius: ${r3}px; }

QTableView {
    background: $card; border: none; gridline-color: transparent; outline: none;
    selection-background-color: $accent_soft; selection-color: $ink;
}
QTableView:focus, QScrollArea#list:focus { border: none; }
QHeaderView { background: $card; border: none; }
QHeaderView::section {
    background: $card; color: $quiet; border: none; border-bottom: 1px solid $line;
    padding: ${p4}px ${p8}px; text-align: left;
}
QTabBar#holdings { background: transparent; }
QTabBar#holdings::tab {
    background: transparent; color: $quiet; border: ${w2}px solid transparent; border-radius: ${r6}px;
    padding: ${p3}px ${p8}px; margin-right: ${p4}px;
}
QTabBar#holdings::tab:hover { background: $well; }
QTabBar#holdings::tab:selected { color: $ink; background: $accent_soft; }
QTabBar#holdings::tab:selected:focus { border-color: $accent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget#scrolled { background: transparent; }
QScrollBar:vertical { background: transparent; width: ${h12}px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: ${h12}px; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: ${r3}px; margin: ${p3}px; }
QScrollBar::handle:vertical { min-height: ${h30}px; }
QScrollBar::handle:horizontal { min-width: ${h30}px; }
QScrollBar::handle:hover { background: $accent; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QToolTip { background: $card; color: $ink; border: 1px solid $edge; padding: ${p6}px; }
""")

_NAMES = ("p3", "p4", "p6", "p8", "p10", "p26", "r3", "r4", "r6", "r8", "h6", "h12", "h22", "h30", "w2")


def style_sheet(tokens: Tokens, scale: float) -> str:
    """Return the style sheet for ``tokens`` with every length multiplied by ``scale``."""
    lengths = {name: max(1, round(int(name[1:]) * scale)) for name in _NAMES}
    # The focus ring is wider than the border of one pixel: what it takes, the padding gives, so that nothing moves.
    ring = lengths["w2"] - 1
    lengths |= {f"f{name[1:]}": max(0, lengths[name] - ring) for name in ("p4", "p6", "p10")}
    colours = {name: getattr(tokens, name) for name in Tokens.__dataclass_fields__}
    return _SHEET.substitute({name: str(length) for name, length in lengths.items()} | colours)
