"""Shells and sandboxes found by entry points, so that the desk imports neither.

Group ``motcua.shells`` holds ``desk.ports.Shell``s by name; group ``motcua.sandbox`` holds the factories of emulated
cards ("cards" in this process, "cards-pcsc" through a private pcscd) and of sandbox registers ("registers"); group
``motcua.printers`` holds what draws slips ("slip").
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from desk.ports import Shell
from desk.sandbox_ports import CardSandboxFactory, RegisterSandboxFactory
from desk.slip.page import SlipPrinter
from reader.errors import MotCuaError
from reader.pcsc import PcscTerminal, PcscWatch

__all__ = ["PluginMissing", "card_sandbox", "register_sandbox", "shell", "slip_printer"]


class PluginMissing(MotCuaError):
    """Say that nothing is installed under a name; ``code`` says what that means to people."""

    code = "no-sandbox"


class ShellMissing(PluginMissing):
    """Say that this installation has no such shell."""

    code = "no-shell"


class PrinterMissing(PluginMissing):
    """Say that this installation can draw no slip."""

    code = "no-printer"


def shell(name: str) -> Shell:
    """Return the shell ``name``; raise ShellMissing."""
    found: Shell = _load("motcua.shells", name, ShellMissing)
    return found


def slip_printer() -> SlipPrinter:
    """Return what draws slips; raise PrinterMissing."""
    found: SlipPrinter = _load("motcua.printers", "slip", PrinterMissing)
    return found


def card_sandbox(*, pcsc: bool = False) -> CardSandboxFactory:
    """Return the factory of emulated cards, in this process or through a private pcscd; raise PluginMissing."""
    if pcsc:
        opening = _load("motcua.sandbox", "cards-pcsc", PluginMissing)
        # The emulator knows no PC/SC client: it is told how ours are made.
        return lambda: opening(PcscWatch, PcscTerminal)
    found: CardSandboxFactory = _load("motcua.sandbox", "cards", PluginMissing)
    return found


def register_sandbox() -> RegisterSandboxFactory:
    """Return the factory of sandbox registers; raise PluginMissing."""
    found: RegisterSandboxFactory = _load("motcua.sandbox", "registers", PluginMissing)
    return found


def _load(group: str, name: str, missing: type[PluginMissing]) -> Any:
    for entry in entry_points(group=group, name=name):
        try:
            return entry.load()
        except ImportError as error:
            raise missing(f"{group}: {name}: {type(error).__name__} {error.name or ''}".rstrip()) from None
    raise missing(f"{group}: {name}")
