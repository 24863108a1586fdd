"""The chip: from a card on a PC/SC reader to an Inspection of everything read from it.

What comes in: a ``CardLink`` and a password. What goes out: an ``Inspection``. No Qt and no network below this line.
Inside, floor by floor: ``iso7816``, ``crypto`` <- ``files``, ``pcsc``, ``trust`` <- ``lds`` <- ``access`` <-
``genuine`` <- ``inspection``; a floor may use the floors before it, never the other way.
"""
