"""The card OS: a card image comes in, a ``Chip`` that answers commands goes out.

Calls ``access`` and ``genuine`` for the protocols; knows nothing of personas or of how documents are issued.
"""

from mock_cards.chip.chip import Chip, Intervention
from mock_cards.chip.profiles import ProfileError, all_profiles, profile_by_name
from mock_cards.image import (
    CardImage,
    ChipKey,
    ChipProfile,
    ElementaryFile,
    PaceOption,
    PasswordKind,
    Passwords,
    ReadRule,
    image_from_files,
)
from mock_cards.refusal import Refusal

__all__ = [
    "CardImage",
    "Chip",
    "ChipKey",
    "ChipProfile",
    "ElementaryFile",
    "Intervention",
    "PaceOption",
    "PasswordKind",
    "Passwords",
    "ProfileError",
    "ReadRule",
    "Refusal",
    "all_profiles",
    "image_from_files",
    "profile_by_name",
]
