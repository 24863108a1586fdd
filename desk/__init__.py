"""One citizen's visit: what happens in which order, what is compared with what, and what the clerk is told.

What comes in: cards from a watch and a terminal, intents from a shell. What goes out: frozen view models that a window
or a terminal renders. No Qt; may call ``auth`` and ``reader``.
"""
