"""What the registers hold of the citizen: a tab a register, and under it its page."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desk.section_view import SectionView, Standing
from desk.view import RegisterState, RegisterView
from gui.theme import Mark, Role, paint_mark
from gui.widgets.grid_view import GridView
from gui.widgets.holdings_page import STANDING_MARKS, HoldingsPage
from gui.widgets.part import Look, Part
from gui.widgets.section import Tally

__all__ = ["HoldingsCard"]


class HoldingsCard(Part):
    """Show one register's page at a time; a tab says how many entries there are, and bears a mark where one matters."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "card")
        self._sections: tuple[SectionView, ...] = ()
        self._registers: dict[str, RegisterView] = {}
        self._stopped = False
        self._turned = False
        self._pages: dict[str, HoldingsPage] = {}
        self.tabs = QTabBar()
        self.tabs.setObjectName("holdings")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        look.theme.dress(self.tabs, Role.STRONG)
        self.tally = Tally(look)
        self._stack = QStackedWidget()
        self.drawings = QStackedWidget()
        self._head = QHBoxLayout()
        self._head.addWidget(self.tabs)
        self._head.addWidget(self.tally, 1)
        self._box = QVBoxLayout()
        self._box.addLayout(self._head)
        self._box.addWidget(self._stack, 1)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._sides.addLayout(self._box, 3)
        self._sides.addWidget(self.drawings, 1)
        self.lie(stacked=False)
        self.tabs.currentChanged.connect(self._turn_to)
        self.restyle()

    def page(self, register: str) -> HoldingsPage:
        """Return the page of ``register``; raise KeyError where it has none."""
        return self._pages[register]

    @property
    def shown(self) -> HoldingsPage | None:
        """Return the page that is seen."""
        page = self._stack.currentWidget()
        return page if isinstance(page, HoldingsPage) else None

    @property
    def views(self) -> tuple[GridView, ...]:
        """Return the tables of all pages."""
        return tuple(page.view for page in self._pages.values())

    def lie(self, *, stacked: bool) -> None:
        """Put the drawing beside the table, or under it where the window is narrow."""
        self._sides.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)
        self._sides.setStretch(0, 1 if stacked else 3)

    def present(
        self, sections: tuple[SectionView, ...], registers: tuple[RegisterView, ...], *, stopped: bool = False
    ) -> None:
        """Show what the registers hold; ``stopped`` says that for this card no register is asked."""
        by_name = {register.register: register for register in registers}
        if (sections, by_name, stopped) == (self._sections, self._registers, self._stopped):
            return
        same = [section.register for section in sections] == list(self._pages)
        self._sections, self._registers, self._stopped = sections, by_name, stopped
        if not same:
            self._make_pages()
        for section in sections:
            self._pages[section.register].present(section, by_name[section.register], stopped=stopped)
        self.retranslate()
        self._lead()
        self._draw()

    def restyle(self) -> None:
        """Set margins and gaps, and paint the marks of the tabs anew."""
        px = self.theme.px
        self._head.setContentsMargins(0, 0, px(8), 0)
        self._sides.setContentsMargins(px(8), px(8), px(8), px(8))
        self._sides.setSpacing(px(8))
        self._box.setSpacing(px(4))
        self.tabs.setIconSize(QSize(px(16), px(16)))
        self._mark_tabs()

    def retranslate(self) -> None:
        """Write every word."""
        self.tabs.setAccessibleName(self.tr("What the registers hold"))
        for number, section in enumerate(self._sections):
            heading = self.texts.said(section.heading)
            many = len(section.items)
            self.tabs.setTabText(number, f"{heading} · {many}" if self._answered(section) else heading)
        self._mark_tabs()
        self._count()

    def _answered(self, section: SectionView) -> bool:
        state = self._registers[section.register].state
        return state in (RegisterState.ANSWERED, RegisterState.NOT_FOUND)

    def _make_pages(self) -> None:
        for page in self._pages.values():
            self._stack.removeWidget(page)
            self.drawings.removeWidget(page.drawing)
            page.drawing.deleteLater()
            page.deleteLater()
        while self.tabs.count():
            self.tabs.removeTab(0)
        self._pages = {section.register: HoldingsPage(self.look) for section in self._sections}
        for page in self._pages.values():
            self._stack.addWidget(page)
            self.drawings.addWidget(page.drawing)
            self.tabs.addTab("")
        # What is made later stands at the end of Qt's chain; Tab follows the page.
        before: QWidget = self.tabs
        for view in self.views:
            QWidget.setTabOrder(before, view)
            before = view
        self.setVisible(bool(self._pages))
        # Adding tabs turned to the first; the clerk did not.
        self._turned = False

    def _turn_to(self, number: int) -> None:
        if number >= 0:
            self._turned = True
            self._stack.setCurrentIndex(number)
            self._count()
            self._draw()

    def _lead(self) -> None:
        """Turn to the first page that holds something, unless the clerk has turned to another one in this visit."""
        answered = any(self._answered(section) for section in self._sections)
        self._turned = self._turned and answered
        if self._turned:
            return
        holding = [number for number, section in enumerate(self._sections) if section.items]
        self.tabs.setCurrentIndex(holding[0] if holding else 0)
        self._turned = False

    def _draw(self) -> None:
        """Show the drawing of the page that is seen, and keep its room while one may still come."""
        page = self.shown
        policy = self.drawings.sizePolicy()
        policy.setRetainSizeWhenHidden(page is not None and page.is_awaited)
        self.drawings.setSizePolicy(policy)
        if page is not None:
            self.drawings.setCurrentWidget(page.drawing)
        self.drawings.setVisible(page is not None and page.has_pictures)

    def _mark_tabs(self) -> None:
        for number, section in enumerate(self._sections):
            alerts = any(item.alerts for item in section.items)
            icon = QIcon(self._pixmap(Mark.ATTENTION)) if alerts else QIcon()
            self.tabs.setTabIcon(number, icon)

    def _pixmap(self, mark: Mark) -> QPixmap:
        ratio, side = self.devicePixelRatioF(), self.theme.px(16)
        pixmap = QPixmap(round(side * ratio), round(side * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_mark(painter, QRectF(0, 0, side, side), mark, self.theme.colour(mark), self.theme.tokens.card)
        painter.end()
        return pixmap

    def _count(self) -> None:
        """Sum up the page that is seen by how far its entries may be relied on."""
        number = self.tabs.currentIndex()
        items = self._sections[number].items if 0 <= number < len(self._sections) else ()
        words = {item.standing: self.texts.said(item.standing_words) for item in items}
        self.tally.count(
            [
                (STANDING_MARKS[standing], sum(item.standing is standing for item in items), words.get(standing, ""))
                for standing in Standing
            ]
        )
