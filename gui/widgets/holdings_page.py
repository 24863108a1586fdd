"""What one register holds: a table, and a drawing of the chosen entry, which whoever shows the page puts beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from desk.section_view import ItemView, SectionView, Standing
from desk.view import RegisterState, RegisterView
from gui.theme import Mark, Role
from gui.widgets.entry_drawing import EntryDrawing
from gui.widgets.grid import Cell, GridRow
from gui.widgets.grid_view import GridView
from gui.widgets.part import Look, Part

__all__ = ["STANDING_MARKS", "HoldingsPage"]

STANDING_MARKS = {
    Standing.GOOD: Mark.GOOD,
    Standing.ATTENTION: Mark.ATTENTION,
    Standing.UNKNOWN: Mark.UNKNOWN,
}

# The purpose would ask here, but something was missing or was said no to.
_NOT_ASKED_THOUGH_ALLOWED = ("certificate-needed", "citizen-not-confirmed", "consent-refused")


class HoldingsPage(Part):
    """List a register's entries; the one the clerk stands on is drawn, Enter opens the rest of its record."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._section: SectionView | None = None
        self._register: RegisterView | None = None
        self._stopped = False
        self.view = GridView(look, ())
        self.drawing = EntryDrawing(look)
        self.empty = self.label(Role.BODY, "quiet", wrap=True)
        self.empty.setObjectName("underHeading")
        self.empty.setIndent(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.empty, 1)
        box.addWidget(self.view, 1)
        box.setAlignment(self.empty, Qt.AlignmentFlag.AlignTop)
        self.view.chosen.connect(self._draw)

    @property
    def has_pictures(self) -> bool:
        """Tell whether there is something to draw."""
        return self._section is not None and any(item.picture is not None for item in self._section.items)

    @property
    def is_awaited(self) -> bool:
        """Tell whether an answer may still come: its room is held, so that nothing jumps when it does."""
        return self._state in (RegisterState.IDLE, RegisterState.ASKING) and not self._stopped

    def present(self, section: SectionView, register: RegisterView, *, stopped: bool) -> None:
        """Show what ``register`` holds, or why nothing; ``stopped`` says that for this card no register is asked."""
        if (section, register, stopped) != (self._section, self._register, self._stopped):
            self._section, self._register, self._stopped = section, register, stopped
            self.retranslate()

    def retranslate(self) -> None:
        """Write every word."""
        section = self._section
        if section is None:
            return
        say = self.texts.said
        self.view.setAccessibleName(say(section.heading))
        heads = tuple(say(column.head) for column in section.columns)
        self.view.set_columns(heads, tuple(column.share for column in section.columns))
        self._show(section)

    def _show(self, section: SectionView) -> None:
        there = bool(section.items)
        self.view.set_rows(tuple(self._row(section, item) for item in section.items))
        self.view.select_first()
        self._draw(self.view.grid.row_key(self.view.currentIndex().row()) if there else "")
        self.view.setVisible(there)
        self.empty.setVisible(not there)
        self.empty.setText("" if there else self._why_empty(section))

    @property
    def _state(self) -> RegisterState:
        return self._register.state if self._register is not None else RegisterState.IDLE

    def _why_empty(self, section: SectionView) -> str:
        if self._stopped and self._state in (RegisterState.IDLE, RegisterState.NOT_ALLOWED):
            return self.tr("No register is asked about a card that was stopped.")
        nothing = self.texts.said(section.nothing)
        return {
            RegisterState.IDLE: self.tr("What the register holds appears here once it has answered."),
            RegisterState.ASKING: self.tr("The register is being asked …"),
            RegisterState.ANSWERED: nothing,
            RegisterState.NOT_FOUND: nothing,
            RegisterState.FAILED: self.tr("The register gave no usable answer, so what it holds is not known."),
            RegisterState.NOT_ALLOWED: self._why_not_asked(),
            RegisterState.CONFIRMED: nothing,
            RegisterState.NOT_CONFIRMED: nothing,
            RegisterState.QUEUED: self.tr("The look-up waits; its answer goes to the dossier."),
        }[self._state]

    def _why_not_asked(self) -> str:
        why = self._register.failure if self._register is not None else ""
        if why in _NOT_ASKED_THOUGH_ALLOWED:
            words = self.texts.failure_of(why)
            return f"{words.title}. {words.next_step}"
        return self.tr("This register is not asked for this purpose.")

    def _draw(self, key: str) -> None:
        items = self._section.items if self._section is not None else ()
        self.drawing.present(next((item.picture for item in items if item.key == key), None))

    def _row(self, section: SectionView, item: ItemView) -> GridRow:
        """Return the row of an entry: what must not be overlooked in it stands under its name."""
        say = self.texts.said
        heads = [say(column.head) for column in section.columns]
        values = [say(cell) for cell in item.cells]
        alerts = "; ".join(dict.fromkeys(say(alert.title) for alert in item.alerts))
        standing = say(item.standing_words)
        first = "; ".join(part for part in (f"{heads[0]}: {values[0]}", alerts, standing) if part)
        cells = [
            Cell(
                values[0],
                alerts,
                Mark.ATTENTION if alerts else STANDING_MARKS[item.standing],
                role=Role.STRONG,
                hint="\n".join(part for part in (alerts, standing) if part),
                spoken=first,
                note_tone="attention",
            )
        ]
        cells += [Cell(value, spoken=f"{head}: {value}") for head, value in zip(heads[1:], values[1:], strict=True)]
        lines = [f"{say(alert.title)}: {say(alert.text)}" for alert in item.alerts]
        lines += [f"{say(head)}: {say(value)}" for head, value in item.details]
        return GridRow(item.key, tuple(cells), "\n".join(lines))
