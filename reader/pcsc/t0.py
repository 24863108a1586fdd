"""T=0: command and answer data never travel in the same exchange (ISO/IEC 7816-3 §12.2).

The card announces an answer with 61xx and hands it out on GET RESPONSE; 6Cxx tells the right length. Both belong to the
transmission protocol, so they end here: what is above sees one command and one answer, as with T=1.
"""

from __future__ import annotations

from collections.abc import Callable

from reader.errors import BudgetExceeded, UnsupportedCard
from reader.iso7816 import CommandAPDU, ResponseAPDU

__all__ = ["exchange_t0"]

GET_RESPONSE = 0xC0
LONGEST_SHORT_DATA = 255
LONGEST_SHORT_ANSWER = 256
LONGEST_ANSWER = 65536
MOST_EXCHANGES = 300


def exchange_t0(send: Callable[[bytes], ResponseAPDU], command: CommandAPDU) -> ResponseAPDU:
    """Send ``command`` over T=0 by ``send``, which carries one TPDU, and collect the whole answer.

    Raise UnsupportedCard for more than 255 bytes of command data, which T=0 cannot carry, and BudgetExceeded for a card
    that never stops announcing more.
    """
    if len(command.data) > LONGEST_SHORT_DATA:
        raise UnsupportedCard("extended command data over T=0")
    response = _send_at_right_length(send, command.header, command.data, min(command.ne, LONGEST_SHORT_ANSWER))
    collected = bytearray(response.data)
    # Plain class byte, channel kept: GET RESPONSE itself is never under secure messaging nor chained.
    get_response = bytes((command.cla & 0x03, GET_RESPONSE, 0, 0))
    for _ in range(MOST_EXCHANGES):
        if response.sw1 != 0x61:
            return ResponseAPDU(bytes(collected), response.sw)
        response = _send_at_right_length(send, get_response, b"", response.sw2 or LONGEST_SHORT_ANSWER)
        collected += response.data
        if len(collected) > LONGEST_ANSWER:
            break
    raise BudgetExceeded("the card never stops announcing more of its answer")


def _send_at_right_length(
    send: Callable[[bytes], ResponseAPDU], header: bytes, data: bytes, expected: int
) -> ResponseAPDU:
    """Send one TPDU; where the card says 6Cxx, send it once more with the length it named."""
    if data:
        return send(header + bytes((len(data),)) + data)
    response = send(header + bytes((expected & 0xFF,)))
    if response.sw1 == 0x6C:
        return send(header + bytes((response.sw2,)))
    return response
