"""Forged cards by name, each with the checks it must make fail and nothing else it may.

A forgery is made of a genuine card after it was issued: its files are changed, signed anew by somebody who may not or
by the issuer in error, its keys are missing, its chip answers otherwise. The names and what they fail are public
(``mock-cards list``); the strings are those of the reader's checks, and a test holds both together. In come an issued
card and the issuer, out goes another issued card, and what the chip answers in place of its own.
"""

from mock_cards.forgeries.forgery import Forgery
from mock_cards.forgeries.table import FORGERIES, forge, forgery_by_name

__all__ = ["FORGERIES", "Forgery", "forge", "forgery_by_name"]
