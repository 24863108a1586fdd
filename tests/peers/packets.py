"""IP packets on a line that leads back to the machine they come from: turned round, and told to be too large.

Turned round, a packet keeps its checksums: they are sums, and do not mind the order of the two addresses.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

__all__ = ["Packet", "read_packet", "too_big", "turned_round"]

_TCP, _ICMP = 6, 1
_HEADER_4, _HEADER_6 = 20, 40
_QUOTED = 48


@dataclass(frozen=True)
class Packet:
    """One packet of TCP: its bytes, and to which address and port it goes."""

    raw: bytes
    to: str
    port: int


def read_packet(raw: bytes) -> Packet | None:
    """Return what TCP there is in ``raw``; None for what else a machine says on a line, or for half a packet."""
    if not raw:
        return None
    if raw[0] >> 4 == 4:
        begin, protocol, to = (raw[0] & 15) * 4, raw[9:10], raw[16:20]
    else:
        begin, protocol, to = _HEADER_6, raw[6:7], raw[24:40]
    if protocol != bytes([_TCP]) or len(raw) < begin + 4:
        return None
    return Packet(raw, str(ip_address(to)), int.from_bytes(raw[begin + 2 : begin + 4], "big"))


def turned_round(raw: bytes) -> bytes:
    """Return the packet as it comes from where it was sent to."""
    if raw[0] >> 4 == 4:
        return raw[:12] + raw[16:20] + raw[12:16] + raw[20:]
    return raw[:8] + raw[24:40] + raw[8:24] + raw[40:]


def too_big(raw: bytes, largest: int) -> bytes:
    """Return what a router says to the sender of a packet that it cannot send on (RFC 792, RFC 1191); IPv4 only.

    A path of IPv6 carries 1280 bytes, which is all that we send.
    """
    said = _summed(struct.pack("!BBHHH", 3, 4, 0, 0, largest) + raw[:_QUOTED], 2)
    head = struct.pack("!BBHHHBBH", 0x45, 0, _HEADER_4 + len(said), 0, 0, 64, _ICMP, 0) + raw[16:20] + raw[12:16]
    return _summed(head, 10) + said


def _summed(part: bytes, at: int) -> bytes:
    """Return ``part``, of an even length, with its checksum put in at ``at`` (RFC 1071)."""
    total = sum(struct.unpack(f"!{len(part) // 2}H", part))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return part[:at] + struct.pack("!H", ~total & 0xFFFF) + part[at + 2 :]
