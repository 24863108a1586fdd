"""The page of every state that shows no visit: waiting, number wanted, failed, stopping, wiped."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton

from desk.view import ActionId, DeskState, DeskView
from gui.theme import Role
from gui.widgets.message_page import Message, MessagePage
from gui.widgets.part import Look, tip
from gui.widgets.pictures import Picture, picture_of_failure

__all__ = ["StatePage", "shows_visit"]

_PICTURES = {
    DeskState.NO_READER: Picture.PLUG_READER,
    DeskState.WAIT_CARD: Picture.PLACE_CARD,
    DeskState.NEED_KEY: Picture.NUMBER,
    DeskState.CARD_LOST: Picture.PLACE_CARD,
    DeskState.CARD_WANTED: Picture.PLACE_CARD,
    DeskState.STOPPING: Picture.STOPPING,
    DeskState.WIPED: Picture.WIPED,
}


def shows_visit(view: DeskView) -> bool:
    """Tell whether this view belongs on the result page rather than on a message page."""
    shown = (DeskState.READING, DeskState.PROVING, DeskState.LOOKUP, DeskState.SHOWING)
    return view.failure is None and view.state in shown


class StatePage(MessagePage):
    """Say what the desk waits for or what went wrong, and the one thing to do next.

    ``without_proof`` tells that the clerk goes on without a card that has left before it had proved itself.
    """

    without_proof = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.without = QPushButton()
        self.theme.dress(self.without, Role.BODY)
        self.without.clicked.connect(self.without_proof)
        shortcut = QShortcut(QKeySequence("F5"), self, context=Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(self.without.click)
        self.add_answer(self.without)
        self._view = DeskView(DeskState.WAIT_CARD, 0)
        self.retranslate()

    def show_state(self, view: DeskView) -> None:
        """Show what belongs to ``view``."""
        self._view = view
        self.retranslate()

    def retranslate(self) -> None:
        """Write the message in the language in use."""
        view = self._view
        self._offer(view)
        if view.failure is not None:
            words = self.texts.failure(view.failure)
            picture = picture_of_failure(view.failure.code)
            self.present(Message(picture, words.title, words.cause, words.next_step))
            return
        text, next_step = self._words(view)
        picture = _PICTURES.get(view.state, Picture.TROUBLE)
        self.present(Message(picture, self.texts.state(view.state), text, next_step, *self._for_citizen(view)))

    def _words(self, view: DeskView) -> tuple[str, str]:
        if view.state is DeskState.NO_READER:
            return (
                self.tr("The desk starts by itself once a reader is there."),
                self.tr("Plug the reader in, or look whether its cable is loose."),
            )
        if view.certificate and view.state in (DeskState.WAIT_CARD, DeskState.NEED_KEY):
            return self.texts.certificate_scanned(view.certificate), self._next_key_step(view)
        if view.state is DeskState.WAIT_CARD:
            if view.key_held:
                return "", self.tr("The number is entered; reading starts as soon as the card lies there.")
            return self.tr("You can also enter the number or scan the QR code first."), ""
        if view.state is DeskState.NEED_KEY:
            return self.tr("The chip opens only for someone who has the card before them."), self._next_key_step(view)
        if view.state is DeskState.CARD_LOST:
            other = self.tr("Another card is recognised and refused; nothing is mixed.")
            return f"{self.texts.card_lost(view.progress)} {other}", self.texts.card_back()
        if view.state is DeskState.CARD_WANTED:
            words = self.texts.card_wanted
            return (words("back"), "") if view.card_is_back else (words("why"), words("next"))
        if view.state is DeskState.STOPPING:
            return self.tr("The card finishes its last answer, then everything is wiped."), ""
        if view.state is DeskState.WIPED:
            return (
                self.tr("Nothing of the last citizen is left on this screen."),
                self.tr("Give the card back. Ready for the next citizen."),
            )
        return "", self.tr("Take the card off and put it on again.")

    def _offer(self, view: DeskView) -> None:
        """Offer to go on without the proof, where the desk does."""
        offered = ActionId.GO_ON_WITHOUT_PROOF in view.actions
        words, hint = self.texts.action(ActionId.GO_ON_WITHOUT_PROOF), self.texts.card_wanted("without-hint")
        self.without.setText(f"{words}   F5")
        self.without.setAccessibleName(words)
        self.without.setToolTip(tip(f"{hint} (F5)"))
        self.without.setEnabled(offered)
        self.show_answers(shown=offered)

    def _for_citizen(self, view: DeskView) -> tuple[str, str]:
        """Return what the citizen may know before their card is read, consent or not."""
        purpose = view.purpose_in_use
        if purpose is None or view.state not in (DeskState.WAIT_CARD, DeskState.NEED_KEY):
            return "", ""
        return self.texts.consent("for-information"), self.texts.for_citizen(purpose)

    def _next_key_step(self, view: DeskView) -> str:
        if view.state is DeskState.WAIT_CARD:
            return self.tr("Now put the citizen’s ID card on the reader.")
        return self.tr("Type the 12 digits on its front or scan its QR code.")
