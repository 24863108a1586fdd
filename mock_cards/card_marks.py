"""The mark ``card``: which cards a test wants, as the orders it is run with.

Each keyword takes one value, or a list that makes a test of every value; "all" is the list of all there are. Several
forgeries or faults on one card are joined by commas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

from mock_cards.build import build_chip, default_profile
from mock_cards.chip import all_profiles, profile_by_name
from mock_cards.faults import FAULTS, check_fault
from mock_cards.forgeries import FORGERIES, forgery_by_name
from mock_cards.orders import DEFAULT_PERSONA, CardOrder
from mock_cards.personas import load_all, load_persona
from mock_cards.timing import TIMINGS, timing_by_name

__all__ = ["KEYWORDS", "name_of_order", "orders_of"]

ALL = "all"
TOGETHER = ","

_EVERY: Mapping[str, Callable[[], Sequence[str]]] = {
    "persona": lambda: [persona.name for persona in load_all()],
    "forgery": lambda: [forgery.name for forgery in FORGERIES],
    "fault": lambda: [fault.name for fault in FAULTS],
    "chip": lambda: [profile.name for profile in all_profiles()],
    "timing": lambda: [timing.name for timing in TIMINGS],
}
_KNOWN: Mapping[str, Callable[[str], object]] = {
    "persona": load_persona,
    "forgery": forgery_by_name,
    "fault": lambda name: check_fault(name, build_chip),
    "chip": profile_by_name,
    "timing": timing_by_name,
}
_DEFAULTS = {"persona": DEFAULT_PERSONA, "forgery": "", "fault": "", "chip": "", "timing": "none"}
KEYWORDS = tuple(_DEFAULTS)


def orders_of(wanted: Mapping[str, object]) -> tuple[CardOrder, ...]:
    """Return the orders that the keywords of a mark ask for; raise ValueError where they ask for what is not there."""
    for keyword in wanted:
        if keyword not in _DEFAULTS:
            raise ValueError(f"the mark card has no {keyword!r}; it has {', '.join(KEYWORDS)}")
    choices = [_choices(keyword, wanted.get(keyword, default)) for keyword, default in _DEFAULTS.items()]
    return tuple(
        CardOrder(persona, _names(forgery), _names(fault), chip, timing)
        for persona, forgery, fault, chip, timing in product(*choices)
    )


def name_of_order(order: CardOrder) -> str:
    """Return how a test run with ``order`` is called: what is not as usual."""
    chip = order.chip if order.chip != default_profile(load_persona(order.persona)).name else ""
    timing = order.timing if order.timing != _DEFAULTS["timing"] else ""
    forgeries, faults = (TOGETHER.join(names) for names in (order.forgeries, order.faults))
    return "-".join(filter(None, (order.persona, forgeries, faults, chip, timing)))


def _choices(keyword: str, value: object) -> Sequence[str]:
    if value == ALL:
        return _EVERY[keyword]()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
        raise ValueError(f"{keyword} of the mark card is a name, a list of names, or {ALL!r}")
    for one in values:
        _require_known(keyword, one)
    return values


def _require_known(keyword: str, value: str) -> None:
    for name in _names(value):
        try:
            _KNOWN[keyword](name)
        except KeyError:
            raise ValueError(f"there is no {keyword} {name!r} (mock-cards list)") from None


def _names(value: str) -> tuple[str, ...]:
    return tuple(filter(None, value.split(TOGETHER)))
