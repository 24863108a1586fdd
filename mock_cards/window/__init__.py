"""The tester's window: put emulated cards on readers, swap them, take them away, and see what is asked of them.

Optional: nothing else of ``mock_cards`` imports it, and it alone needs PySide6. It speaks to a running ``mock-cards
serve`` over the control socket, or starts a service of its own. In comes the path of a control socket, or nothing.
"""

from mock_cards.window.application import run

__all__ = ["run"]
