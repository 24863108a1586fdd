"""Where random bytes come from: always handed in, so that the worked examples of the standards replay exactly."""

from __future__ import annotations

import secrets
from collections.abc import Callable

__all__ = ["Rng", "system_rng"]

Rng = Callable[[int], bytes]
"""Return as many random bytes as asked for."""

system_rng: Rng = secrets.token_bytes
"""The operating system's generator: what every protocol uses unless a test says otherwise."""
