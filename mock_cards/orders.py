"""What card is wanted, in words: a persona and how its card is forged, disturbed and made; or a recording to replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mock_cards.build import BuiltCard, CardFactory
from mock_cards.recording import MOST_CHARACTERS, RecordedCard, parse_recording
from mock_cards.replay import replay
from mock_cards.timing import with_timing
from reader.errors import DataError

__all__ = ["DEFAULT_PERSONA", "CardOrder", "OrderedCard", "make_card", "parse_order"]

DEFAULT_PERSONA = "nguyen-van-mau"
MOST_NAMES = 16
LONGEST_NAME = 4096  # a name may be that of a file
_ONE = ("persona", "chip", "timing", "replay")
_MANY = {"forgery": "forgeries", "fault": "faults"}


@dataclass(frozen=True, slots=True)
class CardOrder:
    """Name a card; an empty ``chip`` means the persona's own. A ``replay`` is a recording and brings all the rest."""

    persona: str = DEFAULT_PERSONA
    forgeries: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    chip: str = ""
    timing: str = "none"
    replay: str = ""

    @property
    def summary(self) -> str:
        """Return the order in one line, as ``parse_order`` reads it."""
        parts = [("persona", self.persona), *(("forgery", name) for name in self.forgeries)]
        parts += [("fault", name) for name in self.faults]
        parts += [("chip", self.chip), ("timing", self.timing if self.timing != "none" else "")]
        if self.replay:
            parts = [("replay", self.replay)]
        return ",".join(f"{key}={value}" for key, value in parts if value)

    def to_json(self) -> dict[str, object]:
        """Return the form that the control socket and recordings use."""
        return {
            "persona": self.persona,
            "forgeries": list(self.forgeries),
            "faults": list(self.faults),
            "chip": self.chip,
            "timing": self.timing,
            "replay": self.replay,
        }

    @classmethod
    def from_json(cls, value: object) -> CardOrder:
        """Read an order; raise ValueError where it is none. What is left out is as for a genuine card."""
        if not isinstance(value, Mapping):
            raise ValueError("a card is an object")
        known = {"persona", "forgeries", "faults", "chip", "timing", "replay"}
        for key in value:
            if key not in known:
                raise ValueError(f"a card has no {str(key)[:40]!r}")
        return cls(
            persona=_name(value.get("persona", DEFAULT_PERSONA)),
            forgeries=_names(value.get("forgeries", [])),
            faults=_names(value.get("faults", [])),
            chip=_name(value.get("chip", "")),
            timing=_name(value.get("timing", "none")),
            replay=_name(value.get("replay", "")),
        )


@dataclass(frozen=True, slots=True, repr=False)
class OrderedCard:
    """Hold a card that keeps a recording of itself, and what is printed on it."""

    order: CardOrder
    card: RecordedCard
    personal_number: str
    mrz: str


def parse_order(text: str) -> CardOrder:
    """Read ``persona=NAME,forgery=NAME,…``; forgery and fault may come again. Raise ValueError where it is none.

    Empty text is a genuine card of the first persona.
    """
    single: dict[str, str] = {}
    several: dict[str, list[str]] = {name: [] for name in _MANY.values()}
    for part in filter(None, text.split(",")):
        key, given, value = part.partition("=")
        if not given or not value:
            raise ValueError(f"{part!r} is not KEY=VALUE")
        if key in _MANY:
            several[_MANY[key]].append(value)
        elif key in _ONE and key not in single:
            single[key] = value
        else:
            raise ValueError(f"{key!r} is no key of a card, or given twice")
    return CardOrder.from_json({**single, **several})


def make_card(order: CardOrder, factory: CardFactory) -> OrderedCard:
    """Make the card of ``order``; raise KeyError for a name that there is not, DataError for a file that is none.

    A replayed card is made by the seed of its recording, so it belongs to the issuer of that time.
    """
    if order.replay:
        recording = parse_recording(_text_of(order.replay))
        then = CardOrder.from_json(recording.card)
        factory = CardFactory(recording.seed)
        built = _build(then, factory)
        card = replay(built.card, recording)
    else:
        then = order
        built = _build(order, factory)
        card = built.card
    recorded = RecordedCard(with_timing(card, then.timing), then.to_json(), factory.seed)
    return OrderedCard(order, recorded, built.personal_number, built.mrz)


def _build(order: CardOrder, factory: CardFactory) -> BuiltCard:
    return factory.build(order.persona, order.forgeries, order.faults, order.chip)


def _text_of(file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8") as text:
            # A character more than a recording may have, which then is refused.
            return text.read(MOST_CHARACTERS + 1)
    except (OSError, ValueError):
        raise DataError("the recording cannot be read") from None


def _name(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise ValueError("a name is a short text")
    return value


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_NAMES:
        raise ValueError(f"names are a list of at most {MOST_NAMES}")
    return tuple(_name(one) for one in value)
