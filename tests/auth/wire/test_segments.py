"""Connections of the wire send and are sent small segments, by both versions of IP (row N11)."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from auth.wire.deadline import DeadlineLoop
from auth.wire.segments import LARGEST_SEGMENT


@pytest.mark.skipif(sys.platform != "linux", reason="other systems find such lines by themselves, or set no size")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_both_ends_of_a_connection_go_by_small_segments(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    loop = DeadlineLoop("segments")
    with socket.create_server((address, 0), family=family) as listener:

        async def connect() -> int:
            _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            ours: int = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            writer.close()
            return ours

        ours = loop.run(connect, 20.0)
        with listener.accept()[0] as theirs:
            told = theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
    loop.close()
    assert max(ours, told) <= LARGEST_SEGMENT
