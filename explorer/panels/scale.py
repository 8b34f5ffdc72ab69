"""The values that a slider stops at, and numbers as people write them.

A slider runs over a list of stops rather than over pixels: every stop is a number that somebody would have typed, an
arrow key always changes the value, and both ends of the range can be reached.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, Final

Option = Mapping[str, Any]
"""One option as the catalogue describes it."""

DECADE: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
OCTAVE: Final = (1.0, 1.5)
LINEAR_STOPS: Final = 200
LONGEST_LOG: Final = 7.0
"""Decades; a longer range is shown around its default only. Values beyond are typed."""

_REACH: Final = 1000.0
_COUNTABLE: Final = 100_000


def stops(option: Option) -> tuple[float, ...]:
    """The slider's stops in rising order; none where a slider makes no sense (a seed out of two milliards)."""
    low, high = _ends(option)
    if option["log"] or _is_lopsided(option, low, high):
        found = _log_stops(option, low, high)
    elif option["type"] == "float" and low == 0 and 0.99 <= high < 1:
        found = _nines(high)
    elif option["type"] == "int" and high - low > _COUNTABLE:
        return ()
    else:
        found = _linear_stops(option, low, high)
    cast = round if option["type"] == "int" else float
    return tuple(sorted({cast(value) for value in found if low <= cast(value) <= high}))


def nearest(where: tuple[float, ...], value: float) -> int:
    """Index of the stop nearest to a value."""
    right = bisect_left(where, value)
    around = [index for index in (right - 1, right) if 0 <= index < len(where)]
    return min(around, key=lambda index: abs(where[index] - value))


def show_number(value: float) -> str:
    """A number in few characters: ``10,000``, ``0.05``, ``1e-3``."""
    if isinstance(value, int) or (value.is_integer() and 1 <= abs(value) < 1e6):
        return f"{int(value):,}" if abs(value) >= 10_000 else f"{int(value)}"
    if value and (abs(value) < 0.01 or abs(value) >= 1e5):
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:.4g}"


def read_number(text: str, option: Option) -> float:
    """The number that somebody typed.

    Raises:
        ValueError: it is no number, not a whole one, or out of range; the text says what is allowed.
    """
    plain = text.strip().removesuffix(option["unit"]).replace(",", "").replace("−", "-").strip()
    whole = option["type"] == "int"
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (whole and not value.is_integer()):
        raise ValueError(f"must be {'a whole number' if whole else 'a number'} {allowed(option)}".strip())
    low, high = option["low"], option["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"must be {allowed(option)}")
    return int(value) if whole else value


def allowed(option: Option) -> str:
    """The range in words; empty if there is none."""
    low, high = option["low"], option["high"]
    if low is None and high is None:
        return ""
    unit = f" {option['unit']}" if option["unit"] else ""
    if low is None:
        return f"at most {show_number(high)}{unit}"
    if high is None:
        return f"at least {show_number(low)}{unit}"
    return f"from {show_number(low)} to {show_number(high)}{unit}"


def _ends(option: Option) -> tuple[float, float]:
    """Ends of the slider: those of the range where it has them, else some way from the default."""
    default = float(option["default"] or 0.0)
    reach = 10 * max(1.0, abs(default))
    low = default - reach if option["low"] is None else option["low"]
    high = default + reach if option["high"] is None else option["high"]
    return low, high


def _is_lopsided(option: Option, low: float, high: float) -> bool:
    """Whether the default is so near to the lower end that an even scale would have no room for it."""
    default = option["default"] or 0.0
    return low >= 0 and 0 < default < high / 500


def _nines(high: float) -> list[float]:
    """A decay such as β: 0.9, 0.99 and 0.999 are as far apart as they matter."""
    tail = [float(f"{1 - part * 10.0**power:.9g}") for power in range(-1, -7, -1) for part in (1.0, 0.8, 0.5, 0.2)]
    return [*(step / 10 for step in range(9)), *(value for value in tail if value <= high), high]


def _log_stops(option: Option, low: float, high: float) -> Iterable[float]:
    if high <= 0:
        return _linear_stops(option, low, high)
    default = float(option["default"] or 0.0)
    floor = max(low, 1.0) if option["type"] == "int" else low
    floor = floor if floor > 0 else high * 1e-6
    if math.log10(high / floor) >= LONGEST_LOG and default > 0:
        low, floor, high = 0.0 if low == 0 else floor, max(floor, default / _REACH), min(high, default * _REACH)
        return [*([0.0] if low == 0 else []), *_rungs(option, floor, high)]
    return [*([low] if low <= 0 else []), floor, *_rungs(option, floor, high), high]


def _rungs(option: Option, floor: float, high: float) -> list[float]:
    """Numbers between two, spread evenly over decades; over octaves where the default is a power of two."""
    default = option["default"]
    binary = option["type"] == "int" and default and default > 1 and default & (default - 1) == 0
    base, steps = (2, OCTAVE) if binary else (10, DECADE)
    first, last = math.floor(math.log(floor, base)), math.ceil(math.log(high, base))
    # Read back from text: 3e-05 and not 3.0000000000000004e-05.
    made = [float(f"{step * float(base) ** power:.12g}") for power in range(first, last + 1) for step in steps]
    return [value for value in made if floor <= value <= high]


def _linear_stops(option: Option, low: float, high: float) -> Iterable[float]:
    if option["type"] == "int" and high - low <= LINEAR_STOPS:
        return [float(value) for value in range(math.ceil(low), math.floor(high) + 1)]
    step = _step((high - low) / LINEAR_STOPS)
    if option["type"] == "int":
        step = max(1.0, step)
    count = range(math.ceil(low / step), math.floor(high / step) + 1)
    return [low, *(float(f"{index * step:.12g}") for index in count), high]


def _step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9))
