"""The window: renders each view that arrives and turns keys and clicks into intents for the desk."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QGridLayout, QMainWindow, QStackedWidget, QToolTip, QWidget

from desk.language import Language
from desk.ports import DeskControls
from desk.view import ActionId, DeskState, DeskView
from gui.desk.clip import Clip
from gui.desk.cover_pages import HelpPage, HiddenPage
from gui.desk.dealer import Dealer
from gui.desk.slip_station import SlipStation
from gui.desk.state_page import StatePage, shows_visit
from gui.theme.theme import SCALES
from gui.widgets.action_bar import ActionBar
from gui.widgets.clerk_strip import ClerkStrip
from gui.widgets.consent_page import ConsentPage
from gui.widgets.device_strip import DeviceStrip
from gui.widgets.header import Header
from gui.widgets.key_field import types_text
from gui.widgets.part import Look
from gui.widgets.purpose_strip import PurposeStrip
from gui.widgets.rail import Rail
from gui.widgets.result_page import ResultPage
from gui.widgets.ribbon import Ribbon
from gui.widgets.slip_sheet import SlipSheet
from gui.widgets.slip_strip import SlipStrip
from reader.errors import MrzNeeded

__all__ = ["DeskWindow"]

# Below this width at 100 % the rail lies along the top.
_RAIL_AT_SIDE = 700
# And below this one the header has no room for the brand.
_BRAND = 620
_INPUT = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel)


class DeskWindow(QMainWindow):
    """Show one desk. All that is shown comes from the last view; one without identity leaves nothing of the last."""

    painted = Signal()

    def __init__(self, look: Look, desk: DeskControls) -> None:
        super().__init__()
        self.look = look
        self._desk = desk
        self._dealer: Dealer | None = None
        self._view = DeskView(DeskState.WAIT_CARD, 0)
        self._clip = Clip()
        self._painted = False
        self._seen = False
        self._said = ""
        self.header = Header(look)
        self.clerk_strip = ClerkStrip(look)
        self.device_strip = DeviceStrip(look)
        self.purpose_strip = PurposeStrip(look)
        self.ribbon = Ribbon(look)
        self.rail = Rail(look)
        self.actions_bar = ActionBar(look)
        self.state_page = StatePage(look)
        self.result_page = ResultPage(look)
        self.consent_page = ConsentPage(look)
        self.slip_sheet = SlipSheet(look)
        self.slip_strip = SlipStrip(look)
        self.slips = SlipStation(look, desk, self.slip_sheet)
        self.hidden_page = HiddenPage(look)
        self.help_page = HelpPage(look)
        self.pages = QStackedWidget()
        for page in (self.state_page, self.result_page, self.consent_page, self.slip_sheet):
            self.pages.addWidget(page)
        for cover in (self.hidden_page, self.help_page):
            self.pages.addWidget(cover)
        self._lay_out()
        self._connect()
        self._bind_keys()
        self.setWindowTitle("Một Cửa")
        self.setMinimumSize(640, 480)
        look.theme.changed.connect(self._arrange)

    @property
    def view(self) -> DeskView:
        """Return the view that is shown."""
        return self._view

    def deal_with(self, dealer: Dealer) -> None:
        """Offer the sandbox's cards in the ribbon."""
        self._dealer = dealer
        self.ribbon.offer(dealer.people, dealer.forgeries)
        self.ribbon.card_wanted.connect(dealer.put_on)
        self.ribbon.removal_wanted.connect(dealer.take_off)
        self.ribbon.setVisible(True)

    def show_printed(self, number: str, lines: str = "") -> None:
        """Show the number printed on the emulated card; the ribbon's button enters it, or the lines where wanted."""
        self.ribbon.show_printed(number)
        self._printed, self._printed_lines = number, lines

    def present_view(self, view: object) -> None:
        """Show ``view``: called in the GUI thread with each one that arrives."""
        if not isinstance(view, DeskView):
            return
        before, self._view = self._view, view
        if _forgets(before, view):
            self._wipe()
        if ActionId.MAKE_SLIP not in view.actions:
            self.slips.close()
            self.slip_strip.tell("")
        self.header.present(view)
        self.clerk_strip.present(view.sign_in)
        self.device_strip.present(view.device)
        self.purpose_strip.present(view)
        self.ribbon.setVisible(view.test or self._dealer is not None)
        self.ribbon.offer_lines(wanted=_wants_lines(view))
        self.rail.present(view)
        self.actions_bar.present(view)
        self.result_page.present(view)
        self.consent_page.present(view)
        self.state_page.show_state(view)
        self._show_page()
        if view.state is not before.state or not self._seen:
            self._focus_for(view)
        self._seen = True
        self._announce(view)

    def toggle_hidden(self) -> None:
        """Cover the page, or show it again."""
        hidden = self.pages.currentWidget() is not self.hidden_page
        self.actions_bar.show_hidden(hidden=hidden)
        self._show_page(self.hidden_page if hidden else None, back=not hidden)

    def toggle_help(self) -> None:
        """Show the help page, or go back."""
        helping = self.pages.currentWidget() is self.help_page
        if self.pages.currentWidget() is not self.hidden_page:
            self._show_page(None if helping else self.help_page, back=helping)

    def step_back(self) -> None:
        """Leave help, then the cover, then the visit: one step at each Esc."""
        if self.pages.currentWidget() is self.help_page:
            self.toggle_help()
        elif self.pages.currentWidget() is self.hidden_page:
            self.toggle_hidden()
        elif self.slips.open:
            self.slips.close()
        elif ActionId.CANCEL in self._view.actions:
            self._desk.cancel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send what a scanner types to the number field, whatever has the focus; Esc goes one step back."""
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        elif types_text(event) and self.rail.key.field.isEnabled():
            self.rail.key.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.rail.key.field.type_on(event.text())
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell the desk that somebody is there, at most once a second."""
        if event.type() in _INPUT and not self._touched.isActive():
            self._touched.start()
            self._desk.touch()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        """Listen to input where it comes in, at the native window."""
        super().showEvent(event)
        self.windowHandle().installEventFilter(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell of the first paint; what may come later, comes after it."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.painted.emit()
            QTimer.singleShot(0, self.actions_bar.dress_icons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange rail and header for the new width."""
        super().resizeEvent(event)
        self._arrange()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Wipe before the window goes."""
        self._wipe()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        self._grid = QGridLayout(page)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.addWidget(self.header, 0, 0, 1, 2)
        self._grid.addWidget(self.ribbon, 1, 0, 1, 2)
        self._grid.addWidget(self.device_strip, 2, 0, 1, 2)
        self._grid.addWidget(self.clerk_strip, 3, 0, 1, 2)
        self._grid.addWidget(self.purpose_strip, 4, 0, 1, 2)
        self._grid.addWidget(self.rail, 5, 0, 2, 1)
        self._grid.addWidget(self.pages, 5, 1, 2, 1)
        self._grid.addWidget(self.slip_strip, 7, 0, 1, 2)
        self._grid.addWidget(self.actions_bar, 8, 0, 1, 2)
        self._grid.setRowStretch(6, 1)
        self._grid.setColumnStretch(1, 1)
        self.ribbon.hide()
        self.setCentralWidget(page)
        self._arrange()

    def _arrange(self) -> None:
        width = self.width() / self.look.theme.scale
        across = width < _RAIL_AT_SIDE
        self.rail.lie(across=across)
        self._grid.addWidget(self.rail, 5, 0, 1 if across else 2, 2 if across else 1)
        self._grid.addWidget(self.pages, 6 if across else 5, 0 if across else 1, 1 if across else 2, 2 if across else 1)
        self.header.narrow(narrow=width < 900, slim=width < _BRAND)
        self.ribbon.narrow(narrow=width < 1150)
        self.actions_bar.narrow(narrow=width < _RAIL_AT_SIDE, slim=width < _BRAND)

    def _connect(self) -> None:
        self.header.purpose_chosen.connect(self._desk.choose_purpose)
        self.header.dossier_changed.connect(self._take_dossier)
        self.header.dossier_done.connect(self._leave_dossier)
        self.header.help_wanted.connect(self.toggle_help)
        self.header.hand_over_wanted.connect(self._sign_in)
        self.header.sign_out_wanted.connect(self._desk.sign_out)
        self.clerk_strip.sign_in_wanted.connect(self._sign_in)
        self.clerk_strip.again_wanted.connect(self._sign_in_again)
        self.clerk_strip.stop_wanted.connect(self._desk.stop_sign_in)
        self.rail.entered.connect(self._desk.enter_key)
        self.actions_bar.next_wanted.connect(self._desk.next_citizen)
        self.actions_bar.look_up_wanted.connect(self._desk.look_up_again)
        self.actions_bar.slip_wanted.connect(self._slip)
        self.slips.opened.connect(self._show_slip)
        self.slips.closed.connect(self._show_page)
        self.slips.refused.connect(self._refuse_slip)
        self.actions_bar.hide_wanted.connect(self.toggle_hidden)
        self.actions_bar.stop_wanted.connect(self._desk.cancel)
        self.result_page.identity.copied.connect(self._clip.put)
        self.result_page.queue_offer.wanted.connect(self._desk.queue_lookups)
        self.result_page.queue_offer.number_wanted.connect(self._focus_dossier)
        self.result_page.proof.taken_back.connect(self._desk.refuse_consent)
        self.state_page.without_proof.connect(self._desk.go_on_without_proof)
        self.consent_page.given.connect(self._desk.give_consent)
        self.consent_page.refused.connect(self._desk.refuse_consent)
        self.ribbon.number_wanted.connect(self._enter_printed)
        self._touched = QTimer(self)
        self._touched.setSingleShot(True)
        self._touched.setInterval(1000)
        self._printed = self._printed_lines = ""

    def _bind_keys(self) -> None:
        larger, smaller = QKeySequence.StandardKey.ZoomIn, QKeySequence.StandardKey.ZoomOut
        for key, slot in (
            ("F1", self.toggle_help),
            ("F3", self._focus_key),
            ("Ctrl+L", self._other_language),
            ("Ctrl+S", self.slips.save),
            ("Alt+M", self.header.purpose.setFocus),
            ("Alt+H", self._focus_dossier),
            (larger, lambda: self._scale_by(1)),
            (smaller, lambda: self._scale_by(-1)),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(slot)

    def _slip(self) -> None:
        """Make the slip of what is shown; where it is shown already, print it."""
        if self.slips.open:
            self.slips.print()
        else:
            self.slips.ask(self._view.visit)

    def _refuse_slip(self, code: str) -> None:
        """Say why there is no slip; where the result went away between the key and the desk, the page says it."""
        self.slip_strip.tell(code if ActionId.MAKE_SLIP in self._view.actions else "")

    def _show_slip(self) -> None:
        self._show_page()
        self.slip_sheet.save.setFocus(Qt.FocusReason.OtherFocusReason)

    def _sign_in(self) -> None:
        self._desk.sign_in()

    def _take_dossier(self, number: str) -> None:
        self._desk.set_dossier(number)

    def _focus_dossier(self) -> None:
        self.header.dossier.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _leave_dossier(self) -> None:
        """Go on from the number by Enter: to the card's number, to the offer to wait, or to the comparison."""
        offer = self.result_page.queue_offer
        if offer.isVisible():
            offer.button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._focus_for(self._view)

    def _sign_in_again(self) -> None:
        self._desk.sign_in(again=True)

    def _focus_key(self) -> None:
        self.rail.key.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _other_language(self) -> None:
        vietnamese = self.look.tongue.language is Language.VIETNAMESE
        self.look.tongue.speak(Language.ENGLISH if vietnamese else Language.VIETNAMESE)

    def _scale_by(self, steps: int) -> None:
        theme = self.look.theme
        nearest = min(range(len(SCALES)), key=lambda i: abs(SCALES[i] - theme.scale))
        theme.use(scale=SCALES[max(0, min(len(SCALES) - 1, nearest + steps))])

    def _enter_printed(self) -> None:
        text = self._printed_lines if _wants_lines(self._view) else self._printed
        if text and ActionId.ENTER_KEY in self._view.actions:
            self._desk.enter_key(text)

    def _show_page(self, page: QWidget | None = None, *, back: bool = False) -> None:
        covered = self.pages.currentWidget() in (self.hidden_page, self.help_page)
        if page is None and covered and not back:
            return
        self.pages.setCurrentWidget(page or self._page_of(self._view))

    def _page_of(self, view: DeskView) -> QWidget:
        if ActionId.AGREE in view.actions:
            return self.consent_page
        if self.slips.open:
            return self.slip_sheet
        return self.result_page if shows_visit(view) else self.state_page

    def _focus_for(self, view: DeskView) -> None:
        if ActionId.AGREE in view.actions:
            # On none of the answers: the citizen's word is not to be given by a stray Enter.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not shows_visit(view) and self.rail.key.field.isEnabled():
            self.rail.key.field.setFocus(Qt.FocusReason.OtherFocusReason)
        elif shows_visit(view):
            self.result_page.comparison.view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            # Left to itself the focus would fall on the purpose, which an arrow key changes.
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _announce(self, view: DeskView) -> None:
        texts = self.look.tongue.texts
        if ActionId.AGREE in view.actions:
            said = self.consent_page.accessibleName()
        elif shows_visit(view) and view.decision is not None:
            said = self.result_page.decision.accessibleName()
        elif shows_visit(view):
            said = texts.state(view.state)
        else:
            said = self.state_page.accessibleName()
        if said != self._said:
            self._said = said
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _wipe(self) -> None:
        self._clip.wipe()
        self.slips.forget()
        self.rail.key.wipe()
        self.header.dossier.wipe()
        QToolTip.hideText()


def _wants_lines(view: DeskView) -> bool:
    """Tell whether the desk asks for the three lines on the back, which alone open this card."""
    return view.failure is not None and view.failure.code == MrzNeeded.code


def _forgets(before: DeskView, now: DeskView) -> bool:
    """Tell whether ``now`` ends a visit: then also what no view holds is wiped (clipboard, number field, tooltip)."""
    ends = now.state in (DeskState.WIPED, DeskState.STOPPING) and now.state is not before.state
    return ends or now.visit != before.visit or (before.identity is not None and now.identity is None)
