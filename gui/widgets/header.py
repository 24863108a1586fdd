"""The top of the desk: counter and clerk, purpose and dossier, language, appearance, help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton

from desk.view import ActionId, DeskView
from gui.theme import Role
from gui.widgets.clerk_button import ClerkButton
from gui.widgets.dossier_field import DossierField
from gui.widgets.language_switch import LanguageSwitch
from gui.widgets.looks_button import LooksButton
from gui.widgets.part import Look, Part, tip
from gui.widgets.purpose_chooser import PurposeChooser

__all__ = ["Header"]


class Header(Part):
    """Show who works here and for what purpose; switch language and appearance."""

    purpose_chosen = Signal(str)
    dossier_changed = Signal(str)
    dossier_done = Signal()
    hand_over_wanted = Signal()
    sign_out_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "header")
        self._brand = self.label(Role.BRAND, "accent")
        self._where = _Place(look)
        self.clerk = ClerkButton(look)
        self.purpose = PurposeChooser(look)
        self.dossier = DossierField(look)
        self.languages = LanguageSwitch(look)
        self.looks = LooksButton(look)
        self.help = QToolButton()
        self.help.setProperty("plain", True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._brand)
        self._row.addWidget(self._where, 1)
        for widget in (self.clerk, self.purpose, self.dossier, self.languages, self.looks, self.help):
            self._row.addWidget(widget)
        self.purpose.chosen.connect(self.purpose_chosen)
        self.dossier.changed.connect(self.dossier_changed)
        self.dossier.done.connect(self.dossier_done)
        self.clerk.hand_over_wanted.connect(self.hand_over_wanted)
        self.clerk.sign_out_wanted.connect(self.sign_out_wanted)
        self.help.clicked.connect(self.help_wanted)
        self._place = ("", "")
        self._slim = False
        self.restyle()
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Show counter, clerk and purpose."""
        self.purpose.present(view.purpose, view.purposes, allowed=ActionId.CHOOSE_PURPOSE in view.actions)
        self.clerk.present(view)
        self.dossier.present(view)
        if (view.counter, view.clerk) != self._place:
            self._place = (view.counter, view.clerk)
            self.retranslate()

    def narrow(self, *, narrow: bool, slim: bool = False) -> None:
        """Leave out the clerk's name where there is no room for it, in a ``slim`` window the brand too."""
        self._where.setVisible(not narrow)
        self._brand.setVisible(not slim)
        if slim != self._slim:
            self._slim = slim
            self.restyle()

    def retranslate(self) -> None:
        """Write every word."""
        place = " · ".join(part for part in self._place if part)
        self._brand.setText("Một Cửa")
        self._brand.setToolTip(tip(place))
        self._where.show_place(place)
        self.help.setText(self.tr("Help"))
        self.help.setToolTip(tip(self.tr("Keys and what the marks mean (F1)")))
        self.help.setAccessibleName(self.tr("Help"))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        edge = px(3 if self._slim else 8)
        self._row.setContentsMargins(px(16), edge, px(12), edge)
        self._row.setSpacing(px(12))


class _Place(QLabel):
    """Name counter and clerk, shortened where a long name leaves no room; the tooltip has it whole."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        look.theme.dress(self, Role.BODY)

    def show_place(self, place: str) -> None:
        """Show ``place``."""
        self._whole = place
        self.setToolTip(tip(place))
        self.setAccessibleName(place)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))
