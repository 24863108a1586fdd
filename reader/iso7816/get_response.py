"""GET RESPONSE: an answer that comes in parts, announced by 61xx (ISO/IEC 7816-4 §5.3.4, §11.7.1).

Bare, it belongs to the way an answer is carried and ends below secure messaging, in ``CollectingLink``. Under
protection the announcement is the chip's own answer: there whoever asked fetches the rest, through the channel.
"""

from __future__ import annotations

from reader.errors import DataError
from reader.iso7816.apdu import CommandAPDU, ResponseAPDU
from reader.iso7816.link import LinkDecorator
from reader.iso7816.tlv import parse_all

__all__ = ["CollectingLink", "get_response"]

INS_GET_RESPONSE = 0xC0
SM_BITS = 0x0C
DO_MAC = 0x8E
LONGEST_ANSWER = 65536
MOST_PARTS = 300


def get_response(command: CommandAPDU, announced: int) -> CommandAPDU:
    """Return the command that fetches what the answer to ``command`` announced; 0 stands for 256 or more."""
    return CommandAPDU(command.cla & 0x03, INS_GET_RESPONSE, 0x00, 0x00, ne=announced or 256)


class CollectingLink(LinkDecorator):
    """Fetch what a bare 61xx announces, so that whoever is above sees one command and one answer."""

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command`` and collect its whole answer; a card that never ends is left with its 61xx, no success."""
        response = self._link.transmit(command)
        if response.sw1 != 0x61 or (command.cla & SM_BITS and _is_whole(response.data)):
            return response
        collected = bytearray(response.data)
        for _ in range(MOST_PARTS):
            response = self._link.transmit(get_response(command, response.sw2))
            collected += response.data
            if response.sw1 != 0x61 or not response.data or len(collected) > LONGEST_ANSWER:
                break
        return ResponseAPDU(bytes(collected[:LONGEST_ANSWER]), response.sw)


def _is_whole(protected: bytes) -> bool:
    """Tell whether a protected answer has come to its checksum, so that 61xx is what the checksum covers."""
    try:
        objects = list(parse_all(protected))
    except DataError:
        return False
    return bool(objects) and objects[-1].tag == DO_MAC
