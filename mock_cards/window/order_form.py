"""The form for the card to put on: persona, chip, forgery, fault, timing, and what must come of them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mock_cards.chip import all_profiles
from mock_cards.faults import FAULTS, Fault, fault_by_name
from mock_cards.forgeries import FORGERIES, Forgery, forgery_by_name
from mock_cards.orders import DEFAULT_PERSONA, CardOrder
from mock_cards.personas import load_all
from mock_cards.timing import TIMINGS
from mock_cards.window.choice_box import ChoiceBox
from mock_cards.window.words import Words

__all__ = ["OrderForm"]

_EDITABLE = ("forgery", "fault")


class OrderForm(QWidget):
    """Let a tester choose a card; ``order`` is what is chosen, ``changed`` tells of it."""

    changed = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._labels = {name: QLabel() for name in ("persona", "chip", "forgery", "fault", "timing")}
        self._boxes = {name: self._box(name) for name in self._labels}
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for name, label in self._labels.items():
            label.setBuddy(self._boxes[name])
            form.addRow(label, self._boxes[name])
        self._about = QLabel()
        self._about.setWordWrap(True)
        self._about.setProperty("role", "quiet")
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._about.setMinimumHeight(64)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self._about)
        self.speak(words)
        self.choose("persona", DEFAULT_PERSONA)

    def _box(self, name: str) -> QComboBox:
        box = ChoiceBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(18)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if name in _EDITABLE:
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            completer = QCompleter(box.model(), box)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            box.setCompleter(completer)
        box.currentTextChanged.connect(self._tell)
        return box

    @property
    def order(self) -> CardOrder:
        """Return the card that is chosen."""
        forgery, fault = (self._typed(name) for name in _EDITABLE)
        return CardOrder(
            persona=self._boxes["persona"].currentData(),
            forgeries=tuple(filter(None, forgery.split(","))),
            faults=(fault,) if fault else (),
            chip=self._boxes["chip"].currentData() or "",
            timing=self._boxes["timing"].currentData(),
        )

    def choose(self, name: str, value: str) -> None:
        """Choose ``value`` in one of the boxes."""
        box = self._boxes[name]
        place = box.findData(value)
        if place >= 0:
            box.setCurrentIndex(place)
        else:
            box.setEditText(value)

    def speak(self, words: Words) -> None:
        """Show everything in the language of ``words``; what is chosen stays chosen."""
        self._words = words
        self._fill("persona", [(f"{one.card.full_name} — {one.name}", one.name) for one in load_all()])
        self._fill("chip", [(words.chip_of_persona, ""), *((one.name, one.name) for one in all_profiles())])
        self._fill("forgery", [(words.none, ""), *((one.name, one.name) for one in FORGERIES)])
        self._fill("fault", [(words.none, ""), *((one.name, one.name) for one in FAULTS)])
        self._fill("timing", [(one.name if one.name != "none" else words.none, one.name) for one in TIMINGS])
        for name, label in self._labels.items():
            label.setText(getattr(words, name))
            self._boxes[name].setAccessibleName(getattr(words, name).replace("&", ""))
        edit = self._boxes["fault"].lineEdit()
        if edit is not None:
            edit.setToolTip(words.fault_hint)
        self._tell()

    def _fill(self, name: str, entries: Iterable[tuple[str, str]]) -> None:
        box = self._boxes[name]
        before = box.currentData() if box.count() else None
        typed = box.currentText() if box.count() and self._typed(name) not in ("", before) else ""
        box.blockSignals(True)
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
        box.setCurrentIndex(max(0, box.findData(before)))
        if typed and box.isEditable() and box.findText(typed) < 0:
            box.setEditText(typed)
        box.blockSignals(False)

    def _typed(self, name: str) -> str:
        box = self._boxes[name]
        text = box.currentText().strip()
        place = box.findText(text)
        return str(box.itemData(place) or "") if place >= 0 else text

    def _tell(self) -> None:
        self._about.setText("\n".join(self._expectations()) or self._words.genuine)
        self.changed.emit()

    def _expectations(self) -> Iterable[str]:
        order = self.order
        named: list[Forgery | Fault] = []
        for names, find in ((order.forgeries, forgery_by_name), (order.faults, fault_by_name)):
            for name in names:
                try:
                    named.append(find(name))
                except (KeyError, ValueError) as wrong:
                    yield f"{self._words.wrong_order}: {wrong.args[0]}"
        for one in named:
            yield one.about
            if one.fails:
                yield f"{self._words.must_fail}: {', '.join(sorted(one.fails))}"
            if isinstance(one, Forgery) or one.decision:
                yield f"→ {self._words.decision}: {one.decision or self._words.opens_nothing}"
