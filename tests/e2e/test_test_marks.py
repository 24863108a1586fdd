"""What the test issuer signed is called a test whoever reads it, and whether or not its anchor is held."""

from __future__ import annotations

from typing import Any

from reader.trust import TrustMaterial

Bench = Any  # lives in conftest.py, which cannot be imported from here


def test_an_emulated_card_is_a_test_with_its_anchor_and_without(bench: Bench) -> None:
    assert bench.inspect("nguyen-van-mau").test
    assert bench.inspect("nguyen-van-mau", trust=TrustMaterial()).test


def test_a_forger_who_signs_with_his_own_csca_cannot_take_the_mark_off_the_anchors(bench: Bench) -> None:
    """The desk's own anchors say TEST whatever the card brings."""
    assert bench.inspect("nguyen-van-mau", ("csca-self-made",)).test
