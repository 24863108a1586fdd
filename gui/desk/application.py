"""Starts Qt, puts bridge, theme, language and window together, and runs until the window is closed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from desk.language import Language
from desk.ports import DeskControls
from desk.sandbox_ports import CardSandbox, SandboxCard
from gui.bridge import Bridge
from gui.desk.dealer import Dealer
from gui.desk.interrupt import quit_on_interrupt
from gui.desk.window import DeskWindow
from gui.theme import Scheme, Theme
from gui.translations import Tongue
from gui.widgets.part import Look

__all__ = ["run_window"]

CARD_ARRIVES_MS = 600


def run_window(desk: DeskControls, arguments: Sequence[str], sandbox: CardSandbox | None) -> int:
    """Open the window for ``desk`` and return its exit code; the desk is closed with it."""
    try:
        options = _parser().parse_args(list(arguments))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    running = QCoreApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(["motcua"])
    app.setApplicationName("motcua")
    app.setApplicationDisplayName("Một Cửa")
    look = Look(Theme(app, Scheme(options.scheme), options.scale / 100), Tongue(app, Language(options.language)))
    window = DeskWindow(look, desk)
    bridge = Bridge(window)
    bridge.arrived.connect(window.present_view)
    dealer = Dealer(sandbox, window.show_printed) if sandbox is not None else None
    if dealer is not None:
        window.deal_with(dealer)
    desk.subscribe(bridge.post)
    window.resize(look.theme.px(1280), look.theme.px(800))
    window.show()
    if dealer is not None and options.persona:
        card = SandboxCard(options.persona, tuple(options.forgery), tuple(options.fault))
        window.ribbon.choose(card)
        # The empty reader is seen first, so that whoever tries the demo sees a card arrive.
        QTimer.singleShot(CARD_ARRIVES_MS, window, lambda: dealer.put_on(card))
    try:
        with quit_on_interrupt(app):
            return app.exec()
    finally:
        bridge.close()
        if dealer is not None:
            dealer.close()
        desk.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="motcua desk", description="The desk window.")
    parser.add_argument("--language", choices=[language.value for language in Language], default="vi")
    parser.add_argument("--scheme", choices=[scheme.value for scheme in Scheme], default=Scheme.SYSTEM.value)
    parser.add_argument("--persona", default="", help="with a sandbox: whose card to put on at the start")
    parser.add_argument("--forgery", action="append", default=[])
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--scale", type=int, choices=[100, 125, 150, 175, 200], default=100, help="percent")
    return parser
