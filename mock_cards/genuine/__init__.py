"""The chip's side of proving itself: Chip Authentication and Active Authentication."""

from mock_cards.genuine.active_authentication import sign_challenge
from mock_cards.genuine.chip_authentication import agree, agree_by_template, choose_key

__all__ = ["agree", "agree_by_template", "choose_key", "sign_challenge"]
