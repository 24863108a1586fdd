"""The number of the dossier that this visit is for, beside its purpose; look-ups and the queue take it from here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from desk.dossier import LONGEST, dossier_number
from desk.view import DeskView
from gui.theme import Role
from gui.widgets.part import Look, set_flag, tip
from reader.errors import DataError

__all__ = ["DossierField"]

_WIDE, _NARROWEST = 190, 64


class DossierField(QLineEdit):
    """Take the number as it is typed; ``changed`` hands over what is one, and nothing in the place of what is none.

    It leaves with its visit: under a number that was left over, the next citizen would be filed in the wrong dossier.
    """

    changed = Signal(str)
    done = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._visit = 0
        self.setObjectName("dossier")
        self.setMaxLength(LONGEST)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme.dress(self, Role.BODY)
        self.textEdited.connect(self._hand_over)
        self.returnPressed.connect(self.done)
        self.retranslate()

    def present(self, view: DeskView) -> None:
        """Begin anew with each visit; while one lasts, what the clerk types stands."""
        if view.visit != self._visit:
            self._visit = view.visit
            self.setText(view.dossier)
            self.setCursorPosition(0)
            self._judge()

    def wipe(self) -> None:
        """Forget the number, also what undoing would bring back."""
        self.setText("")
        self._judge()

    def sizeHint(self) -> QSize:
        """Return room for a number of the usual length."""
        return QSize(self._look.theme.px(_WIDE), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return a width that a narrow window has room for."""
        return QSize(self._look.theme.px(_NARROWEST), super().minimumSizeHint().height())

    def retranslate(self) -> None:
        """Write every word."""
        name = self.tr("Dossier number")
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self._judge()

    def changeEvent(self, event: QEvent) -> None:
        """Speak anew when the language has changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _hand_over(self) -> None:
        self.changed.emit(self._judge())

    def _judge(self) -> str:
        """Show whether what stands here is a number, and return it."""
        try:
            number = dossier_number(self.text())
        except DataError:
            number, wrong = "", self.tr("Plain letters, digits and . _ / - only: nothing is sent under this number.")
        else:
            wrong = ""
        set_flag(self, "wrong", bool(wrong))
        told = self.tr("Told to the registers with each look-up; leaves with the visit. (Alt+H)")
        self.setToolTip(tip(wrong or told))
        self.setAccessibleDescription(wrong or told)
        return number
