"""The language of chip cards: command and response APDUs, status words, BER-TLV, and the link that carries them.

This floor uses nothing but the standard library and ``reader.errors``. Both sides stand on it: the reader that asks
and, in ``mock_cards``, the card that answers.
"""

from reader.iso7816.apdu import CommandAPDU, ResponseAPDU
from reader.iso7816.get_response import CollectingLink, get_response
from reader.iso7816.link import (
    AtrLink,
    CancellableLink,
    CardLink,
    CountingLink,
    LimitedLink,
    LinkCounters,
    LinkDecorator,
    ResettableLink,
    Witness,
    WitnessedLink,
    atr_of,
    longest_apdu_of,
    reset_of,
    witness_of,
)
from reader.iso7816.replay import ReplayLink
from reader.iso7816.speed import CardSpeed, fit_speed
from reader.iso7816.status import SW
from reader.iso7816.terminal import (
    CardTerminal,
    CardWatch,
    ReaderSnapshot,
    ReaderState,
    ServiceState,
    SlotState,
)
from reader.iso7816.tlv import TLV, encode, find, parse, parse_all, read_header
from reader.iso7816.trace import Redaction, Trace, TraceRecord, TracingLink, TracingTerminal, parse_trace

__all__ = [
    "SW",
    "TLV",
    "AtrLink",
    "CancellableLink",
    "CardLink",
    "CardSpeed",
    "CardTerminal",
    "CardWatch",
    "CollectingLink",
    "CommandAPDU",
    "CountingLink",
    "LimitedLink",
    "LinkCounters",
    "LinkDecorator",
    "ReaderSnapshot",
    "ReaderState",
    "Redaction",
    "ReplayLink",
    "ResettableLink",
    "ResponseAPDU",
    "ServiceState",
    "SlotState",
    "Trace",
    "TraceRecord",
    "TracingLink",
    "TracingTerminal",
    "Witness",
    "WitnessedLink",
    "atr_of",
    "encode",
    "find",
    "fit_speed",
    "get_response",
    "longest_apdu_of",
    "parse",
    "parse_all",
    "parse_trace",
    "read_header",
    "reset_of",
    "witness_of",
]
