"""Every measure that samples allow, each with its interval and its noise floor: what ``measure --json`` prints."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from models.measures._base import MEASURES, Measure, Reference, Samples, thinned
from models.measures._floor import SPLIT_NEEDS, SPREAD, alike_in_size, floors

Entry = dict[str, Any]


def report(samples: Tensor | Samples, reference: Reference, generator: torch.Generator) -> dict[str, dict[str, Entry]]:
    """Measure samples in every way that the reference allows.

    Args:
        samples: from P_θ, shape (N, d); as ``Samples`` they can bring the model's density along.
        reference: what stands for P_X, with M points.
        generator: the only source of chance.

    Returns:
        ``{"measures": {key: {"value", "floor", "interval": [low, high], "n": [N, M], "unit"}}}``. ``n`` is how many
        points of each side entered, which is fewer than were given where the measure has a bound (``largest``).
        ``floor`` is the mean score of a perfect sampler of that size (NaN: see ``floors``); 0 where the value has no
        noise, for both densities are known. ``interval`` holds the value that a second run of the same model and the
        same data would have with 95 %: see ``intervals``.

    Raises:
        ValueError: fewer than two points on one side, not a table, NaN or infinity, or the dimensions differ.
    """
    drawn = samples if isinstance(samples, Samples) else Samples(samples)
    check_points(drawn.x, "samples")
    check_points(reference.x, "reference")
    if drawn.x.shape[1] != reference.x.shape[1]:
        raise ValueError(f"samples have {drawn.x.shape[1]} columns, but the reference has {reference.x.shape[1]}")
    drawn = Samples.of(drawn, reference.x)
    measures = [measure() for measure in MEASURES if measure.applies(reference, drawn)]
    values = {measure.key: measure.evaluate(drawn, reference, generator) for measure in measures}
    noisy = [measure for measure in measures if not measure.is_exact(drawn, reference)]
    lowest = floors(noisy, reference, len(drawn.x), generator)
    ranges = intervals(noisy, values, drawn, reference, generator)
    sizes = len(drawn.x), len(reference.x)
    return {
        "measures": {
            measure.key: {
                "value": values[measure.key],
                "floor": lowest[measure.key].mean if measure.key in lowest else 0.0,
                "interval": ranges.get(measure.key, [values[measure.key]] * 2),
                "n": [min(size, measure.largest) for size in sizes],
                "unit": measure.unit,
            }
            for measure in measures
        }
    }


def interval(
    measure: Measure, value: float, samples: Tensor | Samples, reference: Reference, generator: torch.Generator
) -> list[float]:
    """The interval of one measure's value: see ``intervals``."""
    drawn = Samples.of(samples, reference.x)
    return intervals([measure], {measure.key: value}, drawn, reference, generator)[measure.key]


def intervals(
    measures: Iterable[Measure],
    values: Mapping[str, float],
    samples: Samples,
    reference: Reference,
    generator: torch.Generator,
) -> dict[str, list[float]]:
    """95 % confidence intervals of measures' values, by random halves of both samples.

    A half drawn without replacement varies around its mean just as much as the whole sample does around its own
    (Var = (σ²/m)(1 − m/n) = σ²/n at m = n/2), so the standard deviation of the halves' values needs no rescaling.
    Drawing with replacement would not do: copies of a point shift every measure that is made of distances. The halves'
    own mean is not used, for smaller samples have larger distances. Measures of as many points share the halves.

    Returns:
        Key to value ∓ 1.96 standard deviations, within what the measure can be; all that it can be for fewer than four
        points, or where it is infinite.
    """
    found: dict[str, list[float]] = {}
    for alike in alike_in_size(measures, max(len(samples.x), len(reference.x))):
        scores = _half_scores(alike, samples, reference, generator)
        found |= {m.key: _range(values[m.key], scores[m.key], m.bounds(reference)) for m in alike}
    return found


def _half_scores(
    measures: Sequence[Measure], samples: Samples, reference: Reference, generator: torch.Generator
) -> dict[str, list[float]]:
    """What each measure says of halves, none for fewer than four points."""
    largest = measures[0].largest
    x, whole = samples.at_most(largest, generator), reference.at_most(largest)
    scores: dict[str, list[float]] = {measure.key: [] for measure in measures}
    if min(len(x.x), len(whole.x)) < SPLIT_NEEDS:
        return scores
    for _ in range(measures[0].repeats):
        half = samples.of_same(_half(x.x, generator))
        held = None if whole.held_out is None else _half(whole.held_out, generator)
        other = Reference(_half(whole.x, generator), whole.data, whole.training, held)
        for measure in measures:
            scores[measure.key].append(measure.evaluate(half, other, generator))
    return scores


def _range(value: float, scores: list[float], bounds: tuple[float, float]) -> list[float]:
    least, most = bounds
    if not scores or not all(map(math.isfinite, [value, *scores])):
        return [least, most]
    reach = SPREAD * statistics.stdev(scores)
    return [min(value, max(least, value - reach)), max(value, min(most, value + reach))]


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
