"""Every measure that samples allow, each with its interval and its noise floor: what ``measure --json`` prints."""

from __future__ import annotations

import statistics
from typing import Any, Final

import torch
from torch import Tensor

from models.measures._base import MEASURES, Measure, Reference, thinned
from models.measures._floor import SPREAD, floor

Entry = dict[str, Any]

HALVES_NEED: Final = 4
"""Points of a sample whose halves still have the two points that a measure needs."""


def report(samples: Tensor, reference: Reference, generator: torch.Generator) -> dict[str, dict[str, Entry]]:
    """Measure samples in every way that the reference allows.

    Args:
        samples: from P_θ, shape (N, d).
        reference: what stands for P_X, with M points.
        generator: the only source of chance.

    Returns:
        ``{"measures": {key: {"value", "floor", "interval": [low, high], "n": [N, M], "unit"}}}``. ``n`` is how many
        points of each side entered, which is fewer than were given where the measure has a bound (``largest``).
        ``floor`` is the mean score of a perfect sampler of that size (NaN: see ``floor``).
        ``interval`` holds the value that a second run
        of the same model and the same data would have with 95 %: see ``interval``.

    Raises:
        ValueError: fewer than two points on one side, not a table, NaN or infinity, or the dimensions differ.
    """
    check_points(samples, "samples")
    check_points(reference.x, "reference")
    if samples.shape[1] != reference.x.shape[1]:
        raise ValueError(f"samples have {samples.shape[1]} columns, but the reference has {reference.x.shape[1]}")
    samples = samples.detach().to(reference.x)
    measures = [measure() for measure in MEASURES if measure.applies(reference)]
    return {"measures": {measure.key: _entry(measure, samples, reference, generator) for measure in measures}}


def _entry(measure: Measure, samples: Tensor, reference: Reference, generator: torch.Generator) -> Entry:
    n, m = (min(len(points), measure.largest) for points in (samples, reference.x))
    value = measure.evaluate(samples, reference, generator)
    return {
        "value": value,
        "floor": floor(measure, reference, len(samples), generator).mean,
        "interval": interval(measure, value, samples, reference, generator),
        "n": [n, m],
        "unit": measure.unit,
    }


def interval(
    measure: Measure, value: float, samples: Tensor, reference: Reference, generator: torch.Generator
) -> list[float]:
    """95 % confidence interval of a measure's value, by random halves of both samples.

    A half drawn without replacement varies around its mean just as much as the whole sample does around its own
    (Var = (σ²/m)(1 − m/n) = σ²/n at m = n/2), so the standard deviation of the halves' values needs no rescaling.
    Drawing with replacement would not do: copies of a point shift every measure that is made of distances. The halves'
    own mean is not used, for smaller samples have larger distances.

    Returns:
        Value ∓ 1.96 standard deviations, within what the measure can be; all that it can be for fewer than four points.
    """
    least, most = measure.bounds(reference)
    if min(len(samples), len(reference.x)) < HALVES_NEED:
        return [least, most]
    x = thinned(samples, measure.largest, generator)
    whole = reference.at_most(measure.largest)
    values = [
        measure.evaluate(_half(x, generator), _half_of(whole, generator), generator) for _ in range(measure.repeats)
    ]
    reach = SPREAD * statistics.stdev(values)
    return [min(value, max(least, value - reach)), max(value, min(most, value + reach))]


def _half_of(reference: Reference, generator: torch.Generator) -> Reference:
    return Reference(_half(reference.x, generator), reference.data)


def _half(x: Tensor, generator: torch.Generator) -> Tensor:
    return thinned(x, len(x) // 2, generator)


def check_points(x: Tensor, name: str) -> None:
    """Refuse what cannot be measured.

    Raises:
        ValueError: saying what is wrong with ``name``, and in which row.
    """
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(f"{name} must be a table of one point a row, not an array of shape {tuple(x.shape)}")
    if len(x) < 2:
        raise ValueError(f"{name} must have at least 2 rows, not {len(x)}")
    bad = (~x.isfinite()).any(dim=1).nonzero()
    if len(bad):
        row = int(bad[0])
        raise ValueError(f"{name} must be finite, but row {row + 1} of {len(x)} is {x[row].tolist()[:8]}")
