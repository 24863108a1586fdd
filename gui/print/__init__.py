"""Paper: a slip drawn on A4 pages, for a file, for a printer and for the preview, the same each time.

What comes in: a ``SlipPage``, all words. What goes out: pages painted on any painter, or a PDF/A-1b file. Nothing here
decides what is said; the watermark comes with the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.slip import SlipPage

__all__ = ["render_slip"]


def render_slip(page: SlipPage) -> bytes:
    """Return ``page`` as a PDF/A-1b file; works without a display too (``desk.slip.page.SlipPrinter``).

    Qt is imported here and not with this module, so that whoever only looks for a printer does not pay for it.
    """
    from gui.print.pdf import render

    return render(page)
