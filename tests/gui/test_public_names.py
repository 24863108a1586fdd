"""The names that others may use; a change here is a change for them."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points

import gui

NAMES = {
    "gui": [],
    "gui.bridge": ["Bridge"],
    "gui.desk": ["run"],
    "gui.desk.window": ["DeskWindow"],
    "gui.print": ["render_slip"],
    "gui.theme": ["DARK", "HIGH_CONTRAST", "LIGHT", "Mark", "Role", "Scheme", "Theme", "Tokens", "paint_mark"],
    "gui.translations": ["Tongue"],
    "gui.translations.build": ["build", "check", "update"],
    "gui.widgets.part": ["Look", "MarkLabel", "Part", "plain_label", "set_flag", "tip"],
}


def test_the_public_names_are_these() -> None:
    found = {name: sorted(getattr(importlib.import_module(name), "__all__", [])) for name in NAMES}
    assert found == {name: sorted(names) for name, names in NAMES.items()}


def test_every_module_says_what_it_hands_out_and_has_it() -> None:
    packages = {"gui", "gui.widgets"}
    for info in pkgutil.walk_packages(gui.__path__, "gui."):
        module = importlib.import_module(info.name)
        if info.name in packages:
            continue
        assert module.__all__, info.name
        assert all(hasattr(module, name) for name in module.__all__), info.name


def test_the_desk_is_found_as_a_shell() -> None:
    (shell,) = entry_points(group="motcua.shells", name="desk")
    assert shell.value == "gui.desk:run"
    assert callable(shell.load())


def test_looking_for_shells_does_not_load_qt() -> None:
    import subprocess
    import sys

    probe = "import gui.desk, sys; print([name for name in sys.modules if name.startswith('PySide6')])"
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
