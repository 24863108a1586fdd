"""The pictures in docs/screens: each is asked for somewhere, small enough to keep, and of a scene that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.view import DeskView

# What the window lays over a scene is no state of the desk.
LAID_OVER = {"slip": "showing-proceed"}


@pytest.fixture
def pictures(project_root: Path) -> list[Path]:
    found = sorted((project_root / "docs" / "screens").glob("*.png"))
    assert found
    return found


def test_every_picture_is_small_and_of_a_scene(pictures: list[Path], scenes: dict[str, DeskView]) -> None:
    for picture in pictures:
        assert picture.stat().st_size < 150_000, picture.name
        name = re.sub(r"-(vi|en)(-dark|-high-contrast)?$", "", picture.stem)
        assert LAID_OVER.get(name, name) in scenes, picture.name


def test_the_guide_shows_every_state(project_root: Path, scenes: dict[str, DeskView]) -> None:
    guide = (project_root / "docs" / "clerk.md").read_text(encoding="utf-8")
    named = re.findall(r"screens/([a-z-]+)-vi\.png", guide)
    shown = {scenes[LAID_OVER.get(name, name)].state for name in named}
    assert shown == {view.state for view in scenes.values()}


def test_the_guide_uses_the_words_on_the_screen(project_root: Path) -> None:
    from desk.language import Language
    from desk.texts import Texts
    from desk.view import ActionId, DeskState, StepId
    from reader.inspection.report import Decision

    guide = (project_root / "docs" / "clerk.md").read_text(encoding="utf-8")
    texts = Texts(Language.VIETNAMESE)
    offered = (ActionId.CANCEL, ActionId.NEXT, ActionId.LOOK_UP_AGAIN)
    states = set(DeskState) - {DeskState.LOOKUP, DeskState.SHOWING, DeskState.FAULT}
    words = [texts.state(state) for state in states] + [texts.decision(decision) for decision in Decision]
    words += [texts.action(action) for action in offered] + [texts.step(step) for step in StepId]
    assert [word for word in words if word not in guide] == []
