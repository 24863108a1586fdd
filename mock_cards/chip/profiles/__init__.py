"""The chips there are to choose from, one TOML file each; ``docs/chip-profile.toml`` explains every line.

A name chooses a file of this folder; what ends in ``.toml`` is a path to one's own.
"""

from mock_cards.chip.profiles.loading import ProfileError, all_profiles, profile_by_name

__all__ = ["ProfileError", "all_profiles", "profile_by_name"]
