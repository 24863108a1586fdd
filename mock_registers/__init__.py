"""The sandbox registers: population and land on this machine's loopback, over real TLS, behind real signatures.

What comes in: the personas, the devices to trust, a fault where one is wanted. What goes out: signed answers on a
port of 127.0.0.1. May call ``auth.wire``, ``auth.errors``, ``reader`` and ``mock_cards.personas``; nothing in the
product imports it.
"""

from mock_registers.faults import Fault
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import RegisterSandbox, open_register_sandbox

__all__ = ["EnrolledDevice", "Fault", "RegisterSandbox", "open_register_sandbox"]
