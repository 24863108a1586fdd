"""Small TCP segments, so that look-ups pass a line that takes no large packets and does not say so.

Tunnels and dial-up lines carry less than the 1500 bytes of an Ethernet, and where a firewall swallows the ICMP message
that would say so, large packets vanish (RFC 2923 §2.1). Linux does not look for such lines unless it is told to, and
then takes ten seconds to find one: by that time a look-up has met its deadline, and so has each next one. 1280 bytes
are what every path of IPv6 must carry (RFC 8200 §5).
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from typing import Any

__all__ = ["LARGEST_SEGMENT", "loop_of_small_segments"]

# 1280 without an IPv6 header of 40 bytes and a TCP header of 20.
LARGEST_SEGMENT = 1_220


def loop_of_small_segments() -> asyncio.AbstractEventLoop:
    """Return a new event loop whose connections send, and ask for, segments of 1220 bytes at most (RFC 9293 §3.7.1).

    Where the system has them no smaller, they are as it has them; Windows looks for such lines by itself.
    """
    return asyncio.new_event_loop() if sys.platform == "win32" else _SmallSegments()


class _SmallSegments(asyncio.SelectorEventLoop):
    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect; the largest segment is told in the first packet, so it is set before that."""
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, LARGEST_SEGMENT)
        await super().sock_connect(sock, address)
