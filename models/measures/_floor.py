"""The noise floor: what a perfect sampler of the same size scores."""

from __future__ import annotations

import math
import statistics
from typing import Final, NamedTuple

import torch

from models.measures._base import Measure, Reference

SPREAD: Final = 1.96
"""Standard deviations of a Gaussian that hold 95 % of it on either side of its mean."""


SPLIT_NEEDS: Final = 4
"""Points of a reference whose halves have the two points that a measure needs."""


class Floor(NamedTuple):
    """What a perfect sampler scores: the mean, and the interval that holds 95 % of its scores."""

    mean: float
    low: float
    high: float


def floor(
    measure: Measure, reference: Reference, n: int, generator: torch.Generator, repeats: int | None = None
) -> Floor:
    """Score a perfect sampler that draws as many samples as the model did.

    Where the law itself can be drawn from, every repeat is n fresh draws held against the same reference: what a
    perfect model would have shown in place of this one. Otherwise every repeat splits the reference's M points at
    random into n of them (no more than half) and the rest, and holds one part against the other. The parts are smaller
    than n and M, which raises the value of most measures, so it is scaled by
    ((1/n + 1/M) / (1/n' + 1/m'))^rate with the measure's own rate, and its spread by that power, or ½ if that is more.
    Points are never drawn twice: a copy of a point in the reference would lower every distance.

    Args:
        measure: which.
        reference: what the model's samples are held against.
        n: how many samples the model drew, at least 2.
        generator: the only source of chance.
        repeats: how many times; the measure's own number if not given.

    Returns:
        Mean and 95 % interval (mean ± 1.96 standard deviations, within what the measure can be); NaN if the law cannot
        be drawn from and the reference has fewer than four points.
    """
    times = repeats or measure.repeats
    n = min(n, measure.largest)
    if reference.data is not None and "sample" in reference.data.capabilities:
        scores = [measure.evaluate(reference.data.draw(n, generator), reference, generator) for _ in range(times)]
        return _summary(scores, 1.0, 1.0, measure.bounds(reference))
    parts = reference.at_most(2 * measure.largest)
    if len(parts.x) < SPLIT_NEEDS:
        return Floor(math.nan, math.nan, math.nan)
    scores = [_split_score(measure, parts, n, generator) for _ in range(times)]
    return _summary(scores, *_shrinkage(measure, reference, len(parts.x), n), measure.bounds(reference))


def _split_score(measure: Measure, reference: Reference, n: int, generator: torch.Generator) -> float:
    order = torch.randperm(len(reference.x), generator=generator).to(reference.x.device)
    n = min(n, len(order) // 2)
    rest = Reference(reference.x[order[n:]], reference.data)
    return measure.evaluate(reference.x[order[:n]], rest, generator)


def _shrinkage(measure: Measure, reference: Reference, split: int, n: int) -> tuple[float, float]:
    """By how much mean and spread of a split of so many points exceed those of n samples against the reference."""
    m, d = reference.x.shape
    part = min(n, split // 2)
    whole_size = 1 / n + 1 / min(m, measure.largest)
    part_size = 1 / part + 1 / min(split - part, measure.largest)
    ratio, rate = whole_size / part_size, measure.rate(d)
    return ratio**rate, ratio ** max(rate, 0.5)


def _summary(scores: list[float], level: float, spread: float, bounds: tuple[float, float]) -> Floor:
    mean = level * statistics.fmean(scores)
    reach = SPREAD * spread * (statistics.stdev(scores) if len(scores) > 1 else 0.0)
    return Floor(mean, min(mean, max(bounds[0], mean - reach)), max(mean, min(bounds[1], mean + reach)))
