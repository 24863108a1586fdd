"""Draw the pictures of this folder, or with ``--all DIRECTORY`` every state in both languages and all schemes.

``python docs/screens/make.py`` needs no display. Data are invented; each picture is kept below 150 kB.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from PIL import Image  # noqa: E402 - the path and the platform come first
from PySide6.QtCore import QBuffer, QIODevice, QMessageLogContext, QtMsgType, qInstallMessageHandler  # noqa: E402 - as above
from PySide6.QtWidgets import QApplication  # noqa: E402 - as above
from scenes import Scene, failure_scenes, scenes  # noqa: E402 - as above
from slips import slip_of_view  # noqa: E402 - as above

from desk.failures import failure_codes  # noqa: E402 - as above
from desk.language import Language  # noqa: E402 - as above
from desk.ports import OnView  # noqa: E402 - as above
from desk.slip import MadeSlip, OnSealed, OnSlip, PreparedSlip  # noqa: E402 - as above
from desk.view import DeskView  # noqa: E402 - as above
from gui.desk.window import DeskWindow  # noqa: E402 - as above
from gui.theme import Scheme, Theme  # noqa: E402 - as above
from gui.translations import Tongue  # noqa: E402 - as above
from gui.widgets.part import Look  # noqa: E402 - as above

# (scene, language, scheme): the small set that is kept.
KEPT = (
    ("no-reader", "vi", "light"),
    ("waiting", "vi", "light"),
    ("need-key", "vi", "light"),
    ("reading-identity", "vi", "light"),
    ("card-lost", "vi", "light"),
    ("looking-up", "vi", "light"),
    ("showing-proceed", "vi", "light"),
    ("showing-proceed", "en", "light"),
    ("showing-proceed", "vi", "dark"),
    ("showing-attention", "vi", "light"),
    ("slip", "vi", "light"),
    ("showing-stop", "vi", "light"),
    ("showing-stop", "en", "light"),
    ("showing-offline", "vi", "light"),
    ("showing-queue-number", "vi", "light"),
    ("sign-in-nobody", "vi", "light"),
    ("device-suspended", "vi", "light"),
    ("consent", "vi", "light"),
    ("proving", "vi", "light"),
    ("card-wanted", "vi", "light"),
    ("showing-questions", "vi", "light"),
    ("showing-other-purpose", "vi", "light"),
    ("failed-card-removed", "vi", "light"),
    ("failed-wrong-password", "vi", "light"),
    ("stopping", "vi", "light"),
    ("wiped", "vi", "light"),
)
MOST_BYTES = 150_000
SLIP, NO_SLIP = "slip", "slip-refused"


def say(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Pass on what Qt says, but for what its off-screen platform says of itself at every window."""
    if "propagateSizeHints" not in text:
        sys.stderr.write(f"{text}\n")


class NoDesk:
    """Take every intent and do nothing, but for showing the slip of ``view``."""

    def __init__(self, view: DeskView, *, slips: bool = True) -> None:
        """Take what is shown; ``slips`` says whether a slip of it can be made."""
        self._view = view
        self._slips = slips

    def subscribe(self, on_view: OnView) -> None:
        """Never call back."""

    def enter_key(self, text: str) -> None:
        """Take a key."""

    def cancel(self) -> None:
        """Take a cancel."""

    def next_citizen(self) -> None:
        """Take it."""

    def look_up_again(self) -> None:
        """Take it."""

    def set_dossier(self, dossier: str) -> None:
        """Take it."""

    def queue_lookups(self) -> None:
        """Take it."""

    def make_slip(self, on_slip: OnSlip) -> None:
        """Hand over the slip of what is shown, or say that none can be made."""
        made = MadeSlip(slip_of_view(self._view)) if self._slips else MadeSlip(failure="device-token-unavailable")
        on_slip(made)

    def seal_slip(self, prepared: PreparedSlip, pdf: bytes, on_sealed: OnSealed) -> None:
        """Never call back."""

    def choose_purpose(self, purpose: str) -> None:
        """Take it."""

    def give_consent(self, purpose: str, language: str, how: str) -> None:
        """Take it."""

    def refuse_consent(self) -> None:
        """Take it."""

    def go_on_without_proof(self) -> None:
        """Take it."""

    def sign_in(self, *, again: bool = False) -> None:
        """Do nothing."""

    def stop_sign_in(self) -> None:
        """Do nothing."""

    def sign_out(self) -> None:
        """Do nothing."""

    def touch(self) -> None:
        """Take it."""

    def close(self) -> None:
        """Take it."""


class Studio:
    """Take pictures of scenes in one window."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._look = Look(Theme(app, Scheme.LIGHT), Tongue(app))

    def take(self, scene: Scene, language: str, scheme: str, scale: float, size: tuple[int, int]) -> bytes:
        """Return a PNG of ``scene``."""
        self._look.tongue.speak(Language(language))
        self._look.theme.use(scheme=Scheme(scheme), scale=scale)
        window = DeskWindow(self._look, NoDesk(scene.view, slips=scene.name != NO_SLIP))
        window.resize(*size)
        window.present_view(scene.view)
        window.show()
        if scene.name in (SLIP, NO_SLIP):
            window.slips.ask(scene.view.visit)
        self._settle(window)
        window.actions_bar.dress_icons()
        self._settle(window)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        window.grab().save(buffer, "PNG")
        window.close()
        window.deleteLater()
        self._app.processEvents()
        return _small(bytes(buffer.data().data()))

    def _settle(self, window: DeskWindow) -> None:
        for _ in range(12):
            self._app.processEvents()
        window.repaint()


def _small(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        reduced = picture.convert("RGB").quantize(
            255, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    """Draw the kept set, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="DIRECTORY", type=Path, help="draw every state there instead")
    parser.add_argument("--only", default="", help="only scenes whose name holds this")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--scale", type=int, default=100, help="percent")
    parser.add_argument("--languages", default="vi,en")
    parser.add_argument("--schemes", default="light,dark,high-contrast")
    options = parser.parse_args()
    qInstallMessageHandler(say)
    studio = Studio(QApplication([]))
    every = {scene.name: scene for scene in (*scenes(), *failure_scenes(failure_codes()))}
    for name in (SLIP, NO_SLIP):
        every[name] = replace(every["showing-proceed"], name=name)
    size = (int(options.size.split("x")[0]), int(options.size.split("x")[1]))
    wanted = [
        (name, language, scheme)
        for name in every
        for language in options.languages.split(",")
        for scheme in options.schemes.split(",")
    ]
    folder = options.all or HERE
    folder.mkdir(parents=True, exist_ok=True)
    for name, language, scheme in wanted if options.all else KEPT:
        if options.only not in name:
            continue
        png = studio.take(every[name], language, scheme, options.scale / 100, size)
        if not options.all and len(png) > MOST_BYTES:
            sys.exit(f"{name}: {len(png)} bytes are too many")
        ending = "" if scheme == "light" else f"-{scheme}"
        (folder / f"{name}-{language}{ending}.png").write_bytes(png)
    return 0


if __name__ == "__main__":
    sys.exit(main())
