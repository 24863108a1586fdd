"""What the tests look for leftovers with: it must not be able to miss one."""

from __future__ import annotations

from collections.abc import Callable

import pytest


class _Kept:
    """Be something that a test would look for."""


def test_what_has_come_since_is_named_until_it_goes(left_since: Callable[..., Callable[[], list[str]]]) -> None:
    before = _Kept()
    left = left_since(_Kept)
    came = _Kept()
    assert left() == ["_Kept"]
    del came
    assert left() == []
    assert isinstance(before, _Kept)


def test_a_second_call_which_would_hide_what_came_since_the_first_is_refused(
    left_since: Callable[..., Callable[[], list[str]]],
) -> None:
    left = left_since(_Kept)
    came = _Kept()
    with pytest.raises(RuntimeError, match="one call"):
        left_since(_Kept)
    assert left() == ["_Kept"], "and the first still finds it"
    assert isinstance(came, _Kept)
