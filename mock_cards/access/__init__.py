"""The chip's side of access control: PACE and BAC turn a password into a session of secure messaging."""

from mock_cards.access.bac import BacAnswer, authenticate
from mock_cards.access.pace import PaceAnswer, PaceRun, PaceSetUp, PaceSuccess, start_pace
from mock_cards.access.passwords import PasswordStore
from mock_cards.access.secure_messaging import SecureSession

__all__ = [
    "BacAnswer",
    "PaceAnswer",
    "PaceRun",
    "PaceSetUp",
    "PaceSuccess",
    "PasswordStore",
    "SecureSession",
    "authenticate",
    "start_pace",
]
