"""A whole read of an emulated card: APDUs and bytes beside the bound, time to identity and to the end, our CPU time.

The bound is that of reading alone: EF.CardAccess, PACE, SELECT, and every file by short identifier in whole chunks
(ICAO 9303-10 §3.6, 9303-11 §9.8). What the proofs of the chip take comes on top and is shown by itself.
"""

from __future__ import annotations

import statistics
import time
from math import ceil

from benchmarks.figure import Figure
from benchmarks.inspection_request import request_for
from mock_cards.build import CardFactory
from reader.inspection import Inspection, inspect
from reader.trust import TrustMaterial

__all__ = ["figures"]

PERSONA = "nguyen-van-mau"
RUNS = 15
CHUNK = 223  # most plain bytes of one short answer under AES secure messaging
OPENING_APDUS = 7  # EF.CardAccess 1, PACE with generic mapping 5, SELECT 1
OPENING_BYTES = (5, 24, 199, 180, 35, 16)  # as counted for a 256-bit curve; EF.CardAccess with its status word
PROOFS = 3  # Chip Authentication 2, Active Authentication by ECDSA 1
CPU_GOAL_MS = 80


def figures() -> list[Figure]:
    """Read the same card over and over; times are medians."""
    factory = CardFactory(seed="benchmark")
    whole = [_read(factory, decode_portrait=True)[0] for _ in range(RUNS)]
    alone = [_read(factory, decode_portrait=False) for _ in range(RUNS)]
    files = [data for name, data in whole[0].files if name != "EF.CardAccess"]
    bound = OPENING_APDUS + sum(ceil(len(data) / CHUNK) for data in files)
    link = whole[0].link
    return [
        Figure("APDUs of a whole read with all checks", link.apdus, "APDUs", bound + PROOFS),
        Figure("of these, the bound of reading alone", bound, "APDUs"),
        Figure("of these, for the two proofs of the chip", link.apdus - bound, "APDUs", PROOFS),
        Figure("bytes of plain files", sum(map(len, files)), "bytes"),
        Figure("bytes both ways", link.sent + link.received, "bytes"),
        Figure("bytes of reading at the bound", _bytes_at_bound(files), "bytes"),
        Figure("time to identity", _median(whole, "identity"), "ms"),
        Figure("time to the last file", _median(whole, "read"), "ms"),
        Figure("time to the end, portrait decoded in its child", _median(whole, "end"), "ms"),
        Figure("CPU time of reader and card together", statistics.median(cpu for _, cpu in alone), "ms", CPU_GOAL_MS),
    ]


def _read(factory: CardFactory, *, decode_portrait: bool) -> tuple[Inspection, float]:
    built = factory.build(PERSONA)
    built.card.power_on()
    request = request_for(built, TrustMaterial.of(factory.anchors), decode_portrait=decode_portrait)
    started = time.process_time()
    inspection = inspect(built.card, request)
    return inspection, (time.process_time() - started) * 1000


def _median(inspections: list[Inspection], event: str) -> float:
    return statistics.median(dict(inspection.timings)[event] for inspection in inspections)


def _bytes_at_bound(files: list[bytes]) -> int:
    """Count READ BINARY under AES: 19 bytes out; DO87, DO99, DO8E and the status word back."""
    total = sum(OPENING_BYTES)
    for data in files:
        for offset in range(0, len(data), CHUNK):
            size = min(CHUNK, len(data) - offset)
            cryptogram = 1 + (size // 16 + 1) * 16
            length_bytes = 1 if cryptogram < 0x80 else 2
            total += 19 + 1 + length_bytes + cryptogram + 4 + 10 + 2
    return total
