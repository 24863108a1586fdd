"""The sandbox registers: population and land on this machine's loopback, over real TLS, behind real signatures.

What comes in: the personas, the devices to trust, a fault where one is wanted. What goes out: signed answers on a
port of 127.0.0.1. May call ``auth.wire``, ``auth.errors``, ``reader`` and ``mock_cards.personas``; nothing in the
product imports it.

The names are loaded when they are first asked for: whoever fills a database or waits for one needs no server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_registers.faults import Fault
    from mock_registers.gate import EnrolledDevice
    from mock_registers.sandbox import RegisterSandbox, open_register_sandbox

__all__ = ["EnrolledDevice", "Fault", "RegisterSandbox", "open_register_sandbox"]

_HOMES = {
    "EnrolledDevice": "gate",
    "Fault": "faults",
    "RegisterSandbox": "sandbox",
    "open_register_sandbox": "sandbox",
}


def __getattr__(name: str) -> object:
    """Load the module that holds a public name, the first time it is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
