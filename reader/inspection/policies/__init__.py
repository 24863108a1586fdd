"""The policies that come with the program, as TOML files; ``reader.inspection.policy`` reads them."""

from __future__ import annotations

__all__ = ["SHIPPED"]

SHIPPED = ("operational", "strict", "offline")
