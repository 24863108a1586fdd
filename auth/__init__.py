"""E-authentication: how this desk asks the national registers, and why each can trust the other.

What comes in: who is asked about, for what purpose, and the device's key. What goes out: signed, bound answers as
frozen dataclasses. No Qt; may call ``reader`` for dates and errors.
"""
