"""The chip's side of access control: PACE and BAC turn a password into a session of secure messaging."""

from mock_cards.access.bac import BacAnswer, authenticate
from mock_cards.access.pace import PaceAnswer, PaceRun, start_pace
from mock_cards.access.secure_messaging import SecureSession

__all__ = ["BacAnswer", "PaceAnswer", "PaceRun", "SecureSession", "authenticate", "start_pace"]
