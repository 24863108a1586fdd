"""The pieces of a desk window: each renders its part of a ``DeskView`` and emits what the clerk wants.

What comes in: frozen view models of ``desk.view`` through ``present``. What goes out: signals. No piece knows another
one, keeps state of the visit beyond what it shows, or calls the desk.
"""
