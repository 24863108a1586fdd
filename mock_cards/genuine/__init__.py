"""Who proves what: the chip itself by Chip and Active Authentication, the terminal to the chip by its certificates."""

from mock_cards.genuine.active_authentication import sign_challenge
from mock_cards.genuine.chip_authentication import Agreement, agree, agree_by_template, choose_key
from mock_cards.genuine.terminal_authentication import TerminalAuthentication, TrustStore

__all__ = [
    "Agreement",
    "TerminalAuthentication",
    "TrustStore",
    "agree",
    "agree_by_template",
    "choose_key",
    "sign_challenge",
]
