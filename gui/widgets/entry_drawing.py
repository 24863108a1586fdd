"""The picture of a register's entry, whichever of the known pictures it has."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QStackedLayout

from desk.section_view import Building, Outline
from gui.widgets.building_drawing import BuildingDrawing
from gui.widgets.parcel_drawing import ParcelDrawing
from gui.widgets.part import Look, Part

__all__ = ["EntryDrawing"]


class EntryDrawing(Part):
    """Show an outline to scale or a building, as the entry has it; nothing where it has no picture."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "drawing")
        self.outline = ParcelDrawing(look)
        self.building = BuildingDrawing(look)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.outline)
        self._stack.addWidget(self.building)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def picture(self) -> Outline | Building | None:
        """Return what is drawn."""
        return self.outline.parcel or self.building.building

    def present(self, picture: Outline | Building | None) -> None:
        """Draw ``picture``."""
        self.outline.present(picture if isinstance(picture, Outline) else None)
        self.building.present(picture if isinstance(picture, Building) else None)
        self._stack.setCurrentWidget(self.building if isinstance(picture, Building) else self.outline)
