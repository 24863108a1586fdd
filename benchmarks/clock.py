"""How long a piece of work takes, in the middle of several tries."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

__all__ = ["median_ms"]


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of ``rounds`` runs of ``work``, in milliseconds by the clock."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)
