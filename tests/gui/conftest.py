"""A window on a desk that only remembers, every state there is, and eyes that read all a window holds."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from desk.failures import failure_codes
from desk.language import Language
from desk.ports import OnView
from desk.slip import MadeSlip, OnSealed, OnSlip, PreparedSlip, SealedSlip
from desk.view import DeskView
from gui.desk.window import DeskWindow
from gui.theme import Scheme, Theme
from gui.translations import Tongue
from gui.translations.build import build
from gui.widgets.part import Look

_TEXTS = ("text", "toolTip", "accessibleName", "accessibleDescription", "whatsThis", "statusTip", "placeholderText")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pass over what the off-screen platform says of itself: it knows no size hints of windows."""
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True))


class RecordingDesk:
    """Remember every intent in order."""

    def __init__(self) -> None:
        self.intents: list[tuple[str, ...]] = []
        self.slip: PreparedSlip | None = None
        self.slip_failure = ""
        self.no_slip = "no-slip"

    def subscribe(self, on_view: OnView) -> None:
        self.intents.append(("subscribe",))

    def enter_key(self, text: str) -> None:
        self.intents.append(("enter_key", text))

    def cancel(self) -> None:
        self.intents.append(("cancel",))

    def next_citizen(self) -> None:
        self.intents.append(("next_citizen",))

    def look_up_again(self) -> None:
        self.intents.append(("look_up_again",))

    def set_dossier(self, dossier: str) -> None:
        self.intents.append(("set_dossier", dossier))

    def queue_lookups(self) -> None:
        self.intents.append(("queue_lookups",))

    def make_slip(self, on_slip: OnSlip) -> None:
        self.intents.append(("make_slip",))
        on_slip(MadeSlip(self.slip) if self.slip is not None else MadeSlip(failure=self.no_slip))

    def seal_slip(self, prepared: PreparedSlip, pdf: bytes, on_sealed: OnSealed) -> None:
        self.intents.append(("seal_slip", prepared.slip.slip_id))
        on_sealed(SealedSlip(failure=self.slip_failure) if self.slip_failure else SealedSlip(pdf))

    def choose_purpose(self, purpose: str) -> None:
        self.intents.append(("choose_purpose", purpose))

    def give_consent(self, purpose: str, language: str, how: str) -> None:
        self.intents.append(("give_consent", purpose, language, how))

    def go_on_without_proof(self) -> None:
        self.intents.append(("go_on_without_proof",))

    def refuse_consent(self) -> None:
        self.intents.append(("refuse_consent",))

    def sign_in(self, *, again: bool = False) -> None:
        self.intents.append(("sign_in", "again") if again else ("sign_in",))

    def stop_sign_in(self) -> None:
        self.intents.append(("stop_sign_in",))

    def sign_out(self) -> None:
        self.intents.append(("sign_out",))

    def touch(self) -> None:
        pass

    def close(self) -> None:
        self.intents.append(("close",))


@pytest.fixture
def recorder() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture(scope="session")
def _look(qapp: QApplication) -> Look:
    build()
    return Look(Theme(qapp, Scheme.LIGHT), Tongue(qapp))


@pytest.fixture
def look(_look: Look) -> Iterator[Look]:
    """Return the look in its first state: Vietnamese, light, 100 %; leave it so."""

    def begin() -> None:
        _look.tongue.speak(Language.VIETNAMESE)
        _look.theme.use(scheme=Scheme.LIGHT, scale=1.0)

    begin()
    yield _look
    begin()


@pytest.fixture
def open_window(qtbot: QtBot, look: Look, recorder: RecordingDesk) -> Iterator[Callable[..., DeskWindow]]:
    """Return a function that opens a window of a size, active and painted."""
    opened: list[DeskWindow] = []

    def open_one(wide: int = 1280, high: int = 800) -> DeskWindow:
        window = DeskWindow(look, recorder)
        opened.append(window)
        window.resize(wide, high)
        with qtbot.waitSignal(window.painted, timeout=20_000):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
        QApplication.processEvents()
        return window

    yield open_one
    for window in opened:
        window.close()
        # Deleted at once: what is left would be dressed and laid out again with the windows of the next tests.
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, int(QEvent.Type.DeferredDelete))


@pytest.fixture
def window(open_window: Callable[..., DeskWindow]) -> DeskWindow:
    return open_window()


@pytest.fixture(scope="session")
def scene_module(request: pytest.FixtureRequest) -> ModuleType:
    """Return docs/screens/scenes.py: the pictures and the tests show the same states."""
    path = request.config.rootpath / "docs" / "screens" / "scenes.py"
    spec = importlib.util.spec_from_file_location("docs_screens_scenes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def scenes(scene_module: ModuleType) -> dict[str, DeskView]:
    """Return every state by name, the failed one for each failure there is."""
    every = (*scene_module.scenes(), *scene_module.failure_scenes(failure_codes()))
    return {scene.name: scene.view for scene in every}


@pytest.fixture
def settle() -> Callable[[], None]:
    """Return a function that lets layouts settle and deletes what was meant to be deleted."""

    def settle() -> None:
        for _ in range(12):
            QApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete))

    return settle


class Eyes:
    """Read all that a window holds, seen or not."""

    def texts(self, window: QWidget) -> list[str]:
        """Return every text: properties, models, and what a screen reader is told."""
        found: list[str] = []
        for widget in (window, *window.findChildren(QWidget)):
            for name in _TEXTS:
                value = widget.property(name)
                if isinstance(value, str) and value:
                    found.append(value)
            if isinstance(widget, QAbstractItemView):
                found += self.model_texts(widget)
            if isinstance(widget, QComboBox):
                found += [widget.itemText(index) for index in range(widget.count())]
            found += self._spoken(widget)
        return found

    def model_texts(self, view: QAbstractItemView) -> list[str]:
        """Return what the model of ``view`` says in any role."""
        model, found = view.model(), []
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                values = [model.index(row, column).data(role) for role in roles]
                found += [value for value in values if isinstance(value, str)]
        return found

    def held(self, window: QWidget) -> Iterator[str]:
        """Return every text that a Python object of the window still holds, however deep."""
        seen: set[int] = set()
        waiting: list[object] = [window, *window.findChildren(QObject)]
        while waiting:
            thing = waiting.pop()
            if id(thing) in seen or isinstance(thing, (type, ModuleType, int, float)):
                continue
            seen.add(id(thing))
            if isinstance(thing, str):
                yield thing
            elif isinstance(thing, bytes):
                yield thing.decode("latin-1")
            elif isinstance(thing, dict):
                waiting += [*thing.keys(), *thing.values()]
            elif isinstance(thing, (list, tuple, set, frozenset)):
                waiting += list(thing)
            elif dataclasses.is_dataclass(thing):
                waiting += [getattr(thing, field.name) for field in dataclasses.fields(thing)]
            elif type(thing).__module__.startswith("gui."):
                # The desk behind the window, and the card on the emulated reader, are not the window's.
                waiting += list(getattr(thing, "__dict__", {}).values())

    def _spoken(self, widget: QWidget) -> list[str]:
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None:
            return []
        kinds = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value, QAccessible.Text.Help)
        return [text for kind in kinds if (text := interface.text(kind))]


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()
