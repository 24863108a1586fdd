"""A line on which real packets are lost: a TUN device whose far end is the machine itself, in a network of its own.

The kernel sends what goes to another address of the device's network into the device. Here it is lost, kept, doubled or
found too large, and what is left is turned round: so it comes back as if from that address, and the same kernel's TCP
plays both ends. Each address is a line of its own. The kernel needs no netem for this, only ``/dev/net/tun``.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from math import inf

from packets import Packet, read_packet, too_big, turned_round

__all__ = ["HERE", "Line", "PacketLine"]

HERE = {4: "10.83.0.1", 6: "fd83::1"}
_NET = {4: "/24", 6: "/64"}
_NAME = "line0"
_WIDE = 1_500
_HELD_S = 0.03
# From linux/if_tun.h: TUNSETIFF, and a device of bare IP packets.
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


@dataclass(frozen=True)
class Line:
    """How bad it is, each way.

    ``loss`` is the share of packets that are lost by chance, ``every`` loses each so many-th; ``largest`` is how many
    bytes the largest packet has that passes, and ``says_so`` whether the sender of a larger one is told (IPv4 alone).
    ``held`` is the share that is overtaken by those behind it, ``twice`` the share that comes twice. Nothing passes for
    ``dead_s`` after the first packet, or, where it ``loses_answers``, once a register has begun to answer.
    """

    one_way_s: float = 0.0
    loss: float = 0.0
    every: int = 0
    largest: int = _WIDE
    says_so: bool = False
    held: float = 0.0
    twice: float = 0.0
    dead_s: float = 0.0
    loses_answers: bool = False


@dataclass
class _Laid:
    """A line as it was laid, and to which port; how many packets came since when, and what has become of them."""

    line: Line
    port: int
    since: float | None = None
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    sent: Counter[bool] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)


class PacketLine:
    """Carry packets between this machine and itself, on a thread, until the process ends."""

    def __init__(self) -> None:
        """Make the device; raise OSError or CalledProcessError where this machine lets nobody."""
        self._tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self._tun, _TUNSETIFF, struct.pack("16sH22x", _NAME.encode(), _IFF_TUN | _IFF_NO_PI))
        _ip("link", "set", "lo", "up")
        _ip("address", "add", HERE[4] + _NET[4], "dev", _NAME)
        _ip("address", "add", HERE[6] + _NET[6], "dev", _NAME, "nodad")
        _ip("link", "set", _NAME, "mtu", str(_WIDE), "up")
        self._lock = threading.Lock()
        self._laid: dict[str, _Laid] = {}
        self._under_way: list[tuple[float, int, bytes]] = []
        self._count = 0
        threading.Thread(target=self._carry, name="packet-line", daemon=True).start()

    def lay(self, address: str, port: int, line: Line) -> None:
        """Have ``address`` be reached by ``line`` from now on; ``port`` is the register's."""
        with self._lock:
            self._laid[address] = _Laid(line, port)

    def answering(self, address: str) -> None:
        """Take note that a register answers whoever came by ``address``; a line that loses answers is dead then."""
        with self._lock:
            laid = self._laid[address]
            if laid.line.loses_answers:
                laid.line = replace(laid.line, dead_s=inf)

    def fates(self, address: str) -> dict[str, int]:
        """Return how many packets were carried, lost, too large, held and doubled since the line was laid."""
        with self._lock:
            return dict(self._laid[address].fates)

    def _carry(self) -> None:
        while True:
            wait = max(0.0, self._under_way[0][0] - time.monotonic()) if self._under_way else None
            if select.select([self._tun], [], [], wait)[0]:
                raw = os.read(self._tun, 65_536)
                packet = read_packet(raw)
                with self._lock:
                    laid = self._laid.get(packet.to) if packet is not None else None
                    if packet is not None and laid is not None:
                        self._take(packet, laid)
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                os.write(self._tun, heapq.heappop(self._under_way)[2])

    def _take(self, packet: Packet, laid: _Laid) -> None:
        line, there, now = laid.line, packet.port == laid.port, time.monotonic()
        laid.since = laid.since or now
        laid.sent[there] += 1
        if now - laid.since < line.dead_s:
            laid.fates["lost"] += 1
        elif len(packet.raw) > line.largest:
            laid.fates["too large"] += 1
            if line.says_so:
                self._send(too_big(packet.raw, line.largest), line.one_way_s)
        elif (line.every and laid.sent[there] % line.every == 0) or laid.draw.random() < line.loss:
            laid.fates["lost"] += 1
        else:
            laid.fates["carried"] += 1
            self._send_on(packet, laid)

    def _send_on(self, packet: Packet, laid: _Laid) -> None:
        line, raw = laid.line, turned_round(packet.raw)
        later_s = line.one_way_s
        if laid.draw.random() < line.held:
            laid.fates["held"] += 1
            later_s += _HELD_S
        self._send(raw, later_s)
        if laid.draw.random() < line.twice:
            laid.fates["twice"] += 1
            self._send(raw, line.one_way_s)

    def _send(self, raw: bytes, later_s: float) -> None:
        # The number keeps what is due at the same moment in its order.
        self._count += 1
        heapq.heappush(self._under_way, (time.monotonic() + later_s, self._count, raw))


def _ip(*words: str) -> None:
    # Debian has it where root alone looks for programs.
    found = {"PATH": os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))}
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30, env={**os.environ, **found})
