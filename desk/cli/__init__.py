"""The command ``motcua``: the shells, a demo, reading a card, readers, and a diagnosis.

What comes in: arguments. What goes out: a page on standard output, JSON where it was asked for, messages on standard
error, and an exit code of ``desk.exit_codes``. Calls ``desk`` and below; shells and sandboxes come by entry points.
"""

from desk.cli.app import main

__all__ = ["main"]
