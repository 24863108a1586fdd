"""Passwords and how often they may be wrong: what a chip remembers beyond power-off (BSI TR-03110-2 §3.3, -3 B.1).

A PIN with one try left is suspended until somebody who knows the CAN resumes it; with none left it is blocked until
the PUK unblocks it.
"""

from __future__ import annotations

import hashlib

from mock_cards.image import PasswordKind, Passwords
from mock_cards.refusal import Refused
from reader.crypto import COUNTER_PACE, CipherSuite, derive_key
from reader.iso7816 import SW

__all__ = ["PasswordStore"]

_SELECT = "BSI TR-03110-3 §B.11.1"
_USE = "BSI TR-03110-3 §B.11.2"
_RESET = "BSI TR-03110-3 §B.11.6"
_TRIES_LEFT = 0x63C0
_PIN_LENGTH = 6
_SUSPENDED = 1


class PasswordStore:
    """Hold the passwords of one card and the tries left; lives as long as the card, whatever resets it."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self._pin = passwords.pin
        self._left = {kind: passwords.tries(kind) for kind in PasswordKind}

    @property
    def mrz_information(self) -> bytes:
        """Return what BAC derives its keys from."""
        return self._passwords.mrz_information

    @property
    def has_pin(self) -> bool:
        """Tell whether there is a PIN."""
        return bool(self._pin)

    def tries_left(self, kind: PasswordKind) -> int | None:
        """Return how many attempts are left, None where they are not counted."""
        return self._left[kind] if self._passwords.tries(kind) else None

    def kind(self, reference: bytes) -> PasswordKind:
        """Return the password that object 83 names; raise Refused 6A88 where this card has none such."""
        number = reference[0] if len(reference) == 1 else 0
        if number not in list(PasswordKind) or not self._secret(PasswordKind(number)):
            raise Refused(SW.REFERENCE_NOT_FOUND, "ICAO 9303-11 §4.4.4.1", "no such password")
        return PasswordKind(number)

    def key(self, kind: PasswordKind, suite: CipherSuite) -> bytes:
        """Derive the key that encrypts the nonce (ICAO 9303-11 §9.7.3)."""
        return derive_key(self._secret(kind), COUNTER_PACE, suite)

    def selected_status(self, kind: PasswordKind) -> int:
        """Return what MSE:Set AT answers: 63CX where a counted password has lost tries (TR-03110-3 B.11.1)."""
        left = self.tries_left(kind)
        return int(SW.OK) if left is None or left == self._passwords.tries(kind) else _TRIES_LEFT | min(left, 15)

    def require_usable(self, kind: PasswordKind, *, resumed: bool) -> None:
        """Raise Refused where ``kind`` is blocked, or is a suspended PIN that nobody ``resumed`` by the CAN."""
        left = self.tries_left(kind)
        if left == 0:
            raise Refused(SW.AUTH_BLOCKED, _USE, "the password is blocked")
        if self._is_suspended(kind) and not resumed:
            raise Refused(SW.CONDITIONS_NOT_SATISFIED, _USE, "the PIN is suspended: the CAN resumes it")

    def _is_suspended(self, kind: PasswordKind) -> bool:
        return kind is PasswordKind.PIN and self._left[kind] == _SUSPENDED < self._passwords.pin_tries

    def failed(self, kind: PasswordKind) -> int:
        """Count a wrong attempt; return the status word of the step that showed it."""
        left = self.tries_left(kind)
        if left is None:
            return int(SW.WARNING)
        self._left[kind] = max(0, left - 1)
        return _TRIES_LEFT | min(self._left[kind], 15)

    def succeeded(self, kind: PasswordKind) -> None:
        """Give all tries back; the PUK's are uses, which only unblocking takes (TR-03110-2 §3.3)."""
        if kind is not PasswordKind.PUK:
            self._left[kind] = self._passwords.tries(kind)

    def change_pin(self, new: bytes) -> None:
        """Set another PIN; raise Refused 6A80 where it is not six digits."""
        if len(new) != _PIN_LENGTH or not new.isdigit():
            raise Refused(SW.WRONG_DATA, _RESET, "a PIN is six digits")
        self._pin = new.decode("ascii")
        self._left[PasswordKind.PIN] = self._passwords.pin_tries

    def unblock_pin(self) -> None:
        """Give the PIN its tries back and take one use of the PUK."""
        self._left[PasswordKind.PIN] = self._passwords.pin_tries
        if self._passwords.puk_tries:
            self._left[PasswordKind.PUK] -= 1

    def _secret(self, kind: PasswordKind) -> bytes:
        if kind is PasswordKind.MRZ:
            # The whole SHA-1 goes in here, not the sixteen bytes of BAC (§9.7.3, table 14).
            return hashlib.sha1(self._passwords.mrz_information, usedforsecurity=False).digest()
        texts = {
            PasswordKind.CAN: self._passwords.can,
            PasswordKind.PIN: self._pin,
            PasswordKind.PUK: self._passwords.puk,
        }
        return texts[kind].encode("latin-1")
