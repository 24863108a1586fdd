"""The slip before it goes out: its pages as they will be on paper, and what can be done with them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import Role
from gui.theme.icons import action_icon
from gui.widgets.part import Look, Part, tip

__all__ = ["PREVIEW_WIDTH", "SlipSheet"]

PREVIEW_WIDTH = 640
"""Pixels at 100 % that a page of the preview is wide."""

# The height at 100 % from which what can be done stays in its place while the pages scroll.
_TALL = 320


class SlipSheet(Part):
    """Show a slip's pages; ``save_wanted``, ``print_wanted`` and ``close_wanted`` say what the clerk does with it."""

    save_wanted = Signal()
    print_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "page")
        self._signed = False
        self._pages: list[QLabel] = []
        self._pictures: list[QImage] = []
        self.title = self.label(Role.PAGE)
        self.standing = self.label(Role.STRONG, wrap=True)
        self.news = self.label(Role.BODY, wrap=True)
        self.save = self._button("content-save-outline", self.save_wanted)
        self.to_printer = self._button("printer-outline", self.print_wanted)
        self.back = self._button("arrow-left", self.close_wanted)
        self.save.setProperty("primary", True)
        self._row = QHBoxLayout()
        for button in (self.save, self.to_printer, self.back):
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._paper = QWidget()
        self._paper.setObjectName("content")
        self._sheets = QVBoxLayout(self._paper)
        self.viewer = QScrollArea()
        self.viewer.setWidgetResizable(True)
        self.viewer.setWidget(self._paper)
        self._head = QWidget()
        self._heading = QVBoxLayout(self._head)
        for part in (self.title, self.standing):
            self._heading.addWidget(part)
        self._heading.addLayout(self._row)
        self._heading.addWidget(self.news)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self._head)
        self._box.addWidget(self.viewer, 1)
        self.news.hide()
        # Its pages scroll: the window must not grow for them, else what stands around them gave way.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.restyle()
        self.retranslate()

    def present(self, pictures: list[QImage], *, signed: bool) -> None:
        """Show these pages, each as wide as ``PREVIEW_WIDTH`` or the room; ``signed`` says that the file will be."""
        self.clear()
        self._signed = signed
        self._pictures = list(pictures)
        for number in range(1, len(pictures) + 1):
            sheet = QLabel()
            sheet.setAccessibleName(self.tr("Page {page}").format(page=number))
            self._pages.append(sheet)
            self._sheets.addWidget(sheet, 0, Qt.AlignmentFlag.AlignHCenter)
        self._fit()
        self.viewer.verticalScrollBar().setValue(0)
        if self.save.icon().isNull():
            self._dress_icons()
        self.retranslate()

    def say(self, words: str, *, trouble: bool = False) -> None:
        """Tell what came of what was done; ``trouble`` says that it was not."""
        self.news.setText(words)
        self.news.setProperty("tone", "stop" if trouble else "")
        self.news.style().polish(self.news)
        self.news.setVisible(bool(words))

    def work(self, *, busy: bool) -> None:
        """Let nothing more be asked for while something is under way."""
        self.save.setDisabled(busy)
        self.to_printer.setDisabled(busy)

    def clear(self) -> None:
        """Leave nothing of the slip: neither pages nor words."""
        for sheet in self._pages:
            sheet.setPixmap(QPixmap())
            self._sheets.removeWidget(sheet)
            sheet.deleteLater()
        self._pages, self._pictures = [], []
        self.say("")
        self.work(busy=False)

    def retranslate(self) -> None:
        """Write every word."""
        self.title.setText(self.tr("Result slip"))
        self.standing.setText(
            self.tr("The file will be signed with this computer’s key.")
            if self._signed
            else self.tr("NOT SIGNED: this computer has no device certificate. The slip says so.")
        )
        self.standing.setProperty("tone", "" if self._signed else "attention")
        self.standing.style().polish(self.standing)
        self._say(self.save, "Ctrl+S", self.tr("Save PDF…"), self.tr("Keep the slip, and slip.json for programs"))
        self._say(self.to_printer, "Ctrl+P", self.tr("Print…"), self.tr("Print the slip; a print carries no signature"))
        self._say(self.back, "Esc", self.tr("Back"), self.tr("Go back to the result; nothing of the slip is kept"))
        self.setAccessibleName(self.tr("Result slip"))

    def restyle(self) -> None:
        """Set margins and gaps."""
        px = self.theme.px
        self._box.setContentsMargins(px(24), px(16), px(24), px(8))
        self._box.setSpacing(px(8))
        self._heading.setContentsMargins(0, 0, 0, 0)
        self._heading.setSpacing(px(8))
        self._row.setSpacing(px(8))
        self._sheets.setSpacing(px(16))
        self._sheets.setContentsMargins(0, px(8), 0, px(8))
        for button in (self.save, self.to_printer, self.back):
            button.setIconSize(QSize(px(18), px(18)))
        if not self.save.icon().isNull():
            self._dress_icons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages to the room; where it is low, all of it scrolls, and the title is left to the window."""
        super().resizeEvent(event)
        tall = self.height() >= self.theme.px(_TALL)
        self.title.setVisible(tall)
        (self._box if tall else self._sheets).insertWidget(0, self._head)
        self._fit()

    def _fit(self) -> None:
        """Show each page whole in its width: one that is wider than the room is hard to read."""
        ratio = self.devicePixelRatioF()
        # Not what the viewer says: when this page is given its size, what is in it has yet to be.
        edges = self._box.contentsMargins()
        room = self.width() - edges.left() - edges.right() - self.viewer.verticalScrollBar().sizeHint().width()
        room = int(room * ratio)
        for sheet, picture in zip(self._pages, self._pictures, strict=True):
            narrow = 0 < room < picture.width()
            fitted = picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation) if narrow else picture
            shown = QPixmap.fromImage(fitted)
            shown.setDevicePixelRatio(ratio)
            sheet.setPixmap(shown)

    def _dress_icons(self) -> None:
        tokens = self.theme.tokens
        on_accent = replace(tokens, ink=tokens.on_accent)
        for button in (self.save, self.to_printer, self.back):
            dress = on_accent if button is self.save else tokens
            button.setIcon(action_icon(str(button.property("iconName")), dress))

    def _button(self, icon: str, wanted: SignalInstance) -> QPushButton:
        button = QPushButton()
        button.setProperty("iconName", icon)
        self.theme.dress(button, Role.BODY)
        button.clicked.connect(wanted)
        return button

    @staticmethod
    def _say(button: QPushButton, key: str, words: str, hint: str) -> None:
        button.setText(f"{words}   {key}")
        button.setAccessibleName(words)
        button.setToolTip(tip(f"{hint} ({key})"))
