"""The window's language: English in the source, Vietnamese from ``motcua_vi.ts``, switched while the window is open."""

from gui.translations.tongue import Tongue

__all__ = ["Tongue"]
