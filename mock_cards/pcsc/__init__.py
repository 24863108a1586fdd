"""Emulated cards on PC/SC: a private pcscd, and cards on its virtual readers.

What comes in: an ``EmulatedCard``, or an order for one on the control socket. What goes out: a PC/SC service that
clients find by ``PCSCLITE_CSOCK_NAME``. Linux only; nothing is installed, no port is opened on any interface of the
machine, the system's pcscd is left alone.
"""

from mock_cards.pcsc.card_table import CardTable
from mock_cards.pcsc.control import ControlServer
from mock_cards.pcsc.control_client import Control, Declined, find_control
from mock_cards.pcsc.daemon import (
    DEFAULT_PORT,
    MOST_READERS,
    SOCKET_VARIABLE,
    PrivatePcscd,
    find_pcscd_root,
    reader_name,
)
from mock_cards.pcsc.vpcd_client import VirtualSlot

__all__ = [
    "DEFAULT_PORT",
    "MOST_READERS",
    "SOCKET_VARIABLE",
    "CardTable",
    "Control",
    "ControlServer",
    "Declined",
    "PrivatePcscd",
    "VirtualSlot",
    "find_control",
    "find_pcscd_root",
    "reader_name",
]
