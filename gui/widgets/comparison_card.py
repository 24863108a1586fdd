"""Chip and registers side by side; only what differs is spelled out."""

from __future__ import annotations

from desk.view import ComparisonRow, FieldId, Match, RegisterView, SourceValue
from gui.theme import Mark, Role
from gui.widgets.grid import Cell, GridRow
from gui.widgets.grid_view import GridView
from gui.widgets.key_text import grouped
from gui.widgets.part import Look
from gui.widgets.section import Section

__all__ = ["MATCH_MARKS", "ComparisonCard"]

MATCH_MARKS = {
    Match.SAME: Mark.SAME,
    Match.SAME_WRITTEN_OTHERWISE: Mark.ALIKE,
    Match.RENAMED: Mark.ALIKE,
    Match.DIFFERENT: Mark.DIFFERENT,
    Match.MISSING: Mark.MISSING,
    Match.NOT_ASKED: Mark.NOT_ASKED,
}
_SPELLED_OUT = (Match.SAME_WRITTEN_OTHERWISE, Match.RENAMED, Match.DIFFERENT)


class ComparisonCard(Section):
    """Show field by field what the chip says and how each register stands to it; Enter says who holds what."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._rows: tuple[ComparisonRow, ...] = ()
        self._registers: tuple[RegisterView, ...] = ()
        self.view = GridView(look, ())
        self.box.addWidget(self.view, 1)
        self.retranslate()

    @property
    def registers(self) -> int:
        """Return how many registers have a column."""
        return len(self._registers)

    def present(self, rows: tuple[ComparisonRow, ...], registers: tuple[RegisterView, ...]) -> None:
        """Show ``rows``, with a column for each of ``registers``."""
        same = [register.register for register in registers] == [register.register for register in self._registers]
        if rows != self._rows or not same:
            self._rows, self._registers = rows, registers
            if not same:
                self._set_columns()
            self._show()

    def retranslate(self) -> None:
        """Write every word."""
        self.heading.setText(self.tr("Comparison"))
        self.view.setAccessibleName(self.tr("Comparison of chip and registers"))
        self._set_columns()
        self._show()

    def _set_columns(self) -> None:
        titles = tuple(self.texts.said(register.title) for register in self._registers)
        self.view.set_columns((self.tr("Field"), self.tr("Chip"), *titles), _weights(len(titles)))

    def _show(self) -> None:
        # Where a register says something else stands first; the rest keeps the order of the card.
        ordered = sorted(self._rows, key=lambda row: not _stands_out(row))
        self.view.set_rows(tuple(self._row(row) for row in ordered))
        matches = [source.match for row in self._rows for _, source in self._sources(row)]
        self.tally.count(
            [
                (Mark.DIFFERENT, matches.count(Match.DIFFERENT), self.tr("different")),
                (
                    Mark.ALIKE,
                    matches.count(Match.RENAMED) + matches.count(Match.SAME_WRITTEN_OTHERWISE),
                    self.tr("written otherwise"),
                ),
                (Mark.SAME, matches.count(Match.SAME), self.tr("same")),
            ]
        )

    def _row(self, row: ComparisonRow) -> GridRow:
        name = self.texts.field(row.field)
        sources = self._sources(row)
        lines = [f"{self.tr('Chip')}: {row.chip or '–'}"]
        for register, source in sources:
            if source.match is not Match.NOT_ASKED:
                lines.append(self._who_holds_what(register, source))
        if row.note:
            lines.append(self.texts.note(row.note))
        cells = [
            Cell(name, tone="quiet"),
            Cell(
                _shown(row.field, row.chip) or "–",
                self.texts.note(row.note),
                Mark.ATTENTION if row.note else None,
                spoken=f"{name}, {self.tr('Chip')}: {row.chip or '–'} {self.texts.note(row.note)}".strip(),
            ),
        ]
        for number, (register, source) in enumerate(sources):
            before = next((name for name, other in sources[:number] if other == source), "")
            cells.append(self._cell(row.field, register, source, before))
        return GridRow(row.field.value, tuple(cells), "\n".join(lines))

    def _sources(self, row: ComparisonRow) -> tuple[tuple[str, SourceValue], ...]:
        """Return the title of each register that has a column, and what it holds in ``row``."""
        return tuple((self.texts.said(register.title), row.of(register.register)) for register in self._registers)

    def _cell(self, field: FieldId, register: str, source: SourceValue, before: str) -> Cell:
        """Return a register's cell; what a register ``before`` it says just so is not spelled out twice."""
        name = self.texts.field(field)
        if source.match is Match.NOT_ASKED:
            return Cell(mark=Mark.NOT_ASKED, spoken=f"{name}, {register}: {self._how(source)}")
        differs = source.match is Match.DIFFERENT
        spelled_out = source.match in _SPELLED_OUT
        value, note = (
            _shown(field, source.value),
            self.texts.match_reason(source.reason) or self.texts.match(source.match),
        )
        if before:
            value, note = "", self.tr("as in {register}").format(register=before)
        return Cell(
            value if spelled_out else "",
            note if spelled_out else "",
            MATCH_MARKS[source.match],
            role=Role.STRONG if differs else Role.BODY,
            hint=self._who_holds_what(register, source),
            spoken=f"{name}, {self._who_holds_what(register, source)}",
        )

    def _who_holds_what(self, register: str, source: SourceValue) -> str:
        return f"{register}: {source.value or '–'} ({self._how(source)})"

    def _how(self, source: SourceValue) -> str:
        how = self.texts.match(source.match)
        return f"{how}: {self.texts.match_reason(source.reason)}" if source.reason else how


def _stands_out(row: ComparisonRow) -> bool:
    return bool(row.note) or any(cell.held.match in _SPELLED_OUT for cell in row.cells)


def _weights(registers: int) -> tuple[float, ...]:
    """Return the shares of the width: the first register holds most fields, and those that are long."""
    return (0, 1.1, 1.25, *(1.0,) * (registers - 1)) if registers else (0, 1.0)


def _shown(field: FieldId, value: str) -> str:
    """Return a number in groups of three, everything else as it is."""
    number = field in (FieldId.PERSONAL_NUMBER, FieldId.OLD_NUMBER) and value.isascii() and value.isdigit()
    return grouped(value) if number else value
