"""The parcels: a table, and beside it the chosen parcel drawn to scale."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout

from desk.view import ParcelView, RegisterState, RegisterView
from gui.theme import Mark, Role
from gui.widgets.grid import Cell, GridRow
from gui.widgets.grid_view import GridView
from gui.widgets.parcel_drawing import ParcelDrawing
from gui.widgets.part import Look
from gui.widgets.section import Section

__all__ = ["ParcelsCard"]

_QUALITY_MARKS = {"verified": Mark.GOOD, "incomplete": Mark.ATTENTION, "unverified": Mark.UNKNOWN}


class ParcelsCard(Section):
    """List parcels; the one the clerk stands on is drawn, Enter opens the rest of its record."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._parcels: tuple[ParcelView, ...] = ()
        self._state = RegisterState.IDLE
        self._stopped = False
        self.view = GridView(look, (0, 0, 0.48, 0, 0.52))
        self.drawing = ParcelDrawing(look)
        self.empty = self.label(Role.BODY, "quiet", wrap=True)
        self.empty.setIndent(look.theme.px(8))
        self.empty.setObjectName("underHeading")
        self.empty.setIndent(0)
        self.box.addWidget(self.empty, 1)
        self.box.addWidget(self.view, 1)
        self.sides.addWidget(self.drawing, 1)
        self.view.chosen.connect(self._draw)
        self.lie(stacked=False)
        self.retranslate()

    def lie(self, *, stacked: bool) -> None:
        """Put the drawing beside the table, or under it where the window is narrow."""
        self.sides.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)
        self.sides.setStretch(0, 1 if stacked else 3)

    def present(
        self, parcels: tuple[ParcelView, ...], registers: tuple[RegisterView, ...], *, stopped: bool = False
    ) -> None:
        """Show ``parcels``, or why there are none; ``stopped`` says that for this card no register is asked."""
        state = next((view.state for view in registers if view.register == "land"), RegisterState.IDLE)
        if (parcels, state, stopped) != (self._parcels, self._state, self._stopped):
            self._parcels, self._state, self._stopped = parcels, state, stopped
            self._show()

    def retranslate(self) -> None:
        """Write every word."""
        texts = self.texts
        self.heading.setText(self.tr("Parcels"))
        self.view.setAccessibleName(self.tr("Parcels in the land register"))
        self.view.set_headers(
            (
                f"{texts.parcel_column('sheet')} · {texts.parcel_column('parcel')}",
                texts.parcel_column("area"),
                texts.parcel_column("type"),
                texts.parcel_column("certificate"),
                texts.parcel_column("holders"),
            )
        )
        self._show()

    def _show(self) -> None:
        there = bool(self._parcels)
        self.view.set_rows(tuple(self._parcel_row(parcel) for parcel in self._parcels))
        self.view.select_first()
        # While an answer may still come its room is held, so that nothing above jumps when it does.
        policy = self.drawing.sizePolicy()
        awaited = self._state in (RegisterState.IDLE, RegisterState.ASKING) and not self._stopped
        policy.setRetainSizeWhenHidden(awaited)
        self.drawing.setSizePolicy(policy)
        self._draw(self.view.grid.row_key(self.view.currentIndex().row()) if there else "")
        for widget in (self.view, self.drawing):
            widget.setVisible(there)
        self.empty.setVisible(not there)
        self.empty.setText("" if there else self._why_empty())
        self.box.setAlignment(self.empty, Qt.AlignmentFlag.AlignTop)
        self.tally.count(
            [
                (mark, sum(parcel.quality == quality for parcel in self._parcels), self.texts.quality(quality))
                for quality, mark in _QUALITY_MARKS.items()
            ]
        )

    def _why_empty(self) -> str:
        if self._stopped and self._state in (RegisterState.IDLE, RegisterState.NOT_ALLOWED):
            return self.tr("No register is asked about a card that was stopped.")
        return {
            RegisterState.IDLE: self.tr("Parcels appear here once the land register has answered."),
            RegisterState.ASKING: self.tr("The land register is being asked …"),
            RegisterState.ANSWERED: self.tr("The land register holds no parcel for this citizen."),
            RegisterState.NOT_FOUND: self.tr("The land register holds no parcel for this citizen."),
            RegisterState.FAILED: self.tr("The land register gave no usable answer, so parcels are not known."),
            RegisterState.NOT_ALLOWED: self.tr("The land register is not asked for this purpose."),
        }[self._state]

    def _draw(self, key: str) -> None:
        chosen = next((parcel for parcel in self._parcels if _key(parcel) == key), None)
        self.drawing.present(chosen)

    def _parcel_row(self, parcel: ParcelView) -> GridRow:
        texts = self.texts
        place = f"{parcel.map_sheet} · {parcel.parcel_number}"
        kind = " — ".join(part for part in (parcel.land_type, parcel.land_type_name) if part)
        holders = ", ".join(parcel.holders)
        columns = ("sheet", "area", "type", "certificate", "holders")
        values = (place, parcel.area, kind, parcel.certificate_serial, holders)
        cells = [
            Cell(
                value, spoken=f"{texts.parcel_column(column)}: {value}", role=Role.STRONG if number == 0 else Role.BODY
            )
            for number, (column, value) in enumerate(zip(columns, values, strict=True))
        ]
        mark = _QUALITY_MARKS.get(parcel.quality, Mark.UNKNOWN)
        quality = texts.quality(parcel.quality)
        cells[0] = Cell(place, mark=mark, role=Role.STRONG, hint=quality, spoken=f"{cells[0].spoken}; {quality}")
        more = (
            ("address", parcel.address),
            ("before", parcel.commune_before),
            ("term", parcel.term),
            ("form", parcel.form_of_use),
            ("origin", parcel.origin),
            ("quality", quality),
        )
        detail = "\n".join(f"{texts.parcel_column(column)}: {value}" for column, value in more if value)
        return GridRow(_key(parcel), tuple(cells), detail)


def _key(parcel: ParcelView) -> str:
    return f"{parcel.certificate_serial}/{parcel.map_sheet}/{parcel.parcel_number}"
