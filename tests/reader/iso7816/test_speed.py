from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.iso7816 import CardSpeed, fit_speed

# chip-reading.md 2.3: 9 bits a byte, so 84.96 µs at 106 kbit/s, 42.48 at 212, 21.24 at 424 and 10.62 at 848.
RATES = [(106, 84.96e-6), (212, 42.48e-6), (424, 21.24e-6), (848, 10.62e-6)]


@pytest.mark.parametrize(("nominal", "per_byte"), RATES)
def test_the_bit_rate_is_found_from_times(nominal: int, per_byte: float) -> None:
    speed = fit_speed([(size, 0.008 + per_byte * size) for size in (40, 80, 130, 200, 279, 279, 279)])
    assert speed is not None
    assert speed.per_command == pytest.approx(0.008)
    assert speed.per_byte == pytest.approx(per_byte)
    assert speed.nominal == nominal
    assert speed.kilobits == pytest.approx(nominal, rel=0.01)
    shown = f"8.0 ms a command, {speed.kilobits:.0f} kbit/s (nominal {nominal}), from 7 commands"
    assert speed.describe() == shown


def test_a_few_slow_answers_do_not_bend_the_line() -> None:
    rng = random.Random(7)
    samples = [(size, 0.010 + 21.24e-6 * size + rng.uniform(0, 2e-4)) for size in range(40, 280, 3)]
    for place in range(0, len(samples), 10):
        samples[place] = (samples[place][0], samples[place][1] + 0.5)
    speed = fit_speed(samples)
    assert speed is not None
    assert speed.nominal == 424
    assert speed.per_command == pytest.approx(0.010, rel=0.1)


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [(100, 0.01)] * 3,
        [(100, 0.01)] * 50,
        [(100, 0.01), (120, 0.011), (110, 0.01), (131, 0.012)],
        [(40, 0.05), (100, 0.04), (160, 0.03), (280, 0.01)],
        [(-5, 0.1), (0, 0.1), (300, -1.0), (50, -1.0)],
    ],
)
def test_where_no_line_can_be_told_there_is_none(samples: list[tuple[int, float]]) -> None:
    assert fit_speed(samples) is None


def test_an_emulated_card_has_no_bit_rate() -> None:
    speed = fit_speed([(size, 0.001) for size in (40, 100, 200, 280)])
    assert speed == CardSpeed(0.001, 0.0, 4)
    assert (speed.kilobits, speed.nominal) == (0.0, None)
    assert speed.describe() == "1.0 ms a command, 0 kbit/s, from 4 commands"


def test_a_rate_between_the_nominal_ones_is_given_as_it_is() -> None:
    assert CardSpeed(0.001, 9 / 20_000_000, 4).nominal is None


def test_a_long_trace_is_looked_at_evenly() -> None:
    speed = fit_speed([(40 + place % 240, 0.005 + 21.24e-6 * (40 + place % 240)) for place in range(10_000)])
    assert speed is not None
    assert speed.samples <= 256
    assert speed.nominal == 424


@given(st.lists(st.tuples(st.integers(-10, 70_000), st.floats(-1, 100)), max_size=60))
def test_any_times_give_a_speed_without_nonsense(samples: list[tuple[int, float]]) -> None:
    speed = fit_speed(samples)
    assert speed is None or (speed.per_command >= 0 and speed.per_byte >= 0 and speed.describe())
