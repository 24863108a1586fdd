"""The checks: status, name, and one Enter away the reason, what to do, and the evidence."""

from __future__ import annotations

from desk.texts import Texts
from desk.view import CheckView
from gui.theme import Mark, Role
from gui.widgets.grid import Cell, GridRow
from gui.widgets.grid_view import GridView
from gui.widgets.part import Look
from gui.widgets.section import Section
from reader.inspection.checks import CheckStatus

__all__ = ["ChecksCard"]

_MARKS = {
    CheckStatus.PASSED: Mark.GOOD,
    CheckStatus.FAILED: Mark.STOP,
    CheckStatus.INCONCLUSIVE: Mark.UNKNOWN,
    CheckStatus.NOT_APPLICABLE: Mark.NONE,
    CheckStatus.UNAVAILABLE: Mark.PENDING,
}
_ORDER = (
    CheckStatus.FAILED,
    CheckStatus.INCONCLUSIVE,
    CheckStatus.PASSED,
    CheckStatus.UNAVAILABLE,
    CheckStatus.NOT_APPLICABLE,
)


class ChecksCard(Section):
    """List every check: mark and name, and for all that did not pass the word and the reason below."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._checks: tuple[CheckView, ...] = ()
        self.view = GridView(look, (1.0,))
        self.view.horizontalHeader().hide()
        self.box.addWidget(self.view, 1)
        self.retranslate()

    def present(self, checks: tuple[CheckView, ...]) -> None:
        """Show ``checks``."""
        if checks != self._checks:
            self._checks = checks
            self._show()

    def retranslate(self) -> None:
        """Write every word."""
        self.heading.setText(self.tr("Checks"))
        self.view.setAccessibleName(self.tr("Checks of the card"))
        self.view.setToolTip("")
        self.view.set_headers((self.tr("Check"),))
        self._show()

    def _show(self) -> None:
        texts = self.texts
        hint = self.tr("Enter shows the evidence")
        # What needs the clerk's eye stands first; inside one status the desk's order is kept.
        ordered = sorted(self._checks, key=lambda check: _ORDER.index(check.status))
        self.view.set_rows(tuple(_row(check, texts, hint) for check in ordered))
        self.tally.count(
            [
                (mark, sum(check.status is status for check in self._checks), texts.status(status).lower())
                for status, mark in _MARKS.items()
                if status in (CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.INCONCLUSIVE)
            ]
        )


def _row(check: CheckView, texts: Texts, hint: str) -> GridRow:
    name, word = texts.check_name(check.id), texts.status(check.status)
    reason = texts.reason(check.reason, check.id)
    bad = check.status is CheckStatus.FAILED
    quiet = check.status in (CheckStatus.NOT_APPLICABLE, CheckStatus.UNAVAILABLE)
    notes = [texts.reason(note, check.id) for note in check.notes]
    evidence = [f"{name}: {value}" for name, value in check.evidence]
    detail = "\n".join([reason, *notes, f"→ {texts.next_step(check.id, check.status)}", *evidence])
    passed = check.status is CheckStatus.PASSED
    return GridRow(
        key=check.id.value,
        cells=(
            Cell(
                name,
                "" if passed else f"{word}: {reason}",
                _MARKS[check.status],
                tone="quiet" if quiet else "ink",
                role=Role.STRONG if bad else Role.BODY,
                hint=f"{word}: {reason}\n{hint}",
                spoken=f"{name}: {word}. {reason}",
                note_tone="stop" if bad else "quiet",
            ),
        ),
        detail=detail,
    )
