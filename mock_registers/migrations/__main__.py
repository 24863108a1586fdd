"""``python -m mock_registers.migrations NAME``: see ``writing``."""

from __future__ import annotations

import sys

from mock_registers.migrations.writing import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
