"""The confirmation code: twelve digits that the clerk reads out and the registrar compares before he approves.

Both sides compute it; the desk never shows what the register sent. It covers the enrolment's number, which the register
chooses after the keys were shown to it, so nobody can look beforehand for keys that give another device's code.
"""

from __future__ import annotations

from auth.presence.encoding import canonical, digest

__all__ = ["confirmation_code"]

_LABEL = "motcua-enrolment-code-1"
_DIGITS, _GROUP = 12, 4


def confirmation_code(enrolment: str, signing: str, opening: str, office: str, counter: str) -> str:
    """Return the code of an enrolment with the keys of these thumbprints, as three groups of four digits."""
    said = canonical([enrolment, signing, opening, office, counter])
    number = int.from_bytes(digest(_LABEL, said), "big") % 10**_DIGITS
    digits = f"{number:0{_DIGITS}d}"
    return " ".join(digits[place : place + _GROUP] for place in range(0, _DIGITS, _GROUP))
